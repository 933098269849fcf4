"""Every SELECT of the log's page: the links of a chain, filtered by who, what, when and which record."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Select, or_, select

from app.clock import HANOI, begins
from app.db import db
from app.identity import queries as identity
from app.identity.rights import ADMIN, LEADER, Actor
from app.problems import Problem
from app.records.chain import canonical
from app.records.models import Link, Ward
from app.units import queries as units
from app.units.models import Unit

PAGE = 50
_AT_ONCE = 500


@dataclass(frozen=True)
class Wanted:
    """What the log is asked for. `unit`: whose chain. `since`, `until`: days, both included."""

    unit: int
    what: str | None = None
    person: str | None = None
    record: str | None = None
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True)
class Entry:
    """One link: who did what, and its hash, by which anybody can tell later that nothing was rewritten."""

    no: int
    at: datetime | None
    facts: dict[str, Any]
    hash: str

    @property
    def what(self) -> str:
        """Which fact it is."""
        return str(self.facts.get("what", ""))

    @property
    def local(self) -> datetime | None:
        """When the ward wrote it, in Hà Nội, without a zone: for a cell."""
        return self.at.astimezone(HANOI).replace(tzinfo=None, microsecond=0) if self.at else None

    @property
    def person(self) -> str | None:
        """Who did it: at the desk, else the sender of what came."""
        found = self.facts.get("by") or self.facts.get("person")
        return found if isinstance(found, str) else None


def chains(actor: Actor) -> list[Unit]:
    """The units whose log the person may read and that have one: a leader the ward's own, an administrator all."""
    if actor.role not in (LEADER, ADMIN):
        raise Problem("not_found")
    reach = [actor.ward_id] if actor.role == LEADER else units.subtree(actor.ward_id)
    found = select(Unit).join(Ward, Ward.ward_id == Unit.id).where(Unit.id.in_(reach))
    return list(db.session.scalars(found.order_by(Unit.level, Unit.code, Unit.id)))


def page(wanted: Wanted, before: int | None) -> tuple[list[Entry], int | None]:
    """A page of a chain, the latest first; and before which number the next begins."""
    found = _links(wanted).order_by(Link.no.desc())
    if before is not None:
        found = found.where(Link.no < before)
    rows = [_entry(row) for row in db.session.execute(found.limit(PAGE + 1))]
    return rows[:PAGE], rows[PAGE - 1].no if len(rows) > PAGE else None


def stream(wanted: Wanted) -> Iterator[Entry]:
    """All of it, from the first on, some at a time."""
    found = _links(wanted).order_by(Link.no).execution_options(yield_per=_AT_ONCE)
    for row in db.session.execute(found):
        yield _entry(row)


def people(actor: Actor, unit: int) -> dict[str, str]:
    """Those who hold or held something at or beneath the unit, by id."""
    return {one.id: one.name for one in identity.people_under(unit)}


def _links(wanted: Wanted) -> Select[Any]:
    columns: list[Any] = [Link.no, Link.at, Link.facts, Link.hash]
    found = select(*columns).where(Link.ward_id == wanted.unit)
    if wanted.what:
        found = found.where(_says(what=wanted.what))
    if wanted.person:
        found = found.where(or_(_says(by=wanted.person), _says(person=wanted.person)))
    if wanted.record:
        found = found.where(_says(record=wanted.record))
    if wanted.since:
        found = found.where(Link.at >= begins(wanted.since))
    if wanted.until:
        found = found.where(Link.at < begins(wanted.until + timedelta(days=1)))
    return found


def _says(**fact: str) -> Any:
    """Whether the facts hold this one. They are canonical, so each has one spelling."""
    return Link.facts.contains(canonical(fact)[1:-1], autoescape=True)


def _entry(row: Any) -> Entry:
    try:
        facts = json.loads(row.facts)
    except ValueError:
        facts = {}
    return Entry(row.no, row.at, facts if isinstance(facts, dict) else {}, row.hash)
