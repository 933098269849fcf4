"""Which records have a legal time running, as a condition, and what was said about the times of some."""

from collections.abc import Iterable

from sqlalchemy import ColumnElement, and_, exists, false, or_, select
from sqlalchemy.orm import aliased

from app.clocks.models import ClockEnd
from app.db import db
from app.identity.models import Person
from app.kinds import registry
from app.records.models import Record
from app.records.rules import ENDED

_end = aliased(ClockEnd)


def is_running() -> ColumnElement[bool]:
    """Whether at least one clock of a record runs; to be used within somebody's scope."""
    clocked = [kind for kind in registry.values() if kind.clocks]
    found = [_runs(kind.code, clock.code) for kind in clocked for clock in kind.clocks]
    kinds = Record.kind.in_([kind.code for kind in clocked])
    # Said by what it is not, so that the index by kind is the one that fits: a ward has few such records.
    return and_(kinds, Record.status.not_in(ENDED), or_(*found)) if found else false()


def ends(ids: Iterable[str]) -> dict[tuple[str, str], tuple[ClockEnd, str]]:
    """What was said about the clocks of these records, with the officer's name; by (record, clock). One statement."""
    wanted = (
        select(ClockEnd, Person.name)
        .join(Person, Person.id == ClockEnd.by_id)
        .where(ClockEnd.record_id.in_(sorted(ids)))
    )
    return {(end.record_id, end.clock): (end, name) for end, name in db.session.execute(wanted)}


def _runs(kind: str, clock: str) -> ColumnElement[bool]:
    ended = exists().where(_end.record_id == Record.id, _end.clock == clock)
    return and_(Record.kind == kind, ~ended)
