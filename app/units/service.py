"""What can be done to units: load the official list, keep the groups (tổ dân phố) and the ward's duty number."""

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from app.clock import today
from app.db import db, take_turns
from app.problems import Problem
from app.units import queries, rules
from app.units.models import Succession, Unit
from app.vietnamese import clean, is_storable, phone_number

_LIST = Path(__file__).parent / "data" / "units.json"


def load_units() -> int:
    """Bring the table up to the official list; returns how many units were new. Safe to repeat.

    Duty numbers and groups are the wards' own and are left alone.
    """
    take_turns("units")
    listed = json.loads(_LIST.read_text(encoding="utf-8"))
    known = {(unit.level, unit.code, unit.valid_from): unit for unit in db.session.scalars(select(Unit))}
    before = len(known)
    for entry in listed["units"]:
        _load_unit(entry, known)
    db.session.flush()
    for entry in listed["successions"]:
        _load_succession(entry, list(known.values()))
    db.session.flush()
    return len(known) - before


def _load_unit(entry: dict[str, Any], known: dict[tuple[str, str, date], Unit]) -> None:
    key = (entry["level"], entry["code"], date.fromisoformat(entry["from"]))
    unit = known.get(key)
    if unit is None:
        unit = Unit(level=key[0], code=key[1], valid_from=key[2], phone=None, box=None)
        known[key] = unit
        db.session.add(unit)
    unit.name = entry["name"]
    if "to" in entry:  # what a ward's own reorganisation ended stays ended
        unit.valid_to = date.fromisoformat(entry["to"])
    if "parent" in entry:
        db.session.flush()  # the parent, listed earlier, needs its id
        unit.parent_id = next(
            other.id
            for other in known.values()
            if other.code == entry["parent"] and other.level in ("city", "district") and rules.is_valid(other, key[2])
        )


def _load_succession(entry: dict[str, Any], units: list[Unit]) -> None:
    day = date.fromisoformat(entry["on"])
    wards = [unit for unit in units if unit.level in rules.WARD_LEVELS]
    ended = [unit for unit in wards if unit.code == entry["earlier"] and unit.valid_to is not None]
    earlier = max(
        (unit for unit in ended if unit.valid_to is not None and unit.valid_to < day), key=lambda unit: unit.valid_from
    )
    for code in [entry["default"], *entry["parts"]]:
        later = next(unit for unit in wards if unit.code == code and rules.is_valid(unit, day))
        link(earlier.id, later.id, default=code == entry["default"])


def link(earlier_id: int, later_id: int, *, default: bool) -> None:
    """`later_id` takes over from `earlier_id`; its main part, or another."""
    link = db.session.get(Succession, (earlier_id, later_id))
    if link is None:
        db.session.add(Succession(earlier_id=earlier_id, later_id=later_id, default=default))
    else:
        link.default = default


def add_group(ward_id: int, name: str, valid_from: date | None = None) -> Unit:
    """A new group of the ward, from today unless said otherwise. Raises bad_form."""
    queries.hold(ward_id)
    name = _checked_name(ward_id, name)
    # Groups have no official code; a running one stays the same through renaming.
    group = Unit(
        level=rules.GROUP,
        code=next_group_code(ward_id),
        name=name,
        valid_from=valid_from or today(),
        valid_to=None,
        parent_id=ward_id,
        phone=None,
        box=None,
    )
    db.session.add(group)
    db.session.flush()
    return group


def rename_group(group: Unit, name: str) -> None:
    """Correct or change a group's name; its records stay with it. Raises bad_form."""
    if group.parent_id is None or group.level != rules.GROUP:
        raise Problem("not_found")
    queries.hold(group.id)
    group.name = _checked_name(group.parent_id, name, but=group.id)


def close_group(group: Unit, last_day: date, taken_over_by: Unit | None) -> None:
    """End a group after `last_day`; what happens there later belongs to the group that took it over.

    Call `queries.hold` before looking who works there.
    """
    queries.hold(group.id)
    if group.level != rules.GROUP or group.valid_to is not None or last_day < group.valid_from:
        raise Problem("not_possible_now")
    if taken_over_by is not None:
        if taken_over_by.parent_id != group.parent_id or taken_over_by.id == group.id:
            raise Problem("bad_form", fields=[{"field": "later", "code": "not_choice"}])
        link(group.id, taken_over_by.id, default=True)
    group.valid_to = last_day


def set_phone(ward: Unit, text: str) -> None:
    """The ward's duty number, which phones show beside 111; empty takes it away. Raises bad_form."""
    number = phone_number(text) if text.strip() else None
    if text.strip() and number is None:
        raise Problem("bad_form", fields=[{"field": "phone", "code": "not_phone"}])
    if ward.level not in rules.WARD_LEVELS:
        raise Problem("not_found")
    ward.phone = number


def set_box(ward: Unit, texts: Sequence[str]) -> None:
    """The ward's box, outside of which phones ask whether a point is right; empty: none. Raises bad_form."""
    box = rules.read_box(texts)
    if isinstance(box, str):
        raise Problem("bad_form", fields=[{"field": "box", "code": box}])
    if ward.level not in rules.WARD_LEVELS:
        raise Problem("not_found")
    ward.box = list(box) if box else None


def next_group_code(ward_id: int) -> str:
    """The running code of the ward's next group: groups have no official one."""
    count = db.session.scalar(
        select(func.count()).select_from(Unit).where(Unit.parent_id == ward_id, Unit.level == rules.GROUP)
    )
    return f"{(count or 0) + 1:03}"


def _checked_name(ward_id: int, text: str, but: int | None = None) -> str:
    name = clean(text)
    code = None
    if not name:
        code = "required"
    elif not is_storable(text):
        code = "bad_characters"
    elif len(name) > rules.LONGEST_NAME:
        code = "too_long"
    else:
        same = select(Unit.id).where(
            Unit.parent_id == ward_id, Unit.level == rules.GROUP, Unit.name == name, Unit.valid_to.is_(None)
        )
        if any(found != but for found in db.session.scalars(same)):
            code = "already_there"
    if code:
        raise Problem("bad_form", fields=[{"field": "name", "code": code}])
    return name
