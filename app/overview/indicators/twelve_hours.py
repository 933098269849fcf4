"""The times that the law sets in hours: reports of the period beside the twelve hours from the ward's receipt.

Which time, of which law and for which kind, is declared by the kind (`Kind.clocks`); when it was met is what an officer
wrote down (app/clocks). Of a report that was closed without that nothing is counted.
"""

from datetime import timedelta
from typing import Any

from sqlalchemy import Select, and_, case, or_, select

from app.clocks.models import ClockEnd
from app.kinds import registry
from app.overview.queries import days_between
from app.overview.shape import Cell, Indicator, Period
from app.records.models import Record
from app.records.rules import ENDED

# What was done exactly at its time is in time, whatever the database's fractions of a day make of it.
_HAIR = 1e-6


def _clocks() -> list[tuple[str, str, int]]:
    """(kind, clock, hours) of every time that is set in hours."""
    return [(code, clock.code, clock.hours) for code, kind in registry.items() for clock in kind.clocks if clock.hours]


def _kinds() -> list[str]:
    return [code for code, _, _ in _clocks()]


def rows(period: Period) -> Select[Any]:
    """Each report once."""
    mine = [and_(Record.kind == code, ClockEnd.clock == clock) for code, clock, _ in _clocks()]
    limit = case(*((Record.kind == code, hours / 24 + _HAIR) for code, _, hours in _clocks()), else_=0.0)
    running = [
        and_(Record.kind == code, Record.received_at > period.now - timedelta(hours=hours))
        for code, _, hours in _clocks()
    ]
    standing = case(
        (ClockEnd.outcome == "not_needed", "not_needed"),
        (days_between(Record.received_at, ClockEnd.done_at) <= limit, "in_time"),
        (ClockEnd.done_at.is_not(None), "late"),
        (or_(*running), "running"),
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
    code="twelve_hours",
    order=50,
    icon="clock",
    kinds=_kinds,
    cells=lambda lang: [Cell("in_time", "good"), Cell("late", "late"), Cell("running", "run"), Cell("not_needed")],
    rows=rows,
    headline="late",
    weekly="all",
)
