"""Points on the ground: how far apart, whether two records may mean one place, and a record as GeoJSON. Pure.

The phone has the twin of `near` in static/client/map/near.ts; both run tests/vectors/near.json.
"""

import math
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, NamedTuple

from app import vietnamese
from app.kinds.pictures import Photos
from app.kinds.shapes import is_day, is_moment, is_place
from app.kinds.vocabulary import Answer, Choice, Kind, Place, RecordRef, Text

# Two points this close may be one place, in metres; further when they are not exact, but never beyond the second.
NEAR, FURTHEST = 50.0, 100.0
# Words shared, of all words of two names: from here on two names are alike.
ALIKE = 0.5
# After so many days nothing is added for being recorded at about the same time.
LONG_AGO = 90
# What may still be the same place: not mended, not known to be a duplicate, not taken back.
OPEN = ("received", "needs_fixing", "returned", "answered", "accepted")
_DEGREE = 111_320.0  # metres


def distance(a: Mapping[str, Any], b: Mapping[str, Any]) -> float:
    """Metres between two places; exact enough within a city."""
    middle = math.radians((a["lat"] + b["lat"]) / 2)
    north = (a["lat"] - b["lat"]) * _DEGREE
    east = (a["lon"] - b["lon"]) * _DEGREE * math.cos(middle)
    return math.hypot(north, east)


def likeness(a: str, b: str) -> float:
    """How many words two texts share, marks ignored: 0 to 1."""
    first, second = set(vietnamese.fold(a).split()), set(vietnamese.fold(b).split())
    return len(first & second) / len(first | second) if first and second else 0.0


class Site(NamedTuple):
    """What is compared of a record: the codes and the words of its title, where and when it was."""

    id: str
    place: Mapping[str, Any] | None
    codes: tuple[str, ...]
    words: str
    day: str  # YYYY-MM-DD, or empty


class Near(NamedTuple):
    """Another record that may mean the same place. `score`: 0 to 3, the larger the likelier."""

    id: str
    metres: int
    score: float


def site(kind: Kind, record_id: str, values: Mapping[str, Any]) -> Site:
    """A record as `near` compares it."""
    place = values.get(kind.place or "")
    title = [(kind.fields[name], values.get(name)) for name in kind.title]
    codes = tuple(v for field, v in title if isinstance(field, Choice) and isinstance(v, str))
    words = " ".join(v for field, v in title if isinstance(field, Text) and isinstance(v, str))
    happened = values.get(kind.happened)
    day = happened[:10] if is_day(happened) or is_moment(happened) else ""
    return Site(record_id, place if is_place(place) else None, codes, words, day)


def near(here: Site, others: Iterable[Site]) -> list[Near]:
    """Those of the others that may be the same place, the likeliest first.

    Within 50 m, or as far as both points may be wrong besides that, at most 100 m; of the same type or with a
    name alike.
    """
    found = [one for other in others if (one := _compare(here, other))]
    return sorted(found, key=lambda one: (-one.score, one.metres, one.id))


def _compare(here: Site, there: Site) -> Near | None:
    if here.place is None or there.place is None or here.id == there.id:
        return None
    metres = distance(here.place, there.place)
    reach = min(NEAR + (here.place.get("acc") or 0) + (there.place.get("acc") or 0), FURTHEST)
    alike = likeness(here.words, there.words)
    if metres > reach or not (set(here.codes) & set(there.codes) or alike >= ALIKE):
        return None
    score = 1 - metres / FURTHEST + alike + _same_time(here.day, there.day)
    return Near(there.id, math.floor(metres + 0.5), math.floor(score * 1000 + 0.5) / 1000)


def _same_time(a: str, b: str) -> float:
    if not (a and b):
        return 0.0
    apart = abs((date.fromisoformat(a) - date.fromisoformat(b)).days)
    return max(0.0, 1 - apart / LONG_AGO)


def around(place: Mapping[str, Any], metres: float) -> tuple[float, float, float, float]:
    """A box that holds everything within so many metres: south, west, north, east."""
    north = metres / _DEGREE
    east = north / max(math.cos(math.radians(place["lat"])), 0.01)
    return place["lat"] - north, place["lon"] - east, place["lat"] + north, place["lon"] + east


def point(kind: Kind, values: Mapping[str, Any]) -> tuple[float, float] | None:
    """Latitude and longitude of a record that may stand on a map of many; None for any other."""
    place = values.get(kind.mapped) if kind.mapped else None
    return (float(place["lat"]), float(place["lon"])) if is_place(place) else None


def told(kind: Kind) -> tuple[str, ...]:
    """The fields that leave with a map: what anybody of the ward may know. No person, no health, no informant."""
    return tuple(name for name, field in kind.fields.items() if _is_told(field))


def _is_told(field: Answer) -> bool:
    return field.sensitivity == "normal" and not isinstance(field, (RecordRef, Photos, Place))


def feature(kind: Kind, names: Iterable[str], values: Mapping[str, Any], facts: Mapping[str, Any]) -> dict[str, Any]:
    """A record as a GeoJSON feature (RFC 7946): its `facts` first, then its answers as they are stored."""
    place = values[kind.mapped or ""]
    answers = {name: values[name] for name in names if values.get(name) is not None}
    measured = {"accuracy": place.get("acc"), "method": place["how"]}
    return {
        "type": "Feature",
        "id": facts["id"],
        "geometry": {"type": "Point", "coordinates": [place["lon"], place["lat"]]},
        "properties": {**facts, **measured, **answers},
    }
