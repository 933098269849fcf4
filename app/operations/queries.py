"""Sums over everything, for figures that name nobody."""

from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.engine import Connection

from app.photos.models import Photo
from app.records.models import Record
from app.review.rules import WAITING
from app.sync.models import DeviceState


def waiting(connection: Connection) -> int:
    """Records that wait for an officer's look."""
    return _count(connection, select(func.count()).select_from(Record).where(Record.status.in_(WAITING)))


def unsent(connection: Connection) -> int:
    """Changes that phones said they still had to send, when they were heard last."""
    return int(connection.execute(select(func.coalesce(func.sum(DeviceState.unsent), 0))).scalar_one())


def silent_with_work(connection: Connection, since: datetime) -> int:
    """Phones that had something to send and have not been heard since that moment."""
    wanted = select(func.count()).select_from(DeviceState)
    return _count(connection, wanted.where(DeviceState.unsent > 0, DeviceState.last_seen <= since))


def photos_on_their_way(connection: Connection) -> int:
    """Photos of which not all has come."""
    return _count(connection, select(func.count()).select_from(Photo).where(Photo.state == "receiving"))


def _count(connection: Connection, wanted: Select[Any]) -> int:
    return int(connection.execute(wanted).scalar_one())
