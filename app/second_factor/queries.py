"""Who has a second factor."""

from datetime import timedelta

from flask import current_app
from sqlalchemy import func, select

from app.db import db
from app.identity.models import Person
from app.passkeys import queries as passkeys
from app.second_factor.models import RecoveryCode, SecondFactor


def standing(person_id: str) -> SecondFactor | None:
    """The person's app, if a first right code has confirmed it."""
    found = db.session.get(SecondFactor, person_id)
    return found if found is not None and found.confirmed_at is not None else None


def has_one(person_id: str) -> bool:
    """Whether the passphrase alone no longer opens the desk: there is an app, or a passkey."""
    return standing(person_id) is not None or passkeys.has_any(person_id)


def codes_left(person_id: str) -> int:
    """How many recovery codes still work."""
    wanted = select(func.count()).select_from(RecoveryCode).where(RecoveryCode.person_id == person_id)
    return db.session.scalar(wanted.where(RecoveryCode.used_at.is_(None))) or 0


def days() -> int:
    """The grace, in days; below 0 nobody is asked."""
    return int(current_app.config["TO_AM"].second_factor_days)


def due_on(person_id: str) -> str | None:
    """The day (ISO) from which the person may do nothing more without one; None when nobody is asked."""
    person = db.session.get(Person, person_id)
    if person is None or days() < 0:
        return None
    return (person.created_at + timedelta(days=days())).date().isoformat()
