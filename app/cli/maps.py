"""A ward's map, given by command: `flask --app wsgi map load FILE --ward 00136`."""

from pathlib import Path

import click
from flask.cli import AppGroup

from app.db import transact
from app.i18n import t
from app.maps import queries, service
from app.problems import Problem
from app.units import queries as units
from app.units.models import Unit

maps = AppGroup("map", help="The map that a ward's phones and desk draw, as a PMTiles file (version 3).")


@maps.command("load")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--ward", "code", required=True, help="The ward's code, for example 00136.")
def load(file: Path, code: str) -> None:
    """Give the ward this file; phones offer it to be fetched with their next forms."""
    try:
        with transact():
            made = service.load(_ward(code), file)
            said = f"{made.look}, {made.size / 1e6:.1f} MB, {made.sha256[:12]}, {_corners(made.box)}"
    except Problem as problem:
        codes = ", ".join(t(f"desk.map.fault.{fault['code']}", "en") for fault in problem.fields)
        raise click.ClickException(f"{file.name}: {codes or problem.code}") from None
    service.sweep()
    click.echo(f"{units.heading(_ward(code))}: {said}")


@maps.command("remove")
@click.option("--ward", "code", required=True, help="The ward's code.")
def remove(code: str) -> None:
    """Take the ward's map away. Phones keep drawing what they fetched until their next forms."""
    with transact():
        had = service.remove(_ward(code))
    service.sweep()
    click.echo("Removed." if had else "There was none.")


@maps.command("list")
def listing() -> None:
    """Every ward of today with its map."""
    for ward in units.wards_under(_city().id):
        found = queries.map_of(ward.id)
        said = f"{found.look}, {found.size / 1e6:.1f} MB, {found.sha256[:12]}" if found else "no map"
        click.echo(f"{ward.code}  {ward.name:<20} {said}")


def _ward(code: str) -> Unit:
    found = next((unit for level in ("ward", "commune") if (unit := units.find(level, code))), None)
    if found is None:
        raise click.ClickException(f"No ward has the code {code} today.")
    return found


def _city() -> Unit:
    found = units.find("city", "01")
    if found is None:
        raise click.ClickException("No units yet: run `flask --app wsgi setup` first.")
    return found


def _corners(box: list[float]) -> str:
    return "{:.4f} {:.4f} – {:.4f} {:.4f}".format(*box)
