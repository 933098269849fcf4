"""The records that are to be looked at again, and the looks. All start from the person's scope."""

from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import select

from app.clock import HANOI
from app.db import db
from app.identity.rights import Actor
from app.kinds import registry
from app.rechecks.rules import Look
from app.records.models import Record, Ward
from app.records.queries import Row, in_scope, of_these
from app.records.rules import ENDED, VOID

_SITE = (Record.id, Record.kind, Record.data, Record.happened_on, Record.received_at, Record.group_id)


def last_no(ward_id: int) -> int:
    """The number of the ward's latest change: as long as it stays, so does everything in the ward."""
    return db.session.scalar(select(Ward.last_no).where(Ward.ward_id == ward_id)) or 0


def sites(actor: Actor, ids: Iterable[str] | None = None) -> list[Row]:
    """The records in scope of kinds that are looked at again, of `ids` when given."""
    kinds = [code for code, kind in registry.items() if kind.recheck]
    reach = in_scope(actor) if ids is None else of_these(actor, ids)
    wanted = select(*_SITE).where(reach, Record.kind.in_(kinds), Record.status.not_in(ENDED))
    return [dict(row._mapping) for row in db.session.execute(wanted)]


def changed(actor: Actor, above: int) -> list[tuple[str, str | None]]:
    """The records of these kinds that changed since the ward's number was `above`, each with its parent."""
    kinds = [code for code, kind in registry.items() if kind.recheck]
    wanted = select(Record.id, Record.parent_id).where(
        in_scope(actor), Record.ward_id == actor.ward_id, Record.feed_no > above, Record.kind.in_([*kinds, *_by()])
    )
    return [(row.id, row.parent_id) for row in db.session.execute(wanted)]


def looks(actor: Actor, ids: Iterable[str] | None = None) -> dict[str, list[Look]]:
    """The looks in scope by the record they are about, in the order in which the ward received them."""
    wanted = (
        select(Record.parent_id, Record.data, Record.happened_on, Record.received_at)
        .where(in_scope(actor), Record.kind.in_(_by()), Record.status.not_in(VOID), Record.parent_id.is_not(None))
        .order_by(Record.received_at, Record.feed_no)  # of one push, as the phone wrote them
    )
    if ids is not None:
        wanted = wanted.where(Record.parent_id.in_(list(ids)))
    found: dict[str, list[Look]] = {}
    for row in db.session.execute(wanted):
        found.setdefault(str(row.parent_id), []).append(Look(day_of(row.happened_on, row.received_at), row.data))
    return found


def look_parents(actor: Actor) -> dict[str, str]:
    """What each look in scope is about."""
    wanted = select(Record.id, Record.parent_id).where(
        in_scope(actor), Record.kind.in_(_by()), Record.parent_id.is_not(None)
    )
    return {row.id: row.parent_id for row in db.session.execute(wanted)}


def _by() -> list[str]:
    return [kind.recheck.by for kind in registry.values() if kind.recheck]


def day_of(happened_on: date | None, received_at: datetime) -> str:
    """The day of the event, else the one on which the ward received it, in Hà Nội."""
    return (happened_on or received_at.astimezone(HANOI).date()).isoformat()
