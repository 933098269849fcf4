"""The ward's keys, read."""

from collections.abc import Iterable

from sqlalchemy import bindparam, select

from app.db import db
from app.seals.models import SealKey

_HALVES = select(SealKey.id, SealKey.private).where(
    SealKey.id.in_(bindparam("ids", expanding=True)), SealKey.use == "seal"
)


def private_halves(key_ids: Iterable[str]) -> dict[str, str]:
    """The private halves of keys to seal to, by id; old ones too."""
    return {row.id: row.private for row in db.session.connection().execute(_HALVES, {"ids": list(key_ids)})}


def current(use: str) -> SealKey | None:
    """The key of this use that phones are told: the newest that a backup has."""
    wanted = select(SealKey).where(SealKey.use == use, SealKey.safe_at.is_not(None))
    # The identity never changes: the first one is it.
    order = SealKey.made_at.desc() if use == "seal" else SealKey.made_at
    return db.session.scalars(wanted.order_by(order, SealKey.id).limit(1)).first()


def all_keys() -> list[SealKey]:
    """Every key, the newest first."""
    return list(db.session.scalars(select(SealKey).order_by(SealKey.made_at.desc(), SealKey.id)))
