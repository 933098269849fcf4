"""Conditions as data: when a field shows, when it is required, when to warn.

A condition is a list whose first item names the test, so it travels to the phone as JSON.
static/client/forms/conditions.ts evaluates the same lists; both run
tests/vectors/conditions.json. `today` is an ISO date: the clock is never read here.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from app import vietnamese

Condition = tuple[Any, ...] | list[Any]

# A day, a bare year, or a moment. Stricter than date.fromisoformat, which also takes 2020-W01-1.
_DATE = re.compile(r"([0-9]{4})(-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2})?)?")


def eq(field: str, value: str) -> Condition:
    """The single choice `field` is `value`."""
    return ("eq", field, value)


def among(field: str, *values: str) -> Condition:
    """The single choice `field` is one of `values`."""
    return ("in", field, list(values))


def has(field: str, value: str) -> Condition:
    """The multiple choice `field` contains `value`."""
    return ("has", field, value)


def filled(field: str) -> Condition:
    """`field` has an answer."""
    return ("filled", field)


def more(field: str, limit: float) -> Condition:
    """The number `field` is above `limit`."""
    return ("more", field, limit)


def after_today(field: str) -> Condition:
    """The date `field` lies in the future."""
    return ("after_today", field)


def before(field: str, day: str) -> Condition:
    """The date `field` lies before `day` (ISO)."""
    return ("before", field, day)


def aged(field: str, years: int) -> Condition:
    """A person born on `field` has reached `years` today."""
    return ("aged", field, years)


def less_exact(field: str, metres: float) -> Condition:
    """The place `field` is known less exactly than `metres`."""
    return ("less_exact", field, metres)


def outside(field: str, south: float, west: float, north: float, east: float) -> Condition:
    """The place `field` lies outside the box, degrees."""
    return ("outside", field, [south, west, north, east])


def digits(field: str, count: int) -> Condition:
    """The text `field` is exactly `count` digits, spaces aside."""
    return ("digits", field, count)


def phone(field: str) -> Condition:
    """The text `field` reads as a Vietnamese telephone number."""
    return ("phone", field)


def both(*conditions: Condition) -> Condition:
    """All conditions hold."""
    return ("and", *conditions)


def either(*conditions: Condition) -> Condition:
    """At least one condition holds."""
    return ("or", *conditions)


def no(condition: Condition) -> Condition:
    """The condition does not hold."""
    return ("not", condition)


def holds(condition: Condition, values: Mapping[str, Any], today: str) -> bool:
    """Evaluate a condition over answers. Answers of the wrong shape make a test false, never an error."""
    test, *rest = condition
    if test == "and":
        return all(holds(part, values, today) for part in rest)
    if test == "or":
        return any(holds(part, values, today) for part in rest)
    if test == "not":
        return not holds(rest[0], values, today)
    value = values.get(rest[0])
    return _TESTS[test](value, rest[1] if len(rest) > 1 else None, today)


def fields_of(condition: Condition) -> set[str]:
    """The fields a condition reads."""
    test, *rest = condition
    if test in ("and", "or", "not"):
        return set().union(*(fields_of(part) for part in rest))
    return {rest[0]}


def is_filled(value: Any) -> bool:
    """Whether an answer was given: not None, not empty text, not an empty list."""
    return value is not None and value != "" and value != []


def age(born: str, today: str) -> int | None:
    """Full years from an ISO date, or from a bare year; None when it cannot be read."""
    if not _DATE.fullmatch(born):
        return None
    try:
        day = date.fromisoformat(f"{born}-12-31" if len(born) == 4 else born[:10])
    except ValueError:
        return None
    now = date.fromisoformat(today)
    return now.year - day.year - ((now.month, now.day) < (day.month, day.day))


def _number(value: Any) -> float | None:
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _day(value: Any) -> str | None:
    """The day or bare year of a date answer; None for anything that has not the shape of one."""
    return value[:10] if isinstance(value, str) and _DATE.fullmatch(value) else None


def _after_today(value: Any, _: Any, today: str) -> bool:
    day = _day(value)
    return day is not None and day > today


def _before(value: Any, limit: Any, today: str) -> bool:
    day = _day(value)
    return day is not None and day < limit


def _digits(value: Any, count: Any, today: str) -> bool:
    text = value.replace(" ", "") if isinstance(value, str) else ""
    return len(text) == count and re.fullmatch("[0-9]+", text) is not None


def _phone(value: Any, _: Any, today: str) -> bool:
    return isinstance(value, str) and vietnamese.phone_number(value) is not None


def _aged(value: Any, years: Any, today: str) -> bool:
    reached = age(value, today) if isinstance(value, str) else None
    return reached is not None and reached >= years


def _less_exact(value: Any, metres: Any, today: str) -> bool:
    accuracy = _number(value.get("acc")) if isinstance(value, dict) else None
    return accuracy is not None and accuracy > metres


def _outside(value: Any, box: Any, today: str) -> bool:
    if not isinstance(value, dict):
        return False
    lat, lon = _number(value.get("lat")), _number(value.get("lon"))
    if lat is None or lon is None:
        return False
    south, west, north, east = box
    return not (south <= lat <= north and west <= lon <= east)


_TESTS: dict[str, Callable[[Any, Any, str], bool]] = {
    "eq": lambda value, wanted, today: value == wanted,
    "in": lambda value, wanted, today: value in wanted if isinstance(value, str) else False,
    "has": lambda value, wanted, today: wanted in value if isinstance(value, list) else False,
    "filled": lambda value, _, today: is_filled(value),
    "more": lambda value, limit, today: (found := _number(value)) is not None and found > limit,
    "after_today": _after_today,
    "before": _before,
    "aged": _aged,
    "less_exact": _less_exact,
    "outside": _outside,
    "digits": _digits,
    "phone": _phone,
}
TESTS = frozenset(_TESTS) | {"and", "or", "not"}
