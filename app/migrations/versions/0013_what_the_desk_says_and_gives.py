"""Comments, notes and tasks of the desk; of a duplicate, the record that is kept."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_PIECE = 500


def upgrade() -> None:
    op.add_column("record", sa.Column("original_id", sa.String(), nullable=True))
    op.add_column("record", sa.Column("said", sa.JSON(none_as_null=True), nullable=True))
    op.add_column("record", sa.Column("task", sa.JSON(none_as_null=True), nullable=True))
    # No key: SQLite would have to write the table anew, and its indexes on expressions would be lost.
    op.add_column("record", sa.Column("assignee_id", sa.String(), nullable=True))
    op.add_column("record", sa.Column("task_due", sa.Date(), nullable=True))
    op.add_column("record", sa.Column("task_at", sa.DateTime(timezone=True), nullable=True))
    _fill()
    given = sa.text("assignee_id IS NOT NULL")
    op.create_index("ix_record_original_id", "record", ["original_id"])
    op.create_index("ix_record_task", "record", ["ward_id", "assignee_id"], sqlite_where=given, postgresql_where=given)
    op.create_table(
        "desk_note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("record_id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["record_id"], ["record.id"], name="fk_desk_note_record_id"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_desk_note_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_desk_note"),
    )
    op.create_index("ix_desk_note_record_id", "desk_note", ["record_id"])


def downgrade() -> None:
    op.drop_table("desk_note")
    op.drop_index("ix_record_task", "record")
    op.drop_index("ix_record_original_id", "record")
    op.drop_column("record", "task_at")
    op.drop_column("record", "task_due")
    op.drop_column("record", "assignee_id")
    op.drop_column("record", "task")
    op.drop_column("record", "said")
    op.drop_column("record", "original_id")


def _fill() -> None:
    """The duplicates that are here already; their verdict names the record that is kept."""
    record = sa.table("record", *(sa.column(name) for name in ("id", "status", "original_id")), sa.column("review", sa.JSON()))
    connection = op.get_bind()
    marked = connection.execute(sa.select(record.c.id, record.c.review).where(record.c.status == "duplicate")).all()
    found = [{"key": row.id, "kept": kept} for row in marked if (kept := _kept(row.review))]
    change = record.update().where(record.c.id == sa.bindparam("key")).values(original_id=sa.bindparam("kept"))
    for start in range(0, len(found), _PIECE):
        connection.execute(change, found[start : start + _PIECE])


def _kept(review: Any) -> str | None:
    found = review.get("original") if isinstance(review, dict) else None
    return found if isinstance(found, str) else None
