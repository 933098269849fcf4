"""Bringing a backup back: only into an empty place, all of it or nothing, under a new epoch."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from alembic.script import ScriptDirectory
from flask import current_app
from flask_migrate import upgrade
from sqlalchemy import MetaData, select, text
from sqlalchemy.engine import create_engine, make_url

from app.at_rest import sealing as at_rest
from app.backup import copies, files, photos, postgres, queries, sealing, sqlite
from app.backup.rules import CHANGED_BY_RESTORE, Manifest, Trouble, differences, life
from app.backup.service import open_into
from app.backup.workplace import workplace
from app.clock import now
from app.db import db, engine_options, transact
from app.photos import store as stores
from app.records import ledger
from app.records.models import Ward
from app.records.service import ensure_epoch
from app.seals import service as seals
from app.sync import service as sync


@dataclass(frozen=True)
class Restored:
    """What came back, and the epoch under which it lives on."""

    manifest: Manifest
    epoch: str
    lost_photos: int  # pictures that its rows name and that are not there


def restore(path: Path, keyfile: Path | None, *, end_sign_ins: bool) -> Restored:
    """Bring a backup into this application's empty database. Raises Trouble; then the database is as it was.

    Its epoch goes, so that phones offer again what they sent; desks and unused codes are signed out,
    phones too with `end_sign_ins`.
    """
    url = str(current_app.config["SQLALCHEMY_DATABASE_URI"])
    side = files.check_outside(path)
    if files.is_sealed(path) and keyfile is None:
        raise Trouble("key_needed")
    identities = sealing.read_identities(keyfile) if keyfile else []
    with workplace(copies.private_place(url), path.stat().st_size * 3) as work:
        _refuse_used(url)
        manifest, data = open_into(path, identities, work, side)
        _refuse_foreign(manifest, url)
        # First: nothing names them yet, and a restore that dies is done again.
        lost = _pictures(path, manifest, data, identities, work)
        _put_in_place(manifest, data, url, _afterwards(manifest, end_sign_ins))
        _compare(manifest, url)
    if manifest.schema is not None:
        upgrade()
    return Restored(manifest, _begin_again(manifest), lost)


def bring_photos(path: Path, keyfile: Path | None) -> int:
    """The pictures of a backup alone, for a server that was restored without them; how many are still missing."""
    side = files.check_outside(path)
    if files.is_sealed(path) and keyfile is None:
        raise Trouble("key_needed")
    identities = sealing.read_identities(keyfile) if keyfile else []
    url = str(current_app.config["SQLALCHEMY_DATABASE_URI"])
    with workplace(copies.private_place(url), path.stat().st_size * 3) as work:
        manifest, data = open_into(path, identities, work, side)
        return _pictures(path, manifest, data, identities, work)


def _pictures(path: Path, manifest: Manifest, data: Path, identities: Sequence[sealing.Identity], work: Path) -> int:
    """A lost picture stops nothing: reports come first, and it is told."""
    if manifest.photos is None or not manifest.photos.place:
        return 0
    addresses = copies.pictures_in(manifest, data)
    return len(photos.bring_back(path, manifest.photos, addresses, identities, stores.current(), work))


def _refuse_used(url: str) -> None:
    """Early and with numbers. The engines look again, under their own lock."""
    if copies.kind_of(url) == "sqlite" and not Path(str(make_url(url).database)).exists():
        return
    with db.engine.connect() as connection:
        used = queries.in_use(connection)
    db.engine.dispose()
    if used:
        raise Trouble("not_empty", found=", ".join(f"{name} {count}" for name, count in used.items()))


def _refuse_foreign(manifest: Manifest, url: str) -> None:
    if manifest.database != copies.kind_of(url):
        raise Trouble("other_database", theirs=manifest.database, ours=copies.kind_of(url))
    steps = ScriptDirectory(current_app.extensions["migrate"].directory).walk_revisions()
    if manifest.schema is not None and manifest.schema not in {step.revision for step in steps}:
        raise Trouble("newer_schema", schema=manifest.schema)
    # Before anything is in place: without its keys nothing of it could be read, and nobody would know why.
    lacking = set(manifest.data_keys) - set(at_rest.keyring().generations)
    if lacking:
        raise Trouble("no_data_key", names=", ".join(sorted(lacking)), file=current_app.config["TO_AM"].keys)


def _afterwards(manifest: Manifest, end_sign_ins: bool) -> list[str]:
    """What becomes of the data before anybody can see it, in the words of both databases."""
    moment = f"'{now():%Y-%m-%d %H:%M:%S.%f}{'' if manifest.database == 'sqlite' else '+00'}'"
    ended = "" if end_sign_ins else " AND door = 'desk'"
    done = (
        ("setting", "DELETE FROM setting WHERE name IN ('epoch', 'life')"),
        ("setting", f"INSERT INTO setting (name, value) VALUES ('life', '{life(now())}')"),
        ("sign_in", f"UPDATE sign_in SET revoked_at = {moment} WHERE revoked_at IS NULL{ended}"),
        ("sign_in_code", f"UPDATE sign_in_code SET expires_at = {moment} WHERE used_at IS NULL"),
    )
    return [statement for table, statement in done if table in manifest.tables]


def _put_in_place(manifest: Manifest, data: Path, url: str, afterwards: list[str]) -> None:
    if manifest.database == "sqlite":
        with sqlite.opened(data) as connection:
            for statement in afterwards:
                connection.execute(text(statement))
        sqlite.put_in_place(data, Path(str(make_url(url).database)))
    else:
        rows = {name: one.rows for name, one in manifest.tables.items() if name not in CHANGED_BY_RESTORE}
        postgres.put_in_place(data, url, rows, afterwards)


def _compare(manifest: Manifest, url: str) -> None:
    """Every row of the restored database against the manifest. One that differs is emptied again: never a half."""
    engine = create_engine(url, **engine_options(url))
    try:
        with engine.connect() as connection:
            differing = set(differences(manifest.tables, queries.prints(connection))) - CHANGED_BY_RESTORE
            broken = set(queries.chains(connection).broken()) - set(manifest.broken)
        if differing or broken:
            found = MetaData()
            found.reflect(engine)
            found.drop_all(engine)
            raise Trouble("not_as_told", tables=", ".join(sorted(differing)) or "link")
    finally:
        engine.dispose()


def _begin_again(manifest: Manifest) -> str:
    """A new epoch; the restore is noted in every ward's chain."""
    with transact():
        epoch = ensure_epoch()
        seals.mark_safe(seals.unsafe())  # they came out of a backup
        for ward_id in db.session.scalars(select(Ward.ward_id).order_by(Ward.ward_id)):
            ledger.note(ward_id, "restored", made=manifest.made, backup=manifest.data_sha256, epoch=epoch)
        sync.release_all()
    return epoch
