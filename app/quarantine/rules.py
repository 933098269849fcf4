"""What can be decided about a quarantined change without looking anything up. Pure."""

import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from app.seals.rules import read_kept
from app.sync.envelopes import MOST_BYTES, Unreadable, heading, read_body, read_change

# Why a change is kept aside, as its receipt says.
REASONS = (
    "unreadable",
    "unknown_kind",
    "out_of_scope",
    "not_withdrawable",
    "change_id_reused",
    "our_fault",
    "rights_gone",
    "phone_revoked",
    "bad_signature",
    "unsigned",
    "cannot_open",
)
VIEWS = ("open", "aside", "released", "all")
LONGEST_NOTE = 500
# A phone may have been without signal for long; a clock that says more than this is simply wrong.
_LONGEST_OFFLINE = timedelta(days=400)
_NEEDS_A_PLACE = ("out_of_scope", "rights_gone", "phone_revoked", "bad_signature", "unsigned", "cannot_open")
_MEMBER = re.compile(r'"(kind|at)"\s*:\s*"([^"\\]{1,64})"')
_JSON_FAULTS = (
    ("Expecting value", "value"),
    ("Expecting ',' delimiter", "comma"),
    ("Expecting ':' delimiter", "colon"),
    ("Expecting property name", "name"),
    ("Illegal trailing comma", "name"),
    ("Unterminated string", "string"),
    ("Invalid control character", "control"),
    ("Invalid \\", "escape"),
    ("Extra data", "extra"),
)


def reason_of(receipt: Mapping[str, Any]) -> str:
    """Why a change was kept aside; empty for one that was not."""
    found = receipt.get("problems") or [{}]
    return str(found[0].get("code", "")) if receipt.get("outcome") == "quarantined" else ""


def known_reason(reason: str) -> str:
    """The reason, or "other" for one that this page has no words for."""
    return reason if reason in REASONS else "other"


def next_step(reason: str, *, readable: bool, kind_is_known: bool) -> str:
    """What would let a change be taken: ready, repair, file (say whose it is), wait (for a newer server), look."""
    if not readable:
        return "wait" if reason == "cannot_open" else "repair"
    if not kind_is_known:
        return "wait"
    if reason in _NEEDS_A_PLACE:
        return "file"
    return "look" if reason == "not_withdrawable" else "ready"


def day_of_rights(written: date | None, arrived: date, known_since: date) -> date:
    """The day whose rights count: the phone's own where it is earlier and can be believed, else that of arrival."""
    if written is None or not known_since <= written <= arrived or arrived - written > _LONGEST_OFFLINE:
        return arrived
    return written


@dataclass(frozen=True)
class Fault:
    """What is wrong with a text: json (with the place), member (with its name), too_large, deep, or a later finding."""

    code: str
    what: str = ""
    line: int = 0
    column: int = 0


def fault_of(text: str) -> Fault | None:
    """Why the wire's own reader would not take the text as a change; None when it would."""
    if len(text.encode("utf-8", "surrogatepass")) > MOST_BYTES:
        return Fault("too_large")
    value = read_body(text)
    if value is None:
        return _json_fault(text)
    try:
        read_change(value)
    except Unreadable as error:
        return Fault("member", error.field)
    return None


def shown(text: str) -> str:
    """A body to read: JSON with a line for each answer, anything else as it is; nothing in it can hide.

    What comes out can be edited and read again: in JSON the escapes mean the same characters.
    """
    try:
        value = json.loads(text, parse_constant=_refuse, object_pairs_hook=_once_each)
        text = json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False)
    except (ValueError, RecursionError):
        pass  # not JSON, or something that cannot be written again: as it came
    return visible(text)


def visible(text: str) -> str:
    """The text with control characters, halves of characters and marks that turn its direction spelled out."""
    return "".join(_spelled(letter) for letter in text)


def renumbered(text: str, change_id: str) -> str:
    """The change under another id, everything else as it was."""
    return json.dumps({**read_body(text), "id": change_id}, ensure_ascii=False)


def peek(text: str) -> tuple[str, str]:
    """What a list may show of a body: its kind's code and the phone's clock; nothing that a person wrote.

    Also of a torn one: that it was a report is the first thing to know.
    """
    value = read_body(text)
    found = value if isinstance(value, dict) else dict(_MEMBER.findall(text))
    seal = read_kept(text)
    found = seal.told if seal else found
    kind, at = found.get("kind"), found.get("at")
    return _word(kind), str(at) if _is_iso(at) else ""


def id_in(text: str) -> str | None:
    """The change's id, when the text has one."""
    return heading(read_body(text)).id


def _word(value: Any) -> str:
    return value if isinstance(value, str) and re.fullmatch("[a-z_]{1,40}", value) else ""


def _is_iso(value: Any) -> bool:
    try:
        return isinstance(value, str) and bool(datetime.fromisoformat(value))
    except ValueError:
        return False


def _json_fault(text: str) -> Fault:
    try:
        json.loads(text, parse_constant=_refuse)
    except json.JSONDecodeError as error:
        what = next((name for words, name in _JSON_FAULTS if error.msg.startswith(words)), "other")
        return Fault("json", what, error.lineno, error.colno)
    except RecursionError:
        return Fault("json", "deep")
    except ValueError:
        return Fault("json", "number")
    return Fault("member", "")  # the JSON word null


def _refuse(_: str) -> None:
    raise ValueError("not a JSON number")


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({name for name, _ in pairs}) < len(pairs):
        raise ValueError("a name that stands twice would hide the first one's value")
    return dict(pairs)


def _spelled(letter: str) -> str:
    if letter in "\n\t" or unicodedata.category(letter) not in ("Cc", "Cf", "Cs", "Zl", "Zp"):
        return letter
    if letter == "\r":
        return "\\r"
    units = letter.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[place : place + 2].hex()}" for place in range(0, len(units), 2))
