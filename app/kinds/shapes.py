"""The shapes an answer may have in JSON. Pure tests; the phone has the same in static/client/forms/checks.ts."""

import math
import re
from datetime import date
from typing import Any, TypeGuard

from app import vietnamese

# Ascii digits only: date.fromisoformat also takes 2020-W01-1, str.isdigit also ².
_DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
_YEAR = re.compile("[0-9]{4}")
_TIME = re.compile("([01][0-9]|2[0-3]):[0-5][0-9]")
_RECORD = re.compile("[!-~]{1,64}")
_FIRST_YEAR, _LAST_YEAR = 1900, 2100


def is_number(value: Any) -> TypeGuard[float]:
    """A number that every JSON reader takes: no boolean, NaN, infinity or integer beyond a double."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:
        return False


def is_day(value: Any) -> TypeGuard[str]:
    """YYYY-MM-DD, a day that exists, from 1900 to 2100."""
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        return False
    try:
        return _FIRST_YEAR <= date.fromisoformat(value).year <= _LAST_YEAR
    except ValueError:
        return False


def is_year(value: Any) -> TypeGuard[str]:
    """YYYY from 1900 to 2100."""
    return isinstance(value, str) and _YEAR.fullmatch(value) is not None and _FIRST_YEAR <= int(value) <= _LAST_YEAR


def is_moment(value: Any) -> TypeGuard[str]:
    """YYYY-MM-DDTHH:MM."""
    return (
        isinstance(value, str)
        and value[10:11] == "T"
        and is_day(value[:10])
        and _TIME.fullmatch(value[11:]) is not None
    )


def is_place(value: Any) -> TypeGuard[dict[str, Any]]:
    """{"lat", "lon", "acc" metres or null, "how", "at" text or null}.

    how: "gps" as measured; "map" put there on a map; "manual" put there without one. Only what is measured has an acc.
    """
    if not isinstance(value, dict):
        return False
    lat, lon, acc, how, at = (value.get(part) for part in ("lat", "lon", "acc", "how", "at"))
    if not (is_number(lat) and abs(lat) <= 90 and is_number(lon) and abs(lon) <= 180):
        return False
    if acc is not None and not (is_number(acc) and acc >= 0):
        return False
    stamped = at is None or (isinstance(at, str) and len(at) <= 40 and vietnamese.is_storable(at))
    return isinstance(how, str) and how in ("gps", "map", "manual") and stamped


def is_record_id(value: Any) -> TypeGuard[str]:
    """1 to 64 printable ASCII characters without spaces; a phone makes uuid4."""
    return isinstance(value, str) and _RECORD.fullmatch(value) is not None
