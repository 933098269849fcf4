"""Which of many records may be accepted at once, and why the others may not. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from app.kinds.vocabulary import Kind
from app.records.rules import after_verdict
from app.review.rules import DANGER, record_id_in

MOST = 300


class Pick(NamedTuple):
    """A line that was ticked, with the version that stood in it."""

    id: str
    version: int


def picks(given: Iterable[str]) -> list[Pick]:
    """The ticked lines of a form, "<id>:<version>" each, once, at most MOST; what is none is left out."""
    found: dict[str, Pick] = {}
    for text in given:
        record_id, _, version = text.partition(":")
        if record_id_in(record_id) == record_id and version.isascii() and version.isdigit() and len(version) < 10:
            found.setdefault(record_id, Pick(record_id, int(version)))
    return list(found.values())[:MOST]


def bar_to_accepting(record: Mapping[str, Any], kind: Kind | None, seen: int) -> str | None:
    """Why this one has to be opened by itself, or cannot be accepted; None when it may be accepted with others.

    guarded: a report, or a child in danger, is never judged without being read.
    """
    if record["version"] != seen:
        return "newer_version"
    if after_verdict(record["status"], "accept") is None:
        return "not_possible_now"
    if kind is None or kind.calls_first or record["urgency"] >= DANGER:
        return "guarded"
    if record["conflicts"]:
        return "in_conflict"
    return "needs_fixing" if record["problems"] else None
