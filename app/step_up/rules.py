"""What needs a second look at who is asking, and what a reason must be. Pure."""

import json
from collections.abc import Iterable
from datetime import timedelta

# What somebody can be asked to prove himself anew for; each has its words under desk.step_up.purpose.<name>.
REPORT, EXPORT, RIGHTS, QUARANTINE = "report", "export", "rights", "quarantine"
PURPOSES = (REPORT, EXPORT, RIGHTS, QUARANTINE)
SHORTEST_REASON, LONGEST_REASON = 5, 300
LONGEST_ABOUT = 100
# Who opens a child's record again within this time, in one session, is not noted again: the log must stay readable.
NOTED_FOR = timedelta(minutes=30)
# What a form may hold to be carried through the question; the longest is a change under repair.
LONGEST_CARRIED = 400_000


def reason_fault(reason: str) -> str | None:
    """Why a cleaned reason will not do: required or too_long; None when it will."""
    if len(reason) < SHORTEST_REASON:
        return "required"
    return "too_long" if len(reason) > LONGEST_REASON else None


def safe_next(path: str) -> str:
    """Where to go on: an address of the desk, and nothing that a browser could take for another site's."""
    plain = path.startswith("/desk/") and "\\" not in path and not any(ord(letter) < 33 for letter in path)
    return path if plain else "/desk/"


def packed(posted: Iterable[tuple[str, str]]) -> str:
    """A posted form as one text, to be carried through the question; empty when it is too much."""
    text = json.dumps(list(posted), ensure_ascii=False)
    return text if len(text) <= LONGEST_CARRIED else ""


def unpacked(text: str) -> list[tuple[str, str]]:
    """The fields of `packed`; of anything else none."""
    try:
        fields = json.loads(text)
        return [(name, value) for name, value in fields if isinstance(name, str) and isinstance(value, str)]
    except (ValueError, TypeError, RecursionError):
        return []
