"""People who are not signed in but whose work arrives: what they may do today, or did last."""

from datetime import date

from app.clock import today
from app.db import db
from app.identity import queries
from app.identity.models import Assignment, Person, SignIn
from app.identity.rights import COLLABORATOR, Actor
from app.units import queries as units


def with_rights(person_id: str, device: str) -> Actor | None:
    """The person with the rights of today, as a sign-in would give them; None when there are none any more."""
    person = db.session.get(Person, person_id)
    if person is None or person.closed_at is not None:
        return None
    held = [item for item in queries.assignments(person_id) if item.role == COLLABORATOR and _is_now(item)]
    return _actor(person, device, held) if held else None


def with_rights_on(person_id: str, device: str, day: date) -> Actor | None:
    """The person with the rights that she or he had as a collaborator on that day; None without any."""
    person = db.session.get(Person, person_id)
    held = [item for item in queries.assignments(person_id) if item.role == COLLABORATOR and _is_in_force(item, day)]
    return _actor(person, device, held) if person and held else None


def moved(actor: Actor) -> Actor | None:
    """The person as she or he works now, if a unit of this actor has ended meanwhile; None when all are in force.

    Call inside `transact`: until it ends, none of these units can end.
    """
    if not units.have_ended((actor.ward_id, *actor.group_ids), today()):
        return None
    found = with_rights(actor.id, actor.device or "")
    if found is None:
        return None
    return Actor(**{**vars(actor), "ward_id": found.ward_id, "group_ids": found.group_ids})


def without_rights(person_id: str, device: str) -> Actor | None:
    """The person where she or he worked last, with no group: it says whose ward a change belongs to, and opens nothing.

    None when there is no such person.
    """
    person = db.session.get(Person, person_id)
    worked = queries.assignments(person_id) if person else []
    last = sorted(worked, key=lambda item: item.role != COLLABORATOR)[:1]  # as a collaborator, if ever
    if person is None or not last:
        return None
    actor = _actor(person, device, last)
    return Actor(**{**vars(actor), "group_ids": ()})


def placed(person_id: str, device: str, ward_id: int, group_ids: tuple[int, ...]) -> Actor:
    """The person as a collaborator of this ward and these groups, because somebody who may say so said so."""
    person = db.session.get_one(Person, person_id)
    return Actor(person.id, person.name, COLLABORATOR, "phone", device, ward_id, group_ids, person.language, "")


def was_here(person_id: str, device: str) -> bool:
    """Whether this person was ever signed in on this phone."""
    return any(sign_in.door == "phone" for sign_in in _sign_ins(person_id, device))


def label_of(person_id: str, device: str) -> str:
    """What the phone called itself when the person signed in on it last; empty when she or he never did."""
    found = sorted(_sign_ins(person_id, device), key=lambda sign_in: sign_in.seen_at)
    return found[-1].label if found else ""


def _sign_ins(person_id: str, device: str) -> list[SignIn]:
    return list(db.session.scalars(db.select(SignIn).where(SignIn.person_id == person_id, SignIn.device == device)))


def _actor(person: Person, device: str, held: list[Assignment]) -> Actor:
    """One ward at a time: that of the latest assignment, as with a sign-in."""
    # What has ended meanwhile stands for what took over: no record is filed where nobody looks any more.
    present = [units.unit_valid_on(item.unit_id, today()) or item.unit_id for item in held]
    homes = {unit_id: _ward_of(unit_id) for unit_id in present}
    ward_id = homes[present[0]]
    return Actor(
        id=person.id,
        name=person.name,
        role=COLLABORATOR,
        door="phone",
        device=device,
        ward_id=ward_id,
        group_ids=tuple(sorted(unit_id for unit_id, home in homes.items() if home == ward_id and unit_id != ward_id)),
        language=person.language,
        sign_in="",
    )


def _ward_of(unit_id: int) -> int:
    unit = units.get(unit_id)
    return unit.parent_id if unit.level == "group" and unit.parent_id is not None else unit.id


def _is_now(item: Assignment) -> bool:
    return _is_in_force(item, today())


def _is_in_force(item: Assignment, day: date) -> bool:
    return item.valid_from <= day and (item.valid_to is None or day <= item.valid_to)
