"""Which administrative unit was in force on a day, across mergers, splits and re-used codes. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Protocol

GROUP = "group"
# What has a ward desk of its own: a phường or, since 2025, a xã.
WARD_LEVELS = ("ward", "commune")
LONGEST_NAME = 40
# No box is read outside of Việt Nam and its waters: most likely latitude and longitude were exchanged.
_COUNTRY = (6.0, 101.0, 24.0, 118.0)

Box = tuple[float, float, float, float]  # south, west, north, east, degrees


class UnitFacts(Protocol):
    """What the rules need to know of a unit; a row of the table will do."""

    @property
    def id(self) -> int: ...
    @property
    def level(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def valid_from(self) -> date: ...
    @property
    def valid_to(self) -> date | None: ...
    @property
    def parent_id(self) -> int | None: ...


class SuccessionFacts(Protocol):
    """`later_id` took over all or part of `earlier_id`."""

    @property
    def earlier_id(self) -> int: ...
    @property
    def later_id(self) -> int: ...
    @property
    def default(self) -> bool: ...


def is_valid(unit: UnitFacts, day: date) -> bool:
    """Whether the unit was in force on the day, its first and last day included."""
    return unit.valid_from <= day and (unit.valid_to is None or day <= unit.valid_to)


def read_box(texts: Sequence[str]) -> Box | str | None:
    """Four numbers as somebody typed them (south, west, north, east), with point or comma.

    None when all are empty; the code of what is wrong with them otherwise.
    """
    if not any(text.strip() for text in texts):
        return None
    try:
        south, west, north, east = (round(float(text.strip().replace(",", ".")), 5) for text in texts)
    except ValueError:
        return "not_number"
    if not (_COUNTRY[0] <= south < north <= _COUNTRY[2] and _COUNTRY[1] <= west < east <= _COUNTRY[3]):
        return "not_box"
    return south, west, north, east


def unit_on(
    unit_id: int, day: date, units: Mapping[int, UnitFacts], successions: Iterable[SuccessionFacts]
) -> int | None:
    """The unit of this unit's lineage that was in force on `day`, or None when the list does not tell.

    Forward along the default part of each succession. Backward to the predecessor of the same
    name, or to the only one whose default part this is. A group without known lineage falls back
    to its ward's: that is coarser, but true.
    """
    links = list(successions)
    visited: set[int] = set()
    here: int | None = unit_id
    while here is not None and here not in visited and here in units:
        unit = units[here]
        if is_valid(unit, day):
            return here
        visited.add(here)
        step = _earlier(unit, units, links) if day < unit.valid_from else _later(unit, links)
        here = unit.parent_id if step is None and unit.level == GROUP else step
    return None


def _later(unit: UnitFacts, links: list[SuccessionFacts]) -> int | None:
    return next((link.later_id for link in links if link.earlier_id == unit.id and link.default), None)


def _earlier(unit: UnitFacts, units: Mapping[int, UnitFacts], links: list[SuccessionFacts]) -> int | None:
    sources = [link.earlier_id for link in links if link.later_id == unit.id and link.default]
    if len(sources) == 1:
        return sources[0]
    same_name = [source for source in sources if source in units and units[source].name == unit.name]
    return same_name[0] if len(same_name) == 1 else None
