"""A record's life and what is derived from its answers. Pure.

received ── accept / return / close / duplicate ──► accepted, returned, closed, duplicate
   ▲  │                                                     │ the phone edits it
   │  └── withdrawn by its author, before any verdict       ▼
needs_fixing: its form is not satisfied                  answered
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from app import vietnamese
from app.kinds.shapes import is_day, is_moment, is_record_id
from app.kinds.vocabulary import Answer, Kind

VERDICTS = {"accept": "accepted", "return": "returned", "close": "closed", "duplicate": "duplicate"}
# Fields that only the author and the ward see.
PRIVATE = ("restricted", "informant")
LONGEST_NOTE = 2000
# Each restore begins a new life of the database, whose versions are numbered above all of the lives before.
VERSIONS_OF_A_LIFE = 1000
LONGEST_REASON = 300
_JUDGED = frozenset({"returned", "accepted", "closed", "duplicate", "answered"})
# Nothing more happens with it: it was mended or a mistake, is written down elsewhere, or was taken back.
ENDED = ("closed", "duplicate", "withdrawn")
# It counts for nothing: what it says stands elsewhere, or nowhere.
VOID = ("duplicate", "withdrawn")
_AGAIN = ("accepted", "closed", "duplicate")


def after_edit(status: str | None, review: Mapping[str, Any] | None, problems: Sequence[Any]) -> str:
    """The status after a phone's change; `status` is None for a new record."""
    if problems:
        return "needs_fixing"
    return "answered" if status in _JUDGED or review else "received"


def after_choice(status: str, review: Mapping[str, Any] | None, problems: Sequence[Any]) -> str:
    """The status after an officer chose between two phones' values: what was judged stays judged."""
    return after_edit(None, review, problems) if status in ("received", "needs_fixing", "answered") else status


def filled_in(
    record: Mapping[str, Any], answers: Mapping[str, Any], by: tuple[int, str, str, str]
) -> dict[str, Any] | None:
    """The record after the desk filled in fields of its own, or None when nothing changes.

    `by`: the new version, the desk's device, the officer, and when. The last writing of the desk is the only one
    that counts: a conflict or a problem from a time when phones wrote the field ends with it.
    """
    fresh = {name: value for name, value in answers.items() if record["data"].get(name) != value}
    if not fresh:
        return None
    version, device, person, at = by
    data = {name: value for name, value in {**record["data"], **fresh}.items() if value is not None}
    problems = [problem for problem in record["problems"] if problem.get("field") not in fresh]
    return {
        **record,
        "version": version,
        "data": data,
        "writers": {**record["writers"], **{name: [version, device, 0, person, at] for name in fresh}},
        "conflicts": [clash for clash in record["conflicts"] if clash["field"] not in fresh],
        "problems": problems,
        "status": after_choice(record["status"], record["review"], problems),
    }


def after_verdict(status: str, verdict: str) -> str | None:
    """The status after a verdict, or None when it is not possible.

    What its author withdrew is left alone; anything else may be judged again, though not twice the same.
    """
    new = VERDICTS.get(verdict)
    return None if new is None or status == "withdrawn" or (status == new and new in _AGAIN) else new


def may_withdraw(status: str, review: Mapping[str, Any] | None) -> bool:
    """Whether nobody at the desk has judged the record."""
    return status in ("received", "needs_fixing") and not review


def verdict_faults(verdict: str, note: str, pins: Mapping[str, str], original: str | None) -> list[dict[str, str]]:
    """What is missing from a verdict or too long in it, as field problems."""
    found = []
    if verdict == "return" and not note and not pins:
        found.append({"field": "note", "code": "required"})
    if verdict == "duplicate" and not original:
        found.append({"field": "original", "code": "required"})
    if len(note) > LONGEST_NOTE:
        found.append({"field": "note", "code": "too_long"})
    found += [{"field": name, "code": "too_long"} for name, reason in pins.items() if len(reason) > LONGEST_REASON]
    return found


def is_private(field: Answer | None) -> bool:
    """Whether a field stays between the author and the ward. One that the form does not know does."""
    return field is None or field.sensitivity in PRIVATE


def happened_on(kind: Kind, values: Mapping[str, Any]) -> date | None:
    """The day of the event, which decides the unit; None when it is not known to the day."""
    value = values.get(kind.happened)
    return date.fromisoformat(value[:10]) if is_day(value) or is_moment(value) else None


def again_on(kind: Kind, values: Mapping[str, Any]) -> date | None:
    """The day on which the author means to come again, for kinds that ask for it."""
    value = values.get(kind.again or "")
    return date.fromisoformat(value) if is_day(value) else None


class Visit(NamedTuple):
    """What is asked of a visit to work out the next one."""

    id: str
    status: str
    happened_on: date | None
    received_at: datetime
    again_on: date | None


def next_visit(visits: Iterable[Visit]) -> date | None:
    """When to come again: the plan of the latest visit, of one day the one received later; None without a plan.

    What was closed, taken back or written down twice is no visit any more; one without a day is earlier than others.
    """
    standing = [one for one in visits if one.status not in ENDED]
    last = max(standing, key=lambda one: (one.happened_on or date.min, one.received_at, one.id), default=None)
    return last.again_on if last else None


def parent_id(kind: Kind, values: Mapping[str, Any]) -> str | None:
    """The record that this one was made about."""
    return next((str(values[name]) for name in kind.parents if is_record_id(values.get(name))), None)


def search_text(kind: Kind, values: Mapping[str, Any]) -> str:
    """What the desk's search looks in, folded."""
    found = (values.get(name) for name in kind.searched)
    return vietnamese.fold(" ".join(value for value in found if isinstance(value, str)))[:1000]


def stamp(moment: datetime) -> str:
    """A moment as a verdict has it: UTC to the second."""
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")
