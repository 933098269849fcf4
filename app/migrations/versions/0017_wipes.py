"""Phones that were cut off and let go of what they read with."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "wipe",
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("device", sa.String(), nullable=False),
        sa.Column("wiped_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lock", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("person_id", "device", name="pk_wipe"),
    )


def downgrade() -> None:
    op.drop_table("wipe")
