"""People, what they may do where, and how they are signed in."""

from datetime import date, datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Model, Utc


class Person(Model):
    """Someone who signs in."""

    id: Mapped[str] = mapped_column(primary_key=True)  # uuid4
    name: Mapped[str]
    phone: Mapped[str | None] = mapped_column(unique=True)  # E.164; how a person signs in
    passphrase: Mapped[str | None]  # argon2id
    language: Mapped[str] = mapped_column(default="vi")
    created_at: Mapped[datetime] = mapped_column(Utc)
    closed_at: Mapped[datetime | None] = mapped_column(Utc)


class Assignment(Model):
    """A role at a unit: a collaborator at a group, an officer or leader at a ward, an administrator at a city."""

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    role: Mapped[str]  # collaborator | officer | leader | admin
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]


class SignInCode(Model):
    """A one-time code that the ward hands out; only its hash is kept."""

    code_hash: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    issued_by: Mapped[str | None]
    issued_at: Mapped[datetime] = mapped_column(Utc)
    expires_at: Mapped[datetime] = mapped_column(Utc)
    used_at: Mapped[datetime | None] = mapped_column(Utc)


class SignIn(Model):
    """One phone or browser that is signed in; the cookie holds a token, this row only its hash."""

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    door: Mapped[str]  # phone | desk
    device: Mapped[str | None] = mapped_column(index=True)  # the phone's uuid
    label: Mapped[str]  # what the browser says it is, for the list of phones
    created_at: Mapped[datetime] = mapped_column(Utc)
    seen_at: Mapped[datetime] = mapped_column(Utc)
    expires_at: Mapped[datetime] = mapped_column(Utc)
    revoked_at: Mapped[datetime | None] = mapped_column(Utc)


class DeviceKey(Model):
    """The public half of a key pair that a phone made and whose other half never leaves it. Rows are never deleted."""

    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    device: Mapped[str] = mapped_column(primary_key=True)
    public_key: Mapped[str] = mapped_column(primary_key=True)  # base64url, see signatures.py
    sign_in: Mapped[str]  # hash of the token under which it was registered last
    added_at: Mapped[datetime] = mapped_column(Utc)
    revoked_at: Mapped[datetime | None] = mapped_column(Utc)


class Wipe(Model):
    """A phone that was cut off let go of what it read with. Its drafts can be opened again only on that very phone,
    by its owner's code, after a new sign-in: for that it left its lock here, of which the code is not a part."""

    person_id: Mapped[str] = mapped_column(primary_key=True)
    device: Mapped[str] = mapped_column(primary_key=True)
    wiped_at: Mapped[datetime] = mapped_column(Utc)
    lock: Mapped[str | None]


class FailedSignIn(Model):
    """Failed tries in one bucket (account and origin); delays grow by bucket, nobody is locked out."""

    bucket: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int]
    last_at: Mapped[datetime] = mapped_column(Utc)
