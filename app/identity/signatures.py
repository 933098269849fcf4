"""The signatures of phones: ECDSA over P-256 with SHA-256, as WebCrypto makes them. Pure.

A public key travels as base64url of the uncompressed point (65 bytes), a signature as base64url of
r and s (32 bytes each), without padding. A signature is over exactly the bytes of a change's body.
"""

import base64
import re

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

_HALF = 32
_BASE64URL = re.compile(r"[A-Za-z0-9_-]+")


def is_public_key(text: str) -> bool:
    """Whether this is a point of the curve, in its one spelling."""
    return _point(text) is not None


def verify(public_key: str, signature: str | None, body: bytes) -> bool:
    """Whether the owner of this key signed exactly these bytes. Never raises, whatever it is given."""
    key, pair = _point(public_key), _bytes(signature, 2 * _HALF)
    if key is None or pair is None:
        return False
    r, s = int.from_bytes(pair[:_HALF], "big"), int.from_bytes(pair[_HALF:], "big")
    try:
        key.verify(encode_dss_signature(r, s), body, ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True


def _point(text: str) -> EllipticCurvePublicKey | None:
    raw = _bytes(text, 1 + 2 * _HALF)
    try:
        return None if raw is None else EllipticCurvePublicKey.from_encoded_point(SECP256R1(), raw)
    except ValueError:
        return None


def _bytes(text: str | None, length: int) -> bytes | None:
    """The bytes of unpadded base64url, if there are so many and no other text would mean the same."""
    if text is None or not _BASE64URL.fullmatch(text) or len(text) % 4 == 1:
        return None
    raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    return raw if len(raw) == length and base64.urlsafe_b64encode(raw).rstrip(b"=").decode() == text else None
