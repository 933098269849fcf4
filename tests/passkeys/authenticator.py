"""A passkey on somebody's computer, and the browser before it: made anew from the text of WebAuthn level 2.

Everything that a thief, a false page or a broken device could change is an argument.
"""

import base64
import hashlib
import html
import json
import os
import re
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

ORIGIN = "https://localhost"
PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


def base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def cbor(value: Any) -> bytes:
    """CBOR (RFC 8949) of what an attestation consists of."""
    if isinstance(value, int):
        return _head(0, value) if value >= 0 else _head(1, -1 - value)
    if isinstance(value, bytes):
        return _head(2, len(value)) + value
    if isinstance(value, str):
        return _head(3, len(value.encode())) + value.encode()
    return _head(5, len(value)) + b"".join(cbor(name) + cbor(item) for name, item in value.items())


def _head(major: int, size: int) -> bytes:
    if size < 24:
        return bytes([major << 5 | size])
    return bytes([major << 5 | 24, size]) if size < 256 else bytes([major << 5 | 25]) + size.to_bytes(2, "big")


def asked(page: str) -> dict[str, Any]:
    """What a page asks of the browser."""
    found = re.search(r'data-passkey="\w+" data-options="([^"]*)"', page)
    assert found, "this page asks for no passkey"
    options: dict[str, Any] = json.loads(html.unescape(found[1]))
    return options


class Authenticator:
    """One passkey. It counts, unless `count` is None."""

    def __init__(self, count: int | None = 0) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = os.urandom(20)
        self.count = count
        self.handle = b""

    def makes(self, options: dict[str, Any], **changed: Any) -> str:
        """The answer to `navigator.credentials.create`."""
        self.handle = base64.urlsafe_b64decode(options["user"]["id"] + "==")
        numbers = self.key.public_key().public_numbers()
        x, y = (number.to_bytes(32, "big") for number in (numbers.x, numbers.y))
        public = cbor({1: 2, 3: changed.pop("alg", -7), -1: 1, -2: x, -3: y})
        attested = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + public
        client, data = self._said("webauthn.create", options, options["rp"]["id"], ATTESTED, **changed)
        made = cbor({"fmt": "none", "attStmt": {}, "authData": data + attested})
        return self._answer(clientDataJSON=client, attestationObject=made)

    def shows(self, options: dict[str, Any], **changed: Any) -> str:
        """The answer to `navigator.credentials.get`."""
        handle = changed.pop("handle", self.handle)
        client, data = self._said("webauthn.get", options, options["rpId"], 0, **changed)
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return self._answer(clientDataJSON=client, authenticatorData=data, signature=signature, userHandle=handle)

    def _said(
        self, kind: str, options: dict[str, Any], site: str, flags: int, /, **changed: Any
    ) -> tuple[bytes, bytes]:
        said = {"type": kind, "challenge": options["challenge"], "origin": ORIGIN, "crossOrigin": False}
        said |= {name: value for name, value in changed.items() if name in said}
        if self.count is not None:
            self.count += 1
        flags |= changed.get("flags", PRESENT | VERIFIED)
        site_hash = hashlib.sha256(changed.get("site", site).encode()).digest()
        return json.dumps(said).encode(), site_hash + bytes([flags]) + (self.count or 0).to_bytes(4, "big")

    def _answer(self, **parts: bytes) -> str:
        response = {name: base64url(part) for name, part in parts.items() if part}
        return json.dumps(
            {"id": base64url(self.id), "rawId": base64url(self.id), "type": "public-key"} | {"response": response}
        )
