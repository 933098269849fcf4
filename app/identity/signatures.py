"""The signatures of phones: ECDSA over P-256 with SHA-256, as WebCrypto makes them. Pure.

A public key travels as base64url of the uncompressed point (65 bytes), a signature as base64url of
r and s (32 bytes each), without padding. A signature is over exactly the bytes of a change's body.
"""

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

_HALF = 32
_BASE64URL = re.compile(r"[A-Za-z0-9_-]+")


# Why a change is kept aside when nothing proves whose it is: it may be made up. What does not open proves nothing.
UNPROVEN = ("bad_signature", "unsigned", "cannot_open")


@dataclass(frozen=True)
class Key:
    """A key that a phone registered."""

    public_key: str
    is_revoked: bool


def fault(keys: Sequence[Key], signature: str | None, signed: bytes) -> str | None:
    """Why these bytes do not prove to come from the phone with these keys: unsigned, bad_signature or phone_revoked.

    None when a key that still counts has signed them.
    """
    if signature is None:
        return "unsigned"
    proving = [key for key in keys if verify(key.public_key, signature, signed)]
    if not proving:
        return "bad_signature"
    return "phone_revoked" if all(key.is_revoked for key in proving) else None


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


@lru_cache(maxsize=512)  # reading a point costs as much as half a check
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
