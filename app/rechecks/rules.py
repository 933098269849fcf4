"""When a record is due to be looked at again, by its risk and the season. Pure.

static/client/rechecks/rule.ts decides the same on a phone; both run tests/vectors/rechecks.json. How many days and
when the seasons are is this project's advice and a setting, never law: none is known to us.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal, NamedTuple

from app.kinds.conditions import holds
from app.kinds.vocabulary import Recheck

Standing = Literal["overdue", "due", "later"]
# What is due within these days is already asked for.
SOON = 3
_DAYS = re.compile(r"([a-z_]+)=([0-9]{1,4})/([0-9]{1,4})")
_SEASON = re.compile(r"([a-z_]+)=([0-9]{2}-[0-9]{2})\.\.([0-9]{2}-[0-9]{2})")


@dataclass(frozen=True)
class Calendar:
    """days: of each level, between two looks outside and inside a season. seasons: first and last day, MM-DD."""

    days: Mapping[str, tuple[int, int]]
    seasons: Mapping[str, tuple[str, str]]


class Look(NamedTuple):
    """A record that tells how it was found: the day, ISO, and the answers."""

    day: str
    values: Mapping[str, Any]


def calendar(days: str, seasons: str) -> Calendar:
    """Read the settings: "high=14/7 low=90/30" and "summer=06-01..08-31". Raises ValueError, saying what is wrong."""
    found = Calendar({}, {})
    for word in days.split():
        match = _DAYS.fullmatch(word)
        if not match or not 0 < int(match[3]) <= int(match[2]):
            raise ValueError(f"{word!r} is not level=days/days, of which the second is for a season and not more")
        found.days[match[1]] = int(match[2]), int(match[3])  # type: ignore[index]
    for word in seasons.split():
        match = _SEASON.fullmatch(word)
        if not match or not all(_is_day_of_every_year(text) for text in (match[2], match[3])):
            raise ValueError(f"{word!r} is not season=MM-DD..MM-DD, with days that every year has")
        found.seasons[match[1]] = match[2], match[3]  # type: ignore[index]
    return found


def latest(looks: Sequence[Look], today: str) -> Look | None:
    """The last one; of one day the later in the list. A day that has not come yet counts as today."""
    return max(enumerate(looks), key=lambda one: (min(one[1].day, today), one[0]), default=(0, None))[1]


def due_on(
    rule: Recheck, calendar: Calendar, values: Mapping[str, Any], since: str, looks: Sequence[Look], today: str
) -> str | None:
    """The day, ISO, on which it should be looked at again at the latest; None when there is nothing more to look at.

    `since`: the day on which it was first seen. A wrong clock never puts it off: what lies in the future was today.
    """
    last = latest(looks, today)
    if last is not None and holds(rule.until, last.values, today):
        return None
    start = date.fromisoformat(max(min(since, today), min(last.day, today) if last else ""))
    level = _level(rule, values, last)
    off, within = calendar.days.get(level) or calendar.days.get(rule.unknown) or (30, 30)
    found = [start + timedelta(days=off)]
    for season, when in rule.seasons:
        if season in calendar.seasons and holds(when, values, today):
            found.append(_first_within(calendar.seasons[season], start + timedelta(days=within)))
    return min(found).isoformat()


def standing(due: str, today: str) -> Standing:
    """overdue: the day has passed; due: it is today or within SOON days; later."""
    if due < today:
        return "overdue"
    return "due" if due <= (date.fromisoformat(today) + timedelta(days=SOON)).isoformat() else "later"


def _level(rule: Recheck, values: Mapping[str, Any], last: Look | None) -> str:
    """The more dangerous of what the record and the last look say."""
    said = [values.get(rule.level), last.values.get(rule.level) if last else None]
    return next((code for code in rule.order if code in said), rule.unknown)


def _first_within(season: tuple[str, str], day: date) -> date:
    """The first day of the season that is not before `day`."""
    first, last = season
    here = day.isoformat()[5:]
    if (first <= here <= last) if first <= last else (here >= first or here <= last):
        return day
    year = day.year if here < first else day.year + 1
    return date(year, int(first[:2]), int(first[3:]))


def _is_day_of_every_year(text: str) -> bool:
    try:
        date.fromisoformat(f"2025-{text}")
    except ValueError:
        return False
    return True
