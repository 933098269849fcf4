"""When a legal time is over, and how much of it is left. Pure."""

import re
from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from app.kinds.vocabulary import Clock

OUTCOMES = ("done", "not_needed")
LONGEST_NOTE = 500
_HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
_TYPED = re.compile(r"([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4}) +([0-9]{1,2}):([0-9]{2})")

Standing = Literal["running", "soon", "over"]


class Left(NamedTuple):
    """What is left of a time: in its largest units, negative numbers never; `standing` says which way to read it.

    soon: the last quarter has begun. over: it has passed, `days`, `hours` and `minutes` ago.
    """

    standing: Standing
    days: int
    hours: int
    minutes: int


def days_off(text: str) -> frozenset[date]:
    """The setting's holidays. Raises ValueError for what is no day."""
    return frozenset(date.fromisoformat(word) for word in text.split())


def due(clock: Clock, received: datetime, holidays: Collection[date]) -> datetime:
    """The moment by which it must be done. Working days end at midnight in Hà Nội; the day of receipt is not one."""
    if clock.hours:
        return received + timedelta(hours=clock.hours)
    day, left = received.astimezone(_HANOI).date(), clock.working_days
    while left:
        day += timedelta(days=1)
        left -= day.weekday() < 5 and day not in holidays
    return datetime.combine(day + timedelta(days=1), time(), _HANOI).astimezone(received.tzinfo)


def left(received: datetime, due: datetime, now: datetime) -> Left:
    """How long it still is, or how long it has been over."""
    apart = abs(due - now)
    hours, minutes = divmod(int(apart.total_seconds() // 60), 60)
    standing: Standing = "over" if now >= due else "soon" if (due - now) * 4 <= due - received else "running"
    return Left(standing, hours // 24, hours % 24, minutes)


def read_moment(text: str) -> datetime | None:
    """What an officer typed, 03/06/2026 14:05 on Hà Nội's clock; None for anything else."""
    found = _TYPED.fullmatch(text.strip())
    if not found:
        return None
    day, month, year, hour, minute = (int(part) for part in found.groups())
    try:
        return datetime(year, month, day, hour, minute, tzinfo=_HANOI)
    except ValueError:
        return None
