"""When somebody means to see a child again, kept beside the child: the plan of the latest visit.

Worked out whenever a visit is written, so that a list of whom to see costs nothing. Runs inside the caller's
transaction.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import bindparam, select, update

from app.db import db
from app.kinds import registry
from app.records import rules
from app.records.models import Record

_RECORD: Any = Record.__table__
_PLAN = update(_RECORD).where(_RECORD.c.id == bindparam("key")).values(again_on=bindparam("day"))


def kinds() -> list[str]:
    """The kinds of which the latest one says when to come again."""
    return [code for code, kind in registry.items() if kind.again]


def parents() -> list[str]:
    """The kinds that have such a day."""
    return sorted({kind.parent for kind in registry.values() if kind.again and kind.parent})


def bring_up(ids: Iterable[str]) -> None:
    """Work out anew when these records are to be seen again, with what was written under their duplicates."""
    wanted = sorted(set(ids))
    if not wanted:
        return
    connection = db.session.connection()
    here = select(_RECORD.c.id, _RECORD.c.again_on).where(_RECORD.c.id.in_(wanted), _RECORD.c.kind.in_(parents()))
    known = {row.id: row.again_on for row in connection.execute(here.order_by(_RECORD.c.id).with_for_update())}
    twins = select(_RECORD.c.id, _RECORD.c.original_id).where(
        _RECORD.c.original_id.in_(list(known)), _RECORD.c.status == "duplicate"
    )
    kept = {**{one: one for one in known}, **{row.id: row.original_id for row in connection.execute(twins)}}
    columns = (_RECORD.c[name] for name in ("id", "parent_id", "status", "happened_on", "received_at", "again_on"))
    visits = select(*columns).where(_RECORD.c.parent_id.in_(list(kept)), _RECORD.c.kind.in_(kinds()))
    made: dict[str, list[rules.Visit]] = {one: [] for one in known}
    for row in connection.execute(visits):
        made[kept[row.parent_id]].append(
            rules.Visit(row.id, row.status, row.happened_on, row.received_at, row.again_on)
        )
    days = {one: rules.next_visit(found) for one, found in made.items()}
    news = [{"key": one, "day": day} for one, day in days.items() if day != known[one]]
    if news:
        connection.execute(_PLAN, news)
