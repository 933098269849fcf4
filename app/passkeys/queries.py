"""Whose passkeys there are."""

from flask import current_app
from sqlalchemy import select

from app.db import db
from app.passkeys import rules
from app.passkeys.models import Passkey
from app.passkeys.webauthn import Site


def site() -> Site | None:
    """Where passkeys belong; None where the address of the settings allows of none."""
    origin = str(current_app.config["TO_AM"].public_origin)
    name = rules.site_of(origin)
    return Site(name, origin) if name else None


def of(person_id: str) -> list[Passkey]:
    """The person's passkeys, the oldest first."""
    return list(db.session.scalars(select(Passkey).where(Passkey.person_id == person_id).order_by(Passkey.id)))


def has_any(person_id: str) -> bool:
    """Whether the person has one. One that was copied counts: the passphrase must not open the desk because of it."""
    return db.session.scalars(select(Passkey.id).where(Passkey.person_id == person_id).limit(1)).first() is not None


def that_open(person_id: str) -> list[str]:
    """The credentials of the passkeys that a browser may be asked for."""
    return [one.credential for one in of(person_id) if one.copied_at is None]


def id_of(credential: str) -> tuple[int, str] | None:
    """The row of a credential and its person."""
    wanted = select(Passkey.id, Passkey.person_id).where(Passkey.credential == credential)
    found = db.session.execute(wanted).first()
    return (found.id, found.person_id) if found else None
