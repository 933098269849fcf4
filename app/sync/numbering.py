"""What a phone's numbers tell: which never arrived, and how many of its changes are lost. Pure.

A phone gives its changes the numbers 1, 2, 3 …; it may send them in any order. It also says the highest
number that it ever gave out (`issued`) and how many changes still wait on it (`unsent`). What was given
out, neither arrived nor waits, is lost.
"""

from collections.abc import Iterable
from typing import NamedTuple

MOST_NEW = 500  # rows of Gap that one request may add


class Said(NamedTuple):
    """What a request says of its phone. None when it says nothing."""

    issued: int | None
    unsent: int | None


NOTHING = Said(None, None)


class Numbers(NamedTuple):
    """What is known of a phone; the columns of DeviceState."""

    highest: int = 0
    contiguous: int = 0
    looked: int = 0
    issued: int = 0
    unsent: int = 0

    @property
    def last(self) -> int:
        """The highest number that was seen here or told of."""
        return max(self.highest, self.issued)


def is_believed(known: Numbers, said: Said) -> bool:
    """Whether a request is the latest word. One that knows of fewer numbers than an earlier one
    was long on its way, or comes from a phone that fell back to an earlier state."""
    return said.issued is None or said.issued >= known.issued


def is_news(known: Numbers, said: Said) -> bool:
    """Whether a request without changes says something that is worth writing down."""
    if said.issued is None or not is_believed(known, said):
        return False
    return said.issued > known.last or (said.unsent is not None and said.unsent != known.unsent)


def heard(known: Numbers, said: Said, arrived: Iterable[int]) -> Numbers:
    """With what arrived and what the phone says of itself; where the holes are is not looked at yet."""
    highest = max(known.highest, max(arrived, default=0))
    unsent = said.unsent if said.unsent is not None and is_believed(known, said) else known.unsent
    return known._replace(highest=highest, issued=max(known.issued, said.issued or 0, highest), unsent=unsent)


def look(looked: int, arrived: Iterable[int], room: int = MOST_NEW) -> tuple[list[int], int]:
    """The numbers that are missing below those that `arrived` (ascending, all above `looked`), and how far was
    looked: to the last that arrived, or to as many holes as there is room for."""
    holes: list[int] = []
    for seq in arrived:
        if seq - looked - 1 > room - len(holes):
            holes += range(looked + 1, looked + 1 + room - len(holes))
            return holes, holes[-1] if holes else looked
        holes += range(looked + 1, seq)
        looked = max(looked, seq)
    return holes, looked


def tail(looked: int, issued: int, room: int) -> list[int]:
    """The numbers beyond, which the phone says it gave out."""
    return list(range(looked + 1, min(issued, looked + room) + 1))


def lost(numbers: Numbers, open_gaps: int) -> int:
    """How many changes neither arrived nor wait on the phone. `open_gaps`: holes up to `looked`."""
    return max(open_gaps + max(numbers.issued - numbers.looked, 0) - numbers.unsent, 0)
