"""Is everything that phones sent and officers decided still there, unchanged? Exits with 1 when not."""

import sys

import click
from flask.cli import with_appcontext

from app.db import db
from app.records.audit import Audit
from app.records.chain import Head, read_head
from app.units import queries as units
from app.units.rules import WARD_LEVELS


@click.command("verify")
@click.option("--witness", help="A head that somebody noted, <no>:<hash>: is it still part of the chain?")
@click.option("--ward", "ward_code", help="The code of the witness's ward, for example 00136.")
@with_appcontext
def verify(witness: str | None, ward_code: str | None) -> None:
    """Compare every ward's log chain with itself and with the rows it speaks of."""
    audit, found = Audit(), 0
    for finding in audit.findings(_witnesses(witness, ward_code)):
        found += 1
        where = "" if finding.ward_id is None else f"{units.path(finding.ward_id)}: "
        click.echo(f"{where}{finding.words}")
    for ward_id, head in audit.heads.items():
        click.echo(f"{units.path(ward_id)}: {head.no} links, head {head.text()}")
    db.session.rollback()
    click.echo(f"{found} findings." if found else "Everything fits.")
    sys.exit(1 if found else 0)


def _witnesses(witness: str | None, ward_code: str | None) -> list[tuple[int, Head]]:
    if witness is None:
        return []
    head = read_head(witness)
    if head is None:
        raise click.ClickException("A witness looks like 207:9f86d081… with all 64 letters and digits of its hash.")
    ward = next((unit for level in WARD_LEVELS if (unit := units.find(level, ward_code or ""))), None)
    if ward is None:
        raise click.ClickException("--ward must name the ward of the witness by its code, for example 00136.")
    return [(ward.id, head)]
