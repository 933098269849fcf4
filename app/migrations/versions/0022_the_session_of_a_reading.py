"""A reading tells its session, so that one who reads a child's record again at once is not noted again."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("reading", sa.Column("sign_in", sa.String(), nullable=True))


def downgrade() -> None:
    op.drop_column("reading", "sign_in")
