"""Units that end on a day and what takes over from them: which person and which record goes where. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from app.units.rules import GROUP, LONGEST_NAME, WARD_LEVELS, Box, UnitFacts

# A unit that is there, by its id, or one that the plan makes, by its key.
Place = int | str


@dataclass(frozen=True)
class Made:
    """A unit that begins on the plan's day. `like`: the ended unit whose duty number and box it takes over."""

    key: str
    level: str
    name: str
    parent: Place
    code: str = ""  # empty: the next free one, as groups have it
    like: int | None = None


@dataclass(frozen=True)
class Plan:
    """What changes from the start of `day` on. `heirs`: each unit that ends -> what takes over, the main part first.
    `people`: who goes elsewhere than to the main part."""

    day: date
    heirs: Mapping[int, tuple[Place, ...]]
    made: tuple[Made, ...] = ()  # wards before their groups
    people: Mapping[str, Place] = field(default_factory=dict)


class Held(NamedTuple):
    """A role that is held on the plan's day or later at a unit that ends."""

    id: int
    person_id: str
    role: str
    unit_id: int


class Filed(NamedTuple):
    """A record by where it lies and who wrote it; never what it says."""

    id: str
    kind: str
    ward_id: int
    group_id: int | None
    author_id: str
    lat: float | None
    lon: float | None


class Home(NamedTuple):
    """Where a record belongs from now on."""

    ward: Place
    group: Place | None


class Move(NamedTuple):
    """So many of something go from one unit to another."""

    origin: int
    target: Place
    number: int


@dataclass(frozen=True)
class Ground:
    """What is known of the units that a plan speaks of: the rows, and the boxes of wards that have one."""

    units: Mapping[int, UnitFacts]
    boxes: Mapping[int, Box] = field(default_factory=dict)


def faults(plan: Plan, ground: Ground) -> list[str]:
    """Codes of what makes a plan impossible; empty when it can be carried out."""
    found = []
    ended = [ground.units[unit_id] for unit_id in plan.heirs]
    if any(unit.valid_from >= plan.day for unit in ended):
        found.append("before_start")
    if any(unit.valid_to is not None and (plan.day - unit.valid_to).days > 1 for unit in ended):
        found.append("already_ended")
    wards = {unit.id for unit in ended if unit.level != GROUP}
    left = [unit for unit in ground.units.values() if unit.parent_id in wards and unit.id not in plan.heirs]
    if any(_goes_on(unit, plan.day) for unit in left):
        found.append("groups_first")
    if any(not _fits(unit, heir, plan, ground) for unit in ended for heir in plan.heirs[unit.id]):
        found.append("not_choice")
    names = [made.name for made in plan.made]
    if not all(names) or not all(plan.heirs.values()):
        found.append("required")
    if any(len(name) > LONGEST_NAME for name in names):
        found.append("too_long")
    if _twice(plan, ground):
        found.append("already_there")
    return found


def home_of(plan: Plan, ground: Ground, record: Filed) -> Home | None:
    """Where a record goes, None when it stays.

    With its group; where that is parted, with whoever wrote it, else with the main part. A record of no group: to the
    one ward whose box has its place, else to the main part.
    """
    if record.group_id is not None and record.group_id in plan.heirs:
        group = _heir(plan, record.group_id, record.author_id)
        return Home(parent_of(plan, ground, group), group)
    if record.ward_id not in plan.heirs:
        return None
    heirs = plan.heirs[record.ward_id]
    inside = [heir for heir in heirs if _is_inside(record, heir, ground)]
    return Home(inside[0] if len(inside) == 1 else heirs[0], None)


def place_of(plan: Plan, held: Held) -> Place:
    """Where somebody works from now on."""
    return _heir(plan, held.unit_id, held.person_id)


def parent_of(plan: Plan, ground: Ground, place: Place) -> Place:
    """The ward of a group, wherever that is made."""
    if isinstance(place, str):
        return next(made.parent for made in plan.made if made.key == place)
    return ground.units[place].parent_id or place


def tally(pairs: Iterable[tuple[int, Place]]) -> list[Move]:
    """How many go from where to where, the largest first."""
    counted = sorted(Counter(pairs).items(), key=lambda one: (-one[1], str(one[0])))
    return [Move(origin, target, count) for (origin, target), count in counted]


def merged(day: date, groups: Sequence[UnitFacts], into: int | None, name: str) -> Plan:
    """These groups of one ward become one: `into`, which goes on, or a new one with this name."""
    if into is not None:
        return Plan(day, {group.id: (into,) for group in groups if group.id != into})
    made = Made("new", GROUP, name, groups[0].parent_id or 0) if groups else None
    return Plan(day, {group.id: ("new",) for group in groups}, (made,) if made else ())


def split(day: date, group: UnitFacts, names: Sequence[str], people: Mapping[str, Place]) -> Plan:
    """A group ends, and several begin; the first is the main part. `people`: person -> key of a part ("part-2")."""
    keys = [f"part-{number}" for number, _ in enumerate(names, start=1)]
    made = tuple(Made(key, GROUP, name, group.parent_id or 0) for key, name in zip(keys, names, strict=True))
    known = {person: key for person, key in people.items() if key in keys}
    return Plan(day, {group.id: tuple(keys)}, made, known)


def renamed(day: date, unit: UnitFacts, code: str, name: str, groups: Sequence[UnitFacts]) -> Plan:
    """A unit goes on under another name. What happened before keeps the old one. `groups`: of a ward, all of them."""
    made = Made("new", unit.level, name, unit.parent_id or 0, code, like=unit.id)
    below = moved_groups(groups, dict.fromkeys((group.id for group in groups), "new"), {})
    return Plan(day, {unit.id: ("new",)} | _to_made(below), (made, *below))


def parted(
    day: date,
    ward: UnitFacts,
    groups: Sequence[UnitFacts],
    main: Place,
    elsewhere: Mapping[int, Place],
    taken: set[str],
) -> Plan:
    """A ward ends; its groups go to the main heir or, each as said, elsewhere.

    `taken`: "<ward id>/<name>" of groups that are in the other wards already; one of the same name is told apart by
    its old ward's. A new ward is added to the plan by `with_ward`.
    """
    targets: dict[int, Place] = {group.id: elsewhere.get(group.id, main) for group in groups}
    names = {
        group.id: f"{group.name} ({ward.name})" for group in groups if f"{targets[group.id]}/{group.name}" in taken
    }
    heirs = tuple(dict.fromkeys([main, *targets.values()]))
    below = moved_groups(groups, targets, names)
    return Plan(day, {ward.id: heirs} | _to_made(below), below)


def with_ward(plan: Plan, ward: Made) -> Plan:
    """The same with a new ward that some of its groups go to."""
    return Plan(plan.day, plan.heirs, (ward, *plan.made), plan.people)


def moved_groups(
    groups: Sequence[UnitFacts], targets: Mapping[int, Place], names: Mapping[int, str]
) -> tuple[Made, ...]:
    """Groups as they begin anew under their new wards."""
    return tuple(
        Made(f"group-{group.id}", GROUP, names.get(group.id, group.name), targets[group.id], like=group.id)
        for group in groups
    )


def together(plans: Sequence[Plan]) -> Plan:
    """Plans of one day as one. Their keys must differ, or stand for the same new unit."""
    heirs: dict[int, tuple[Place, ...]] = {}
    people: dict[str, Place] = {}
    made: dict[str, Made] = {}
    for plan in plans:
        heirs |= plan.heirs
        people |= plan.people
        made |= {one.key: one for one in plan.made}
    return Plan(plans[0].day, heirs, tuple(sorted(made.values(), key=lambda one: one.level == GROUP)), people)


def _to_made(groups: Sequence[Made]) -> dict[int, tuple[Place, ...]]:
    return {made.like: (made.key,) for made in groups if made.like is not None}


def _heir(plan: Plan, unit_id: int, person_id: str) -> Place:
    heirs, wished = plan.heirs[unit_id], plan.people.get(person_id)
    return wished if wished is not None and wished in heirs else heirs[0]


def _goes_on(unit: UnitFacts, day: date) -> bool:
    return unit.valid_to is None or unit.valid_to >= day


def _fits(unit: UnitFacts, heir: Place, plan: Plan, ground: Ground) -> bool:
    """A group is taken over by a group, a ward by a ward, that is there on the day and does not end itself."""
    if isinstance(heir, str):
        level = next((made.level for made in plan.made if made.key == heir), "")
    else:
        known = ground.units.get(heir)
        if known is None or heir in plan.heirs or not _goes_on(known, plan.day) or known.valid_from > plan.day:
            return False
        level = known.level
    return level == GROUP if unit.level == GROUP else level in WARD_LEVELS


def _twice(plan: Plan, ground: Ground) -> bool:
    """Whether two groups of one ward would carry one name."""
    stay = [
        (unit.parent_id, unit.name)
        for unit in ground.units.values()
        if unit.level == GROUP and unit.id not in plan.heirs and _goes_on(unit, plan.day)
    ]
    made = [(made.parent, made.name) for made in plan.made if made.level == GROUP]
    return len({*stay, *made}) < len(set(stay)) + len(made)


def _is_inside(record: Filed, ward: Place, ground: Ground) -> bool:
    box = ground.boxes.get(ward) if isinstance(ward, int) else None
    if box is None or record.lat is None or record.lon is None:
        return False
    south, west, north, east = box
    return south <= record.lat <= north and west <= record.lon <= east
