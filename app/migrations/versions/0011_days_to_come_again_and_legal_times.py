"""When a visitor means to come again, and what officers said about the times that the law sets."""

import re
from datetime import date
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_PIECE = 500
# Each child has the plan of the latest visit.
_OF_CHILDREN = """
UPDATE record SET again_on = (
    SELECT visit.again_on FROM record AS visit
    WHERE visit.parent_id = record.id AND visit.kind = 'child_visit'
        AND visit.status NOT IN ('closed', 'duplicate', 'withdrawn')
    ORDER BY visit.happened_on IS NULL, visit.happened_on DESC, visit.received_at DESC, visit.id DESC LIMIT 1
) WHERE kind = 'child'
"""
_DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")


def upgrade() -> None:
    op.add_column("record", sa.Column("again_on", sa.Date(), nullable=True))
    _fill()
    again = sa.text("again_on IS NOT NULL")
    op.create_index(
        "ix_record_again", "record", ["ward_id", "kind", "again_on"], sqlite_where=again, postgresql_where=again
    )
    op.create_table(
        "clock_end",
        sa.Column("record_id", sa.String(), nullable=False),
        sa.Column("clock", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("by_id", sa.String(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["record_id"], ["record.id"], name="fk_clock_end_record_id"),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name="fk_clock_end_by_id"),
        sa.PrimaryKeyConstraint("record_id", "clock", name="pk_clock_end"),
    )


def downgrade() -> None:
    op.drop_table("clock_end")
    op.drop_index("ix_record_again", "record")
    op.drop_column("record", "again_on")


def _fill() -> None:
    """The plans of the visits that are here already, the only kind with one so far."""
    names = ("id", "kind")
    record = sa.table(
        "record", *(sa.column(name) for name in names), sa.column("data", sa.JSON()), sa.column("again_on", sa.Date())
    )
    connection = op.get_bind()
    visits = connection.execute(sa.select(record.c.id, record.c.data).where(record.c.kind == "child_visit")).all()
    days = [{"key": row.id, "day": day} for row in visits if (day := _day(row.data))]
    change = record.update().where(record.c.id == sa.bindparam("key")).values(again_on=sa.bindparam("day"))
    for start in range(0, len(days), _PIECE):
        connection.execute(change, days[start : start + _PIECE])
    connection.execute(sa.text(_OF_CHILDREN))


def _day(data: Any) -> date | None:
    text = data.get("again_on") if isinstance(data, dict) else None
    if not isinstance(text, str) or not _DAY.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
