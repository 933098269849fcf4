"""What the desk decides without looking anything up: verdicts, urgency bands, differences, likely duplicates. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from app.kinds.conditions import is_filled
from app.places.rules import ALIKE, distance, likeness

# What waits for the officer: the queue's first view.
WAITING = ("received", "needs_fixing", "answered")
STATUSES = ("received", "needs_fixing", "returned", "answered", "accepted", "closed", "duplicate", "withdrawn")
# Views of the queue: some are a status, some cut across statuses.
VIEWS = ("waiting", "danger", "high", "conflicts", *STATUSES, "all")
# Views of what is done with: nothing there is urgent any more, so the latest change stands first.
LATEST_FIRST = ("returned", "accepted", "closed", "duplicate", "withdrawn", "all")
VERDICTS = ("accept", "return", "close", "duplicate")
DANGER, HIGH = 100, 60

LONGEST_NOTE = 2000
LONGEST_REASON = 300

_NOT_AGAIN = {"accepted": "accept", "closed": "close", "duplicate": "duplicate"}
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.I)


def band(urgency: int) -> str:
    """danger, high or rest: the three groups of the queue."""
    return "danger" if urgency >= DANGER else "high" if urgency >= HIGH else "rest"


def possible(status: str) -> tuple[str, ...]:
    """The verdicts that make sense now. What its author withdrew is left alone; anything else may be reopened."""
    if status == "withdrawn":
        return ()
    return tuple(verdict for verdict in VERDICTS if verdict != _NOT_AGAIN.get(status))


@dataclass(frozen=True)
class Verdict:
    """What an officer filled in. `seen` is the version that was on the screen."""

    seen: int
    verdict: str
    note: str
    pins: Mapping[str, str]
    original: str | None


def faults(given: Verdict, status: str, fields: Iterable[str]) -> list[dict[str, str]]:
    """What is missing from a verdict, as field problems; empty when it may be written."""
    if given.verdict not in possible(status):
        return [{"field": "verdict", "code": "not_choice"}]
    found = []
    if given.verdict == "return" and not given.pins and not given.note:
        found.append({"field": "pins", "code": "required"})
    if given.verdict == "close" and not given.note:
        found.append({"field": "note", "code": "required"})
    if given.verdict == "duplicate" and not given.original:
        found.append({"field": "original", "code": "required"})
    if len(given.note) > LONGEST_NOTE:
        found.append({"field": "note", "code": "too_long"})
    known = set(fields)
    for name, reason in given.pins.items():
        if name not in known:
            found.append({"field": "pins", "code": "not_choice"})
        elif len(reason) > LONGEST_REASON:
            found.append({"field": name, "code": "too_long"})
    return found


def record_id_in(text: str) -> str | None:
    """The record's id in a pasted id or address; other short words are taken as an id as they stand."""
    match = _ID.search(text)
    if match:
        return match[0].lower()
    word = text.strip().rstrip("/").rsplit("/", 1)[-1]
    return word if word and " " not in word and len(word) <= 64 else None


class Changed(NamedTuple):
    """A field whose answer differs between two versions."""

    field: str
    old: Any
    new: Any


def diff(old: Mapping[str, Any], new: Mapping[str, Any], order: Sequence[str]) -> list[Changed]:
    """What changed, in the form's order, fields that the form does not know last. Empty and absent are the same."""
    names = [*order, *sorted({*old, *new} - set(order))]
    pairs = ((name, old.get(name), new.get(name)) for name in names)
    return [Changed(*pair) for pair in pairs if pair[1] != pair[2] and (is_filled(pair[1]) or is_filled(pair[2]))]


class After(NamedTuple):
    """The place in the queue after which a page begins. Views with the latest first use `moment` alone."""

    weight: int
    moment: int  # received, microseconds since 1970; where the latest stands first, the number in the feed
    id: str

    def text(self) -> str:
        """As it stands in the address. Holds no names."""
        return f"{self.weight}.{self.moment}.{self.id}"


def after(text: str) -> After | None:
    """The place that an address names, or None for anything unreadable, which means the beginning."""
    weight, _, rest = text.partition(".")
    moment, _, record_id = rest.partition(".")
    if not (weight.isascii() and weight.isdigit() and moment.isascii() and moment.isdigit() and record_id):
        return None
    if len(weight) > 6 or len(moment) > 17 or len(record_id) > 64:
        return None
    return After(int(weight), int(moment), record_id)


NEAR = 200.0  # metres: further apart than phones are wrong


def twin_score(title: str, place: Mapping[str, Any] | None, other: str, there: Mapping[str, Any] | None) -> float:
    """How likely two records of a kind and group mean the same thing; 0 is not worth showing."""
    alike = likeness(title, other)
    near = distance(place, there) if place and there else None
    score = alike if alike >= ALIKE else 0.0
    return score + (1 - near / NEAR if near is not None and near <= NEAR else 0.0)


class Sketch(NamedTuple):
    """A drawing of a point: its ring's radius in pixels, and a scale bar."""

    ring: float | None
    metres: int
    bar: float


_ROUND = (10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000)


def sketch(accuracy: float | None, reach: float = 62) -> Sketch:
    """A scale at which the ring of accuracy fits into `reach` pixels, with a bar of a round length."""
    shown = min(max(accuracy or 0.0, 8.0), 50_000.0)
    scale = reach / shown if accuracy else 2.0
    metres = max((length for length in _ROUND if length * scale <= 110), default=_ROUND[0])
    ring = max(min(accuracy * scale, reach), 4.0) if accuracy else None
    return Sketch(ring, metres, metres * scale)
