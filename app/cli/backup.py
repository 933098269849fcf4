"""Backups by command line: keys, making one, looking one over, bringing one back."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup, with_appcontext
from sqlalchemy import inspect

from app.backup import copies, files, sealing, service
from app.backup.restore import Restored, bring_photos
from app.backup.restore import restore as bring_back
from app.backup.rules import Manifest, Trouble
from app.cli import doctor
from app.cli.words import in_language, in_words
from app.clock import now
from app.config import Settings
from app.db import db, transact
from app.doctor import service as doctors
from app.doctor.rules import TODO
from app.i18n import formats, t
from app.photos import store as stores
from app.seals import service as seals
from app.shell import assets

backup = AppGroup("backup", help="Make and check backups.")


@backup.command("make")
@click.argument("folder", required=False, type=click.Path(file_okay=False, path_type=Path))
@click.option("--plain", is_flag=True, help="Do not encrypt. Whoever gets the file can read everything.")
@click.option("--keep", type=int, help="Remove good backups in the folder beyond the newest so many.")
@in_language
def make(folder: Path | None, plain: bool, keep: int | None, lang: str) -> None:
    """Back up into FOLDER, or the folder of the settings; safe while phones are sending."""
    settings: Settings = current_app.config["TO_AM"]
    with in_words(lang), _stoppable():
        keys = [] if plain else sealing.public_keys(settings.backup_keys)
        if not keys and not plain:
            raise Trouble("no_keys")
        store = None if settings.s3_bucket else stores.current()
        held = _seal_keys()
        made = service.make(settings.database_url, folder or settings.backups, keys, _version(), keep, store=store)
    if held:
        with transact():
            seals.mark_safe(held)
    _say_made(made, lang)
    if made.side.manifest.broken:
        click.echo(t("backup.made.broken", lang, wards=", ".join(made.side.manifest.broken)), err=True)
        raise click.exceptions.Exit(1)


@backup.command("check")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--key", type=click.Path(path_type=Path), help="The secret key's file; opens the backup to its last row.")
@in_language
def check(file: Path, key: Path | None, lang: str) -> None:
    """Look a backup over: from outside, and with the key from inside."""
    settings: Settings = current_app.config["TO_AM"]
    with in_words(lang), _stoppable():
        checked = service.check(file, key, copies.private_place(settings.database_url))
    if not checked.compared:
        click.echo(t("backup.checked.alone", lang, file=file.name))
    click.echo(t("backup.checked.opened" if checked.opened else "backup.checked.outside", lang))
    click.echo(t("backup.checked.holds", lang, **_holds(checked.manifest)))
    _say_photos(checked.manifest, lang)


@backup.command("photos")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--key", type=click.Path(path_type=Path), help="The secret key's file.")
@in_language
def bring(file: Path, key: Path | None, lang: str) -> None:
    """Bring back the photos alone, after a restore that had not got them. May be done again."""
    with in_words(lang), _stoppable():
        lost = bring_photos(file, key)
    click.echo(t("backup.restored.photos_lost" if lost else "backup.restored.photos", lang).format(count=lost))
    if lost:
        raise click.exceptions.Exit(1)


@backup.command("keys")
@click.option("--out", type=click.Path(path_type=Path), default="to-am-key.txt", show_default=True)
@in_language
def keys(out: Path, lang: str) -> None:
    """Make a pair of keys, on the machine of whoever will hold the secret half."""
    identity = sealing.new_identity()
    public = str(identity.to_public())
    text = f"# Tổ Ấm {now():%Y-%m-%d}\n# public key: {public}\n{identity}\n"
    try:
        files.write_private(out, text)
    except FileExistsError:
        raise click.ClickException(t("backup.keys.there", lang, file=out)) from None
    for word in ("made", "public"):
        click.echo(t(f"backup.keys.{word}", lang))
    click.echo(f"\n    {public}\n")
    for word in ("secret", "step1", "step2", "step3", "step4"):
        click.echo(t(f"backup.keys.{word}", lang).format(file=out))
    click.echo(t("backup.keys.two", lang))


@click.command("restore")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--key", type=click.Path(path_type=Path), help="The secret key's file.")
@click.option("--end-sign-ins", is_flag=True, help="Phones have to sign in again too, with new codes.")
@in_language
@with_appcontext
def restore(file: Path, key: Path | None, end_sign_ins: bool, lang: str) -> None:
    """Bring a backup back, into an empty database only."""
    with in_words(lang), _stoppable():
        restored = bring_back(file, key, end_sign_ins=end_sign_ins)
    _say_restored(restored, end_sign_ins, files.is_sealed(file), lang)
    click.echo()
    findings = list(doctors.examine(full=True, against=restored.manifest))
    doctor.say(findings, lang)
    if any(one.state == TODO and one.check in doctors.OF_THE_DATABASE for one in findings):
        raise click.exceptions.Exit(1)


def _seal_keys() -> list[str]:
    """The keys to which phones seal that this backup will have first; a server without any gets its first ones."""
    if not inspect(db.engine).has_table("seal_key"):  # a database that was not set up to this version yet
        return []
    with transact():
        seals.ensure_keys()
        return seals.unsafe()


def _say_made(made: service.Made, lang: str) -> None:
    side = made.side
    click.echo(t("backup.made", lang, file=made.path, size=formats.number(round(side.bytes / 1e6, 1))))
    click.echo(t("backup.made.checked", lang))
    click.echo(t("backup.made.holds", lang, **_holds(side.manifest)))
    _say_photos(side.manifest, lang, made.new_photos)
    if side.keys:
        click.echo(t("backup.made.keys", lang, keys=", ".join(side.keys)))
    if len(side.keys) < 2:
        click.echo(t("backup.made.one_key" if side.keys else "backup.made.plain", lang))
    for word, names in (("pruned", made.pruned), ("damaged", made.damaged)):
        if names:
            click.echo(t(f"backup.made.{word}", lang).format(files=", ".join(names)))


def _say_photos(manifest: Manifest | None, lang: str, new: int | None = None) -> None:
    told = manifest.photos if manifest else None
    if told is None or not told.count:
        return
    if not told.place:
        click.echo(t("backup.photos.s3", lang).format(count=formats.number(told.count)))
        return
    click.echo(t("backup.photos.beside", lang).format(count=formats.number(told.count), folder=f"photos/{told.place}"))
    if new is not None:
        click.echo(t("backup.photos.new", lang).format(count=formats.number(new)))
    if told.lacking:
        click.echo(t("backup.photos.lacking", lang).format(count=formats.number(told.lacking)), err=True)


def _say_restored(restored: Restored, end_sign_ins: bool, sealed: bool, lang: str) -> None:
    holds = _holds(restored.manifest)
    click.echo(t("backup.restored", lang, **holds))
    click.echo(t("backup.restored.revoke", lang, **holds))
    click.echo(t("backup.restored.lost", lang, **holds))
    click.echo(t("backup.restored.phones", lang))
    click.echo(t("backup.restored.sign_ins.all" if end_sign_ins else "backup.restored.sign_ins.desk", lang))
    if restored.lost_photos:
        lost = formats.number(restored.lost_photos)
        click.echo(t("backup.restored.photos_lost", lang).format(count=lost), err=True)
    if not sealed:
        click.echo(t("backup.restored.plain", lang))


def _holds(manifest: Manifest | None) -> dict[str, object]:
    if manifest is None:
        return {}
    rows = {name: formats.number(one.rows) for name, one in manifest.tables.items()}
    return {
        "made": formats.moment(datetime.fromisoformat(manifest.made)),
        "people": rows.get("person", "0"),
        "records": rows.get("record", "0"),
        "changes": rows.get("change", "0"),
    }


def _version() -> str:
    """The build that the phones get from this server."""
    return Path(assets().get("app.js", "app-unbuilt.js")).stem.partition("-")[2]


@contextmanager
def _stoppable() -> Iterator[None]:
    """Told to stop, a command still removes its unencrypted copies."""

    def stop(number: int, _: object) -> None:
        raise SystemExit(128 + number)

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
