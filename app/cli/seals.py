"""The keys to which phones seal: `flask --app wsgi seal list`, `flask --app wsgi seal rotate`."""

import json
from pathlib import Path

import click
from flask.cli import AppGroup

from app.db import transact
from app.seals import queries, service
from app.sync.envelopes import is_entry, sent_of

seals = AppGroup("seal", help="The ward's keys to which phones seal what is finished.")


@seals.command("list")
def listing() -> None:
    """Every key, the newest first. The private halves are never shown; backups have them."""
    now_told = {told.id for use in ("identity", "seal") if (told := queries.current(use))}
    for key in queries.all_keys():
        state = "phones are told of it" if key.id in now_told else "opens what was sealed to it before"
        state = state if key.safe_at else "waits for a backup"
        click.echo(f"{key.id}  {key.use:<8}  {key.made_at:%Y-%m-%d %H:%M}  {state}")
    if not now_told:
        click.echo("Phones send unsealed until a backup has the keys: run `flask --app wsgi backup make`.")


@seals.command("drafts")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def drafts(file: Path) -> None:
    """Print the unfinished forms in a sealed packet: they are for people to read, and never taken in."""
    found = json.loads(file.read_text(encoding="utf-8")).get("drafts", [])
    for one in found:
        text = service.opened([sent_of(one)])[0].body if is_entry(one) else json.dumps(one, ensure_ascii=False)
        click.echo(text)
    click.echo(f"{len(found)} unfinished forms.")


@seals.command("rotate")
@click.option("--now", "at_once", is_flag=True, help="Do not wait for a backup: the old key was stolen.")
def rotate(at_once: bool) -> None:
    """Make a new key. Phones are told of it after the next backup; old ones go on opening what was sealed to them."""
    with transact():
        service.ensure_keys()
        key_id = service.rotate().id
        if at_once:
            service.mark_safe([key_id])
    click.echo(f"Made {key_id}.")
    if at_once:
        click.echo(
            "Phones seal to it from now on. Make a backup NOW: without it, losing this server loses their reports."
        )
    else:
        click.echo("Phones seal to it after the next `flask --app wsgi backup make`.")
