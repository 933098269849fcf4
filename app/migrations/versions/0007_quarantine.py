"""What administrators do with quarantined changes; each change knows the ward whose chain has it."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("change") as change:
        change.add_column(sa.Column("ward_id", sa.Integer(), nullable=True))
    _fill_in_wards()
    with op.batch_alter_table("change") as change:
        change.alter_column("ward_id", existing_type=sa.Integer(), nullable=False)
        change.create_foreign_key("fk_change_ward_id", "unit", ["ward_id"], ["id"])
    kept = sa.text("outcome = 'quarantined'")
    op.create_index(
        "ix_change_quarantined", "change", ["ward_id", "log_id"], sqlite_where=kept, postgresql_where=kept
    )
    op.create_table(
        "repair",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("log_id", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("filed", sa.JSON(), nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["log_id"], ["change.log_id"], name="fk_repair_log_id"),
        sa.ForeignKeyConstraint(["by"], ["person.id"], name="fk_repair_by"),
        sa.PrimaryKeyConstraint("id", name="pk_repair"),
    )
    op.create_index("ix_repair_log_id", "repair", ["log_id"], unique=False)


def downgrade() -> None:
    op.drop_table("repair")
    op.drop_index("ix_change_quarantined", "change")
    with op.batch_alter_table("change") as change:
        change.drop_constraint("fk_change_ward_id", type_="foreignkey")
        change.drop_column("ward_id")


def _fill_in_wards() -> None:
    """The chain says in which ward each change was linked."""
    link = sa.table("link", *map(sa.column, ("ward_id", "no", "facts")))
    change = sa.table("change", *map(sa.column, ("log_id", "ward_id")))
    filled = change.update().where(change.c.log_id == sa.bindparam("key")).values(ward_id=sa.bindparam("ward"))
    rows = []
    for ward_id, text in op.get_bind().execute(sa.select(link.c.ward_id, link.c.facts)):
        facts = json.loads(text)
        if facts["what"] == "change":
            rows.append({"key": facts["log_id"], "ward": ward_id})
    for place in range(0, len(rows), 1000):
        op.get_bind().execute(filled, rows[place : place + 1000])
