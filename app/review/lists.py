"""Every SELECT of the desk's lists: a page of a view, search, and how many each view holds.

All start from the person's scope. The number of statements does not depend on the number of records.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, func, literal_column, or_, select
from sqlalchemy.orm import aliased

from app import vietnamese
from app.at_rest import sealing
from app.clock import begins
from app.db import db
from app.identity.models import Assignment, Person
from app.identity.rights import Actor
from app.records.models import Record
from app.records.queries import in_scope, of_these
from app.review.rules import HIGH, ORDERS, RISKS, After, Order
from app.review.views import VIEWS, has_conflicts
from app.tasks.queries import is_answered
from app.units.models import Unit

PAGE = 50
SIZES = (50, 100, 300)
SEARCH_LIMIT = 200
_START = datetime(1970, 1, 1, tzinfo=UTC)
# Where days are compared, what has none comes after all others.
_NEVER = date(9999, 12, 31)
_group = aliased(Unit)


@dataclass(frozen=True)
class Wanted:
    """What a list is asked for. `since`, `until`: days of the ward's receipt, both included.

    `days`: `since` was given as so many days up to today.
    """

    view: str = "waiting"
    kind: str | None = None
    group: int | None = None
    risk: str | None = None
    person: str | None = None
    since: date | None = None
    until: date | None = None
    days: int | None = None
    sort: Order | None = None
    size: int = PAGE

    @property
    def order(self) -> Order:
        """The order that was chosen, else the view's own."""
        return self.sort if self.sort in ORDERS else VIEWS[self.view].order


@dataclass(frozen=True)
class Row:
    """A line of a list. `data` is for titles that hold no names."""

    id: str
    kind: str
    version: int
    status: str
    urgency: int
    data: Mapping[str, Any]
    problems: Sequence[Mapping[str, Any]]
    in_conflict: bool
    received_at: datetime
    changed_at: datetime
    again_on: date | None
    task_due: date | None
    task: Mapping[str, Any] | None
    is_answered: bool
    sender: str
    group: str | None
    feed_no: int

    def place_in(self, order: Order) -> After:
        """What the next page has to begin after."""
        if order == "latest":
            return After(0, self.feed_no, self.id)
        if order in ("again", "due"):
            day = (self.again_on if order == "again" else self.task_due) or _NEVER
            return After(0, day.toordinal(), self.id)
        weighs = order in ("urgent", "gravest") and self.urgency >= HIGH
        return After(self.urgency if weighs else 0, (self.received_at - _START) // timedelta(microseconds=1), self.id)


def page(actor: Actor, wanted: Wanted, start: After | None) -> tuple[list[Row], After | None]:
    """A page of a list and, when there is more, where the next begins."""
    found, most = _rows(actor).where(matching(actor, wanted)), wanted.size + 1
    rows = _ordered(found, wanted.order, start, most)
    following = rows[wanted.size - 1].place_in(wanted.order) if len(rows) > wanted.size else None
    return rows[: wanted.size], following


def chosen(actor: Actor, ids: Iterable[str]) -> list[Row]:
    """The lines of these records, those within the person's scope, the oldest first."""
    rows = [Row(*row) for row in db.session.execute(_columns().where(of_these(actor, ids)))]
    return sorted(rows, key=lambda row: (row.received_at, row.id))


def matching(actor: Actor, wanted: Wanted) -> ColumnElement[bool]:
    """What a list holds on whichever page, as a condition beside the person's scope."""
    held = [VIEWS[wanted.view].holds(actor)]
    if wanted.kind:
        held.append(Record.kind == wanted.kind)
    if wanted.group is not None:
        held.append(Record.group_id == wanted.group)
    if wanted.risk:
        least, below = RISKS[wanted.risk]
        held.append(and_(Record.urgency >= least, Record.urgency < below))
    if wanted.person:
        held.append(Record.author_id == wanted.person)
    if wanted.since:
        held.append(Record.received_at >= begins(wanted.since))
    if wanted.until:
        held.append(Record.received_at < begins(wanted.until + timedelta(days=1)))
    return and_(*held)


def holding(words: str) -> ColumnElement[bool]:
    """Records whose names and titles hold every word, marks ignored; none when there is no word."""
    # What is blinded begins with a space, and its letters are no words: "an" would be found in every tenth.
    plain = func.substr(Record.search, 1, 1) != literal_column("' '")
    held = [
        or_(
            and_(plain, Record.search.contains(term, autoescape=True)),
            *(Record.search.contains(word, autoescape=True) for word in sealing.blinded(term)),
        )
        for term in vietnamese.fold(words).split()
    ]
    return and_(Record.search != literal_column("''"), *held) if held else false()


def search(actor: Actor, words: str, wanted: Wanted) -> list[Row]:
    """Records of a list whose names and titles hold every word, marks ignored; the newest when there are too many."""
    if not vietnamese.fold(words).split():
        return []
    # The ids first: of a whole ward they are read from one narrow index, and only what is shown is read whole.
    ids = select(Record.id).where(in_scope(actor), matching(actor, wanted), holding(words))
    latest = db.session.scalars(ids.order_by(Record.received_at.desc(), Record.id.desc()).limit(SEARCH_LIMIT))
    return chosen(actor, latest)[::-1]


def tallies(actor: Actor, views: Sequence[str]) -> dict[str, int]:
    """How many records each of these views holds. One statement, in which each is counted by its own index."""
    counts = [
        select(func.count()).select_from(Record).where(in_scope(actor), VIEWS[view].holds(actor)).scalar_subquery()
        for view in views
    ]
    return dict(zip(views, db.session.execute(select(*counts)).one(), strict=True))


def senders(actor: Actor) -> list[tuple[str, str]]:
    """Whoever works or has worked in a group of the ward: (id, name), by given name."""
    groups = select(Unit.id).where(Unit.parent_id == actor.ward_id)
    here = select(Assignment.person_id).where(Assignment.unit_id.in_(groups))
    rows = db.session.execute(select(Person.id, Person.name).where(Person.id.in_(here)))
    return sorted(((row.id, row.name) for row in rows), key=lambda one: vietnamese.name_key(one[1]))


def _ordered(found: Select[Any], order: Order, start: After | None, most: int) -> list[Row]:
    if order in ("urgent", "gravest"):
        return _urgent_first(found, start, most, alone=order == "gravest")
    if order == "latest":
        later = found.where(Record.feed_no < start.moment) if start else found
        return _fetch(later.order_by(Record.feed_no.desc()), most)
    if order in ("again", "due"):
        day = Record.again_on if order == "again" else func.coalesce(Record.task_due, _NEVER)
        later = found.where(_beyond(day, _day(start.moment), start.id)) if start else found
        return _fetch(later.order_by(day, Record.id), most)
    if order == "newest":
        later = found.where(_older(start)) if start else found
        return _fetch(later.order_by(Record.received_at.desc(), Record.id.desc()), most)
    # Of a few, found by what they are: no index in this order may tempt a database to read the whole ward for them.
    when = func.coalesce(Record.received_at, Record.changed_at) if order == "soonest" else Record.received_at
    later = found.where(_beyond(when, _moment(start), start.id)) if start else found
    return _fetch(later.order_by(when, Record.id), most)


def _urgent_first(found: Select[Any], start: After | None, most: int, *, alone: bool) -> list[Row]:
    """The few that are urgent, by weight; then, unless they are asked for `alone`, all others by age.

    Two orders, each of which has its index: sorted together, a ward's whole backlog would be read for every page.
    """
    rows: list[Row] = []
    if start is None or start.weight >= HIGH:
        urgent = found.where(Record.urgency >= HIGH)
        if start:
            later = and_(Record.urgency == start.weight, _younger(start))
            urgent = urgent.where(or_(Record.urgency < start.weight, later))
        rows = _fetch(urgent.order_by(Record.urgency.desc(), Record.received_at, Record.id), most)
    if len(rows) < most and not alone:
        rest = found.where(Record.urgency < HIGH)
        if start and start.weight < HIGH:
            rest = rest.where(_younger(start))
        rows += _fetch(rest.order_by(Record.received_at, Record.id), most - len(rows))
    return rows


def _younger(start: After) -> ColumnElement[bool]:
    return _beyond(Record.received_at, _moment(start), start.id)


def _older(start: After) -> ColumnElement[bool]:
    since = _moment(start)
    same = and_(Record.received_at == since, Record.id < start.id)
    return and_(Record.received_at <= since, or_(Record.received_at < since, same))


def _beyond(column: Any, value: Any, record_id: str) -> ColumnElement[bool]:
    """After this value, or at it with a later id. The first half alone lets an index find the beginning."""
    return and_(column >= value, or_(column > value, and_(column == value, Record.id > record_id)))


def _day(ordinal: int) -> date:
    """The day of a number; one that no calendar has is where the list ends."""
    return date.fromordinal(ordinal) if 0 < ordinal <= _NEVER.toordinal() else _NEVER


def _moment(start: After) -> datetime:
    return _START + timedelta(microseconds=start.moment)


def _fetch(found: Select[Any], limit: int) -> list[Row]:
    return [Row(*row) for row in db.session.execute(found.limit(limit))]


def _rows(actor: Actor) -> Select[Any]:
    return _columns().where(in_scope(actor))


def _columns() -> Select[Any]:
    return (
        select(
            Record.id,
            Record.kind,
            Record.version,
            Record.status,
            Record.urgency,
            Record.data,
            Record.problems,
            has_conflicts().label("in_conflict"),
            Record.received_at,
            Record.changed_at,
            Record.again_on,
            Record.task_due,
            Record.task,
            is_answered().label("is_answered"),
            Person.name,
            _group.name,
            Record.feed_no,
        )
        .join(Person, Person.id == Record.author_id)
        .outerjoin(_group, _group.id == Record.group_id)
    )
