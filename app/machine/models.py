"""Tokens by which other programs read, and never write."""

from datetime import date, datetime

from sqlalchemy import JSON, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Model, Utc


class MachineToken(Model):
    """What one program may read. Only the token's hash is kept; rows are never deleted."""

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]  # which program, for what
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)  # a ward, or what lies above wards
    kinds: Mapped[list[str]] = mapped_column(JSON)
    depth: Mapped[str]  # see exports.rules.DEPTHS
    made_by: Mapped[str] = mapped_column(ForeignKey("person.id"))
    made_at: Mapped[datetime] = mapped_column(Utc)
    last_day: Mapped[date]  # the last day on which it opens anything
    agreed_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))  # the ward's leader, where that is needed
    agreed_at: Mapped[datetime | None] = mapped_column(Utc)
    uses: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)  # kind -> ISO moment of its last use, to the hour
    ended_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    ended_at: Mapped[datetime | None] = mapped_column(Utc)

    @property
    def used_at(self) -> datetime | None:
        """When it was used last, to the hour."""
        return max(map(datetime.fromisoformat, self.uses.values()), default=None)
