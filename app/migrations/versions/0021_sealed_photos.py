"""Photos that were shut on their phone: the seal of their key, beside the upload."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("photo", sa.Column("sealed", sa.String(), nullable=True))


def downgrade() -> None:
    op.drop_column("photo", "sealed")
