"""The ward's keys, read."""

from collections.abc import Iterable

from sqlalchemy import select

from app.db import db
from app.seals.models import SealKey


def private_halves(key_ids: Iterable[str]) -> dict[str, str]:
    """The private halves of keys to seal to, by id; old ones too."""
    wanted = select(SealKey.id, SealKey.private).where(SealKey.id.in_(list(key_ids)), SealKey.use == "seal")
    return {row.id: row.private for row in db.session.execute(wanted)}


def current(use: str) -> SealKey | None:
    """The key of this use that phones are told: the newest that a backup has."""
    wanted = select(SealKey).where(SealKey.use == use, SealKey.safe_at.is_not(None))
    # The identity never changes: the first one is it.
    order = SealKey.made_at.desc() if use == "seal" else SealKey.made_at
    return db.session.scalars(wanted.order_by(order, SealKey.id).limit(1)).first()


def all_keys() -> list[SealKey]:
    """Every key, the newest first."""
    return list(db.session.scalars(select(SealKey).order_by(SealKey.made_at.desc(), SealKey.id)))
