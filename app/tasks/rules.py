"""A task that the desk gives: to whom, what, by when, and how far it has come. Pure."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal

LONGEST = 200
# A date that is further away than this is a slip of the pen.
FURTHEST = 366

Standing = Literal["done", "dropped", "answered", "overdue", "open"]


def faults(what: str, due: date | None, typed_due: str, today: date) -> list[dict[str, str]]:
    """What is missing from a task or cannot be, as field problems."""
    found = []
    if not what or len(what) > LONGEST:
        found.append({"field": "what", "code": "too_long" if what else "required"})
    if (typed_due and due is None) or (due is not None and not 0 <= (due - today).days <= FURTHEST):
        found.append({"field": "due", "code": "not_date"})
    return found


def standing(task: Mapping[str, Any], today: date, *, answered: bool) -> Standing:
    """How far it has come. answered: whoever has it has written something about the record since."""
    if task.get("ended"):
        return "dropped" if task["ended"] == "dropped" else "done"
    if answered:
        return "answered"
    return "overdue" if task.get("due") and task["due"] < today.isoformat() else "open"
