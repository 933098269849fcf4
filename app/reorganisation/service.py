"""Carrying a plan out: units end and begin, people and records go where the rules say, and nothing is lost."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

from sqlalchemy import select, update

from app.clock import now, today
from app.db import db, take_turns
from app.identity.models import Assignment
from app.identity.rights import COLLABORATOR, Actor
from app.machine import service as machine
from app.photos.models import Photo
from app.problems import Problem
from app.records import ledger, moving
from app.reorganisation import queries, rules
from app.reorganisation.rules import Filed, Ground, Held, Home, Made, Move, Place, Plan
from app.saved.models import SavedList
from app.sync.models import DeviceState
from app.units import queries as units
from app.units import service as unit_service
from app.units.models import Unit


@dataclass(frozen=True)
class Preview:
    """What a plan would do, in numbers and, for people, by id."""

    plan: Plan
    ground: Ground
    people: tuple[tuple[Held, Place], ...]
    records: tuple[tuple[Filed, Home], ...]
    faults: tuple[str, ...]

    @property
    def moves(self) -> list[Move]:
        """How many records go from which unit to which."""
        pairs = ((one.group_id or one.ward_id, home.group or home.ward) for one, home in self.records)
        return rules.tally(pairs)

    @property
    def fingerprint(self) -> str:
        """Stands for exactly these people and records going exactly there; another one means: look again."""
        people = [f"{held.id} {place}" for held, place in self.people]
        filed = [f"{one.id} {home.ward} {home.group}" for one, home in self.records]
        return sha256("\n".join([str(self.plan), *people, *filed]).encode()).hexdigest()[:20]


def preview(plan: Plan) -> Preview:
    """What the plan would move now. Reads only."""
    ground = queries.ground(plan)
    faults = rules.faults(plan, ground)
    if faults:
        return Preview(plan, ground, (), (), tuple(faults))
    held = queries.held_at(plan.heirs, plan.day)
    people = tuple((one, rules.place_of(plan, one)) for one in held)
    filed = ((one, rules.home_of(plan, ground, one)) for one in queries.filed_at(plan.heirs))
    return Preview(plan, ground, people, tuple((one, home) for one, home in filed if home is not None), ())


def carry_out(actor: Actor, plan: Plan, seen: str | None = None, *, tokens_follow: bool = False) -> Preview:
    """Do it, inside `transact`; what was done. `seen`: the fingerprint of the preview that somebody agreed to.
    `tokens_follow`: other programs go on reading, in the unit that has the main part now.

    Raises bad_form for an impossible plan, not_possible_now before its day, newer_version when people or records
    are no longer those that were seen.
    """
    take_turns(*(f"person {one.person_id}" for one in queries.held_at(plan.heirs, plan.day)), "units")
    queries.lock_units(plan.heirs)
    done = preview(plan)
    if done.faults:
        raise Problem("bad_form", fields=[{"field": "plan", "code": code} for code in done.faults])
    if plan.day > today():
        raise Problem("not_possible_now")
    if seen is not None and seen != done.fingerprint:
        raise Problem("newer_version")
    ids = _change_units(plan)
    _move_people(done, ids)
    homes = {one.id: (ids(home.ward), None if home.group is None else ids(home.group)) for one, home in done.records}
    moving.move(actor.id, homes)
    _move_photos(homes)
    _move_waiting(done, ids)
    if tokens_follow:
        machine.follow(actor, {earlier: ids(heirs[0]) for earlier, heirs in plan.heirs.items()})
    _note(actor, done, ids)
    return done


class _Ids:
    """The row of each place, once it is there."""

    def __init__(self) -> None:
        self.made: dict[str, int] = {}

    def __call__(self, place: Place) -> int:
        return place if isinstance(place, int) else self.made[place]


def _change_units(plan: Plan) -> _Ids:
    """End what ends, begin what begins, and say what took over from what."""
    ids, eve = _Ids(), plan.day - timedelta(days=1)
    for unit in db.session.scalars(select(Unit).where(Unit.id.in_(list(plan.heirs)))):
        unit.valid_to = eve
    db.session.flush()
    for made in plan.made:
        ids.made[made.key] = _begin(made, plan, ids)
    for earlier, heirs in plan.heirs.items():
        for number, heir in enumerate(heirs):
            unit_service.link(earlier, ids(heir), default=number == 0)
    db.session.flush()
    return ids


def _begin(made: Made, plan: Plan, ids: _Ids) -> int:
    like = db.session.get(Unit, made.like) if made.like is not None else None
    parent = ids(made.parent)
    unit = Unit(
        level=made.level,
        code=made.code or unit_service.next_group_code(parent),
        name=made.name,
        valid_from=plan.day,
        valid_to=None,
        parent_id=parent,
        phone=like.phone if like else None,
        box=like.box if like else None,
    )
    db.session.add(unit)
    db.session.flush()
    return unit.id


def _move_people(done: Preview, ids: _Ids) -> None:
    """The old role ends on the eve, the same begins at the heir; a phone's numbers belong to the new ward."""
    eve = done.plan.day - timedelta(days=1)
    held: set[tuple[str, str, int]] = set()
    for one, place in done.people:
        old = db.session.get_one(Assignment, one.id)
        unit_id = ids(place)
        new = (one.person_id, one.role, unit_id)
        first, last = max(old.valid_from, done.plan.day), old.valid_to
        old.valid_to = min(eve, last) if last else eve
        if new not in held and not _holds(*new):
            db.session.add(
                Assignment(person_id=one.person_id, role=one.role, unit_id=unit_id, valid_from=first, valid_to=last)
            )
        held.add(new)
        if one.role != COLLABORATOR:
            mine = update(SavedList).where(SavedList.person_id == one.person_id, SavedList.ward_id == one.unit_id)
            db.session.execute(mine.values(ward_id=unit_id))
        else:
            ward_id = units.get(unit_id).parent_id or unit_id
            mine = update(DeviceState).where(DeviceState.person_id == one.person_id)
            db.session.execute(mine.values(ward_id=ward_id))
    db.session.flush()


def _holds(person_id: str, role: str, unit_id: int) -> bool:
    """Whether the person has this role there already, as who serves two groups that become one."""
    wanted = select(Assignment.id).where(Assignment.person_id == person_id, Assignment.role == role)
    wanted = wanted.where(Assignment.unit_id == unit_id, Assignment.valid_to.is_(None))
    return db.session.scalars(wanted.limit(1)).first() is not None


def _move_photos(homes: dict[str, tuple[int, int | None]]) -> None:
    by_ward: dict[int, list[str]] = {}
    for record_id, (ward_id, _) in homes.items():
        by_ward.setdefault(ward_id, []).append(record_id)
    for ward_id, ids in by_ward.items():
        for start in range(0, len(ids), 500):
            part = update(Photo).where(Photo.record_id.in_(ids[start : start + 500]))
            db.session.execute(part.values(ward_id=ward_id))


def _move_waiting(done: Preview, ids: _Ids) -> None:
    """What waits for another change is judged, once that comes, where its sender works then."""
    plan = done.plan
    for change in queries.held_changes():
        rights = change.sender or {}
        groups, ward = list(rights.get("groups", [])), int(rights.get("ward") or 0)
        if ward not in plan.heirs and not plan.heirs.keys() & set(groups):
            continue
        moved = [_heir_of(plan, ids, group, change.person_id) for group in groups]
        home = ids(rules.parent_of(plan, done.ground, plan.heirs[ward][0])) if ward in plan.heirs else ward
        if moved:
            home = units.get(moved[0]).parent_id or home
        change.sender = {"ward": home, "groups": list(dict.fromkeys(moved))}
    db.session.flush()


def _heir_of(plan: Plan, ids: _Ids, group: int, person_id: str) -> int:
    return ids(rules.place_of(plan, Held(0, person_id, "", group))) if group in plan.heirs else group


def _note(actor: Actor, done: Preview, ids: _Ids) -> None:
    """In the chain of every ward that gives or takes: what ended, what took over, how much of it."""
    at, plan = now().isoformat(timespec="seconds"), done.plan
    changed = {str(earlier): [ids(heir) for heir in heirs] for earlier, heirs in plan.heirs.items()}
    said = {"by": actor.id, "at": at, "day": plan.day.isoformat(), "heirs": changed}
    for ward_id in sorted(_wards({*plan.heirs, *(ids(heir) for heirs in plan.heirs.values() for heir in heirs)})):
        ledger.note(ward_id, "reorganised", people=len(done.people), records=len(done.records), **said)


def _wards(unit_ids: Iterable[int]) -> set[int]:
    found = (units.get(unit_id) for unit_id in unit_ids)
    return {unit.parent_id if unit.level == "group" and unit.parent_id else unit.id for unit in found}
