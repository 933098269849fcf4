"""Is this server fit to keep a ward's records? Every check is one finding. Reads only."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from alembic.script import ScriptDirectory
from flask import current_app
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.exc import DatabaseError, OperationalError

from app.arrivals.rules import SILENT_AFTER
from app.at_rest import service as sealed
from app.at_rest.keys import NoKey
from app.at_rest.queries import generations
from app.at_rest.sealing import keyring
from app.backup import copies, files, photos, sealing
from app.backup import queries as backups
from app.backup.rules import Manifest, Trouble, shrunk
from app.backup.workplace import left_behind
from app.clock import now, today
from app.config import Settings
from app.db import db
from app.doctor import queries, rules
from app.doctor.rules import OK, TODO, Finding
from app.maps import queries as maps
from app.operations import queries as sums
from app.photos import store as stores
from app.records.audit import Audit
from app.records.chain import read_head
from app.shell import assets

# The checks that say whether the database itself is whole.
OF_THE_DATABASE = frozenset({"reach", "library", "durability", "schema", "integrity", "chain", "against"})


_LATEST_PHOTOS = 100


def examine(*, full: bool, against: Manifest | None) -> Iterator[Finding]:
    """The findings, in a fixed order. `full` reads everything; `against` compares with what a backup held."""
    settings: Settings = current_app.config["TO_AM"]
    try:
        with db.engine.connect() as connection:
            yield from _database(connection, settings, full=full, against=against)
    except OperationalError as error:
        yield Finding("reach", TODO, "down", {"found": type(error).__name__})
    except DatabaseError as error:
        yield Finding("integrity", TODO, "damaged", {"found": str(error.orig)[:300]})
    db.session.rollback()
    yield from _backups(settings, full=full)
    yield rules.settings(production=settings.production, readable=_readable(settings), proxies=settings.proxies)
    yield rules.origin(settings.public_origin, production=settings.production)
    yield Finding("shell", OK) if "app.js" in assets() else Finding("shell", TODO, "missing")


def _database(connection: Connection, settings: Settings, *, full: bool, against: Manifest | None) -> Iterator[Finding]:
    kind = connection.dialect.name
    yield Finding("reach", OK, facts={"kind": rules.NAMES[kind]})
    yield rules.library(kind, queries.version(connection))
    yield rules.durability(kind, queries.durability(connection))
    head = ScriptDirectory(current_app.extensions["migrate"].directory).get_current_head()
    fits = rules.schema(backups.revision(connection), head or "")
    yield fits
    if fits.state != OK:
        return  # the other checks speak of tables that may not be there
    if full:
        yield _integrity(connection)
    yield _chain(connection, full=full)
    if against:
        yield _against(connection, against)
    yield rules.counted("gaps", queries.phones_with_losses(connection))
    yield rules.counted("quarantine", queries.changes_that(connection, "quarantined", now()))
    yield rules.seals(queries.seal_keys(connection), now())
    yield rules.counted("held", queries.changes_that(connection, "held", now() - timedelta(days=1)))
    yield rules.counted("silent", sums.silent_with_work(connection, now() - SILENT_AFTER))
    yield rules.counted("uploads", queries.photos_stuck(connection, now() - SILENT_AFTER))
    yield rules.administrators(queries.administrators(connection, today()))
    yield rules.counted("placed", queries.at_ended_units(connection, today()))
    yield from _store(connection, full=full)
    yield from _keyfile(connection, settings, full=full)
    yield rules.maps([ward for ward, address in queries.maps(connection) if not maps.path_of(address).exists()])
    yield rules.clock(now(), queries.clock(connection), queries.newest_change(connection))
    yield rules.room(shutil.disk_usage(copies.private_place(settings.database_url)).free, queries.size(connection))


def _keyfile(connection: Connection, settings: Settings, *, full: bool) -> Iterator[Finding]:
    names, file = set(keyring().generations), settings.keys
    near = {copies.private_place(settings.database_url).resolve(), settings.backups.resolve()}
    is_open = file.exists() and bool(file.stat().st_mode & 0o077)
    is_near = settings.production and not near.isdisjoint(file.resolve().parents)
    yield rules.keyfile(names, generations(connection), readable=is_open, beside=is_near)
    if names:
        yield rules.counted("sealed", sum(sealed.left(full=full).values()))


def _store(connection: Connection, *, full: bool) -> Iterator[Finding]:
    if not stores.current().is_ready():
        yield Finding("store", TODO, "away")
        return
    yield Finding("store", OK)
    yield _pictures(connection, full=full)


def _pictures(connection: Connection, *, full: bool) -> Finding:
    store = stores.current()
    addresses = queries.pictures(connection, None if full else _LATEST_PHOTOS)
    is_there = photos.is_whole if full else photos.is_there
    lost = sum(1 for address in addresses if not is_there(store, address))
    return rules.pictures(len(addresses), lost, full=full)


def _integrity(connection: Connection) -> Finding:
    found = queries.damage(connection)
    return (
        Finding("integrity", TODO, "damaged", {"found": "; ".join(found)[:300]}) if found else Finding("integrity", OK)
    )


def _chain(connection: Connection, *, full: bool) -> Finding:
    if full:
        try:
            findings = sum(1 for _ in Audit().findings())
        except NoKey:
            return Finding("chain", TODO, "shut")
        return Finding("chain", TODO, "rewritten", {"count": findings}) if findings else Finding("chain", OK, "all")
    loose = queries.loose_chains(connection)
    return Finding("chain", TODO, "rewritten", {"count": len(loose)}) if loose else Finding("chain", OK)


def _against(connection: Connection, manifest: Manifest) -> Finding:
    """Everything that the backup held is still in the history, and no table that only grows has shrunk."""
    facts: dict[str, object] = {"made": manifest.made}
    heads = {ward: read_head(head) for ward, head in manifest.chains.items()}
    gone = [ward for ward, head in heads.items() if head is None or not backups.has_link(connection, ward, head)]
    if gone:
        return Finding("against", TODO, "rewritten", {**facts, "wards": ", ".join(gone)})
    fewer = shrunk(manifest.tables, backups.counts(connection))
    if fewer:
        tables = ", ".join(f"{name} {then} → {here}" for name, (then, here) in fewer.items())
        return Finding("against", TODO, "fewer", {**facts, "tables": tables})
    restored = manifest.epoch not in (None, backups.setting(connection, "epoch"))
    return Finding("against", OK, "restored" if restored else "ok", facts)


def _backups(settings: Settings, *, full: bool) -> Iterator[Finding]:
    try:
        count = len(sealing.public_keys(settings.backup_keys))
        yield rules.keys(count, production=settings.production)
    except Trouble as trouble:
        yield Finding("keys", TODO, "unreadable", trouble.values)
    made, damaged = _newest(settings.backups, full=full)
    if damaged:
        yield Finding("backup", TODO, "damaged", {"files": ", ".join(damaged)})
    yield rules.newest_backup(made, now(), production=settings.production)
    place = copies.private_place(settings.database_url)
    if left_behind(place):
        yield Finding("leftover", TODO, "some", {"folder": str(place)})


def _newest(folder: Path, *, full: bool) -> tuple[datetime | None, list[str]]:
    """When the newest good backup was made; the names of those that are not good. In full every byte is read."""
    made: list[str] = []
    damaged = []
    for path in files.listed(folder):
        try:
            side = files.check_outside(path) if full else files.side_of(path)
        except Trouble:
            side = None
        if side is None or side.bytes != path.stat().st_size:
            damaged.append(path.name)
        else:
            made.append(side.manifest.made)
    return (datetime.fromisoformat(max(made)).astimezone(UTC) if made else None), damaged


def _readable(settings: Settings) -> str | None:
    """The SQLite database's file, when others on this machine can read it."""
    if copies.kind_of(settings.database_url) != "sqlite":
        return None
    path = Path(str(make_url(settings.database_url).database))
    closed = not path.exists() or not path.stat().st_mode & 0o077 or not path.parent.stat().st_mode & 0o077
    return None if closed else str(path)
