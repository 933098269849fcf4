"""Changes that wait for another are found without reading the whole log."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    held = sa.text("outcome = 'held'")
    op.create_index("ix_change_held", "change", ["received_at"], sqlite_where=held, postgresql_where=held)


def downgrade() -> None:
    op.drop_index("ix_change_held", "change")
