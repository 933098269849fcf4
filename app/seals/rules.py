"""Sealed changes: HPKE (RFC 9180, base mode) with P-256, HKDF-SHA256 and AES-256-GCM. Pure.

A seal has an open head (which change, of which record and kind, its number, when, how urgent), the id of the key that
it was made for, and the text: base64url of the encapsulated key and the ciphertext. Head and key are bound to the text
by `info`: none of them can be taken for another's. Inside is the change's body, gzipped where the browser could.
"""

import base64
import hashlib
import json
import zlib
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property, lru_cache
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePrivateKey,
    derive_private_key,
    generate_private_key,
)
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

PIECE = 1_048_576  # so much of a photo is sealed at a time
AROUND = 65 + 16  # what a seal adds: the encapsulated key, and the tag
LIFE = timedelta(days=120)  # how long a phone without signal may go on sealing to the key that it knows
_VERSION = "to-am-sealed/1"
_SUITE = Suite(KEM.P256, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
_GZIP = b"\x1f\x8b"
_HALF = 32


class CannotOpen(Exception):
    """A seal that does not open: damaged, or made for a key that is not here."""


@dataclass(frozen=True)
class Seal:
    """A sealed change as it travels: `head` is JSON text, `key` the id of the key, `text` base64url."""

    text: str
    key: str
    head: str

    @property
    def sha256(self) -> str:
        """What a receipt names: the hash of the very text that the phone holds."""
        return hashlib.sha256(self.text.encode("utf-8", "surrogatepass")).hexdigest()

    @cached_property
    def told(self) -> dict[str, Any]:
        """What the head says, unproven; empty when it is no JSON object."""
        try:
            value = json.loads(self.head)
        except (ValueError, RecursionError):
            return {}
        return value if isinstance(value, dict) else {}

    def kept(self) -> str:
        """The seal as one text, for the log, when it does not open."""
        return json.dumps({"body": self.text, "head": self.head, "key": self.key}, ensure_ascii=False)


def read_kept(text: str) -> Seal | None:
    """The seal that `kept` wrote; None when the text is anything else."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, dict):
        return None
    body, key, head = (value.get(name) for name in ("body", "key", "head"))
    return Seal(body, key, head) if isinstance(body, str) and isinstance(key, str) and isinstance(head, str) else None


def info(key: str, head: str) -> bytes:
    """What binds a seal's text to its key and head."""
    return f"{_VERSION}\n{key}\n{head}".encode("utf-8", "surrogatepass")


def open_seal(seal: Seal, private: EllipticCurvePrivateKey, most: int) -> str:
    """The body of at most so many bytes. Raises CannotOpen."""
    try:
        inside = _SUITE.decrypt(unpadded(seal.text), private, info=info(seal.key, seal.head))
        body = _inflated(inside, most).decode("utf-8", "surrogatepass")
    except (InvalidTag, ValueError, zlib.error) as error:
        raise CannotOpen from error
    if not _is_of(seal, body):
        raise CannotOpen
    return body


def photo_info(key: str, photo: str, piece: int) -> bytes:
    """What binds a piece of a photo to its key, its photo and its place there."""
    return f"to-am-sealed-photo/1\n{key}\n{photo}\n{piece}".encode("utf-8", "surrogatepass")


def open_piece(raw: bytes, private: EllipticCurvePrivateKey, key: str, photo: str, piece: int) -> bytes:
    """The bytes of one piece of a photo. Raises CannotOpen."""
    try:
        return _SUITE.decrypt(raw, private, info=photo_info(key, photo, piece))
    except (InvalidTag, ValueError) as error:
        raise CannotOpen from error


def open_text(text: str, bound: bytes, private: str) -> bytes:
    """What is inside a seal of any other kind, which was bound to these bytes. Raises CannotOpen."""
    try:
        return _SUITE.decrypt(unpadded(text), private_key(private), info=bound)
    except (InvalidTag, ValueError) as error:
        raise CannotOpen from error


def make_key() -> tuple[str, str]:
    """A new pair: (public, private), as rows hold them."""
    made = generate_private_key(SECP256R1())
    number = made.private_numbers().private_value
    point = made.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return base64url(point), base64url(number.to_bytes(_HALF, "big"))


@lru_cache(maxsize=64)
def private_key(text: str) -> EllipticCurvePrivateKey:
    """The private half that a row holds, ready for use."""
    return derive_private_key(int.from_bytes(unpadded(text), "big"), SECP256R1())


def key_list(key_id: str, public: str, today: date) -> str:
    """What phones are told: the key to seal to, until when, and that photos may be sealed as well. The same text all
    month."""
    made = today.replace(day=1)
    until = made + LIFE
    told = {"format": "to-am-keys/1", "made": made.isoformat(), "until": until.isoformat()}
    return json.dumps({**told, "key": {"id": key_id, "public": public}, "photos": 1}, separators=(",", ":"))


@lru_cache(maxsize=64)
def signature(private: str, text: str) -> str:
    """The identity key's signature over a text, as WebCrypto reads it; the same for the same text (RFC 6979)."""
    der = private_key(private).sign(text.encode(), ECDSA(SHA256(), deterministic_signing=True))
    r, s = decode_dss_signature(der)
    return base64url(r.to_bytes(_HALF, "big") + s.to_bytes(_HALF, "big"))


def signed_text(person: str, device: str, change: str, body: str) -> bytes:
    """What a phone signs of a sealed change: whose, on which phone, which, and the hash of what is inside."""
    sha256 = hashlib.sha256(body.encode("utf-8", "surrogatepass")).hexdigest()
    return f"to-am-change/2\n{person}\n{device}\n{change}\n{sha256}".encode()


def base64url(raw: bytes) -> str:
    """Without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def unpadded(text: str) -> bytes:
    """The bytes of base64url in its one spelling. Raises ValueError."""
    raw = base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    if base64url(raw) != text:
        raise ValueError("another spelling")
    return raw


def _inflated(inside: bytes, most: int) -> bytes:
    if not inside.startswith(_GZIP):
        if len(inside) > most:
            raise ValueError("too large")
        return inside
    inflater = zlib.decompressobj(wbits=31)
    body = inflater.decompress(inside, most + 1)
    if len(body) > most or not inflater.eof:
        raise ValueError("too large, or cut short")
    return body


def _is_of(seal: Seal, body: str) -> bool:
    """Whether the head tells of the body that is inside."""
    try:
        inside = json.loads(body)
    except (ValueError, RecursionError):
        return True  # no change at all: that is for its reader to say
    told = seal.told
    return not isinstance(inside, dict) or all(
        told.get(name) == inside.get(name) for name in ("id", "record", "kind", "seq", "at")
    )
