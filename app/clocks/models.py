"""What an officer said about a legal time: done, or that it does not apply."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.at_rest.sealing import SealedText
from app.db import Model, Utc


class ClockEnd(Model):
    """A clock of a record that runs no more. While there is no row, it runs."""

    record_id: Mapped[str] = mapped_column(ForeignKey("record.id"), primary_key=True)
    clock: Mapped[str] = mapped_column(primary_key=True)
    outcome: Mapped[str]  # done | not_needed
    done_at: Mapped[datetime] = mapped_column(Utc)  # when it was done, as the officer says
    note: Mapped[str] = mapped_column(SealedText("clock_end.note"))
    by_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    written_at: Mapped[datetime] = mapped_column(Utc)
