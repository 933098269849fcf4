"""Photos as their record describes them, in words. Pure."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from app.i18n.formats import iso_moment
from app.kinds.pictures import Photos, photos_in
from app.kinds.shapes import is_place
from app.kinds.vocabulary import Answer


class Described(NamedTuple):
    """A photo as its record describes it, in words."""

    id: str
    number: int
    caption: str
    taken: str
    place: str
    original: bool


def described(about: Mapping[str, Any], number: int = 0) -> Described:
    """What a record says of one photo. Never raises on what a phone may have sent."""
    place = about.get("place")
    where = f"{place['lat']:.5f}, {place['lon']:.5f}" if is_place(place) else ""
    caption, taken = about.get("caption"), about.get("taken")
    return Described(
        str(about["id"]),
        number,
        caption if isinstance(caption, str) else "",
        iso_moment(taken) if taken else "",
        where,
        about.get("original") is True,
    )


def photos(answer: Answer | None, given: Any) -> tuple[Described, ...]:
    """The photos of an answer; none when it is of another kind."""
    if not isinstance(answer, Photos):
        return ()
    return tuple(described(about, number) for number, about in enumerate(photos_in(given), 1))
