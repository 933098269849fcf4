"""What a token may be, when it opens something, and how far a program has read. Pure."""

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta

from app.exports.rules import DEPTHS, needs_step_up
from app.kinds.vocabulary import Kind

BEGINNING = "ta_"
LONGEST_NAME = 80
LONGEST_LIFE = timedelta(days=366)
# How old `used_at` may grow before it is written again: every request would be too many writes.
NOTE_AFTER = timedelta(hours=1)
USUAL, MOST = 100, 500
CURSOR = r"^[0-9]{1,9}:[0-9]{1,15}(\.[0-9]{1,9}:[0-9]{1,15}){0,199}$"
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_CURSOR = re.compile(CURSOR.removesuffix("$") + r"\Z", re.ASCII)


def needs_agreement(kinds: Iterable[Kind], depth: str) -> bool:
    """Whether the ward's leader must agree: an administrator never opens a ward's cases, by a program neither."""
    return needs_step_up(kinds, depth)


def faults(
    name: str, kinds: list[str], known: Mapping[str, Kind], depth: str, last_day: date | None, today: date
) -> list[dict[str, str]]:
    """What is wrong with a token that somebody wants to make."""
    found = []
    if not name or len(name) > LONGEST_NAME:
        found.append({"field": "name", "code": "too_long" if name else "required"})
    if not kinds or any(code not in known for code in kinds):
        found.append({"field": "kinds", "code": "required" if not kinds else "not_choice"})
    if depth not in DEPTHS:
        found.append({"field": "depth", "code": "not_choice"})
    if last_day is None or not today <= last_day <= today + LONGEST_LIFE:
        found.append({"field": "last_day", "code": "not_date" if last_day is None else "out_of_range"})
    return found


def opens(last_day: date, ended_at: datetime | None, waits: bool, today: date) -> bool:
    """Whether a token still opens what it is for."""
    return ended_at is None and today <= last_day and not waits


def read_day(text: str) -> date | None:
    """YYYY-MM-DD of any year (RFC 3339, full-date); None for anything else."""
    try:
        return date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        return None


def read_cursor(text: str) -> dict[int, int] | None:
    """How far each ward's feed was read: ward -> number. None for what is no cursor."""
    if not _CURSOR.match(text):
        return None
    pairs = (part.split(":") for part in text.split("."))
    return {int(ward): int(number) for ward, number in pairs}


def write_cursor(read: Mapping[int, int]) -> str:
    """The same as text."""
    return ".".join(f"{ward}:{number}" for ward, number in sorted(read.items()))
