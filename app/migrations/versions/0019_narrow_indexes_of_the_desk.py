"""What is about a record, its duplicates, children to be seen again and a search are read from narrow indexes."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_AGAIN = sa.text("again_on IS NOT NULL")


def upgrade() -> None:
    op.drop_index("ix_record_again", "record")
    op.create_index(
        "ix_record_again",
        "record",
        ["ward_id", "kind", "again_on", "status"],
        sqlite_where=_AGAIN,
        postgresql_where=_AGAIN,
    )
    op.drop_index("ix_record_parent_id", "record")
    op.create_index("ix_record_parent", "record", ["parent_id", "ward_id"])
    op.drop_index("ix_record_original_id", "record")
    op.create_index("ix_record_original", "record", ["original_id", "ward_id", "status"])
    if op.get_bind().dialect.name == "sqlite":
        named = sa.text("search != ''")
        op.create_index("ix_record_search", "record", ["ward_id", "received_at", "id", "search"], sqlite_where=named)


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.drop_index("ix_record_search", "record")
    op.drop_index("ix_record_original", "record")
    op.create_index("ix_record_original_id", "record", ["original_id"])
    op.drop_index("ix_record_parent", "record")
    op.create_index("ix_record_parent_id", "record", ["parent_id"])
    op.drop_index("ix_record_again", "record")
    op.create_index(
        "ix_record_again", "record", ["ward_id", "kind", "again_on"], sqlite_where=_AGAIN, postgresql_where=_AGAIN
    )
