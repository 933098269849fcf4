"""What may leave the house in a file, and how it is made harmless on the way. Pure."""

import re
import unicodedata
from collections.abc import Iterable

from app.kinds.vocabulary import Answer, Kind

# How much of a record leaves. Who told us is in none of them: that identity never stands in a file.
DEPTHS = ("open", "people", "all")
FORMATS = ("xlsx", "csv", "geojson")
LONGEST_REASON = 300
_ALLOWED = {
    "open": frozenset({"normal"}),
    "people": frozenset({"normal", "personal"}),
    "all": frozenset({"normal", "personal", "health", "restricted"}),
}
_SENSITIVE = frozenset({"health", "restricted", "informant"})
# Excel keeps 32,767 characters in a cell and drops the rest without a word.
LONGEST_CELL = 32_000
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
# A spreadsheet that was set to another separator begins a new cell inside of a text.
_UNSEEN = r"\s\"\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff"
_NEW_CELL = re.compile(rf"([;\t\n])([{_UNSEEN}]*[=+\-@＝＋－＠−])")


def is_sensitive(kind: Kind) -> bool:
    """Whether a kind asks for health, or for what only its author and the ward may know."""
    return kind.calls_first or any(field.sensitivity in _SENSITIVE for field in kind.fields.values())


def needs_step_up(kinds: Iterable[Kind], depth: str) -> bool:
    """Whether somebody must show again who is at the keyboard before this leaves."""
    return depth != "open" or any(is_sensitive(kind) for kind in kinds)


def may_leave(field: Answer, depth: str) -> bool:
    """Whether a field is in a file of this depth."""
    return field.sensitivity in _ALLOWED[depth]


def is_formula(text: str) -> bool:
    """Whether a spreadsheet might calculate what is meant as text.

    = + - @, in full width too, tab and carriage return begin a formula; what cannot be seen before them is skipped.
    """
    if text[:1] in ("\t", "\r", "\n"):
        return True
    seen = next((char for char in text if not char.isspace() and unicodedata.category(char) not in ("Cf", "Cc")), "")
    return unicodedata.normalize("NFKC", seen)[:1] in ("=", "+", "-", "@", "−") if seen else False


def writable(text: str) -> str:
    """The text without what neither XML nor UTF-8 can hold, and not longer than a cell."""
    text = _UNWRITABLE.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text)
    return text if len(text) <= LONGEST_CELL else text[:LONGEST_CELL] + "…"


def harmless(text: str) -> str:
    """The text for a CSV, where nothing says what is text: an apostrophe stands before what could be a formula."""
    if is_formula(text):
        text = "'" + text
    return _NEW_CELL.sub(r"\1'\2", text)
