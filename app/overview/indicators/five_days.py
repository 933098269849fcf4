"""The times that the law sets in working days: reports of the period beside the plan that is due after five of them.

Which time, of which law and for which kind, is declared by the kind (`Kind.clocks`); which days are no working days is
a setting; when it was met is what an officer wrote down (app/clocks). Counted like the twelve hours beside it.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import Select, and_, case, literal, or_, select

from app.clock import HANOI, begins
from app.clocks.models import ClockEnd
from app.clocks.rules import days_off, due
from app.db import Utc
from app.kinds import registry
from app.kinds.vocabulary import Clock
from app.overview.shape import Cell, Indicator, Period
from app.records.models import Record
from app.records.rules import ENDED


def _clocks() -> list[tuple[str, Clock]]:
    """(kind, clock) of every time that is set in working days."""
    return [(code, clock) for code, kind in registry.items() for clock in kind.clocks if clock.working_days]


def _kinds() -> list[str]:
    return [code for code, _ in _clocks()]


def _days(period: Period) -> Iterator[date]:
    day = period.since.astimezone(HANOI).date()
    while begins(day) < period.until:
        yield day
        day += timedelta(days=1)


def _due(period: Period) -> Any:
    """The moment by which each must be done, as SQL: it depends on nothing but the clock and the day of receipt."""
    holidays = days_off(current_app.config["TO_AM"].holidays)
    ends: list[tuple[Any, Any]] = []
    for code, clock in _clocks():
        for day in _days(period):
            by: datetime = due(clock, begins(day), holidays)
            mine = and_(Record.kind == code, Record.received_at < begins(day + timedelta(days=1)))
            ends.append((mine, literal(by, Utc())))
    return case(*ends)


def rows(period: Period) -> Select[Any]:
    """Each report once."""
    mine = [and_(Record.kind == code, ClockEnd.clock == clock.code) for code, clock in _clocks()]
    by = _due(period)
    standing = case(
        (ClockEnd.outcome == "not_needed", "not_needed"),
        (ClockEnd.done_at <= by, "in_time"),
        (ClockEnd.done_at.is_not(None), "late"),
        (by > period.now, "running"),
        else_="late",
    )
    named: list[Any] = [Record.id, Record.ward_id, Record.group_id, Record.received_at.label("at")]
    return (
        select(*named, standing.label("cell"))
        .outerjoin(ClockEnd, and_(ClockEnd.record_id == Record.id, or_(*mine)))
        .where(period.reach, Record.kind.in_(_kinds()), or_(ClockEnd.clock.is_not(None), Record.status.not_in(ENDED)))
        .where(Record.received_at >= period.since, Record.received_at < period.until)
    )


INDICATOR = Indicator(
    code="five_days",
    order=60,
    icon="clock",
    kinds=_kinds,
    cells=lambda lang: [Cell("in_time", "good"), Cell("late", "late"), Cell("running", "run"), Cell("not_needed")],
    rows=rows,
    headline="late",
    weekly="all",
)
