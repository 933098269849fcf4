"""Decisions about a photo's file on its way in: what an upload must say, which bytes come next, what is taken. Pure.

tus 1.0: https://tus.io/protocols/resumable-upload (core, creation, creation-with-upload, expiration, checksum).
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from app.kinds.pictures import MOST_BYTES, TYPES
from app.kinds.shapes import is_record_id
from app.photos.sealed import shut_size

TUS = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,expiration,checksum"
ALGORITHMS = "sha256,sha1"
# What a photo may weigh: the phone sends 1,600-2,048 px; an untouched original of a report may be larger.
MOST_SHRUNK = 8_000_000
MOST_ORIGINAL = MOST_BYTES
MOST_SENT = shut_size(MOST_ORIGINAL)
# How long half a photo is kept after its last byte.
LIFE = timedelta(days=14)
# Why a file is not kept.
REFUSALS = ("not_the_file", "not_a_picture", "too_many_pixels", "too_costly")

_SHA256 = re.compile("[0-9a-f]{64}")
_ID = re.compile("[A-Za-z0-9_-]{1,64}")
_DIGITS = re.compile("[0-9]{1,12}")


class BadUpload(Exception):
    """A tus request that makes no sense; `field` names the header."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


@dataclass(frozen=True)
class Wish:
    """A new upload as its phone describes it. Of one that is `sealed` only the seal says the hash."""

    photo: str
    record: str
    sha256: str
    media_type: str
    size: int
    is_original: bool
    sealed: str | None = None


def wish(length: str | None, metadata: str | None) -> Wish:
    """Read Upload-Length and Upload-Metadata. Raises BadUpload."""
    said = read_metadata(metadata or "")
    size = read_number("Upload-Length", length)
    photo, record, sha256 = said.get("photo", ""), said.get("record", ""), said.get("sha256", "")
    is_original = said.get("original") == "1"
    return checked(Wish(photo, record, sha256, said.get("type", ""), size, is_original, said.get("sealed")))


def checked(asked: Wish) -> Wish:
    """The same, if such an upload may be. Raises BadUpload."""
    has_hash = asked.sealed is not None or _SHA256.fullmatch(asked.sha256)
    is_named = _ID.fullmatch(asked.photo) and is_record_id(asked.record) and has_hash
    if not is_named or asked.media_type not in TYPES:
        raise BadUpload("Upload-Metadata")
    most = MOST_ORIGINAL if asked.is_original else MOST_SHRUNK
    if not 0 < asked.size <= (most if asked.sealed is None else shut_size(most)):
        raise BadUpload("Upload-Length")
    return asked


def read_metadata(text: str) -> dict[str, str]:
    """`key base64,key base64` as a dictionary. Raises BadUpload."""
    found: dict[str, str] = {}
    for pair in filter(None, (part.strip() for part in text.split(","))):
        name, _, value = pair.partition(" ")
        try:
            found[name] = base64.b64decode(value, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            raise BadUpload("Upload-Metadata") from None
    return found


def read_number(name: str, text: str | None) -> int:
    """A header's whole number. Raises BadUpload."""
    if text is None or not _DIGITS.fullmatch(text):
        raise BadUpload(name)
    return int(text)


def read_checksum(text: str | None) -> tuple[str, bytes] | None:
    """`algorithm base64` as (name, digest); None without the header. Raises BadUpload."""
    if text is None:
        return None
    name, _, digest = text.partition(" ")
    if name not in ALGORITHMS.split(","):
        raise BadUpload("Upload-Checksum")
    try:
        return name, base64.b64decode(digest, validate=True)
    except binascii.Error:
        raise BadUpload("Upload-Checksum") from None


def matches(checksum: tuple[str, bytes], piece: bytes) -> bool:
    """Whether a piece is what its checksum says."""
    return hashlib.new(checksum[0], piece, usedforsecurity=False).digest() == checksum[1]


def is_same(stands: Mapping[str, object], asked: Wish) -> bool:
    """Whether an upload that exists is the one that is asked for once more."""
    return (stands["sha256"], stands["size"], stands["record_id"]) == (asked.sha256, asked.size, asked.record)
