"""What has not arrived in a ward, or arrived and waits: every SELECT of the page. The number of statements is fixed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, func, literal_column, or_, select

from app.arrivals.rules import SILENT_AFTER, WAITED_LONG
from app.clock import now
from app.db import db
from app.identity.models import Person, SignIn
from app.identity.queries import recording_in
from app.identity.rights import Actor
from app.records.models import Change, Record
from app.records.queries import of_these
from app.sync.models import DeviceState, Gap

MOST_ROWS = 200
_MOST_NUMBERS = 2000
_HELD: Any = literal_column("'held'")  # as it stands in the index, which a bound value would not find
Phone = tuple[str, str]  # person, device
_OPEN = and_(Gap.filled_at.is_(None), Gap.closed_at.is_(None))


@dataclass(frozen=True)
class Lost:
    """A phone with numbers that never came."""

    state: DeviceState
    name: str
    numbers: tuple[int, ...]
    since: datetime


@dataclass(frozen=True)
class Held:
    """A change that waits for another. `record` is its record's kind when somebody here may open it."""

    seq: int | None
    record_id: str
    kind: str | None
    name: str
    received_at: datetime


@dataclass(frozen=True)
class Quiet:
    """A phone to ask about: nothing heard of it for long, or work on it that was not sent."""

    name: str
    last_seen: datetime
    unsent: int
    app: str
    silent: bool


def count(actor: Actor) -> int:
    """How many phones lost something, and how many changes wait for long."""
    phones = select(func.count()).select_from(_lost(actor).subquery())
    return (db.session.scalar(phones) or 0) + len(_held(actor))


def count_silent(actor: Actor) -> int:
    """How many phones have been silent for days."""
    return sum(1 for one in quiet(actor) if one.silent)


def lost(actor: Actor) -> list[Lost]:
    """Phones of the ward with numbers that never came, the oldest gap first."""
    found = db.session.execute(_lost(actor).order_by(func.min(Gap.noticed_at)).limit(MOST_ROWS)).all()
    numbers = _numbers((row[0].person_id, row[0].device) for row in found)
    return [
        Lost(state, name, numbers[state.person_id, state.device], since)
        for state, name, since in found
        if (state.person_id, state.device) in numbers
    ]


def held(actor: Actor) -> list[Held]:
    """Changes that have been waiting for more than a day, the oldest first."""
    rows = _held(actor)
    ids = {row.record_id for row in rows}
    reach = select(Record.id, Record.kind).where(of_these(actor, ids))
    kinds = {row.id: row.kind for row in db.session.execute(reach)} if ids else {}
    return [Held(row.seq, row.record_id, kinds.get(row.record_id), row.name, row.received_at) for row in rows]


def quiet(actor: Actor) -> list[Quiet]:
    """Phones of the ward's people to ask about, the longest silence first."""
    heard, states = _signed_in(actor), _states(actor)
    for phone, (state, name) in states.items():
        heard[phone] = (name, max(state.last_seen, heard[phone][1] if phone in heard else state.last_seen))
    latest: dict[str, datetime] = {}
    for (person_id, _), (_, at) in heard.items():
        latest[person_id] = max(at, latest.get(person_id, at))
    here = set(db.session.scalars(recording_in(actor.ward_id)))
    found = []
    for phone, (name, at) in heard.items():
        known = states.get(phone)
        unsent, app = (known[0].unsent, known[0].app) if known else (0, "")
        silent = phone[0] in here and latest[phone[0]] == at and now() - at > SILENT_AFTER
        if silent or unsent:
            found.append(Quiet(name, at, unsent, app, silent))
    return sorted(found, key=lambda one: one.last_seen)[:MOST_ROWS]


def _lost(actor: Actor) -> Select[DeviceState, str, datetime]:
    """A phone's row is shown once more is open than what the phone says it still has."""
    mine = and_(Gap.person_id == DeviceState.person_id, Gap.device == DeviceState.device)
    beyond = DeviceState.issued - DeviceState.looked
    return (
        select(DeviceState, Person.name, func.min(Gap.noticed_at))
        .join(Gap, mine)
        .join(Person, Person.id == DeviceState.person_id)
        .where(_OPEN, DeviceState.ward_id == actor.ward_id)
        .group_by(*DeviceState.__table__.c, Person.name)
        .having(func.count() + beyond > DeviceState.unsent)
    )


def _numbers(phones: Iterable[Phone]) -> Mapping[Phone, tuple[int, ...]]:
    wanted = set(phones)
    if not wanted:
        return {}
    mine = or_(*(and_(Gap.person_id == person_id, Gap.device == device) for person_id, device in wanted))
    rows = select(Gap.person_id, Gap.device, Gap.seq).where(_OPEN, mine)
    found: dict[Phone, tuple[int, ...]] = {}
    for person_id, device, seq in db.session.execute(rows.order_by(Gap.noticed_at, Gap.seq).limit(_MOST_NUMBERS)):
        found[person_id, device] = (*found.get((person_id, device), ()), seq)
    return found


def _held(actor: Actor) -> list[Any]:
    wanted = (
        select(Change.seq, Change.record_id, Change.received_at, Change.sender, Person.name)
        .join(Person, Person.id == Change.person_id)
        .where(Change.outcome == _HELD, Change.received_at < now() - WAITED_LONG)
        .order_by(Change.received_at, Change.log_id)
        .limit(_MOST_NUMBERS)
    )
    rows = [row for row in db.session.execute(wanted) if (row.sender or {}).get("ward") == actor.ward_id]
    return rows[:MOST_ROWS]


def _signed_in(actor: Actor) -> dict[Phone, tuple[str, datetime]]:
    """The last word of every phone on which a collaborator of the ward is signed in."""
    wanted = (
        select(SignIn.person_id, SignIn.device, Person.name, func.max(SignIn.seen_at))
        .join(Person, Person.id == SignIn.person_id)
        .where(SignIn.door == "phone", SignIn.device.is_not(None), SignIn.revoked_at.is_(None))
        .where(SignIn.person_id.in_(recording_in(actor.ward_id)))
        .group_by(SignIn.person_id, SignIn.device, Person.name)
    )
    rows = db.session.execute(wanted)
    return {(person_id, device): (name, at) for person_id, device, name, at in rows if device is not None}


def _states(actor: Actor) -> dict[Phone, tuple[DeviceState, str]]:
    """What is known of every phone that ever sent something to the ward, with its person's name."""
    wanted = select(DeviceState, Person.name).join(Person, Person.id == DeviceState.person_id)
    rows = db.session.execute(wanted.where(DeviceState.ward_id == actor.ward_id))
    return {(state.person_id, state.device): (state, name) for state, name in rows}
