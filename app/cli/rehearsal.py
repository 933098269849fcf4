"""The change of 1 July 2025 played through: fourteen wards of quận Long Biên become others, in a database of its own.

Ward names, codes and which part went where are those of app/units/data/units.json; groups, people and records are
made up. Its calendar is moved so that the change falls on today, and the merger of Sài Đồng half a year earlier.
"""

import json
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import func, select, update

from app.cli import demo_records as written
from app.clock import now, today
from app.config import ROOT, Settings
from app.db import db, transact
from app.identity import service as people
from app.identity.models import Assignment, Person
from app.identity.rights import Actor
from app.identity.senders import with_rights
from app.kinds import registry
from app.records import queries as records
from app.records.audit import Audit
from app.records.models import Change, Record, RecordVersion
from app.reorganisation import rules, service
from app.reorganisation.rules import Made, Place, Plan
from app.sync import service as sync
from app.sync.envelopes import Sent
from app.units import queries as units
from app.units.models import Unit

_LIST = ROOT / "app" / "units" / "data" / "units.json"
_CHANGE = "2025-07-01"
_LONG_AGO = date(2010, 1, 1)
_GROUPS = ("1", "2", "3")
_WRITERS = (written.lan_wrote, written.tuan_wrote)
Sums = dict[str, int]


@dataclass(frozen=True)
class Played:
    """What was seen: the records that went from ward to ward, by names, sums before and after, and what is not well."""

    moves: Counter[tuple[str, str]]
    before: Sums
    after: Sums
    faults: list[str]


@click.command("rehearse-2025")
@with_appcontext
def rehearse() -> None:
    """Play the change of wards of 1 July 2025 on made-up records, and count. Touches nothing that is real."""
    played = play()
    for (origin, target), count in sorted(played.moves.items()):
        click.echo(f"{origin:<28} → {target:<28} {count:>6} records")
    for name, count in played.before.items():
        click.echo(f"{name:<12} {count:>7} before, {played.after[name]:>7} after")
    for fault in played.faults:
        click.echo(fault)
    if played.faults or played.before != played.after:
        raise click.ClickException("Something is not as it was.")
    click.echo("Nothing was lost: every record, version and change is there, every log chain fits, everybody works on.")


def play() -> Played:
    """The whole rehearsal in a database that is gone afterwards."""
    from app import create_app  # it loads the commands, this one among them

    settings: Settings = current_app.config["TO_AM"]
    with tempfile.TemporaryDirectory(prefix="to-am-rehearsal-") as folder:
        own = replace(
            settings, environment="demo", database_url=f"sqlite:///{Path(folder) / 'rehearsal.db'}", photos=""
        )
        app = create_app(own)
        with app.app_context():
            try:
                return _played()
            finally:
                db.session.remove()
                db.engine.dispose()


def _played() -> Played:
    db.create_all()
    listed = json.loads(_LIST.read_text(encoding="utf-8"))
    with transact():
        admin = _wards_of_2020(listed)
    _records()
    before, reach, moves = _sums(), _reach(), Counter[tuple[str, str]]()
    for entries, day in _steps(listed):
        plan = _plan(listed, entries, day)
        with transact():
            done = service.carry_out(admin, plan)
        moves.update(_by_ward(done))
    return Played(moves, before, _sums(), [*_not_well(listed), *_out_of_reach(reach)])


def _wards_of_2020(listed: dict[str, Any]) -> Actor:
    """City, district and fourteen wards, each with three groups, whoever records there, and an officer."""
    ids: dict[str, int] = {}
    for entry in listed["units"]:
        if entry["from"] < _CHANGE:
            parent = ids.get(entry.get("parent", ""))
            ids[entry["code"]] = _begin(entry["level"], entry["code"], entry["name"], parent)
            if entry["level"] == "ward":
                _staff(ids[entry["code"]], entry["code"])
    admin = people.create_person("Vũ Đức Anh", "0912000000", "admin", ids["01"])
    db.session.execute(update(Assignment).values(valid_from=_LONG_AGO))
    return Actor(admin.id, admin.name, "admin", "desk", None, ids["01"], (), "vi", "")


def _begin(level: str, code: str, name: str, parent: int | None) -> int:
    unit = Unit(level=level, code=code, name=name, valid_from=_LONG_AGO, valid_to=None, parent_id=parent)
    db.session.add(unit)
    db.session.flush()
    return unit.id


def _staff(ward_id: int, code: str) -> None:
    people.create_person(f"Cán bộ {code}", f"0913{code}0", "officer", ward_id)
    for number, name in enumerate(_GROUPS, start=1):
        group = _begin("group", f"{number:03}", name, ward_id)
        people.create_person(f"Cộng tác viên {code} tổ {name}", f"0913{code}{number}", "collaborator", group)


def _collaborators() -> Iterator[Actor]:
    held = select(Person.id).join(Assignment).where(Assignment.role == "collaborator", Person.closed_at.is_(None))
    for person_id in db.session.scalars(held.distinct().order_by(Person.id)).all():
        found = with_rights(person_id, "rehearsal")
        if found is not None:
            yield found


def _records() -> None:
    """Through the door that phones use: everybody's own, and one change each that waits for another phone's."""
    for number, actor in enumerate(_collaborators()):
        ids: dict[str, str] = {}
        sent = []
        for seq, (name, kind, answers) in enumerate(_WRITERS[number % len(_WRITERS)](today(), ids), start=1):
            ids[name] = str(uuid4())
            sent.append(_change(seq, ids[name], kind, 0, answers))
        sent.append(_change(len(sent) + 1, str(uuid4()), "hazard_site", 2, {"risk": "high"}))
        for start in range(0, len(sent), 50):
            sync.accept(actor, str(uuid4()), tuple(sent[start : start + 50]))


def _change(seq: int, record: str, kind: str, base: int, answers: dict[str, Any]) -> Sent:
    what = {"id": str(uuid4()), "seq": seq, "record": record, "kind": kind, "form": registry[kind].form, "base": base}
    return Sent(
        json.dumps({**what, "at": now().isoformat(timespec="seconds"), "set": answers}, ensure_ascii=False), None
    )


def _steps(listed: dict[str, Any]) -> Iterator[tuple[list[dict[str, Any]], date]]:
    """The successions of each day, moved to a calendar in which the last of them is today."""
    ahead = today() - date.fromisoformat(_CHANGE)
    for day in sorted({entry["on"] for entry in listed["successions"]}):
        yield [entry for entry in listed["successions"] if entry["on"] == day], date.fromisoformat(day) + ahead


def _plan(listed: dict[str, Any], entries: list[dict[str, Any]], day: date) -> Plan:
    """All wards that end on the day. Two groups of each go to the main part, the third to another, if there is one."""
    city, ended = units.find("city", "01"), {entry["earlier"] for entry in entries}
    new = {one["code"]: one for one in listed["units"] if one["from"] == entries[0]["on"]}
    targets: dict[str, Place] = {}
    made = []
    for code in sorted({code for entry in entries for code in [entry["default"], *entry["parts"]]}):
        present = None if code in ended else units.find("ward", code)
        targets[code] = present.id if present else f"ward-{code}"
        if present is None:
            made.append(Made(f"ward-{code}", new[code]["level"], new[code]["name"], city.id if city else 0, code))
    taken = {
        f"{ward}/{one.name}" for ward in targets.values() if isinstance(ward, int) for one in units.groups_of([ward])
    }
    plans = [Plan(day, {}, tuple(made))]
    for entry in entries:
        ward = next(unit for unit in units.wards_under(city.id if city else 0) if unit.code == entry["earlier"])
        groups = units.groups_of([ward.id])
        other = targets[entry["parts"][0]] if entry["parts"] else targets[entry["default"]]
        plan = rules.parted(day, ward, groups, targets[entry["default"]], {groups[-1].id: other}, taken)
        taken |= {f"{one.parent}/{one.name}" for one in plan.made}
        plans.append(plan)
    return rules.together(plans)


def _by_ward(done: service.Preview) -> Iterator[tuple[str, str]]:
    names = {made.key: made.name for made in done.plan.made}
    for one, home in done.records:
        target = names[home.ward] if isinstance(home.ward, str) else units.get(home.ward).name
        yield f"{units.get(one.ward_id).name} ({units.get(one.ward_id).code})", target


def _sums() -> Sums:
    tables: dict[str, Any] = {"records": Record, "versions": RecordVersion, "changes": Change, "people": Person}
    counted = {name: db.session.scalar(select(func.count()).select_from(table)) or 0 for name, table in tables.items()}
    held = select(func.count()).select_from(Change).where(Change.outcome == "held")
    return {**counted, "waiting": db.session.scalar(held) or 0}


def _reach() -> dict[str, set[str]]:
    """What everybody who records wrote and can see."""
    mine = select(Record.id, Record.author_id)
    found: dict[str, set[str]] = {}
    for record_id, author in db.session.execute(mine):
        found.setdefault(author, set()).add(record_id)
    return found


def _not_well(listed: dict[str, Any]) -> Iterator[str]:
    """Chains, records and people without a ward of today, and old codes that lead nowhere."""
    yield from (finding.words for finding in Audit().findings())
    over = select(Unit.id).where(Unit.valid_to < today())
    for name, wanted in {
        "records lie in a ward that is over": select(func.count()).where(Record.ward_id.in_(over)),
        "records lie in a group that is over": select(func.count()).where(Record.group_id.in_(over)),
        "people work where there is no unit": select(func.count()).where(
            Assignment.unit_id.in_(over), Assignment.valid_to.is_(None)
        ),
    }.items():
        if count := db.session.scalar(wanted):
            yield f"{count} {name}."
    for entry in listed["units"]:
        was = (
            units.find("ward", entry["code"], _LONG_AGO)
            if entry["from"] < _CHANGE and entry["level"] == "ward"
            else None
        )
        if was is not None and units.unit_valid_on(was.id, today()) is None:
            yield f"The old code {entry['code']} leads nowhere."


def _out_of_reach(before: dict[str, set[str]]) -> Iterator[str]:
    for actor in _collaborators():
        lost = before.get(actor.id, set()) - {record_id for record_id, _ in records.versions_in_scope(actor)}
        if lost:
            yield f"{len(lost)} records are out of their writer's reach."
