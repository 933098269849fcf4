"""Whether this server can take in work now, and how things stand in it."""

import shutil
from datetime import timedelta
from functools import cache

from alembic.script import ScriptDirectory
from flask import current_app
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from app.arrivals.rules import SILENT_AFTER
from app.backup import copies, files
from app.backup import queries as backups
from app.clock import now
from app.config import Settings
from app.db import db
from app.doctor import queries as doctor
from app.operations import queries, rules
from app.photos import store as stores

_AWAY = (DBAPIError, NoConnectionFree, OSError)
Figures = dict[str, tuple[str, float]]


def not_ready() -> list[str]:
    """What keeps this server from taking in records: database, schema or disk. Empty: nothing."""
    failed = []
    try:
        with db.engine.connect() as connection:
            if backups.revision(connection) != _head(current_app.extensions["migrate"].directory):
                failed.append("schema")
    except _AWAY:
        failed.append("database")
    if _free() < rules.LEAST_ROOM:
        failed.append("disk")
    return failed


def limited() -> list[str]:
    """What does not work and keeps no record out: photos wait on their phones until their store is back."""
    return [] if stores.current().is_ready() else ["photos"]


def standing() -> Figures:
    """Figures of this moment, name -> (what it is, value)."""
    figures: Figures = {
        "ready": ("1 when records can be taken in.", 0 if not_ready() else 1),
        "photo_store_ready": ("1 when photos can be taken in.", 0 if limited() else 1),
        "disk_free_bytes": ("Free on the database's disk.", _free()),
    }
    newest = _newest_backup()
    if newest is not None:
        figures["backup_age_seconds"] = ("Since the newest backup was written.", newest)
    try:
        with db.engine.connect() as connection:
            figures |= _of_database(connection)
    except _AWAY:
        pass  # `ready` says it
    return figures


def _of_database(connection: Connection) -> Figures:
    moment = now()
    return {
        "database_bytes": ("The database's size.", doctor.size(connection)),
        "records_waiting": ("Records that wait for an officer's look.", queries.waiting(connection)),
        "quarantined": ("Changes that could not be taken.", doctor.changes_that(connection, "quarantined", moment)),
        "held_over_a_day": (
            "Changes that have waited a day for another one.",
            doctor.changes_that(connection, "held", moment - timedelta(days=1)),
        ),
        "phones_with_losses": ("Phones with numbers that never came.", doctor.phones_with_losses(connection)),
        "phones_silent_with_work": (
            "Phones with unsent work, not heard for three days.",
            queries.silent_with_work(connection, moment - SILENT_AFTER),
        ),
        "unsent": ("Changes that phones said they still have.", queries.unsent(connection)),
        "photos_on_their_way": ("Photos of which not all has come.", queries.photos_on_their_way(connection)),
    }


def _free() -> int:
    settings: Settings = current_app.config["TO_AM"]
    return shutil.disk_usage(copies.private_place(settings.database_url)).free


def _newest_backup() -> float | None:
    settings: Settings = current_app.config["TO_AM"]
    written = [path.stat().st_mtime for path in files.listed(settings.backups)]
    return now().timestamp() - max(written) if written else None


@cache
def _head(folder: str) -> str:
    return ScriptDirectory(folder).get_current_head() or ""
