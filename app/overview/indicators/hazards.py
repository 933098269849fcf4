"""Hazards: open now, recorded and mended within the time, and how many days mending took (the median)."""

from typing import Any

from sqlalchemy import Select, func, literal, select, union_all

from app.kinds import registry
from app.overview.queries import days_between
from app.overview.shape import Cell, Indicator, Period
from app.places.rules import OPEN
from app.records.models import Record, RecordVersion
from app.review.rules import HIGH


def _kinds() -> list[str]:
    """What is looked at again until it is mended."""
    return [code for code, kind in registry.items() if kind.recheck]


def _mended() -> Any:
    """When the desk closed a record, the last time that it did."""
    closed = select(RecordVersion.record_id, func.max(RecordVersion.received_at).label("at"))
    return closed.where(RecordVersion.what == "close").group_by(RecordVersion.record_id).subquery("mended")


def rows(period: Period) -> Select[Any]:
    """A hazard is counted under each of the words that fit it."""
    mended = _mended()
    named = (Record.id, Record.ward_id, Record.group_id)
    ours = (period.reach, Record.kind.in_(_kinds()))
    received = Record.received_at.label("at")
    is_open = Record.status.in_(OPEN)
    within = (Record.received_at >= period.since, Record.received_at < period.until)
    found = union_all(
        select(*named, received, literal("open").label("cell")).where(*ours, is_open),
        select(*named, received, literal("high")).where(*ours, is_open, Record.urgency >= HIGH),
        select(*named, received, literal("new")).where(
            *ours, *within, Record.status.not_in(("withdrawn", "duplicate"))
        ),
        select(*named, mended.c.at, literal("mended"))
        .join(mended, mended.c.record_id == Record.id)
        .where(*ours, Record.status == "closed", mended.c.at >= period.since, mended.c.at < period.until),
    ).subquery()
    return select(found.c.id, found.c.ward_id, found.c.group_id, found.c.at, found.c.cell)


def spans(period: Period) -> Select[Any]:
    """Days from the ward's receipt until it was mended."""
    mended = _mended()
    columns: list[Any] = [Record.ward_id, Record.group_id, days_between(Record.received_at, mended.c.at).label("days")]
    return (
        select(*columns)
        .join(mended, mended.c.record_id == Record.id)
        .where(period.reach, Record.kind.in_(_kinds()), Record.status == "closed")
        .where(mended.c.at >= period.since, mended.c.at < period.until)
    )


INDICATOR = Indicator(
    code="hazards",
    order=30,
    icon="hazard",
    kinds=_kinds,
    cells=lambda lang: [Cell("open"), Cell("high"), Cell("new", "new"), Cell("mended", "good")],
    rows=rows,
    headline="open",
    weekly=("new", "mended"),
    spans=spans,
    spans_of="mended",
)
