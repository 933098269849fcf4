"""Children who were visited: of all children on the lists, those with a visit within the time."""

from typing import Any

from sqlalchemy import Select, case, literal, null, select
from sqlalchemy.orm import aliased

from app.clock import HANOI
from app.db import Utc
from app.kinds.child import KIND as CHILD
from app.kinds.child_visit import KIND as VISIT
from app.overview.shape import Cell, Indicator, Period
from app.records.models import Record
from app.records.rules import VOID

_visit = aliased(Record)


def rows(period: Period) -> Select[Any]:
    """Every child once."""
    first, end = (at.astimezone(HANOI).date() for at in (period.since, period.until))
    visited = select(literal(1)).where(
        _visit.parent_id == Record.id,
        _visit.ward_id == Record.ward_id,
        _visit.kind == VISIT.code,
        _visit.status.not_in(VOID),
        _visit.happened_on >= first,
        _visit.happened_on < end,
    )
    return select(
        Record.id,
        Record.ward_id,
        Record.group_id,
        null().cast(Utc()).label("at"),
        case((visited.exists(), "visited"), else_="waiting").label("cell"),
    ).where(period.reach, Record.kind == CHILD.code, Record.status.not_in(VOID))


INDICATOR = Indicator(
    code="coverage",
    order=20,
    icon="visit",
    kinds=lambda: [CHILD.code],
    cells=lambda lang: [Cell("visited", "good"), Cell("waiting")],
    rows=rows,
    headline="visited",
    share=True,
)
