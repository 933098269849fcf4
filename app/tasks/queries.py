"""Who may have a task about a record, and whether whoever has it has written something since."""

from collections.abc import Iterable
from typing import NamedTuple

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
AT_DESK = (OFFICER, LEADER)


class Holder(NamedTuple):
    """Somebody's work of today."""

    id: str
    name: str
    role: str
    unit: int


def candidates(record: Row) -> list[tuple[str, str, str]]:
    """(id, name, role) of whoever may have a task about the record: the ward's desk, and whoever carries the record
    on a phone. Collaborators first, by given name. One statement."""
    units = [unit for unit in (record["ward_id"], record["group_id"]) if unit is not None]
    near = or_(Assignment.person_id == record["author_id"], Assignment.unit_id.in_(units))
    found = {held.id: (held.id, held.name, held.role) for held in _holders(near) if _may_have(record, held)}
    return sorted(found.values(), key=lambda one: (one[2] != COLLABORATOR, vietnamese.name_key(one[1])))


def names_of(asked: Iterable[tuple[Row, str]]) -> dict[tuple[str, str], str]:
    """(record, person) -> the person's name, for those of the pairs where the person may have a task about it. One
    statement."""
    pairs = list(asked)
    held: dict[str, list[Holder]] = {}
    for one in _holders(Assignment.person_id.in_({person for _, person in pairs})):
        held.setdefault(one.id, []).append(one)
    return {
        (record["id"], person): one.name
        for record, person in pairs
        for one in held.get(person, ())
        if _may_have(record, one)
    }


def at_desk(ward_id: int) -> list[tuple[str, str]]:
    """(id, name) of the ward's officers and leaders of today, by given name."""
    found = {held.id: held.name for held in _holders(Assignment.unit_id == ward_id) if held.role in AT_DESK}
    return sorted(found.items(), key=lambda one: vietnamese.name_key(one[1]))


def _may_have(record: Row, held: Holder) -> bool:
    """The desk of the record's ward, its author, and where the kind is shared its whole group."""
    if held.role in AT_DESK:
        return bool(held.unit == record["ward_id"])
    kind = registry.get(record["kind"])
    shared = kind is not None and kind.sharing == "group" and held.unit == record["group_id"]
    return held.role == COLLABORATOR and bool(shared or held.id == record["author_id"])


def _holders(wanted: ColumnElement[bool]) -> list[Holder]:
    """Assignments in force today of those who have not left."""
    columns = (Person.id, Person.name, Assignment.role, Assignment.unit_id)
    query = select(*columns).join(Assignment, Assignment.person_id == Person.id)
    return [Holder(*row) for row in db.session.execute(query.where(wanted, Person.closed_at.is_(None), _in_force()))]


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
