"""Violation reports that came within the time, by what has become of them."""

from typing import Any

from sqlalchemy import Select, select

from app.i18n import t
from app.kinds import registry
from app.overview.shape import Cell, Indicator, Look, Period
from app.records.models import Record
from app.review.rules import STATUSES, WAITING


def _kinds() -> list[str]:
    return [code for code, kind in registry.items() if kind.calls_first]


def cells(lang: str) -> list[Cell]:
    """The states, in the order of a record's life."""
    return [
        Cell(status, _look(status), t(f"desk.state.{status}", lang)) for status in STATUSES if status != "withdrawn"
    ]


def _look(status: str) -> Look:
    return "new" if status in WAITING else "run" if status == "returned" else "good"


def rows(period: Period) -> Select[Any]:
    """Received within the time and not taken back."""
    named: list[Any] = [Record.id, Record.ward_id, Record.group_id, Record.received_at.label("at")]
    return select(*named, Record.status.label("cell")).where(
        period.reach,
        Record.kind.in_(_kinds()),
        Record.status != "withdrawn",
        Record.received_at >= period.since,
        Record.received_at < period.until,
    )


INDICATOR = Indicator(
    code="reports", order=40, icon="shield", kinds=_kinds, cells=cells, rows=rows, headline="total", weekly="all"
)
