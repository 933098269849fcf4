"""What lies at units that end. Counts and ids, never what a record says."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import or_, select

from app.db import db
from app.identity.models import Assignment, Person
from app.records.models import Change, Record
from app.reorganisation.rules import Filed, Ground, Held, Plan
from app.units.models import Unit


def ground(plan: Plan) -> Ground:
    """The units that the plan speaks of, with all groups of the wards among them and of their parents."""
    named = {*plan.heirs, *(heir for heirs in plan.heirs.values() for heir in heirs if isinstance(heir, int))}
    named |= {made.parent for made in plan.made if isinstance(made.parent, int)}
    rows = {unit.id: unit for unit in db.session.scalars(select(Unit).where(Unit.id.in_(named)))}
    wards = {unit.parent_id if unit.level == "group" else unit.id for unit in rows.values()}
    near = select(Unit).where(or_(Unit.id.in_(wards), (Unit.parent_id.in_(wards)) & (Unit.level == "group")))
    rows |= {unit.id: unit for unit in db.session.scalars(near)}
    boxes = {unit.id: (unit.box[0], unit.box[1], unit.box[2], unit.box[3]) for unit in rows.values() if unit.box}
    return Ground(rows, boxes)


def lock_units(unit_ids: Iterable[int]) -> None:
    """Nobody records at these units until the transaction has ended; who is about to waits, and then looks again."""
    wanted = select(Unit.id).where(Unit.id.in_(sorted(unit_ids))).order_by(Unit.id)
    db.session.execute(wanted.with_for_update()).all()


def held_at(unit_ids: Iterable[int], day: date) -> list[Held]:
    """Roles at these units that are held on the day or later."""
    still = or_(Assignment.valid_to.is_(None), Assignment.valid_to >= day)
    wanted = select(Assignment.id, Assignment.person_id, Assignment.role, Assignment.unit_id)
    found = wanted.join(Person, Person.id == Assignment.person_id).where(Person.closed_at.is_(None))
    found = found.where(Assignment.unit_id.in_(list(unit_ids)), still).order_by(Assignment.id)
    return [Held(*row) for row in db.session.execute(found)]


def filed_at(unit_ids: Iterable[int]) -> list[Filed]:
    """Records that lie at these units, as wards or as groups."""
    units = list(unit_ids)
    columns = (Record.id, Record.kind, Record.ward_id, Record.group_id, Record.author_id, Record.lat, Record.lon)
    wanted = select(*columns).where(or_(Record.ward_id.in_(units), Record.group_id.in_(units)))
    return [Filed(*row) for row in db.session.execute(wanted.order_by(Record.id))]


def held_changes() -> list[Change]:
    """Changes that wait for another one; each remembers where its sender worked."""
    return list(db.session.scalars(select(Change).where(Change.outcome == "held").with_for_update()))
