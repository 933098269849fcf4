"""What phones' numbers tell, written down: one row of DeviceState for each person on each phone, and the gaps."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, func, insert, select, update

from app.db import db, take_turns
from app.identity.rights import Actor
from app.records.models import Change
from app.sync import numbering
from app.sync.models import DeviceState, Gap
from app.sync.numbering import Numbers, Said

MOST_MISSING = 50
COLUMNS = tuple(getattr(DeviceState, name) for name in Numbers._fields)
_STATE: Any = DeviceState.__table__
_GAP: Any = Gap.__table__
# The row of the "person" on the "device".
IS_STATE = and_(DeviceState.person_id == bindparam("person"), DeviceState.device == bindparam("device"))
_KNOWN = select(*COLUMNS).where(IS_STATE).with_for_update()
_HEARD = (*Numbers._fields, "ward_id", "app", "last_seen")
_NOTE = (
    update(_STATE)
    .where(_STATE.c.person_id == bindparam("person"), _STATE.c.device == bindparam("phone"))
    .values({name: bindparam(name) for name in _HEARD})
)


@dataclass(frozen=True)
class Contact:
    """A request of somebody's phone."""

    actor: Actor
    device: str
    app: str
    said: Said
    at: datetime


def missing(actor: Actor, device: str, numbers: Numbers) -> list[int]:
    """The first numbers below the highest that never came and that the desk has not given up."""
    if numbers.contiguous >= numbers.highest:
        return []
    wanted = select(Gap.seq).where(_unfilled(actor.id, device), Gap.closed_at.is_(None), Gap.seq < numbers.highest)
    return list(db.session.scalars(wanted.order_by(Gap.seq).limit(MOST_MISSING)))


def take_down(contact: Contact, arrived: Sequence[int] = ()) -> None:
    """Write what a request tells of its phone's numbers. `arrived`: of the changes that it stored.

    Call inside `transact`, before the wards' counters are raised.
    """
    known = _lock(contact)
    numbers = numbering.heard(known, contact.said, arrived)
    again = _fill(contact, known, [seq for seq in arrived if seq <= known.looked])
    if again:
        # A number came twice with other words: the phone fell back to an earlier state and counts anew.
        # Then what it had given out before is lost, even where new changes now have the old numbers.
        holes, looked = numbering.tail(known.looked, known.issued, numbering.MOST_NEW), known.looked
    else:
        holes, looked = numbering.look(known.looked, _above(contact, known, arrived))
    numbers = numbers._replace(looked=max([looked, *holes]))
    before = _count_open(contact) if known.contiguous < known.looked else 0
    if numbers.looked >= numbers.highest and numbering.lost(numbers, before + len(holes)):
        more = numbering.tail(numbers.looked, numbers.issued, numbering.MOST_NEW - len(holes))
        holes, numbers = holes + more, numbers._replace(looked=max([numbers.looked, *more]))
    _open(contact, holes)
    _write(contact, numbers._replace(contiguous=_contiguous(contact, known, numbers, holes)))


def came_after_all(person_id: str, device: str, seq: int, at: datetime) -> None:
    """A number that did not count because its change might have been forged has been vouched for."""
    here = and_(_unfilled(person_id, device), Gap.seq == seq)
    db.session.execute(update(_GAP).where(here).values(filled_at=at))


def _lock(contact: Contact) -> Numbers:
    """The numbers as they are known, their row locked until the commit; made when there is none."""
    here = {"person": contact.actor.id, "device": contact.device}
    connection = db.session.connection()
    found = connection.execute(_KNOWN, here).one_or_none()
    if found is None and take_turns(f"changes of {contact.actor.id}"):
        found = connection.execute(_KNOWN, here).one_or_none()
    if found is not None:
        return Numbers(*found)
    named = {"person_id": contact.actor.id, "device": contact.device, "ward_id": contact.actor.ward_id}
    db.session.execute(insert(_STATE), [{**named, "first_seen": contact.at, "last_seen": contact.at}])
    return Numbers()


def _fill(contact: Contact, known: Numbers, arrived: Sequence[int]) -> bool:
    """Mark gaps as filled; or, where one of the numbers was no gap, only say so."""
    if not arrived:
        return False
    here = and_(_unfilled(contact.actor.id, contact.device), Gap.seq.in_(arrived))
    filled = set(db.session.scalars(select(Gap.seq).where(here))) if known.contiguous < known.looked else set()
    if filled != set(arrived):
        return True
    db.session.execute(update(_GAP).where(here).values(filled_at=contact.at))
    return False


def _above(contact: Contact, known: Numbers, arrived: Iterable[int]) -> Iterable[int]:
    """The numbers that arrived above those that were looked at, in order."""
    if known.highest <= known.looked:
        return sorted(seq for seq in arrived if seq > known.looked)
    mine = (Change.device == contact.device, Change.person_id == contact.actor.id, Change.seq > known.looked)
    return [seq for seq in db.session.scalars(select(Change.seq).where(*mine).distinct().order_by(Change.seq)) if seq]


def _open(contact: Contact, holes: Sequence[int]) -> None:
    if holes:
        named = {"person_id": contact.actor.id, "device": contact.device, "noticed_at": contact.at}
        db.session.execute(insert(_GAP), [{**named, "seq": seq} for seq in holes])


def _write(contact: Contact, numbers: Numbers) -> None:
    said = {"ward_id": contact.actor.ward_id, "app": contact.app, "last_seen": contact.at}
    here = {"person": contact.actor.id, "phone": contact.device}
    db.session.connection().execute(_NOTE, {**numbers._asdict(), **said, **here})


def _contiguous(contact: Contact, known: Numbers, numbers: Numbers, holes: Sequence[int]) -> int:
    if known.contiguous >= known.looked:
        return min(holes) - 1 if holes else numbers.looked
    wanted = select(func.min(Gap.seq)).where(_unfilled(contact.actor.id, contact.device))
    first = db.session.scalar(wanted)
    return first - 1 if first else numbers.looked


def _count_open(contact: Contact) -> int:
    here = and_(_unfilled(contact.actor.id, contact.device), Gap.closed_at.is_(None))
    return db.session.scalar(select(func.count()).select_from(Gap).where(here)) or 0


def _unfilled(person_id: str, device: str) -> ColumnElement[bool]:
    return and_(Gap.person_id == person_id, Gap.device == device, Gap.filled_at.is_(None))
