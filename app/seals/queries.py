"""The ward's keys, read."""

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import bindparam, select

from app.db import db
from app.seals.models import SealKey

_HALVES = select(SealKey.id, SealKey.private).where(
    SealKey.id.in_(bindparam("ids", expanding=True)), SealKey.use == "seal"
)

_SAFE = select(SealKey.id, SealKey.public, SealKey.private).where(SealKey.safe_at.is_not(None)).limit(1)
_CURRENT = {
    "seal": _SAFE.where(SealKey.use == "seal").order_by(SealKey.made_at.desc(), SealKey.id),
    # It never changes: the first one is it.
    "identity": _SAFE.where(SealKey.use == "identity").order_by(SealKey.made_at, SealKey.id),
}


class Told(NamedTuple):
    """A key that phones are told."""

    id: str
    public: str
    private: str


def private_halves(key_ids: Iterable[str]) -> dict[str, str]:
    """The private halves of keys to seal to, by id; old ones too."""
    return {row.id: row.private for row in db.session.connection().execute(_HALVES, {"ids": list(key_ids)})}


def current(use: str) -> Told | None:
    """The key of this use that phones are told: the newest that a backup has."""
    found = db.session.connection().execute(_CURRENT[use]).one_or_none()
    return None if found is None else Told(*found)


def all_keys() -> list[SealKey]:
    """Every key, the newest first."""
    return list(db.session.scalars(select(SealKey).order_by(SealKey.made_at.desc(), SealKey.id)))
