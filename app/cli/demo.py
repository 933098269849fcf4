"""A small ward to try everything with: people, groups, children and a few records. Never in production."""

import click
from flask import current_app
from flask.cli import with_appcontext

from app.db import transact
from app.identity import queries, service
from app.units import queries as units
from app.units import service as unit_service

PASSPHRASE = "nang am hien nha 7"
# (name, number, role, ward, group)
CAST = (
    ("Nguyễn Thị Lan", "+84912000007", "collaborator", "00136", "7"),
    ("Đỗ Thị Hoa", "+84912000003", "collaborator", "00136", "7"),
    ("Lê Quốc Tuấn", "+84912000009", "collaborator", "00127", "2"),
    ("Trần Văn Minh", "+84912000001", "officer", "00136", None),
    ("Phạm Thu Hà", "+84912000002", "leader", "00136", None),
    ("Vũ Đức Anh", "+84912000000", "admin", "01", None),
)
GROUPS = {"00136": ("3", "7", "12"), "00127": ("2",)}
DUTY_NUMBERS = {"00136": "+842438750136", "00127": "+842438750127"}


@click.command("demo")
@with_appcontext
def demo() -> None:
    """Make the demo ward, once, and print who can sign in."""
    if current_app.config["TO_AM"].production:
        raise click.ClickException("A demo has a passphrase that everybody knows: never in production.")
    if queries.person_by_phone(CAST[0][1]) is None:
        _wards()
        _people()
    _print_cast()


def _wards() -> None:
    with transact():
        for code, names in GROUPS.items():
            ward = units.find("ward", code)
            if ward is None:
                raise click.ClickException("No units yet: run `flask --app wsgi setup` first.")
            unit_service.set_phone(ward, DUTY_NUMBERS[code])
            known = {group.name for group in units.groups_of([ward.id])}
            for name in names:
                if name not in known:
                    unit_service.add_group(ward.id, name, ward.valid_from)


def _people() -> None:
    with transact():
        for name, phone, role, code, group in CAST:
            unit = units.find("city" if code == "01" else "ward", code)
            if unit is not None and group is not None:
                unit = next(found for found in units.groups_of([unit.id]) if found.name == group)
            if unit is None:
                raise click.ClickException("No units yet: run `flask --app wsgi setup` first.")
            person = service.create_person(name, phone, role, unit.id)
            service.set_passphrase(person.id, PASSPHRASE)


def _print_cast() -> None:
    origin = current_app.config["TO_AM"].public_origin
    click.echo(f"Phone: {origin}/app/    Desk: {origin}/desk/    Passphrase of everybody: {PASSPHRASE}")
    for name, phone, role, code, group in CAST:
        where = units.find("city" if code == "01" else "ward", code)
        place = (f"tổ {group}, " if group else "") + (units.title(where, "vi") if where else code)
        click.echo(f"  {'0' + phone[3:]}  {name:<16} {role:<13} {place}")
