"""A phone's key pair, as WebCrypto makes it: ECDSA P-256, raw r and s, base64url; and what it seals to."""

import base64
import gzip
import hashlib
import json
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


def base64url(raw: bytes) -> str:
    """Without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


class Key:
    """Signs; `public` is what the ward is given."""

    def __init__(self) -> None:
        self._private = ec.generate_private_key(ec.SECP256R1())
        point = self._private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        self.public = base64url(point)

    def sign(self, body: str) -> str:
        """The signature over the text's bytes."""
        raw = body.encode("utf-8", "surrogatepass")
        r, s = decode_dss_signature(self._private.sign(raw, ec.ECDSA(hashes.SHA256())))
        return base64url(r.to_bytes(32, "big") + s.to_bytes(32, "big"))


class Sealer:
    """Seals to the key that the ward told."""

    suite = Suite(KEM.P256, KDF.HKDF_SHA256, AEAD.AES_256_GCM)

    def __init__(self, told: dict[str, Any]) -> None:
        key = json.loads(told["list"])["key"]
        self.key_id: str = key["id"]
        raw = base64.urlsafe_b64decode(key["public"] + "=")
        self._public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), raw)

    def seal(self, body: str, head: str) -> str:
        """The text of a seal with this head."""
        info = f"to-am-sealed/1\n{self.key_id}\n{head}".encode()
        return base64url(self.suite.encrypt(gzip.compress(body.encode(), mtime=0), self._public, info=info))

    def piece(self, photo: str, number: int, plain: bytes) -> bytes:
        """One piece of a photo that travels in a file."""
        info = f"to-am-sealed-photo/1\n{self.key_id}\n{photo}\n{number}".encode()
        return self.suite.encrypt(plain, self._public, info=info)

    def entry(self, body: str, person: str, device: str, key: Key | None) -> dict[str, Any]:
        """An entry of `changes`."""
        change = json.loads(body)
        named = {name: change.get(name) for name in ("id", "record", "kind", "seq", "at")}
        head = json.dumps({**named, "urgent": change.get("kind") == "violation_report"})
        shut = {"body": self.seal(body, head), "key": self.key_id, "head": head}
        if key is None:
            return shut
        sha256 = hashlib.sha256(body.encode()).hexdigest()
        return {**shut, "sig": key.sign(f"to-am-change/2\n{person}\n{device}\n{change.get('id')}\n{sha256}")}
