"""The shapes of docs/sync-protocol.md: what a phone may send, read and checked by hand. Pure.

An envelope that is wrong is refused whole, since nothing in it can be receipted. A change inside a
good envelope is never refused: what cannot be read is named, and the text is kept.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from app import json_text, vietnamese
from app.kinds.shapes import is_record_id
from app.problems import Problem
from app.seals.rules import Seal, signed_text
from app.sync.numbering import Said

MOST_CHANGES = 100
MOST_BYTES = 262_144
MOST_RECORDS = 1000
_USUAL_RECORDS = 500
_LARGEST = 2**31 - 1
_LONGEST_AT = 64
_YEARS = range(1900, 3000)
_HANOI = ZoneInfo("Asia/Ho_Chi_Minh")


@dataclass(frozen=True)
class Sent:
    """One entry of `changes`: the change's text as it came, and its signature; sealed, and then `body` is what was
    found inside (see `seals.service.opened`).

    `barred`: why it must be kept aside without being judged, where its signature or its sender's rights say so.
    """

    body: str
    sig: str | None
    barred: str | None = None
    seal: Seal | None = None

    def signed(self, person: str, device: str) -> bytes:
        """What the signature is over, where this person's phone made it."""
        if self.seal is not None:
            return signed_text(person, device, str(self.seal.told.get("id")), self.body)
        return self.body.encode("utf-8", "surrogatepass")


@dataclass(frozen=True)
class Envelope:
    """A request."""

    device: str
    person: str | None
    app: str
    cursor: str | None
    limit: int
    said: Said
    changes: tuple[Sent, ...]
    key: str | None = None  # the public half of what signs on this phone


@dataclass(frozen=True)
class Heading:
    """What the log can say of a change, even of one that cannot be read otherwise."""

    id: str | None
    seq: int | None
    record: str | None


@dataclass(frozen=True)
class ChangeBody:
    """A change. `answers` is None when it withdraws the record; then there is a `reason`."""

    id: str
    seq: int
    record: str
    kind: str
    form: int
    base: int
    at: str
    answers: dict[str, Any] | None
    reason: str | None

    @property
    def written_at(self) -> datetime | None:
        """The phone's clock, when it can be read and means a day that a calendar has; without an offset Hà Nội's."""
        try:
            read = datetime.fromisoformat(self.at)
            moment = (read if read.tzinfo else read.replace(tzinfo=_HANOI)).astimezone(UTC)
        except (ValueError, OverflowError):
            return None
        return moment if moment.year in _YEARS else None


class Unreadable(Exception):
    """A change's body is not what the protocol says; `field` is the member at fault, "" for all of it."""

    def __init__(self, field: str = "") -> None:
        super().__init__(field)
        self.field = field


def read_envelope(value: Any) -> Envelope:
    """Check a request. Raises too_many_changes, or bad_envelope naming every member at fault."""
    if not isinstance(value, dict):
        raise Problem("bad_envelope", fields=[{"field": "", "code": "unreadable"}])
    changes = value.get("changes")
    changes = [] if changes is None else changes
    if isinstance(changes, list) and len(changes) > MOST_CHANGES:
        raise Problem("too_many_changes", limit=MOST_CHANGES)
    limit = value.get("limit")
    limit = _USUAL_RECORDS if limit is None else limit
    person, cursor, app = value.get("person"), value.get("cursor"), value.get("app")
    said = Said(value.get("issued"), value.get("unsent"))
    checked = {
        "device": is_record_id(value.get("device")),
        "person": person is None or is_record_id(person),
        "app": app is None or (isinstance(app, str) and len(app) <= 200),
        "cursor": cursor is None or isinstance(cursor, str),
        "limit": _is_whole(limit) and limit >= 1,
        "issued": said.issued is None or _is_whole(said.issued),
        "unsent": said.unsent is None or _is_whole(said.unsent),
        "key": _is_short(value.get("key")),
        "changes": isinstance(changes, list),
    }
    if checked["changes"]:
        for place, change in enumerate(changes):
            checked |= _check_entry(f"changes.{place}", change)
    faults = [{"field": name, "code": "unreadable"} for name, good in checked.items() if not good]
    if faults:
        raise Problem("bad_envelope", fields=faults)
    sent = tuple(sent_of(change) for change in changes)
    build = vietnamese.clean(app or "")
    return Envelope(value["device"], person, build, cursor, min(limit, MOST_RECORDS), said, sent, value.get("key"))


def is_entry(change: Any) -> bool:
    """Whether this can be an entry of `changes`, of a request or a file."""
    return isinstance(change, dict) and all(_check_entry("", change).values())


def sent_of(change: dict[str, Any]) -> Sent:
    """An entry that was checked."""
    seal = Seal(change["body"], change["key"], change["head"]) if "head" in change else None
    return Sent(change["body"], change.get("sig"), seal=seal)


def read_body(text: str) -> Any:
    """A body as JSON, None when it is none."""
    try:
        return json_text.strict(text)
    except (ValueError, RecursionError):
        return None


def heading(value: Any) -> Heading:
    """What can be said of a body of any shape."""
    found = value if isinstance(value, dict) else {}
    change_id, seq, record = found.get("id"), found.get("seq"), found.get("record")
    return Heading(
        change_id if is_record_id(change_id) else None,
        seq if _is_whole(seq) else None,
        record if is_record_id(record) else None,
    )


def read_change(value: Any) -> ChangeBody:
    """Check a body. Raises Unreadable, naming the first member at fault."""
    if not isinstance(value, dict):
        raise Unreadable
    removes = value.get("delete") is True
    answers, reason, at = value.get("set"), value.get("reason"), value.get("at")
    checked = {
        "id": is_record_id(value.get("id")),
        "seq": _is_whole(value.get("seq")),
        "record": is_record_id(value.get("record")),
        "kind": isinstance(value.get("kind"), str),
        "form": _is_whole(value.get("form")),
        "base": _is_whole(value.get("base")),
        "at": isinstance(at, str) and len(at) <= _LONGEST_AT and vietnamese.is_storable(at),
        "delete": value.get("delete") in (None, False) or removes,
        "set": answers is None if removes else isinstance(answers, dict),
        "reason": not removes or (isinstance(reason, str) and vietnamese.clean(reason) != ""),
    }
    for name, good in checked.items():
        if not good:
            raise Unreadable(name)
    return ChangeBody(
        **{name: value[name] for name in ("id", "seq", "record", "kind", "form", "base", "at")},
        answers=answers,
        reason=vietnamese.clean(str(reason)) if removes else None,
    )


def _check_entry(name: str, change: Any) -> dict[str, bool]:
    if not isinstance(change, dict):
        return {name: False}
    texts = ("body", "key", "head") if "head" in change else ("body",)
    checked = {f"{name}.{part}": isinstance(change.get(part), str) for part in texts}
    return {**checked, f"{name}.sig": _is_short(change.get("sig"))}


def _is_short(value: Any) -> bool:
    return value is None or (isinstance(value, str) and len(value) <= 1000 and value.isascii() and value.isprintable())


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _LARGEST
