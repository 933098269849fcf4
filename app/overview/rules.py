"""Weeks, medians and the lengths of bars. Pure."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from statistics import median
from typing import NamedTuple

# How many weeks a page may look back, the present one included.
WEEKS = (4, 8, 13, 26)
USUAL = 8


def mondays(today: date, weeks: int) -> list[date]:
    """The first days of the last weeks, the present one last."""
    last = today - timedelta(days=today.weekday())
    return [last - timedelta(weeks=back) for back in reversed(range(weeks))]


def weeks(text: str) -> int:
    """How many weeks an address asks for; the usual number for anything else."""
    return int(text) if text in {str(n) for n in WEEKS} else USUAL


def middle(days: Sequence[float]) -> int | None:
    """The median in whole days, rounded half up; None of nothing."""
    return int(median(days) + 0.5) if days else None


def share(part: int, whole: int) -> int:
    """Per cent, rounded down, so that 100 means all of them; 0 of nothing."""
    return 100 * part // whole if whole else 0


class Segment(NamedTuple):
    """A piece of a bar, in hundredths of the longest one's length. Between pieces is a gap."""

    cell: str
    x: float
    width: float


_GAP = 0.8


def segments(counts: Mapping[str, int], drawn: Sequence[str], longest: int) -> list[Segment]:
    """The bar of a row: the cells that are drawn, in order, on a scale on which `longest` fills the width."""
    found, x = [], 0.0
    for cell in drawn:
        width = 100 * counts.get(cell, 0) / longest if longest else 0.0
        if width:
            found.append(Segment(cell, round(x, 2), round(max(width - _GAP, 0.4), 2)))
            x += width
    return found
