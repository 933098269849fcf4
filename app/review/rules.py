"""What the desk decides without looking anything up: verdicts, urgency bands, differences, likely duplicates. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, NamedTuple

from app.kinds.conditions import is_filled
from app.places.rules import ALIKE, distance, likeness
from app.vietnamese import fold

# What waits for the officer: the queue's first view.
WAITING = ("received", "needs_fixing", "answered")
STATUSES = ("received", "needs_fixing", "returned", "answered", "accepted", "closed", "duplicate", "withdrawn")
# The orders of a list. urgent: dangers, then high risks, each by weight, then all others by age; gravest: only those
# by weight; oldest and newest: by the ward's receipt; soonest: the oldest of a few; latest: by the last change; again,
# due: by the day to come again, or by which a task is to be done, those without one last.
Order = Literal["urgent", "gravest", "oldest", "newest", "soonest", "latest", "again", "due"]
# Those that a person may choose for any view; the others belong to views of their own.
ORDERS: tuple[Order, ...] = ("oldest", "newest", "latest")
VERDICTS = ("accept", "return", "close", "duplicate")
DANGER, HIGH, MEDIUM = 100, 60, 30
# What the desk calls a record's risk: urgency from, and below.
RISKS = {"danger": (DANGER, 10_000), "high": (HIGH, DANGER), "medium": (MEDIUM, HIGH), "low": (0, MEDIUM)}

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
    """The place in a list after which a page begins. Only what is ordered by weight has one."""

    weight: int
    moment: int  # received, microseconds since 1970; of the latest the number in the feed; of days their ordinal
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
# From here on two records are alike enough to say so before anybody asks: the same name, or a like one and one fact.
LIKELY = 1.0


class Face(NamedTuple):
    """What is compared of a record: its title, where it is, what tells two alike apart, and the day it is of.

    `facts`: for a child the date of birth and the mother's name. A year alone agrees with every day of it.
    """

    title: str
    place: Mapping[str, Any] | None
    facts: Mapping[str, Any]
    day: str = ""  # YYYY-MM-DD, or empty


def twin_score(here: Face, there: Face) -> float:
    """How likely two records of a kind mean the same thing; 0 is not worth showing.

    Names are compared without marks. A fact that agrees weighs half a name, one that differs takes as much away;
    what happened within days of each other weighs a little, but only beside a likeness.
    """
    alike = likeness(here.title, there.title)
    near = distance(here.place, there.place) if here.place and there.place else None
    score = alike if alike >= ALIKE else 0.0
    score += 1 - near / NEAR if near is not None and near <= NEAR else 0.0
    if score <= 0:
        return 0.0
    for name, fact in here.facts.items():
        other = there.facts.get(name)
        if is_filled(fact) and is_filled(other):
            score += 0.5 if _agree(str(fact), str(other)) else -0.5
    return max(score + _same_days(here.day, there.day), 0.0)


def _agree(a: str, b: str) -> bool:
    a, b = fold(a), fold(b)
    return a == b or (min(len(a), len(b)) == 4 and a[:4] == b[:4] and (a + b).replace("-", "").isdigit())


def _same_days(a: str, b: str) -> float:
    """Up to a fifth for the same day, nothing from a week on."""
    if not (a and b):
        return 0.0
    return max(0.0, 0.2 - abs((date.fromisoformat(a) - date.fromisoformat(b)).days) / 35)


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
