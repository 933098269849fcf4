"""What an officer has besides the passphrase: an authenticator app, and codes on paper for when it is lost."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Model, Utc


class SecondFactor(Model):
    """One authenticator app (TOTP, RFC 6238). It counts from the first right code on."""

    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    secret: Mapped[str]  # sealed, see sealing.py
    last_step: Mapped[int] = mapped_column(default=0)  # of the latest code that was taken; none is taken twice
    made_at: Mapped[datetime] = mapped_column(Utc)
    confirmed_at: Mapped[datetime | None] = mapped_column(Utc)


class RecoveryCode(Model):
    """A code on paper; only its keyed hash is kept, and it works once."""

    code_hash: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    made_at: Mapped[datetime] = mapped_column(Utc)
    used_at: Mapped[datetime | None] = mapped_column(Utc)
