"""Who may see which record, and every SELECT that the phones' feed needs. All readers start from `in_scope`."""

from collections.abc import Callable, Iterable
from functools import cache
from types import SimpleNamespace
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, bindparam, false, func, not_, or_, select

from app.db import db, take_turns
from app.identity.rights import COLLABORATOR, LEADER, OFFICER, Actor
from app.kinds import registry
from app.kinds.shapes import is_record_id
from app.problems import Problem
from app.records import rules
from app.records.models import Leaving, Record, Setting

Row = dict[str, Any]


class Parent(NamedTuple):
    """The record that another is made about: its group, and whether the writer may make anything about it."""

    group_id: int | None
    in_scope: bool


# Statements of the push are put together once.
_STANDING = (
    select(Record.__table__)
    .where(Record.id.in_(bindparam("ids", expanding=True)))
    .order_by(Record.id)
    .with_for_update()
)
_IS_THERE = Record.status != "withdrawn"
_LIFE = select(Setting.value).where(Setting.name == "life")


def in_scope(actor: Actor) -> ColumnElement[bool]:
    """The records this person may read, as a condition on Record.

    A collaborator: own ones, and those the group shares. An officer or leader: the ward's. Others: none.
    """
    if actor.role == COLLABORATOR:
        return and_(_carries(actor), Record.status != "withdrawn")
    if actor.role in (OFFICER, LEADER):
        return Record.ward_id == actor.ward_id
    return false()


def of_these(actor: Actor, ids: Iterable[str]) -> ColumnElement[bool]:
    """Those of the records that this person may read, as a condition on Record.

    Looked up by their ids: beside a bare condition on the ward SQLite, which keeps no counts, takes an index of the
    ward for the shorter way, and reads all of it.
    """
    return and_(Record.id.in_(sorted(set(ids))), func.coalesce(in_scope(actor), false()))


def shared_kinds() -> list[str]:
    """The kinds that a whole group carries."""
    return sorted(code for code, kind in registry.items() if kind.sharing == "group")


def get(actor: Actor, record_id: str) -> Record:
    """The record. Raises not_found, also for one out of scope."""
    wanted = select(Record).where(in_scope(actor), Record.id == record_id)
    record = db.session.scalars(wanted).one_or_none() if is_record_id(record_id) else None
    if record is None:
        raise Problem("not_found")
    return record


def standing(ids: Iterable[str]) -> dict[str, Row]:
    """Records as they stand, whoever they belong to. Until the transaction ends nobody else writes or makes them."""
    named = sorted(set(ids))
    take_turns(*(f"record {record_id}" for record_id in named))
    return locked(named)


def locked(ids: Iterable[str]) -> dict[str, Row]:
    """The same for any number of records that are there for certain: nobody takes turns over who makes them."""
    found = db.session.connection().execute(_STANDING, {"ids": sorted(set(ids))})
    return {row.id: dict(row._mapping) for row in found}


def parent(actor: Actor, record_id: str) -> Parent | None:
    """What this collaborator may know of the record that another is made about; None when it is not here yet."""
    wanted = select(Record.group_id, _carries(actor)).where(Record.id == record_id)
    found = db.session.execute(wanted).one_or_none()
    return None if found is None else Parent(found[0] if found[1] else None, bool(found[1]))


def feed(actor: Actor, above: int, up_to: int, limit: int) -> list[Row]:
    """Records of the ward in scope whose number lies above the one and not above the other, in order."""
    asked = {**_given(actor), "above": above, "up_to": up_to, "most": limit}
    wanted = _feed(_carries, actor.role, *shared_kinds())
    return [dict(row._mapping) for row in db.session.connection().execute(wanted, asked)]


def gone(actor: Actor, above: int, up_to: int) -> list[str]:
    """Records that left the person's scope between the two numbers and have not come back: withdrawn ones that she
    or he carried, and those that another ward or group has taken over."""
    asked = {**_given(actor), "above": above, "up_to": up_to}
    return list(dict.fromkeys(db.session.connection().execute(_gone(_carries, *shared_kinds()), asked).scalars()))


def within_scope(actor: Actor, ids: Iterable[str]) -> set[str]:
    """Those of the records that the person may read."""
    return set(db.session.scalars(select(Record.id).where(of_these(actor, ids))))


def versions_in_scope(actor: Actor) -> list[tuple[str, int]]:
    """(id, version) of everything that the person carries."""
    wanted = select(Record.id, Record.version).where(in_scope(actor))
    return [(row.id, row.version) for row in db.session.execute(wanted)]


def version_floor() -> int:
    """New versions are numbered above this: what phones know from before a restore is never taken for what is
    written after it. 0 in a database that was never restored."""
    life = db.session.connection().execute(_LIFE).scalar_one_or_none()
    return int(life or 0) * rules.VERSIONS_OF_A_LIFE


# What phones ask for again and again is put together once: for the rule of who carries what, a role, and the kinds
# that a whole group carries.
Carries = Callable[[Actor], ColumnElement[bool]]
_ABOVE: Any = bindparam("above")
_UP_TO: Any = bindparam("up_to")


def _somebody(role: str) -> Any:
    """Stands for whoever asks."""
    groups: Any = bindparam("groups", expanding=True)
    return SimpleNamespace(role=role, id=bindparam("person"), ward_id=bindparam("ward"), group_ids=groups)


def _given(actor: Actor) -> dict[str, Any]:
    return {"person": actor.id, "ward": actor.ward_id, "groups": list(actor.group_ids)}


@cache
def _feed(_: Carries, role: str, *__: str) -> Select[Any]:
    who = _somebody(role)
    return (
        select(Record.__table__)
        .where(Record.ward_id == who.ward_id, Record.feed_no > _ABOVE, Record.feed_no <= _UP_TO, in_scope(who))
        .order_by(Record.feed_no)
        .limit(bindparam("most"))
    )


@cache
def _gone(_: Carries, *__: str) -> Select[Any]:
    who = _somebody(COLLABORATOR)
    return (
        select(Leaving.record_id)
        .join(Record, Record.id == Leaving.record_id)
        .where(Leaving.ward_id == who.ward_id, Leaving.feed_no > _ABOVE, Leaving.feed_no <= _UP_TO)
        .where(or_(and_(_carries(who), Record.status == "withdrawn"), and_(not_(_carries(who)), _IS_THERE)))
        .order_by(Leaving.feed_no)
    )


def _carries(actor: Actor) -> ColumnElement[bool]:
    shared = and_(Record.kind.in_(shared_kinds()), Record.group_id.in_(actor.group_ids))
    return and_(Record.ward_id == actor.ward_id, or_(Record.author_id == actor.id, shared))
