"""Bringing a database up: tables and administrative units. Safe to repeat."""

import click
from flask import current_app
from flask.cli import with_appcontext
from flask_migrate import upgrade

from app.db import transact
from app.seals import service as seals
from app.units import service


@click.command("setup")
@with_appcontext
def setup() -> None:
    """Create or upgrade the tables, then load the official units."""
    upgrade()
    _load()
    with transact():
        seals.ensure_keys()
        if not current_app.config["TO_AM"].production:  # a demo has no backups, and nothing to lose
            seals.mark_safe(seals.unsafe())


@click.command("units")
@with_appcontext
def units() -> None:
    """Load the official list of units again, after it was corrected."""
    _load()


def _load() -> None:
    with transact():
        added = service.load_units()
    click.echo(f"Units: {added} new.")
