"""What the collaborators recorded: how many records of each kind the ward received."""

from typing import Any

from sqlalchemy import Select, select

from app.kinds import checks, registry
from app.overview.shape import Cell, Indicator, Period
from app.records.models import Record


def cells(lang: str) -> list[Cell]:
    """The kinds."""
    return [Cell(code, words=checks.in_language(kind.label, lang)) for code, kind in registry.items()]


def rows(period: Period) -> Select[Any]:
    """Received within the time and not taken back."""
    named: list[Any] = [Record.id, Record.ward_id, Record.group_id, Record.received_at.label("at")]
    return select(*named, Record.kind.label("cell")).where(
        period.reach,
        Record.kind.in_(list(registry)),
        Record.status != "withdrawn",
        Record.received_at >= period.since,
        Record.received_at < period.until,
    )


INDICATOR = Indicator(
    code="records",
    order=10,
    icon="list",
    kinds=lambda: list(registry),
    cells=cells,
    rows=rows,
    headline="total",
    weekly="all",
)
