"""Passkeys (WebAuthn): an officer comes in by a key that stays on the phone, computer or stick it was made on."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Model, Utc


class Passkey(Model):
    """The public half of one passkey."""

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    credential: Mapped[str] = mapped_column(unique=True)  # its id, base64url
    public: Mapped[str]  # attested credential data (WebAuthn, section 6.5.2), base64url
    sign_count: Mapped[int]  # as it was shown last; 0 for ever where the authenticator does not count
    name: Mapped[str]  # as its owner calls it
    made_at: Mapped[datetime] = mapped_column(Utc)
    used_at: Mapped[datetime | None] = mapped_column(Utc)
    copied_at: Mapped[datetime | None] = mapped_column(Utc)  # its count went back: two hold it, and it opens nothing


class PasskeyChallenge(Model):
    """What one browser was asked to sign, once, within minutes."""

    bound_to: Mapped[str] = mapped_column(primary_key=True)  # hash of the token of the sign-in, or of the try to
    purpose: Mapped[str] = mapped_column(primary_key=True)  # see rules
    person_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))  # whose passkey it must be; None: anybody's
    challenge: Mapped[str]  # base64url
    made_at: Mapped[datetime] = mapped_column(Utc)
