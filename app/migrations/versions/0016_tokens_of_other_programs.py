"""Tokens by which other programs read."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "machine_token",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("kinds", sa.JSON(), nullable=False),
        sa.Column("depth", sa.String(), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("agreed_by", sa.String(), nullable=True),
        sa.Column("agreed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("uses", sa.JSON(), nullable=False),
        sa.Column("ended_by", sa.String(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name="fk_machine_token_unit_id"),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name="fk_machine_token_made_by"),
        sa.ForeignKeyConstraint(["agreed_by"], ["person.id"], name="fk_machine_token_agreed_by"),
        sa.ForeignKeyConstraint(["ended_by"], ["person.id"], name="fk_machine_token_ended_by"),
        sa.PrimaryKeyConstraint("id", name="pk_machine_token"),
        sa.UniqueConstraint("token_hash", name="uq_machine_token_token_hash"),
    )
    op.create_index("ix_machine_token_unit_id", "machine_token", ["unit_id"], unique=False)


def downgrade() -> None:
    op.drop_table("machine_token")
