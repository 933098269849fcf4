"""Lists that officers keep under a name, and the indexes that lists are read by."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "saved_list",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ward_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("query", sa.String(), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["ward_id"], ["unit.id"], name="fk_saved_list_ward_id"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_saved_list_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_saved_list"),
    )
    op.create_index("ix_saved_list_ward_id", "saved_list", ["ward_id"])
    op.create_index("ix_record_kind", "record", ["ward_id", "kind", "feed_no"])
    op.create_index("ix_record_received", "record", ["ward_id", "received_at"])
    for name in ("author", "group"):
        op.drop_index(f"ix_record_{name}_id", "record")
        op.create_index(f"ix_record_{name}", "record", ["ward_id", f"{name}_id", "feed_no"])


def downgrade() -> None:
    for name in ("group", "author"):
        op.drop_index(f"ix_record_{name}", "record")
        op.create_index(f"ix_record_{name}_id", "record", [f"{name}_id"])
    op.drop_index("ix_record_received", "record")
    op.drop_index("ix_record_kind", "record")
    op.drop_table("saved_list")
