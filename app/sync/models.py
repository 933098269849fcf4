"""What the server knows of each phone's numbering: how far it came, and which numbers never arrived."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.at_rest.sealing import SealedText
from app.db import Model, Utc


class DeviceState(Model):
    """One person's work on one phone. The numbers are those of its changes (`seq`)."""

    __table_args__ = (Index("ix_device_state_ward_id", "ward_id"),)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    device: Mapped[str] = mapped_column(primary_key=True)
    ward_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    highest: Mapped[int] = mapped_column(default=0)  # that arrived
    contiguous: Mapped[int] = mapped_column(default=0)  # everything up to here arrived
    looked: Mapped[int] = mapped_column(default=0)  # every number up to here arrived or is a row of Gap
    issued: Mapped[int] = mapped_column(default=0)  # the highest that the phone says it gave out
    unsent: Mapped[int] = mapped_column(default=0)  # how many it says it still has to send
    app: Mapped[str] = mapped_column(default="")  # its build
    first_seen: Mapped[datetime] = mapped_column(Utc)
    last_seen: Mapped[datetime] = mapped_column(Utc)


class Gap(Model):
    """A number that did not arrive. Open until it does, or until the desk closes it."""

    __table_args__ = (Index("ix_gap_open", "filled_at", "closed_at"),)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    device: Mapped[str] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    noticed_at: Mapped[datetime] = mapped_column(Utc)
    filled_at: Mapped[datetime | None] = mapped_column(Utc)
    closed_at: Mapped[datetime | None] = mapped_column(Utc)
    closed_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    note: Mapped[str] = mapped_column(SealedText("gap.note"), default="")
