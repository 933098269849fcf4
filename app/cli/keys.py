"""The keys that records of children are kept under: make a file, add a generation, bring all rows under it."""

from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext

from app.at_rest import keys as files
from app.at_rest import service


@click.group("keys")
def keys() -> None:
    """Keys of what is stored about children. Keep a copy apart from database and backups: without it nothing opens."""


@keys.command("make")
@click.argument("file", type=click.Path(path_type=Path), required=False)
@with_appcontext
def make(file: Path | None) -> None:
    """Write a first key FILE, or that of TO_AM_KEY_FILE. One that is there is left alone."""
    file = file or current_app.config["TO_AM"].keys
    files.make(file)
    click.echo(f"{file}: {len(files.read(file).generations)} generation(s).")


@keys.command("new")
@with_appcontext
def new() -> None:
    """Put a new generation before the others; running servers seal under it at once. Then `flask keys reseal`."""
    name = files.add(current_app.config["TO_AM"].keys)
    click.echo(f"New generation {name}. Copy the file apart, then run: flask --app wsgi keys reseal")


@keys.command("reseal")
@with_appcontext
def reseal() -> None:
    """Bring every row under the newest generation, also those from before rows were sealed. May be broken off."""
    written: dict[str, int] = {}
    for table, count in service.reseal():
        written[table] = written.get(table, 0) + count
    click.echo(f"Written anew: {written or 'nothing'}")
    if written and not service.sweep():
        click.echo("What was overwritten lies in PostgreSQL's files until a VACUUM FULL.")
    click.echo(f"Not under the newest key: {service.left()}")
