"""Every SELECT of the map and of what lies near a record. All start from the person's scope."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import aliased

from app.db import db
from app.identity.rights import Actor
from app.kinds import registry
from app.kinds.shapes import is_place
from app.places import rules
from app.records.models import Record
from app.records.queries import in_scope
from app.units.models import Unit

PAGE = 50
# Other kinds' levels, should one have them, are asked under the same name.
RISK = "risk"
# What a filter says for "nobody has written a level".
UNJUDGED = "none"
_group = aliased(Unit)


@dataclass(frozen=True)
class Wanted:
    """What the map is asked for. `state`: open, all, or a status."""

    kind: str | None = None
    state: str = "open"
    group: int | None = None
    risk: str | None = None


@dataclass(frozen=True)
class Row:
    """A record of the map, or of the list beside it. `data` is for titles and fields that hold no person."""

    id: str
    kind: str
    version: int
    status: str
    urgency: int
    data: Mapping[str, Any]
    group: str | None
    happened_on: date | None
    received_at: datetime
    feed_no: int
    is_placed: bool


def mapped_kinds() -> list[str]:
    """The kinds that stand on a map of many."""
    return [code for code, kind in registry.items() if kind.mapped]


def placed(actor: Actor, wanted: Wanted) -> list[Row]:
    """Every record with a point that may be on the map, the newest first. One statement."""
    found = _rows().where(matching(actor, wanted), Record.lat.is_not(None)).order_by(Record.feed_no.desc())
    return [Row(*row) for row in db.session.execute(found)]


def listed(actor: Actor, wanted: Wanted, after: tuple[int, int] | None) -> tuple[list[Row], tuple[int, int] | None]:
    """The gravest first, then the newest, those without a point too; and where the next page begins."""
    found = _rows().where(matching(actor, wanted)).order_by(Record.urgency.desc(), Record.feed_no.desc())
    if after:
        urgency, feed_no = after
        found = found.where(or_(Record.urgency < urgency, and_(Record.urgency == urgency, Record.feed_no < feed_no)))
    rows = [Row(*row) for row in db.session.execute(found.limit(PAGE + 1))]
    last = rows[PAGE - 1] if len(rows) > PAGE else None
    return rows[:PAGE], (last.urgency, last.feed_no) if last else None


def counted(actor: Actor, wanted: Wanted) -> tuple[int, int]:
    """How many match, and how many of them have a point."""
    found = select(func.count(), func.count(Record.lat)).where(matching(actor, wanted))
    whole, with_point = db.session.execute(found).one()
    return whole, with_point


def near(actor: Actor, record: Record, most: int = 5) -> list[tuple[Record, rules.Near]]:
    """Open records of the ward that may be the same place as this one, the likeliest first."""
    kind = registry.get(record.kind)
    place = record.data.get(kind.mapped) if kind and kind.mapped else None
    if kind is None or not is_place(place):
        return []
    south, west, north, east = rules.around(place, rules.FURTHEST)
    found = select(Record).where(
        in_scope(actor),
        Record.kind == record.kind,
        Record.status.in_(rules.OPEN),
        Record.lat.between(south, north),
        Record.lon.between(west, east),
    )
    others = {other.id: other for other in db.session.scalars(found)}
    ranked = rules.near(
        rules.site(kind, record.id, record.data), (rules.site(kind, o.id, o.data) for o in others.values())
    )
    return [(others[one.id], one) for one in ranked[:most]]


def states() -> Sequence[str]:
    """The states that the map can be asked for, besides open and all."""
    return (*rules.OPEN, "closed", "duplicate")


def matching(actor: Actor, wanted: Wanted) -> ColumnElement[bool]:
    """What the map shows for these filters, with a point or without."""
    kinds = [wanted.kind] if wanted.kind else mapped_kinds()
    held = [in_scope(actor), Record.kind.in_(kinds)]
    if wanted.state == "open":
        held.append(Record.status.in_(rules.OPEN))
    elif wanted.state == "all":
        held.append(Record.status != "withdrawn")
    else:
        held.append(Record.status == wanted.state)
    if wanted.group is not None:
        held.append(Record.group_id == wanted.group)
    if wanted.risk == UNJUDGED:
        held.append(Record.data[RISK].as_string().is_(None))
    elif wanted.risk is not None:
        held.append(Record.data[RISK].as_string() == wanted.risk)
    return and_(*held)


def _rows() -> Select[Any]:
    return select(
        Record.id,
        Record.kind,
        Record.version,
        Record.status,
        Record.urgency,
        Record.data,
        _group.name,
        Record.happened_on,
        Record.received_at,
        Record.feed_no,
        Record.lat.is_not(None),
    ).outerjoin(_group, _group.id == Record.group_id)
