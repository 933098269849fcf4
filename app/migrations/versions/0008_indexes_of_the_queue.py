"""What waits and what two phones wrote differently are found without sorting or reading the rest of the ward."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    waits = sa.text("status IN ('received', 'needs_fixing', 'answered')")
    in_conflict = sa.text("CAST(conflicts AS TEXT) != '[]'")
    op.create_index(
        "ix_record_waiting", "record", ["ward_id", "received_at", "id"], sqlite_where=waits, postgresql_where=waits
    )
    op.create_index(
        "ix_record_conflicts", "record", ["ward_id"], sqlite_where=in_conflict, postgresql_where=in_conflict
    )


def downgrade() -> None:
    op.drop_index("ix_record_conflicts", "record")
    op.drop_index("ix_record_waiting", "record")
