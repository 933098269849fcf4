"""The answer that is a row of photos: what each one is. The files themselves follow on their own (app/photos)."""

import re
from typing import Any, TypeGuard

from app import vietnamese
from app.kinds.shapes import is_number, is_place, is_record_id
from app.kinds.vocabulary import Answer, refuse

TYPES = ("image/jpeg", "image/webp", "image/png")
MOST_BYTES = 40_000_000
_SHA256 = re.compile("[0-9a-f]{64}")
_LONGEST_CAPTION = 300
_PARTS = ("id", "sha256", "size", "type", "width", "height", "taken", "place", "caption", "original")


class Photos(Answer):
    """Up to `most` photos in the order in which they are shown.

    Each is {"id", "sha256" of the file, "size" bytes, "type", "width", "height", "taken" ISO moment or null,
    "place" as in Place or null, "caption", "original"}. `original`: the untouched file may be sent too, as evidence.
    """

    widget = "photos"

    def __init__(self, label: tuple[str, str], *, most: int = 8, original: bool = False, **more: Any) -> None:
        super().__init__(label, **more)
        self.most, self.original = most, original

    def limits(self) -> dict[str, Any]:
        return {"most": self.most, "original": self.original}

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> list[dict[str, Any]]:
        if not isinstance(value, list) or not all(is_photo(one) for one in value):
            raise refuse("not_photos")
        if len({one["id"] for one in value}) < len(value):
            raise refuse("not_photos")
        if len(value) > self.most:
            raise refuse("too_many_photos")
        return [_stored(one) for one in value]


def photos_in(value: Any) -> list[dict[str, Any]]:
    """The photos of an answer, of whatever shape it came in: those that say at least which file they are."""
    listed = value if isinstance(value, list) else []
    return [one for one in listed if isinstance(one, dict) and "id" in one and "sha256" in one]


def is_photo(value: Any) -> TypeGuard[dict[str, Any]]:
    """Whether a value describes one photo."""
    if not isinstance(value, dict) or not is_record_id(value.get("id")):
        return False
    sha256, place, taken = value.get("sha256"), value.get("place"), value.get("taken")
    sizes = [value.get(part) for part in ("size", "width", "height")]
    return (
        isinstance(sha256, str)
        and _SHA256.fullmatch(sha256) is not None
        and value.get("type") in TYPES
        and all(is_number(size) and size == int(size) and 0 < size <= MOST_BYTES for size in sizes)
        and (place is None or is_place(place))
        and (taken is None or (isinstance(taken, str) and len(taken) <= 40 and vietnamese.is_storable(taken)))
        and _is_caption(value.get("caption", ""))
        and isinstance(value.get("original", False), bool)
    )


def _is_caption(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= _LONGEST_CAPTION and vietnamese.is_storable(value)


def _stored(photo: dict[str, Any]) -> dict[str, Any]:
    kept = {part: photo.get(part) for part in _PARTS}
    caption = vietnamese.clean(photo.get("caption") or "")
    return kept | {"caption": caption, "original": photo.get("original", False)}
