"""Which unit was in force on a day: forward, backward, across re-used codes and closed groups."""

from dataclasses import dataclass
from datetime import date

import pytest

from app.units.rules import unit_on

OLD, NEW = date(2004, 1, 1), date(2025, 7, 1)
LAST = date(2025, 6, 30)


@dataclass(frozen=True)
class Unit:
    id: int
    name: str
    valid_from: date = OLD
    valid_to: date | None = None
    parent_id: int | None = None
    level: str = "ward"


@dataclass(frozen=True)
class Link:
    earlier_id: int
    later_id: int
    default: bool = True


UNITS = {
    unit.id: unit
    for unit in (
        Unit(1, "Phúc Lợi", valid_to=LAST),
        Unit(2, "Phúc Đồng", valid_to=LAST),
        Unit(3, "Sài Đồng", valid_to=date(2024, 12, 31)),
        Unit(4, "Ngọc Thụy", valid_to=LAST),
        Unit(11, "Phúc Lợi", NEW),
        Unit(12, "Hồng Hà", NEW),
        Unit(13, "Bát Tràng", NEW, level="commune"),
        Unit(21, "7", NEW, parent_id=11, level="group"),
        Unit(22, "9", OLD, date(2019, 5, 31), 1, "group"),
        Unit(23, "12", OLD, date(2019, 5, 31), 1, "group"),
        Unit(24, "14", date(2019, 6, 1), LAST, 1, "group"),
    )
}
LINKS = [Link(3, 1), Link(3, 2, False), Link(1, 11), Link(2, 11), Link(2, 13, False), Link(4, 12), Link(23, 24)]


@pytest.mark.parametrize(
    ("unit", "day", "expected", "why"),
    [
        (1, date(2020, 6, 3), 1, "in force"),
        (1, LAST, 1, "the last day counts"),
        (1, NEW, 11, "the default successor"),
        (3, date(2026, 1, 1), 11, "over two successions"),
        (4, date(2026, 1, 1), 12, "another name"),
        (11, date(2020, 6, 3), 1, "of two predecessors the one of the same name"),
        (12, date(2020, 6, 3), 4, "the only default predecessor"),
        (13, date(2020, 6, 3), None, "only a part came from a known one"),
        (21, date(2020, 6, 3), 1, "a group without lineage falls back to its ward's"),
        (22, date(2020, 6, 3), 1, "a group that ended without successor"),
        (22, date(2026, 1, 1), 11, "and its ward ended too"),
        (23, date(2020, 6, 3), 24, "a group taken over by another"),
        (23, date(2026, 1, 1), 11, "which ended with its ward"),
        (1, date(1999, 1, 1), None, "before the list begins"),
        (99, NEW, None, "unknown"),
    ],
)
def test_the_unit_of_a_day(unit: int, day: date, expected: int | None, why: str) -> None:
    assert unit_on(unit, day, UNITS, LINKS) == expected, why


def test_a_circle_in_the_list_ends() -> None:
    assert unit_on(1, date(2030, 1, 1), {1: UNITS[1], 4: UNITS[4]}, [Link(1, 4), Link(4, 1)]) is None


def test_a_gap_between_two_units_ends() -> None:
    units = {1: Unit(1, "a", valid_to=date(2020, 1, 1)), 2: Unit(2, "a", date(2021, 1, 1))}
    assert unit_on(1, date(2020, 6, 1), units, [Link(1, 2)]) is None
