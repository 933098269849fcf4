"""Photos as a phone shuts them, written down a second time: the server's way to open them is checked against it."""

import json
import os
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tests.keys import Sealer, base64url
from tests.photos.wire import metadata

PIECE = 65_536


@dataclass
class Shut:
    """A file under a key of its own, and the seal of that key for the ward."""

    sealer: Sealer
    about: dict[str, Any]
    plain: bytes
    person: str
    record: str
    key: bytes = field(default_factory=lambda: os.urandom(32))

    @property
    def file(self) -> bytes:
        """What is sent."""
        pieces = [self.plain[at : at + PIECE] for at in range(0, len(self.plain), PIECE)]
        last = len(pieces) - 1
        nonces = (bytes(7) + bytes([n == last]) + n.to_bytes(4, "big") for n in range(len(pieces)))
        cipher = AESGCM(self.key)
        return b"".join(cipher.encrypt(nonce, piece, None) for nonce, piece in zip(nonces, pieces, strict=True))

    def box(self, **more: Any) -> str:
        """The seal, as an upload names it."""
        said = {"key": base64url(self.key), "sha256": self.about["sha256"], "person": self.person, **more}
        info = f"to-am-photo/1\n{self.sealer.key_id}\n{self.about['id']}\n{self.record}".encode()
        sealed = self.sealer.suite.encrypt(json.dumps(said).encode(), self.sealer._public, info=info)
        return f"{self.sealer.key_id}.{base64url(sealed)}"

    def headers(self, box: str | None = None, **more: str) -> dict[str, str]:
        """What the request that begins the upload says."""
        said = {"photo": self.about["id"], "record": self.record, "type": self.about["type"], **more}
        said["sealed"] = self.box() if box is None else box
        return {"Upload_Length": str(len(self.file)), "Upload_Metadata": metadata(**said)}
