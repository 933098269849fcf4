"""Numbers as people read them: 38, 40–42. Pure."""

from collections.abc import Iterable, Sequence
from datetime import timedelta

Range = tuple[int, int]

WAITED_LONG = timedelta(days=1)
SILENT_AFTER = timedelta(days=3)
LONGEST_NOTE = 500
MOST_RANGES = 20
_MOST_TEXT = 600


def ranges(numbers: Iterable[int]) -> list[Range]:
    """Runs of neighbours: [38, 40, 41, 42] is (38, 38), (40, 42)."""
    found: list[Range] = []
    for number in sorted(numbers):
        if found and found[-1][1] == number - 1:
            found[-1] = (found[-1][0], number)
        else:
            found.append((number, number))
    return found


def spoken(runs: Sequence[Range]) -> str:
    """Runs for people: "38, 40–42"."""
    return ", ".join(str(first) if first == last else f"{first}–{last}" for first, last in runs)


def written(runs: Sequence[Range]) -> str:
    """Runs as a form carries them: "38-38,40-42"."""
    return ",".join(f"{first}-{last}" for first, last in runs)


def read(text: str) -> list[Range] | None:
    """Runs that a form carried, None for anything else."""
    found = []
    for part in text.split(",") if len(text) <= _MOST_TEXT else [""]:
        first, dash, last = part.partition("-")
        if not dash or not (_is_number(first) and _is_number(last)) or int(first) > int(last):
            return None
        found.append((int(first), int(last)))
    return found


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 10
