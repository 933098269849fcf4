"""Dates, times and numbers as Vietnamese readers write them, in both languages. Pure but for the zone."""

from datetime import date, datetime
from typing import Any

from app.clock import HANOI
from app.records.rules import VERSIONS_OF_A_LIFE


def day(value: date | str | None) -> str:
    """03/06/2020; a bare year stays one."""
    if value is None or value == "":
        return ""
    if isinstance(value, str):
        parts = value[:10].split("-")
        return "/".join(reversed(parts))
    return value.strftime("%d/%m/%Y")


def moment(value: datetime | None) -> str:
    """03/06/2020 14:05, Hà Nội time; at the calendar's very ends, where a phone's clock may stand, UTC."""
    if value is None:
        return ""
    try:
        return value.astimezone(HANOI).strftime("%d/%m/%Y %H:%M")
    except OverflowError:
        return value.strftime("%d/%m/%Y %H:%M")


def iso_moment(text: Any) -> str:
    """A phone's ISO time as 03/06/2020 14:05 on that phone's clock; anything else as it is."""
    try:
        at = datetime.fromisoformat(str(text))
        return (at.astimezone(HANOI) if at.tzinfo else at).strftime("%d/%m/%Y %H:%M")
    except (ValueError, OverflowError):
        return str(text or "")


def clock_time(value: datetime | None) -> str:
    """14:05, Hà Nội time."""
    return value.astimezone(HANOI).strftime("%H:%M") if value else ""


def number(value: float) -> str:
    """1.234.567,5"""
    text = f"{value:,.10f}".rstrip("0").rstrip(".") if isinstance(value, float) else f"{value:,}"
    return text.translate(str.maketrans(",.", ".,"))


def phone_shown(number: str | None) -> str:
    """A number kept as +84… the way people read it aloud: 0912 000 007, 024 3875 0136. Any other as it is."""
    if not number or not number.startswith("+84"):
        return number or ""
    digits = "0" + number[3:]
    cuts = (4, 7) if len(digits) == 10 else (3, 7)
    return f"{digits[: cuts[0]]} {digits[cuts[0] : cuts[1]]} {digits[cuts[1] :]}"


def edition(version: int) -> str:
    """A record's version as people read it: 3, or 4104.3 when the database was restored before it."""
    life, number = divmod(version, VERSIONS_OF_A_LIFE)
    return f"{life}.{number}" if life else str(number)
