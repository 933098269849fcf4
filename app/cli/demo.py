"""A small ward to try everything with: people, groups, children and a few records. Never in production."""

import json
from datetime import timedelta
from uuid import uuid4

import click
from flask import current_app
from flask.cli import with_appcontext

from app.cli import demo_records as written
from app.clock import now, today
from app.db import transact
from app.identity import queries, service
from app.identity.models import Person
from app.identity.rights import Actor
from app.kinds import registry
from app.records import queries as record_queries
from app.records import service as records
from app.sync import service as sync
from app.sync.envelopes import Sent
from app.units import queries as units
from app.units import service as unit_service
from app.units.models import Unit

PASSPHRASE = "nang am hien nha 7"
# (name, number, role, ward, group)
CAST = (
    ("Nguyễn Thị Lan", "+84912000007", "collaborator", "00136", "7"),
    ("Đỗ Thị Hoa", "+84912000003", "collaborator", "00136", "7"),
    ("Lê Quốc Tuấn", "+84912000009", "collaborator", "00127", "2"),
    ("Trần Văn Minh", "+84912000001", "officer", "00136", None),
    ("Phạm Thu Hà", "+84912000002", "leader", "00136", None),
    ("Vũ Đức Anh", "+84912000000", "admin", "01", None),
    ("Bùi Văn Sơn", "+84912000005", "overseer", "01", None),
)
GROUPS = {"00136": ("3", "7", "12"), "00127": ("2",)}
_WRITERS = {
    written.LAN: written.lan_wrote,
    written.HOA: written.hoa_wrote,
    written.TUAN: written.tuan_wrote,
}
DUTY_NUMBERS = {"00136": "+842438750136", "00127": "+842438750127"}


@click.command("demo")
@with_appcontext
def demo() -> None:
    """Make the demo ward, once, and print who can sign in."""
    if current_app.config["TO_AM"].production:
        raise click.ClickException("A demo has a passphrase that everybody knows: never in production.")
    if queries.person_by_phone(CAST[0][1]) is None:
        with transact():
            _wards()
            _people()
    if not record_queries.versions_in_scope(_collaborator(written.LAN)):
        _records()
    _print_cast()


def _wards() -> None:
    for code, names in GROUPS.items():
        ward = _unit(code)
        unit_service.set_phone(ward, DUTY_NUMBERS[code])
        known = {group.name for group in units.groups_of([ward.id])}
        for name in names:
            if name not in known:
                unit_service.add_group(ward.id, name, ward.valid_from)


def _people() -> None:
    for name, phone, role, code, group in CAST:
        unit = _unit(code)
        if group is not None:
            unit = next(found for found in units.groups_of([unit.id]) if found.name == group)
        person = service.create_person(name, phone, role, unit.id)
        service.set_passphrase(person.id, PASSPHRASE)


def _unit(code: str) -> Unit:
    unit = units.find("city" if code == "01" else "ward", code)
    if unit is None:
        raise click.ClickException("No units yet: run `flask --app wsgi setup` first.")
    return unit


def _records() -> None:
    """Through the door that phones use, so that a demo record is like any other."""
    ids: dict[str, str] = {}
    for phone, wrote in _WRITERS.items():
        sender = _collaborator(phone)
        sent = []
        for seq, (name, kind, answers) in enumerate(wrote(today(), ids), start=1):
            ids[name] = str(uuid4())
            change = {"id": str(uuid4()), "seq": seq, "record": ids[name], "kind": kind, "form": registry[kind].form}
            body = {"base": 0, "at": now().isoformat(timespec="seconds"), "set": answers}
            sent.append(Sent(json.dumps(change | body, ensure_ascii=False), None))
        sync.accept(sender, sender.device or "", tuple(sent))
    with transact():
        records.write_verdict(
            _officer(), ids["drain"], 1, "return", "Nhờ ghi thêm vị trí để thợ tìm được.", {"place": "Thiếu vị trí"}
        )
        plan = {"responsible": "Chủ đầu tư công trình", "due_on": (today() + timedelta(days=7)).isoformat()}
        records.write_desk_fields(_officer(), ids["dug"], 1, {**plan, "decided": ["fence", "sign_ban"]})


def _collaborator(phone: str) -> Actor:
    person, unit = _where(phone)
    ward_id = unit.parent_id or unit.id
    return Actor(person.id, person.name, "collaborator", "phone", str(uuid4()), ward_id, (unit.id,), "vi", "")


def _officer() -> Actor:
    person, unit = _where(CAST[3][1])
    return Actor(person.id, person.name, "officer", "desk", None, unit.id, (), "vi", "")


def _where(phone: str) -> tuple[Person, Unit]:
    person = queries.person_by_phone(phone)
    if person is None:
        raise click.ClickException(f"Nobody has the number {phone}.")
    return person, units.get(queries.assignments(person.id)[0].unit_id)


def _print_cast() -> None:
    origin = current_app.config["TO_AM"].public_origin
    click.echo(f"Phone: {origin}/app/    Desk: {origin}/desk/    Passphrase of everybody: {PASSPHRASE}")
    for name, phone, role, code, group in CAST:
        place = (f"tổ {group}, " if group else "") + units.title(_unit(code), "vi")
        click.echo(f"  {'0' + phone[3:]}  {name:<16} {role:<13} {place}")
