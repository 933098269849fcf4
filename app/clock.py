"""The only reader of the clock. Tests replace `now`."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")


def now() -> datetime:
    """The present moment, aware, UTC."""
    return datetime.now(UTC)


def today() -> date:
    """The date in Hà Nội."""
    return now().astimezone(HANOI).date()


def begins(day: date) -> datetime:
    """The first moment of a day in Hà Nội, UTC."""
    return datetime.combine(day, time(), HANOI).astimezone(UTC)
