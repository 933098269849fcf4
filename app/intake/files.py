"""The file in which a phone gives its unsent work out of hand, and the one in which the ward answers. Pure.

A file is taken whole or not at all: whatever is wrong with it is named, and nothing of it is used.
"""

import base64
import binascii
import gzip
import hashlib
import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.kinds.shapes import is_record_id
from app.sync.envelopes import Sent, is_entry, sent_of

# The second has sealed changes, which whoever carries it cannot read; the first may be of an older phone. After the
# third's text, and a line feed, come the bytes of photos, one after the other.
WITH_PHOTOS = "to-am-unsent/3"
FORMATS = ("to-am-unsent/1", "to-am-unsent/2", WITH_PHOTOS)
RECEIPTS = "to-am-receipts/1"
MOST_BYTES = 8_000_000
MOST_CHANGES = 10_000
MOST_PHOTOS = 1_000
MOST_PHOTO_BYTES = 44_000_000  # a phone stops at 40 MB, or gives out one original; both may be sealed


class BadFile(Exception):
    """A file that cannot be taken; `code` says why, in the words of desk.handover.bad.*."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class PhotoEntry:
    """What is said of a photo, signed and perhaps sealed as a change is, and how many bytes of the file it has."""

    said: Sent
    length: int


@dataclass(frozen=True)
class UnsentFile:
    """What a phone gave out. `drafts` counts forms that were not finished; they are never taken.

    `sha256` is of the file's text; what it says of photos is part of it, their bytes are not.
    """

    person: str
    device: str
    app: str
    made: str
    changes: tuple[Sent, ...]
    drafts: int
    sha256: str
    photos: tuple[PhotoEntry, ...] = ()

    @property
    def photo_bytes(self) -> int:
        """How many bytes of photos follow the text."""
        return sum(photo.length for photo in self.photos)


def has_photos(start: bytes) -> bool:
    """Whether a file that begins like this has the bytes of photos behind its first line."""
    return WITH_PHOTOS.encode() in start[:200]


def read_file(raw: bytes) -> UnsentFile:
    """Check a file's text. Raises BadFile."""
    value = _load(raw)
    _refuse_other_formats(value)
    changes, drafts = value.get("changes"), value.get("drafts", [])
    texts = [value.get(name, "") for name in ("app", "made")]
    whole = is_record_id(value.get("person")) and is_record_id(value.get("device")) and isinstance(drafts, list)
    if not whole or not isinstance(changes, list) or not all(isinstance(text, str) for text in texts):
        raise BadFile("damaged")
    if len(changes) > MOST_CHANGES:
        raise BadFile("too_large")
    if not all(is_entry(change) for change in changes):
        raise BadFile("damaged")
    photos = _read_photos(value)
    if not changes and not photos:
        raise BadFile("nothing")
    sent = tuple(sent_of(change) for change in changes)
    app, made = (text[:200] for text in texts)
    digest = hashlib.sha256(raw).hexdigest()
    return UnsentFile(value["person"], value["device"], app, made, sent, len(drafts), digest, photos)


def receipts_file(
    file: UnsentFile, receipts: Sequence[dict[str, Any]], photos: Sequence[dict[str, Any]], made: str
) -> dict[str, Any]:
    """The ward's answer to a file, to be given back with the phone."""
    return {
        "format": RECEIPTS,
        "person": file.person,
        "device": file.device,
        "file": file.sha256,
        "made": made,
        "receipts": list(receipts),
        **({"photos": list(photos)} if file.photos else {}),
    }


def pack(raw: bytes) -> str:
    """A file's bytes as text that a page can carry from one step to the next."""
    return base64.b64encode(gzip.compress(raw, 6, mtime=0)).decode()


def unpack(text: str) -> bytes:
    """The same bytes again. Raises BadFile."""
    inflater = zlib.decompressobj(wbits=31)
    try:
        raw = inflater.decompress(base64.b64decode(text, validate=True), MOST_BYTES + 1)
    except (binascii.Error, ValueError, zlib.error):
        raise BadFile("damaged") from None
    if not inflater.eof:
        raise BadFile("too_large" if len(raw) > MOST_BYTES else "damaged")
    return raw


def _load(raw: bytes) -> dict[str, Any]:
    if not raw:
        raise BadFile("empty")
    if len(raw) > MOST_BYTES:
        raise BadFile("too_large")
    try:
        value = json.loads(raw.decode("utf-8-sig"), parse_constant=_refuse)
    except (ValueError, RecursionError):
        # Ours, but it does not end as it should: it was cut off, or changed on the way.
        raise BadFile("cut_short" if b"to-am-unsent/" in raw[:200] else "not_ours") from None
    if not isinstance(value, dict):
        raise BadFile("not_ours")
    return value


def _read_photos(value: dict[str, Any]) -> tuple[PhotoEntry, ...]:
    given = value.get("photos", []) if value["format"] == WITH_PHOTOS else []
    if not isinstance(given, list) or not all(is_entry(one) and _is_length(one.get("bytes")) for one in given):
        raise BadFile("damaged")
    photos = tuple(PhotoEntry(sent_of(one), one["bytes"]) for one in given)
    if len(photos) > MOST_PHOTOS or sum(photo.length for photo in photos) > MOST_PHOTO_BYTES:
        raise BadFile("too_large")
    return photos


def _is_length(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _refuse_other_formats(value: dict[str, Any]) -> None:
    said = value.get("format")
    if said in FORMATS:
        return
    if said == RECEIPTS:
        raise BadFile("is_receipts")
    raise BadFile("newer" if isinstance(said, str) and said.startswith("to-am-unsent/") else "not_ours")


def _refuse(_: str) -> None:
    raise ValueError("not a JSON number")
