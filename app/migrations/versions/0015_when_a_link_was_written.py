"""When a link of the chain was written, so that the log can be looked through by day."""

import json
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_PIECE = 1000


def upgrade() -> None:
    op.add_column("link", sa.Column("at", sa.DateTime(timezone=True), nullable=True))
    _fill()
    op.create_index("ix_link_at", "link", ["ward_id", "at"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_link_at", "link")
    op.drop_column("link", "at")


def _fill() -> None:
    """The facts of most links say when the ward had them; of the others nobody knows any more."""
    columns = (sa.column("ward_id"), sa.column("no"), sa.column("facts"), sa.column("at", sa.DateTime(timezone=True)))
    link = sa.table("link", *columns)
    filled = (
        link.update()
        .where(link.c.ward_id == sa.bindparam("ward"), link.c.no == sa.bindparam("number"))
        .values(at=sa.bindparam("moment", type_=sa.DateTime(timezone=True)))
    )
    rows = []
    for ward_id, no, text in op.get_bind().execute(sa.select(link.c.ward_id, link.c.no, link.c.facts)):
        moment = _moment(text)
        if moment is not None:
            rows.append({"ward": ward_id, "number": no, "moment": moment})
    for place in range(0, len(rows), _PIECE):
        op.get_bind().execute(filled, rows[place : place + _PIECE])


def _moment(text: str) -> datetime | None:
    try:
        facts: Any = json.loads(text)
        said = facts["received"] if "received" in facts else facts["at"]
        at = datetime.fromisoformat(said)
    except (ValueError, KeyError, TypeError):
        return None
    return at.astimezone(UTC) if at.tzinfo else None
