"""Counting an indicator's rows, and the rows themselves: both from the one SELECT that the indicator gives."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Double, Select, case, cast, extract, func, select

from app.clock import HANOI, begins
from app.db import db
from app.identity.rights import LEADER, OFFICER, OVERSEER, Actor
from app.overview.shape import Indicator, Period
from app.problems import Problem
from app.records.models import Record
from app.units import queries as units
from app.units.models import Unit
from app.units.rules import WARD_LEVELS

PAGE = 50
NO_GROUP = 0


@dataclass(frozen=True)
class Behind:
    """Which rows of an indicator: of one cell or all, one ward, one group (0: none known), one week."""

    cell: str | None = None
    ward: int | None = None
    group: int | None = None
    week: int | None = None


class Count(NamedTuple):
    """How many rows stand in a cell, at one place and in one week (-1: before the first, or no week)."""

    ward: int
    group: int
    week: int
    cell: str
    amount: int


def place(actor: Actor, unit_id: int | None) -> Unit:
    """The unit that is looked at: the person's own, or one beneath it. Raises not_found."""
    if actor.role not in (OFFICER, LEADER, OVERSEER):
        raise Problem("not_found")
    unit = units.in_reach(actor.ward_id, actor.ward_id if unit_id is None else unit_id)
    if unit.level not in (*WARD_LEVELS, "city", "district"):
        raise Problem("not_found")
    return unit


def wards(unit: Unit) -> list[Unit]:
    """The wards of today at or beneath the unit."""
    return [unit] if unit.level in WARD_LEVELS else units.wards_under(unit.id)


def period(unit: Unit, first: date, now: datetime) -> Period:
    """From that day on until the end of today, in Hà Nội. Wards that have ended count where they were."""
    since, until = begins(first), begins(_tomorrow(now))
    inside = [unit.id] if unit.level in WARD_LEVELS else units.subtree(unit.id)
    return Period(since, until, now, Record.ward_id.in_(inside))


def counts(indicator: Indicator, period: Period, mondays: Sequence[date]) -> list[Count]:
    """How many rows stand where. One statement."""
    rows = indicator.rows(period).subquery("rows")
    placed = select(
        rows.c.ward_id, func.coalesce(rows.c.group_id, NO_GROUP).label("group_id"), _week(rows, mondays), rows.c.cell
    ).subquery("placed")
    columns = (placed.c.ward_id, placed.c.group_id, placed.c.week, placed.c.cell)
    return [Count(*row) for row in db.session.execute(select(*columns, func.count()).group_by(*columns))]


def ids(indicator: Indicator, period: Period, mondays: Sequence[date], behind: Behind) -> Select[Any]:
    """SELECT of id and at of what is behind a number; a record that is counted twice stands there twice."""
    rows = indicator.rows(period).subquery("rows")
    found = select(rows.c.id, rows.c.at)
    if behind.cell is not None:
        found = found.where(rows.c.cell == behind.cell)
    if behind.ward is not None:
        found = found.where(rows.c.ward_id == behind.ward)
    if behind.group is not None:
        found = found.where(func.coalesce(rows.c.group_id, NO_GROUP) == behind.group)
    if behind.week is not None:
        found = found.where(_week(rows, mondays) == behind.week)
    return found


@dataclass(frozen=True)
class Row:
    """A record behind a number. `data` is for titles that hold no names."""

    id: str
    kind: str
    status: str
    data: Any
    ward_id: int
    group: str | None
    received_at: datetime
    at: datetime | None


def behind(found: Select[Any], page: int) -> tuple[int, list[Row]]:
    """How many rows there are behind a number, and one page of them, the latest first."""
    rows = found.subquery("behind")
    group = Unit.__table__.alias("group_unit")
    wanted = (
        select(
            Record.id,
            Record.kind,
            Record.status,
            Record.data,
            Record.ward_id,
            group.c.name,
            Record.received_at,
            rows.c.at,
        )
        .join(rows, rows.c.id == Record.id)
        .outerjoin(group, group.c.id == Record.group_id)
        .order_by(func.coalesce(rows.c.at, Record.received_at).desc(), Record.id)
    )
    whole = db.session.scalar(select(func.count()).select_from(rows)) or 0
    listed = db.session.execute(wanted.limit(PAGE).offset((page - 1) * PAGE))
    return whole, [Row(*row) for row in listed]


def spans(indicator: Indicator, period: Period) -> list[tuple[int, int, float]]:
    """(ward, group, days) of everything whose length the indicator measures."""
    if indicator.spans is None:
        return []
    found = db.session.execute(indicator.spans(period))
    return [(row.ward_id, row.group_id or NO_GROUP, float(row.days)) for row in found]


def days_between(begin: Any, end: Any) -> ColumnElement[float]:
    """How many days lie between two moments, with fractions."""
    if db.engine.dialect.name == "sqlite":
        days: ColumnElement[float] = func.julianday(end) - func.julianday(begin)
        return days
    return cast(extract("epoch", end - begin) / 86_400.0, Double)


def _week(rows: Any, mondays: Sequence[date]) -> Any:
    """The week of a row: its place in the list, -1 for none of them."""
    starts = [begins(day) for day in mondays]
    latest_first = [(rows.c.at >= start, number) for number, start in reversed(list(enumerate(starts)))]
    return case(*latest_first, else_=-1).label("week")


def _tomorrow(now: datetime) -> date:
    return now.astimezone(HANOI).date() + timedelta(days=1)
