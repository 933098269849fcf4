"""Look-ups of administrative units. Names come out with their rank: "tổ 7, phường Phúc Lợi"."""

from collections.abc import Callable, Iterable
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import Select, Subquery, bindparam, case, or_, select
from sqlalchemy.orm import aliased

from app.clock import today
from app.db import db, take_turns
from app.i18n import t
from app.problems import Problem
from app.units import rules
from app.units.models import Succession, Unit

_OVER = (
    select(Unit.valid_to)
    .where(Unit.id.in_(bindparam("units", expanding=True)))
    .with_for_update(read=True, key_share=True)
)
_LIFE = select(Unit.valid_from, Unit.valid_to).where(Unit.id == bindparam("unit"))


def get(unit_id: int) -> Unit:
    """The unit. Raises not_found."""
    unit = db.session.get(Unit, unit_id)
    if unit is None:
        raise Problem("not_found")
    return unit


def hold(unit_id: int) -> None:
    """Let no other transaction change the groups of this unit's ward until this one has ended."""
    unit = get(unit_id)
    take_turns(f"groups of {unit.parent_id if unit.level == rules.GROUP else unit.id}")
    db.session.flush()
    db.session.expire_all()


def find_by_id(unit_id: int) -> Unit | None:
    """The unit, or None."""
    return db.session.get(Unit, unit_id)


def is_current(unit: Unit) -> bool:
    """Whether the unit is in force today."""
    return rules.is_valid(unit, today())


def in_reach(top_id: int, unit_id: int) -> Unit:
    """The unit if it is `top_id` or lies beneath it. Raises not_found otherwise, as if it did not exist."""
    unit = get(unit_id)
    here: Unit | None = unit
    while here is not None and here.id != top_id:
        here = db.session.get(Unit, here.parent_id) if here.parent_id is not None else None
    if here is None:
        raise Problem("not_found")
    return unit


def subtree(top_id: int) -> Select[Any]:
    """SELECT of the ids of the unit and of everything beneath it, past units too; for use in IN (…)."""
    tree = select(Unit.id).where(Unit.id == top_id).cte("tree", recursive=True)
    below = aliased(Unit)
    tree = tree.union_all(select(below.id).join(tree, below.parent_id == tree.c.id))
    return select(tree.c.id)


def subtree_with_past(top_id: int) -> list[int]:
    """Ids of the unit, of everything beneath it, and of every unit whose main part went to one of these."""
    found = set(db.session.scalars(subtree(top_id)))
    links = db.session.execute(select(Succession.earlier_id, Succession.later_id).where(Succession.default)).all()
    before = -1
    while before < len(found):
        before = len(found)
        found |= {link.earlier_id for link in links if link.later_id in found}
    return sorted(found)


def all_under(top_id: int) -> list[Unit]:
    """The unit and everything beneath it, past units too."""
    return list(db.session.scalars(select(Unit).where(Unit.id.in_(subtree(top_id)))))


def homes() -> Subquery:
    """One row a unit, with the ward that it belongs to (itself, unless it is a group); for joins."""
    ward_id = case((Unit.level == rules.GROUP, Unit.parent_id), else_=Unit.id)
    return select(Unit.id.label("unit_id"), Unit.level, Unit.name, ward_id.label("ward_id")).subquery("home")


def wards_under(top_id: int, day: date | None = None) -> list[Unit]:
    """Wards and communes in force on the day (today when None), by code."""
    wanted = select(Unit).where(
        Unit.id.in_(subtree(top_id)), Unit.level.in_(rules.WARD_LEVELS), *_in_force(day or today())
    )
    return list(db.session.scalars(wanted.order_by(Unit.code)))


def ended_with_groups(top_id: int) -> list[Unit]:
    """Wards that are over while groups of theirs go on: those have still to be moved."""
    below = aliased(Unit)
    going_on = select(below.parent_id).where(below.level == rules.GROUP, below.valid_to.is_(None))
    over = (Unit.level.in_(rules.WARD_LEVELS), Unit.valid_to < today(), Unit.id.in_(going_on))
    return list(db.session.scalars(select(Unit).where(Unit.id.in_(subtree(top_id)), *over).order_by(Unit.code)))


def groups_of(ward_ids: list[int], day: date | None = None) -> list[Unit]:
    """The groups of these wards in force on the day (today when None), numbers before names."""
    wanted = select(Unit).where(Unit.parent_id.in_(ward_ids), Unit.level == rules.GROUP, *_in_force(day or today()))
    return sorted(db.session.scalars(wanted), key=_number_first)


def heirs_of(unit_id: int) -> list[Unit]:
    """What took over from this unit, the main part first."""
    wanted = select(Unit).join(Succession, Succession.later_id == Unit.id).where(Succession.earlier_id == unit_id)
    return list(db.session.scalars(wanted.order_by(Succession.default.desc(), Unit.code)))


def past_groups_of(ward_id: int) -> list[Unit]:
    """Groups of the ward that have ended, the latest first."""
    wanted = select(Unit).where(Unit.parent_id == ward_id, Unit.level == rules.GROUP, Unit.valid_to < today())
    return list(db.session.scalars(wanted.order_by(Unit.valid_to.desc(), Unit.id)))


def find(level: str, code: str, day: date | None = None) -> Unit | None:
    """The unit that carried the code on the day; a code alone is ambiguous."""
    wanted = select(Unit).where(Unit.level == level, Unit.code == code, *_in_force(day or today()))
    return db.session.scalars(wanted).first()


def unit_finder() -> Callable[[int, date | None], int | None]:
    """`unit_valid_on` for many records of one transaction: asks once for each unit."""
    life = cache(_life)
    return cache(lambda unit_id, day: _valid_on(unit_id, day, life(unit_id)))


def unit_valid_on(unit_id: int, day: date | None) -> int | None:
    """The unit of this lineage in force on the day; the unit itself when no day is known."""
    return _valid_on(unit_id, day, _life(unit_id))


def _life(unit_id: int) -> Any:
    return db.session.execute(_LIFE, {"unit": unit_id}).one_or_none()


def _valid_on(unit_id: int, day: date | None, life: Any) -> int | None:
    if life is None:
        return None
    if day is None or rules.is_valid(life, day):
        return unit_id
    # Only a record dated before or after its group's life comes here, so reading the whole list is rare.
    units = {row.id: row for row in db.session.scalars(select(Unit))}
    return rules.unit_on(unit_id, day, units, db.session.scalars(select(Succession)))


def have_ended(unit_ids: Iterable[int], day: date) -> bool:
    """Whether one of these units is over on the day. In a writing transaction none of them can end before it does."""
    over = db.session.connection().execute(_OVER, {"units": sorted(unit_ids)})
    return any(row.valid_to is not None and row.valid_to < day for row in over)


def path(unit_id: int | None, lang: str | None = None) -> str:
    """ "tổ 7, phường Phúc Lợi"; empty when there is no such unit."""
    unit = db.session.get(Unit, unit_id) if unit_id is not None else None
    if unit is None:
        return ""
    own = title(unit, lang)
    return f"{own}, {path(unit.parent_id, lang)}" if unit.level == rules.GROUP else own


def title(unit: Unit, lang: str | None = None) -> str:
    """The unit's name with its rank: "phường Phúc Lợi", "group 7"."""
    return titled(unit.level, unit.name, lang)


def titled(level: str, name: str, lang: str | None = None) -> str:
    """The same for a unit that is not there yet."""
    return t(f"desk.units.rank.{level}", lang, name=name)


def heading(unit: Unit) -> str:
    """The same at the beginning of a line: "Phường Phúc Lợi"."""
    return _capital(title(unit))


def place(unit_id: int) -> str:
    """The path at the beginning of a line: "Tổ 7, phường Phúc Lợi"."""
    return _capital(path(unit_id))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _in_force(day: date) -> tuple[Any, ...]:
    return Unit.valid_from <= day, or_(Unit.valid_to.is_(None), Unit.valid_to >= day)


def _number_first(unit: Unit) -> tuple[bool, int, str]:
    number = unit.name.isdecimal()
    return not number, int(unit.name) if number else 0, unit.name
