"""Who a token belongs to, and the lists of people, phones and sign-ins. A person out of reach is not found."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Date, Select, and_, bindparam, false, func, or_, select

from app.clock import now, today
from app.db import Utc, db
from app.identity.models import Assignment, Person, SignIn
from app.identity.rights import COLLABORATOR, DOOR_OF, ROLES, Actor
from app.identity.rules import DESK_IDLE
from app.identity.sessions import HALF
from app.passkeys.models import Passkey
from app.problems import Problem
from app.second_factor import queries as grace
from app.second_factor import rules as second_factor
from app.second_factor.models import SecondFactor
from app.sync.models import DeviceState
from app.units import queries as units


@dataclass(frozen=True)
class Listed:
    """A line of the list of people. `role` and `where` are the present ones, or the last."""

    id: str
    name: str
    phone: str | None
    role: str
    where: str
    labels: tuple[str, ...]  # phones and browsers that are signed in
    last_contact: datetime | None
    unsent: int  # changes that the phones said they still had when they were heard last
    closed: bool


def find_actor(token_hash: str, door: str) -> Actor | None:
    """The person signed in with this token at this door today, or None. One SELECT."""
    found = find_sign_in(token_hash, door)
    return found[0] if found else None


def find_sign_in(token_hash: str, door: str) -> tuple[Actor, datetime] | None:
    """The same, with the moment of the last contact that was noted."""
    moment = now()
    given = {
        "token": token_hash,
        "door": door,
        "moment": moment,
        "idle_since": moment - DESK_IDLE,
        "day": today(),
    }
    # On the connection and prepared once: this runs before every request, and an idle phone's costs little else.
    rows = db.session.connection().execute(_signed_in(door), given).all()
    if not rows:
        return None
    first = rows[0]
    groups = [
        row.unit_id for row in rows if row.role == first.role and row.ward_id == first.ward_id and row.level == "group"
    ]
    actor = Actor(
        id=first.person_id,
        name=first.name,
        role=first.role,
        door=door,
        device=first.device,
        ward_id=first.ward_id,
        group_ids=tuple(sorted(groups)),
        language=first.language,
        sign_in=token_hash,
        must_enrol=door == "desk"
        and second_factor.is_due(first.factor_since is not None, first.created_at, moment, grace.days()),
    )
    return actor, first.seen_at


@cache
def _signed_in(door: str) -> Select[Any]:
    home = units.homes()
    moment, day = bindparam("moment", type_=Utc()), bindparam("day", type_=Date())
    alive = and_(
        SignIn.revoked_at.is_(None),
        SignIn.expires_at > moment,
        or_(SignIn.door != "desk", SignIn.seen_at > bindparam("idle_since", type_=Utc())),
    )
    in_force = and_(Assignment.valid_from <= day, or_(Assignment.valid_to.is_(None), Assignment.valid_to >= day))
    person: tuple[Any, ...] = (SignIn.person_id, SignIn.device, SignIn.seen_at, Person.name, Person.language)
    if door == "desk":
        app = select(SecondFactor.confirmed_at).where(SecondFactor.person_id == SignIn.person_id).scalar_subquery()
        key = select(func.min(Passkey.made_at)).where(Passkey.person_id == SignIn.person_id).scalar_subquery()
        person = (*person, Person.created_at, func.coalesce(app, key).label("factor_since"))
    return (
        select(*person, Assignment.role, Assignment.unit_id, home.c.level, home.c.ward_id)
        .join(Person, Person.id == SignIn.person_id)
        .join(Assignment, Assignment.person_id == Person.id)
        .join(home, home.c.unit_id == Assignment.unit_id)
        .where(SignIn.token_hash == bindparam("token"), SignIn.door == bindparam("door"), Person.closed_at.is_(None))
        .where(alive, in_force, or_(false(), *(Assignment.role == role for role in _roles_of(door))))
        .order_by(Assignment.id.desc())
    )


def sign_in_of(token_hash: str) -> SignIn | None:
    """The row of a token, whether it still counts or not."""
    return db.session.get(SignIn, token_hash)


def describe(actor: Actor) -> dict[str, Any]:
    """What a phone is told about its person."""
    ward = units.get(actor.ward_id)
    return {
        "id": actor.id,
        "name": actor.name,
        "language": actor.language,
        "role": actor.role,
        "ward": {"id": str(ward.id), "name": ward.name, "phone": ward.phone},
        "groups": [{"id": str(group_id), "name": units.get(group_id).name} for group_id in actor.group_ids],
    }


def person_by_phone(phone: str) -> Person | None:
    """The person who signs in with this number (E.164), closed or not."""
    return db.session.scalars(select(Person).where(Person.phone == phone)).first()


def roles_today(person_id: str) -> set[str]:
    """The roles that the person holds today."""
    wanted = select(Assignment.role).where(Assignment.person_id == person_id, _in_force(today()))
    return set(db.session.scalars(wanted))


def person_in_reach(actor: Actor, person_id: str) -> Person:
    """The person, if everything that he or she does lies under the administrator's unit. Raises not_found.

    Past assignments count only when there is no present one: whoever moved to another ward's
    desk must not be taken over from the old one by a fresh code.
    """
    person = db.session.get(Person, person_id)
    deciding = _deciding(assignments(person_id)) if person else []
    if person is None or not deciding:
        raise Problem("not_found")
    for item in deciding:
        units.in_reach(actor.ward_id, item.unit_id)
    return person


def assignments(person_id: str) -> list[Assignment]:
    """What the person does and did, the latest first."""
    wanted = select(Assignment).where(Assignment.person_id == person_id)
    return list(db.session.scalars(wanted.order_by(Assignment.id.desc())))


def ward_of(person_id: str) -> int | None:
    """The ward (or what stands in its place) of the person's work, the present one first; in whose log it is told."""
    home = units.homes()
    wanted = select(home.c.ward_id).join(Assignment, Assignment.unit_id == home.c.unit_id)
    return db.session.scalars(wanted.where(Assignment.person_id == person_id).order_by(Assignment.id.desc())).first()


def sign_ins(person_id: str) -> list[SignIn]:
    """The person's phones and browsers, the latest contact first; those of old months fall away."""
    wanted = select(SignIn).where(SignIn.person_id == person_id, SignIn.door != HALF)
    return list(db.session.scalars(wanted.order_by(SignIn.seen_at.desc()).limit(20)))


def people_under(top_id: int) -> list[Listed]:
    """Everybody whose present work (or last, when there is none) lies beneath the unit. Four SELECTs."""
    reach = {unit.id: unit for unit in units.all_under(top_id)}  # held, so that naming them asks nothing more
    somebody = select(Assignment.person_id).where(Assignment.unit_id.in_(units.subtree(top_id)))
    held = select(Person, Assignment).join(Assignment, Assignment.person_id == Person.id)
    found: dict[str, tuple[Person, list[Assignment]]] = {}
    for person, item in db.session.execute(held.where(Person.id.in_(somebody)).order_by(Assignment.id)):
        found.setdefault(person.id, (person, []))[1].append(item)
    contacts: dict[str, list[SignIn]] = {}
    for sign_in in db.session.scalars(select(SignIn).where(SignIn.person_id.in_(somebody), SignIn.door != HALF)):
        contacts.setdefault(sign_in.person_id, []).append(sign_in)
    unsent = _unsent_of(somebody)
    return [
        _listed(person, items, contacts.get(person.id, []), unsent.get(person.id, 0))
        for person, items in found.values()
        if all(item.unit_id in reach for item in _deciding(items))
    ]


def unsent_on_phones(person_id: str) -> dict[str, int]:
    """Device -> how many changes it said it still had, for the person's phones that had any."""
    wanted = select(DeviceState.device, DeviceState.unsent).where(DeviceState.person_id == person_id)
    return {row.device: row.unsent for row in db.session.execute(wanted.where(DeviceState.unsent > 0))}


def _unsent_of(people: Select[Any]) -> dict[str, int]:
    wanted = select(DeviceState.person_id, func.sum(DeviceState.unsent)).where(DeviceState.person_id.in_(people))
    return {person: int(count) for person, count in db.session.execute(wanted.group_by(DeviceState.person_id))}


def _listed(person: Person, items: list[Assignment], contacts: list[SignIn], unsent: int) -> Listed:
    alive = sorted((s for s in contacts if is_alive(s)), key=lambda s: s.seen_at, reverse=True)
    shown = [items[-1]] if not at_work(items) else at_work(items)
    return Listed(
        id=person.id,
        name=person.name,
        phone=person.phone,
        role=shown[-1].role,
        where=" · ".join(units.place(item.unit_id) for item in shown),
        labels=tuple(sign_in.label for sign_in in alive),
        last_contact=max((sign_in.seen_at for sign_in in contacts), default=None),
        unsent=unsent,
        closed=person.closed_at is not None or all(is_over(item) for item in items),
    )


def at_work(items: list[Assignment]) -> list[Assignment]:
    """Those of the roles that are held today."""
    return [item for item in items if _is_in_force(item, today())]


def is_over(item: Assignment) -> bool:
    """Whether the role has ended; one that begins later has not."""
    return item.valid_to is not None and item.valid_to < max(today(), item.valid_from)


def _deciding(items: list[Assignment]) -> list[Assignment]:
    return at_work(items) or items


def somebody_at(unit_id: int) -> bool:
    """Whether anybody holds a role at exactly this unit, today or later."""
    still = or_(Assignment.valid_to.is_(None), Assignment.valid_to >= today())
    return db.session.scalars(select(Assignment.id).where(Assignment.unit_id == unit_id, still)).first() is not None


def recording_in(ward_id: int) -> Select[Any]:
    """SELECT of the ids of the ward's collaborators of today; for use in IN (…)."""
    home = units.homes()
    held = select(Assignment.person_id).join(home, home.c.unit_id == Assignment.unit_id)
    return held.where(home.c.ward_id == ward_id, Assignment.role == COLLABORATOR, _in_force(today()))


def names_at(unit_ids: list[int]) -> dict[int, list[str]]:
    """Who holds a role at these units today: unit id -> names."""
    wanted = select(Assignment.unit_id, Person.name).join(Person, Person.id == Assignment.person_id)
    found: dict[int, list[str]] = {}
    for unit_id, name in db.session.execute(wanted.where(Assignment.unit_id.in_(unit_ids), _in_force(today()))):
        found.setdefault(unit_id, []).append(name)
    return found


def names(person_ids: Iterable[str]) -> dict[str, str]:
    """Names by person id; unknown ids are left out."""
    wanted = set(person_ids)
    if not wanted:
        return {}
    found = db.session.execute(select(Person.id, Person.name).where(Person.id.in_(wanted)))
    return {row.id: row.name for row in found}


def is_alive(sign_in: SignIn) -> bool:
    """Whether the sign-in still opens its door."""
    moment = now()
    idle = sign_in.door == "desk" and sign_in.seen_at <= moment - DESK_IDLE
    return sign_in.revoked_at is None and sign_in.expires_at > moment and not idle


def _in_force(day: date) -> ColumnElement[bool]:
    return and_(Assignment.valid_from <= day, or_(Assignment.valid_to.is_(None), Assignment.valid_to >= day))


def _is_in_force(item: Assignment, day: date) -> bool:
    return item.valid_from <= day and (item.valid_to is None or day <= item.valid_to)


def _roles_of(door: str) -> list[str]:
    return [role for role in ROLES if DOOR_OF[role] == door]
