"""Who may have a task about a record, and whether whoever has it has written something since."""

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import aliased

from app import vietnamese
from app.clock import today
from app.db import db
from app.identity.models import Assignment, Person
from app.identity.rights import COLLABORATOR, LEADER, OFFICER
from app.kinds import registry
from app.records.models import Record, RecordVersion
from app.records.queries import Row

_below = aliased(Record)


def candidates(record: Row) -> list[tuple[str, str, str]]:
    """(id, name, role) of whoever may have a task about the record: the ward's desk, and whoever carries the record
    on a phone. Collaborators first, by given name. One statement."""
    kind = registry.get(record["kind"])
    shared = kind is not None and kind.sharing == "group" and record["group_id"] is not None
    author = and_(Assignment.role == COLLABORATOR, Assignment.person_id == record["author_id"])
    group = and_(Assignment.role == COLLABORATOR, Assignment.unit_id == record["group_id"])
    desk = and_(Assignment.role.in_((OFFICER, LEADER)), Assignment.unit_id == record["ward_id"])
    wanted = (
        select(Person.id, Person.name, Assignment.role)
        .join(Assignment, Assignment.person_id == Person.id)
        .where(or_(author, desk, *([group] if shared else [])), Person.closed_at.is_(None), _in_force())
        .distinct()
    )
    found = {row.id: (row.id, row.name, row.role) for row in db.session.execute(wanted)}
    return sorted(found.values(), key=lambda one: (one[2] != COLLABORATOR, vietnamese.name_key(one[1])))


def at_desk(ward_id: int) -> list[tuple[str, str]]:
    """(id, name) of the ward's officers and leaders of today, by given name."""
    held = and_(Assignment.role.in_((OFFICER, LEADER)), Assignment.unit_id == ward_id)
    wanted = select(Person.id, Person.name).join(Assignment, Assignment.person_id == Person.id)
    rows = db.session.execute(wanted.where(held, Person.closed_at.is_(None), _in_force()).distinct())
    return sorted(((row.id, row.name) for row in rows), key=lambda one: vietnamese.name_key(one[1]))


def is_answered() -> ColumnElement[bool]:
    """Whether whoever has the task of a record changed it since, or wrote one about it."""
    edited = exists().where(
        RecordVersion.record_id == Record.id,
        RecordVersion.person_id == Record.assignee_id,
        RecordVersion.received_at > Record.task_at,
    )
    looked = exists().where(
        _below.parent_id == Record.id, _below.author_id == Record.assignee_id, _below.received_at > Record.task_at
    )
    return and_(Record.assignee_id.is_not(None), or_(edited, looked))


def has_answer(record_id: str) -> bool:
    """The same of one record."""
    return db.session.scalar(select(Record.id).where(Record.id == record_id, is_answered())) is not None


def _in_force() -> ColumnElement[bool]:
    day = today()
    return and_(Assignment.valid_from <= day, or_(Assignment.valid_to.is_(None), Assignment.valid_to >= day))
