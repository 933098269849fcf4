"""Every SELECT of the quarantine. All start from the wards in the administrator's reach."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select

from app.db import db
from app.identity.models import Person, SignIn
from app.identity.rights import Actor
from app.problems import Problem
from app.quarantine.models import Repair
from app.quarantine.rules import VIEWS
from app.records.models import Change, Record
from app.units import queries as units
from app.units.models import Unit

PAGE = 50
_HIGHEST = 2**31 - 1
_is_kept = Change.outcome == "quarantined"
_last_step = (
    select(Repair.outcome).where(Repair.log_id == Change.log_id).order_by(Repair.id.desc()).limit(1).scalar_subquery()
)
_repaired = (
    select(Repair.body)
    .where(Repair.log_id == Change.log_id, Repair.body.is_not(None))
    .order_by(Repair.id.desc())
    .limit(1)
    .scalar_subquery()
)


@dataclass(frozen=True)
class Wanted:
    """What the list is asked for."""

    view: str = "open"
    reason: str | None = None


@dataclass(frozen=True)
class Row:
    """A line of the list. `body` is what would be judged: the repaired text where there is one."""

    log_id: int
    outcome: str
    receipt: dict[str, object]
    first_reason: str | None  # of a change that has left the quarantine
    last_step: str | None
    body: bytes
    received_at: datetime
    person_id: str
    sender: str
    device: str
    ward: Unit


def page(actor: Actor, wanted: Wanted, before: int | None) -> tuple[list[Row], int | None]:
    """A page of the list, the latest first, and the number before which the next one begins."""
    found = _rows().where(_in_reach(actor), _in_view(wanted.view))
    if wanted.reason:
        found = found.where(_has_reason(wanted.reason))
    if before is not None:
        found = found.where(Change.log_id < before)
    rows = [Row(*row) for row in db.session.execute(found.order_by(Change.log_id.desc()).limit(PAGE + 1))]
    return rows[:PAGE], rows[PAGE - 1].log_id if len(rows) > PAGE else None


def tallies(actor: Actor) -> dict[str, int]:
    """How many stand in each view but "all"."""
    views = [view for view in VIEWS if view != "all"]
    sums = [func.coalesce(func.sum(case((_in_view(view), 1), else_=0)), 0) for view in views]
    numbers = db.session.execute(select(*sums).where(_in_reach(actor), _in_view("all"))).one()
    return dict(zip(views, numbers, strict=True))


def count_open(actor: Actor) -> int:
    """How many changes wait for an administrator."""
    return db.session.scalar(select(func.count(Change.log_id)).where(_in_reach(actor), _in_view("open"))) or 0


def get(actor: Actor, log_id: int, *, locked: bool = False) -> Change:
    """A change that is or was kept aside. Raises not_found, also for one of another unit or one that was simply taken.

    `locked`: until the transaction ends.
    """
    wanted = select(Change).where(Change.log_id == min(log_id, _HIGHEST), _in_reach(actor), _in_view("all"))
    change = db.session.scalars(wanted.with_for_update() if locked else wanted).one_or_none()
    if change is None:
        raise Problem("not_found")
    return change


def steps(log_id: int) -> list[tuple[Repair, str]]:
    """What was done with a change, the first first, each with the name of who did it."""
    found = select(Repair, Person.name).join(Person, Person.id == Repair.by).where(Repair.log_id == log_id)
    return [(step, name) for step, name in db.session.execute(found.order_by(Repair.id))]


def others_with_id(change_id: str, log_id: int) -> bool:
    """Whether another change of the log carries this id."""
    wanted = select(Change.log_id).where(Change.change_id == change_id, Change.log_id != log_id)
    return db.session.scalars(wanted.limit(1)).first() is not None


def record_as_it_stands(record_id: str) -> dict[str, object] | None:
    """The record that a change is about, whoever it belongs to."""
    found = db.session.execute(select(Record.__table__).where(Record.id == record_id)).one_or_none()
    return dict(found._mapping) if found else None


def phone_labels(rows: Iterable[Row]) -> dict[tuple[str, str], str]:
    """What each phone called itself when the person last signed in on it, by person and device."""
    people = {row.person_id for row in rows}
    found = select(SignIn.person_id, SignIn.device, SignIn.label).where(SignIn.person_id.in_(people))
    return {(row.person_id, row.device): row.label for row in db.session.execute(found.order_by(SignIn.seen_at))}


def _rows() -> Select[Any]:
    first_reason = select(Repair.reason).where(Repair.log_id == Change.log_id).order_by(Repair.id).limit(1)
    return (
        select(
            Change.log_id,
            Change.outcome,
            Change.receipt,
            first_reason.scalar_subquery(),
            _last_step,
            func.coalesce(_repaired, Change.body),
            Change.received_at,
            Change.person_id,
            Person.name,
            Change.device,
            Unit,
        )
        .join(Person, Person.id == Change.person_id)
        .join(Unit, Unit.id == Change.ward_id)
    )


def _in_reach(actor: Actor) -> ColumnElement[bool]:
    return Change.ward_id.in_(units.subtree_with_past(actor.ward_id))


def _in_view(view: str) -> ColumnElement[bool]:
    step = func.coalesce(_last_step, "")
    if view == "aside":
        return and_(_is_kept, step == "set_aside")
    if view == "released":
        return Change.log_id.in_(select(Repair.log_id).where(Repair.outcome == "released"))
    if view == "all":
        kept = select(Change.log_id).where(_is_kept)
        return Change.log_id.in_(kept.union(select(Repair.log_id)))
    return and_(_is_kept, step != "set_aside")


def _has_reason(reason: str) -> ColumnElement[bool]:
    said = Change.receipt["problems"][0]["code"].as_string() == reason
    return or_(and_(_is_kept, said), Change.log_id.in_(select(Repair.log_id).where(Repair.reason == reason)))
