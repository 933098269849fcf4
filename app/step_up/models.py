"""Who proved anew who he or she is, what for and why; and every reading of a report that followed."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.at_rest.sealing import SealedText
from app.db import Model, Utc


class StepUp(Model):
    """One written reason. It lets this sign-in do one thing for some minutes, and is kept for ever."""

    __table_args__ = (Index("ix_step_up_sign_in", "sign_in", "purpose", "about", "at"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    sign_in: Mapped[str]  # hash of the token
    purpose: Mapped[str]  # see rules.PURPOSES
    about: Mapped[str]  # what it is for: a record's id, a list's name; may be empty
    reason: Mapped[str] = mapped_column(SealedText("step_up.reason"))
    proven: Mapped[bool]  # passphrase or code was typed now; otherwise an earlier proof was still fresh
    at: Mapped[datetime] = mapped_column(Utc)


class Reading(Model):
    """Somebody at the desk had a record's words on the screen: each time of a report, else once in a while."""

    __table_args__ = (Index("ix_reading_record", "record_id", "at"), Index("ix_reading_ward", "ward_id", "at"))
    id: Mapped[int] = mapped_column(primary_key=True)
    record_id: Mapped[str] = mapped_column(ForeignKey("record.id"))
    ward_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    version: Mapped[int]
    step_up_id: Mapped[int | None] = mapped_column(ForeignKey("step_up.id"))
    sign_in: Mapped[str | None]  # hash of the token; None before it was noted
    at: Mapped[datetime] = mapped_column(Utc)
