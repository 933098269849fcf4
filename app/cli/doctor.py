"""The server's doctor: what is well, what to look at, what to do. Exits with 1 when something has to be done."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

import click
from flask.cli import with_appcontext

from app.backup import files, rules
from app.backup.rules import Manifest, Trouble
from app.cli.words import in_language, in_words
from app.doctor import service
from app.doctor.rules import OK, TODO, Finding
from app.i18n import t


@click.command("doctor")
@click.option("--full", is_flag=True, help="Read everything: every page, row, link and backup.")
@click.option(
    "--against", type=click.Path(path_type=Path), help="A backup, or the manifest beside one, to compare with."
)
@click.option("--json", "as_json", is_flag=True, help="For machines.")
@in_language
@with_appcontext
def doctor(full: bool, against: Path | None, as_json: bool, lang: str) -> None:
    """Look the server over: database, history, phones, clock, disk, backups, settings."""
    with in_words(lang):
        manifest = told_by(against) if against else None
    findings = list(service.examine(full=full, against=manifest))
    if as_json:
        click.echo(json.dumps([_as_json(one, lang) for one in findings], ensure_ascii=False, indent=1))
    else:
        say(findings, lang)
    sys.exit(1 if any(one.state == TODO for one in findings) else 0)


def say(findings: Sequence[Finding], lang: str) -> None:
    """Each finding on a line, and under it what to do."""
    for one in findings:
        click.echo(f"{t(f'doctor.{one.state}', lang):<9}{_words(one, lang)}")
        if one.state != OK:
            click.echo(f"{'':<9}→ {_next(one, lang)}")
    left = sum(one.state == TODO for one in findings)
    click.echo(t("doctor.end.todo" if left else "doctor.end.ok", lang).format(count=left))


def told_by(path: Path) -> Manifest:
    """The manifest of a backup, or of the file beside one. Raises Trouble."""
    if path.name.endswith(rules.SIDE):
        path = path.with_name(path.name.removesuffix(rules.SIDE))
    side = files.side_of(path)
    if side is None:
        raise Trouble("no_file", file=str(files.beside(path)))
    return side.manifest


def _words(one: Finding, lang: str) -> str:
    return t(f"doctor.{one.check}.{one.word}", lang).format(**one.facts)


def _next(one: Finding, lang: str) -> str:
    return t(f"doctor.{one.check}.{one.word}.next", lang).format(**one.facts)


def _as_json(one: Finding, lang: str) -> dict[str, object]:
    given: dict[str, object] = {"check": one.check, "state": one.state, "word": one.word, "facts": dict(one.facts)}
    given["words"] = _words(one, lang)
    return given if one.state == OK else {**given, "next": _next(one, lang)}
