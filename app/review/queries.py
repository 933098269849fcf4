"""Every SELECT of the desk: the queue and its numbers, search, one record's history and relations.

All start from the person's scope. The number of statements does not depend on the number of records.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, and_, case, cast, func, literal_column, or_, select, true
from sqlalchemy.orm import aliased

from app import vietnamese
from app.db import db
from app.identity.models import Person
from app.identity.rights import Actor
from app.records.models import Record, RecordVersion
from app.records.queries import in_scope
from app.review.rules import DANGER, HIGH, LATEST_FIRST, STATUSES, WAITING, After
from app.units.models import Unit

PAGE = 50
SEARCH_LIMIT = 200
# Where nobody needs to choose any more between what two phones wrote.
_DECIDED = tuple(status for status in STATUSES if status not in (*WAITING, "returned"))
_START = datetime(1970, 1, 1, tzinfo=UTC)
_group = aliased(Unit)
_other = aliased(Record)
# Spelled out, not bound: only so a database sees that its indexes of what waits and of open conflicts will do.
_IS_WAITING = Record.status.in_([literal_column(f"'{status}'") for status in WAITING])


@dataclass(frozen=True)
class Wanted:
    """What the queue is asked for."""

    view: str = "waiting"
    kind: str | None = None
    group: int | None = None


@dataclass(frozen=True)
class Row:
    """A line of the queue. `data` is for titles that hold no names."""

    id: str
    kind: str
    status: str
    urgency: int
    data: Mapping[str, Any]
    problems: Sequence[Mapping[str, Any]]
    in_conflict: bool
    received_at: datetime
    changed_at: datetime
    sender: str
    group: str | None
    feed_no: int

    def place_in(self, view: str) -> After:
        """What the next page has to begin after."""
        if view in LATEST_FIRST:
            return After(0, self.feed_no, self.id)
        weight = self.urgency if self.urgency >= HIGH else 0
        return After(weight, (self.received_at - _START) // timedelta(microseconds=1), self.id)


def queue(actor: Actor, wanted: Wanted, start: After | None) -> tuple[list[Row], After | None]:
    """A page of the queue and, when there is more, where the next begins.

    Of what waits: dangers first, then high risks, each by weight; the rest, and equals, oldest first.
    Of what is done with: the latest change first.
    """
    found = _rows(actor).where(_in_view(actor, wanted.view))
    if wanted.kind:
        found = found.where(Record.kind == wanted.kind)
    if wanted.group is not None:
        found = found.where(Record.group_id == wanted.group)
    if wanted.view in LATEST_FIRST:
        rows = _latest_first(found, start)
    else:
        rows = _urgent_first(found, start, alone=wanted.view in ("danger", "high"))
    return rows[:PAGE], rows[PAGE - 1].place_in(wanted.view) if len(rows) > PAGE else None


def search(actor: Actor, words: str) -> list[Row]:
    """Records whose names and titles hold every word, marks ignored; the newest when there are too many."""
    terms = vietnamese.fold(words).split()
    if not terms:
        return []
    held = [Record.search.contains(term, autoescape=True) for term in terms]
    found = _rows(actor).where(*held).order_by(Record.received_at.desc(), Record.id).limit(SEARCH_LIMIT)
    return [Row(*row) for row in db.session.execute(found)]


def tallies(actor: Actor) -> dict[str, int]:
    """The numbers above the queue: waiting, danger, high, needs_fixing, answered, conflicts."""
    counted = ("waiting", "danger", "high", "needs_fixing", "answered")
    sums = [func.coalesce(func.sum(case((_in_view(actor, view), 1), else_=0)), 0) for view in counted]
    open_ = (
        select(func.count()).select_from(Record).where(in_scope(actor), _in_view(actor, "conflicts")).scalar_subquery()
    )
    found = db.session.execute(select(*sums, open_).where(in_scope(actor), _IS_WAITING)).one()
    return dict(zip((*counted, "conflicts"), found, strict=True))


def history(record_id: str) -> list[tuple[RecordVersion, str]]:
    """All versions, oldest first, each with the name of who wrote it."""
    found = (
        select(RecordVersion, Person.name)
        .join(Person, Person.id == RecordVersion.person_id)
        .where(RecordVersion.record_id == record_id)
        .order_by(RecordVersion.version)
    )
    return [(version, name) for version, name in db.session.execute(found)]


def among(actor: Actor, ids: Iterable[str]) -> dict[str, Record]:
    """Those of the records that exist and are within the person's scope."""
    wanted = set(ids)
    if not wanted:
        return {}
    return {
        record.id: record for record in db.session.scalars(select(Record).where(in_scope(actor), Record.id.in_(wanted)))
    }


def below(actor: Actor, record_id: str) -> list[Record]:
    """The records made about this one, for example a child's visits, the latest first."""
    found = select(Record).where(in_scope(actor), Record.parent_id == record_id)
    return list(db.session.scalars(found.order_by(Record.happened_on.desc(), Record.received_at.desc()).limit(100)))


def neighbours(actor: Actor, record: Record) -> list[Record]:
    """Where a duplicate may hide: the latest records of the same kind and group that still stand."""
    same_group = Record.group_id == record.group_id if record.group_id is not None else Record.group_id.is_(None)
    found = select(Record).where(
        in_scope(actor),
        Record.kind == record.kind,
        same_group,
        Record.id != record.id,
        Record.status.not_in(("duplicate", "withdrawn")),
    )
    return list(db.session.scalars(found.order_by(Record.received_at.desc()).limit(500)))


def _urgent_first(found: Select[Any], start: After | None, *, alone: bool) -> list[Row]:
    """The few that are urgent, by weight; then, unless they are asked for `alone`, all others by age.

    Two orders, each of which has its index: sorted together, a ward's whole backlog would be read for every page.
    """
    rows: list[Row] = []
    if start is None or start.weight >= HIGH:
        urgent = found.where(Record.urgency >= HIGH)
        if start:
            later = and_(Record.urgency == start.weight, _younger(start))
            urgent = urgent.where(or_(Record.urgency < start.weight, later))
        rows = _fetch(urgent.order_by(Record.urgency.desc(), Record.received_at, Record.id), PAGE + 1)
    if len(rows) <= PAGE and not alone:
        rest = found.where(Record.urgency < HIGH)
        if start and start.weight < HIGH:
            rest = rest.where(_younger(start))
        rows += _fetch(rest.order_by(Record.received_at, Record.id), PAGE + 1 - len(rows))
    return rows


def _younger(start: After) -> ColumnElement[bool]:
    since = _START + timedelta(microseconds=start.moment)
    same = and_(Record.received_at == since, Record.id > start.id)
    return and_(Record.received_at >= since, or_(Record.received_at > since, same))


def _latest_first(found: Select[Any], start: After | None) -> list[Row]:
    if start:
        found = found.where(Record.feed_no < start.moment)
    return _fetch(found.order_by(Record.feed_no.desc()), PAGE + 1)


def _fetch(found: Select[Any], limit: int) -> list[Row]:
    return [Row(*row) for row in db.session.execute(found.limit(limit))]


def _rows(actor: Actor) -> Select[Any]:
    return (
        select(
            Record.id,
            Record.kind,
            Record.status,
            Record.urgency,
            Record.data,
            Record.problems,
            _has_conflicts().label("in_conflict"),
            Record.received_at,
            Record.changed_at,
            Person.name,
            _group.name,
            Record.feed_no,
        )
        .join(Person, Person.id == Record.author_id)
        .outerjoin(_group, _group.id == Record.group_id)
        .where(in_scope(actor))
    )


def _has_conflicts(record: Any = Record) -> ColumnElement[bool]:
    return cast(record.conflicts, Text) != literal_column("'[]'")


def _ids_in_conflict(actor: Actor) -> Select[Any]:
    """Looked up by themselves: PostgreSQL cannot know how few they are, and would read the whole ward in order."""
    open_ = select(_other.id).where(_other.ward_id == actor.ward_id, _has_conflicts(_other)).cte("in_conflict")
    return select(open_.prefix_with("MATERIALIZED", dialect="postgresql").c.id)


def _in_view(actor: Actor, view: str) -> ColumnElement[bool]:
    if view == "danger":
        return and_(_IS_WAITING, Record.urgency >= DANGER)
    if view == "high":
        return and_(_IS_WAITING, Record.urgency >= HIGH, Record.urgency < DANGER)
    if view == "conflicts":
        return and_(Record.status.not_in(_DECIDED), _has_conflicts(), Record.id.in_(_ids_in_conflict(actor)))
    if view == "all":
        return true()
    return Record.status == view if view in STATUSES else _IS_WAITING
