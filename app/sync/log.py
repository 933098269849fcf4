"""The append-only log of what phones sent: stored before anything is decided, answered once it is."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from app.at_rest import sealing
from app.db import db, take_turns
from app.identity.rights import COLLABORATOR, Actor
from app.identity.signatures import UNPROVEN
from app.records import chain, ledger
from app.records.models import Change
from app.seals.rules import Seal
from app.sync.envelopes import ChangeBody, Heading, Sent, Unreadable, heading, read_body, read_change
from app.sync.judge import Judgement

Receipt = dict[str, Any]
_CHANGE: Any = Change.__table__
# Statements of the push are put together once.
_STORE = insert(_CHANGE)
_STORED = select(_CHANGE.c.change_id, _CHANGE.c.sha256, _CHANGE.c.log_id).where(
    _CHANGE.c.change_id.in_(bindparam("keys", expanding=True)), _CHANGE.c.person_id == bindparam("person")
)
_ANSWER = (
    update(_CHANGE)
    .where(_CHANGE.c.log_id == bindparam("key"))
    .values(outcome=bindparam("said"), receipt=bindparam("told"), sender=bindparam("rights"))
)
_CAME_BEFORE = select(_CHANGE.c.change_id, _CHANGE.c.sha256, _CHANGE.c.person_id, _CHANGE.c.receipt).where(
    _CHANGE.c.change_id.in_(bindparam("keys", expanding=True))
)
_HELD = (
    select(_CHANGE)
    .where(_CHANGE.c.record_id.in_(bindparam("records", expanding=True)), _CHANGE.c.outcome == "held")
    .order_by(_CHANGE.c.seq, _CHANGE.c.log_id)
)
_AT_ONCE = 500  # ids in one SELECT


@dataclass
class Entry:
    """One change on its way through a push. `receipt` is there from the start when it came before."""

    sha256: str
    heading: Heading
    change: ChangeBody | None
    fault: str  # the member that made it unreadable
    barred: str | None = None
    seal: Seal | None = None
    reused: bool = False
    log_id: int = 0
    receipt: Receipt | None = None
    sender: dict[str, Any] | None = None  # of a held one
    after: dict[str, Any] | None = None  # the record as it left it, when it was written
    twin: "Entry | None" = None  # the same change, earlier in the same push

    @property
    def key(self) -> str:
        """The change's id; the hash stands for it when the body has none."""
        return self.heading.id or self.sha256

    @cached_property
    def shut(self) -> str | None:
        """What it would be called if it had come when its seal did not open: then it has a receipt already."""
        if self.seal is None or self.barred == "cannot_open":
            return None
        return hashlib.sha256(self.seal.kept().encode("utf-8", "surrogatepass")).hexdigest()

    def told(self, receipt: Receipt) -> Receipt:
        """Its receipt as the phone gets it: for the text that lies there, which is the seal's."""
        return receipt if self.seal is None else {**receipt, "sha256": self.seal.sha256}


@dataclass(frozen=True)
class Waiting:
    """A held change of whoever sent it. `earlier`: it came before this push."""

    entry: Entry
    actor: Actor
    device: str
    received_at: datetime
    earlier: bool = False


def store(actor: Actor, device: str, sent: Sequence[Sent], received_at: datetime) -> list[Entry]:
    """Put every change that is new into the log; entries in the order in which they were sent.

    Until the transaction ends nothing else of this person gets in, from whichever phone or tab.
    """
    take_turns(f"changes of {actor.id}")
    entries = [_entry(one) for one in sent]
    raw = [one.body.encode("utf-8", "surrogatepass") for one in sent]
    before = _known(_names(entries))
    receipts = {(key, sha256): receipt for key, sha256, person, receipt in before if person == actor.id}
    used = {key for key, *_ in before}
    first: dict[tuple[str, str], Entry] = {}
    fresh: list[tuple[Entry, dict[str, Any]]] = []
    for entry, one, body in zip(entries, sent, raw, strict=True):
        place = (entry.key, entry.sha256)
        entry.receipt, entry.twin = _before(receipts, entry), first.get(place)
        if entry.receipt is not None or entry.twin is not None:
            continue
        entry.reused = entry.key in used
        used.add(entry.key)
        first[place] = entry
        fresh.append((entry, _row(actor, device, entry, one.sig, body, received_at)))
    if fresh:
        # One row after the other into SQLite, had each to say its number at once.
        connection = db.session.connection()
        connection.execute(_STORE, [row for _, row in fresh])
        stored = connection.execute(_STORED, {"keys": list({entry.key for entry, _ in fresh}), "person": actor.id})
        numbers = {(key, sha256): log_id for key, sha256, log_id in stored}
        for entry, _ in fresh:
            entry.log_id = numbers[entry.key, entry.sha256]
    return entries


def receipts(person_id: str, sent: Sequence[Sent]) -> list[Receipt | None]:
    """The receipt that each change has from before; None for one that never came from this person."""
    entries = [_entry(one) for one in sent]
    known: dict[tuple[str, str], Receipt] = {}
    for start in range(0, len(entries), _AT_ONCE):
        for key, sha256, person, receipt in _known(_names(entries[start : start + _AT_ONCE])):
            if person == person_id:
                known[key, sha256] = receipt
    found = [_before(known, entry) for entry in entries]
    return [None if one is None else entry.told(one) for entry, one in zip(entries, found, strict=True)]


def receipt_of(entry: Entry, judgement: Judgement) -> Receipt:
    """What the phone is told about a change."""
    return {
        "id": entry.heading.id,
        "outcome": judgement.outcome,
        "version": judgement.version,
        "sha256": entry.sha256,
        "problems": judgement.problems,
    }


def answer(entries: Iterable[Entry]) -> None:
    """Write what became of changes beside them."""
    rows = [
        {"key": entry.log_id, "said": entry.receipt["outcome"], "told": entry.receipt, "rights": entry.sender}
        for entry in entries
        if entry.receipt is not None
    ]
    if rows:
        db.session.connection().execute(_ANSWER, rows)


def numbers(entries: Iterable[Entry]) -> list[int]:
    """The phone's numbers of the changes that this push stored. One that came with other words counts only once,
    and one that somebody else may have made up does not count."""
    fresh = [entry for entry in entries if entry.log_id and not entry.reused and entry.barred not in UNPROVEN]
    return sorted({entry.heading.seq for entry in fresh if entry.heading.seq})


def link(actor: Actor, device: str, received_at: datetime, entries: Iterable[Entry]) -> None:
    """Link every change that this push stored into the chain of its sender's ward, with what became of it."""
    for entry in entries:
        if entry.log_id and entry.receipt:
            ledger.note(
                actor.ward_id,
                "change",
                sha256=entry.sha256,
                device=device,
                seq=entry.heading.seq,
                person=actor.id,
                at=entry.change.at if entry.change else None,
                received=received_at.isoformat(),
                **_fate(entry),
            )


def link_release(waiting: Waiting, received_at: datetime) -> None:
    """Link what became of a change that an earlier push had to hold."""
    ledger.note(waiting.actor.ward_id, "released", received=received_at.isoformat(), **_fate(waiting.entry))


def link_again(ward_id: int, entry: Entry, received_at: datetime) -> None:
    """Link what became of a change of the log that was judged once more."""
    ledger.note(ward_id, "judged_again", received=received_at.isoformat(), **_fate(entry))


def _fate(entry: Entry) -> dict[str, Any]:
    told = {
        "log_id": entry.log_id,
        "change": entry.key,
        "record": entry.change.record if entry.change else entry.heading.record,
        "outcome": entry.receipt["outcome"] if entry.receipt else None,
    }
    if entry.after is None:
        return told
    after = entry.after
    return {**told, "version": after["version"], "status": after["status"], "data": chain.fingerprint(after["data"])}


def waited_for() -> set[str]:
    """Records that some change waits for."""
    return set(db.session.scalars(select(_CHANGE.c.record_id).where(_CHANGE.c.outcome == "held").distinct()))


def held(record_ids: Iterable[str]) -> dict[str, list[Waiting]]:
    """Changes that wait for these records, by record, in the order of their phones' numbers."""
    found: dict[str, list[Waiting]] = {}
    for row in db.session.connection().execute(_HELD, {"records": list(record_ids)}):
        entry = _entry(Sent(row.body.decode("utf-8", "surrogatepass"), row.sig))
        entry.log_id = row.log_id
        rights = row.sender or {}
        actor = Actor(
            id=row.person_id,
            name="",
            role=COLLABORATOR,
            door="phone",
            device=row.device,
            ward_id=rights.get("ward", 0),
            group_ids=tuple(rights.get("groups", ())),
            language="vi",
            sign_in="",
        )
        waiting = Waiting(entry, actor, row.device, row.received_at, earlier=True)
        found.setdefault(str(row.record_id), []).append(waiting)
    return found


def reopened(row: Change, text: str | None) -> Entry:
    """A change of the log as an entry again. With another `text`, that is what will be judged in its place."""
    entry = _entry(Sent(row.body.decode("utf-8", "surrogatepass"), row.sig))
    entry.log_id = row.log_id
    if text is not None:
        instead = _entry(Sent(text, None))
        entry.change, entry.fault = instead.change, instead.fault
    return entry


def _entry(sent: Sent) -> Entry:
    value = read_body(sent.body)
    change, fault = None, ""
    try:
        change = read_change(value)
    except Unreadable as error:
        fault = error.field
    sha256 = hashlib.sha256(sent.body.encode("utf-8", "surrogatepass")).hexdigest()
    told = _unproven(sent.seal) if sent.seal is not None and sent.barred == "cannot_open" else heading(value)
    return Entry(sha256, told, change, fault, sent.barred, sent.seal)


def _unproven(seal: Seal) -> Heading:
    """What the head of a seal says that does not open. Its id is not used up by that: nothing proves it."""
    return heading({**seal.told, "id": None})


def _names(entries: Iterable[Entry]) -> set[str]:
    """What these changes may stand under in the log."""
    return {name for entry in entries for name in (entry.key, entry.shut) if name}


def _before(receipts: Mapping[tuple[str, str], Receipt], entry: Entry) -> Receipt | None:
    """The receipt of the same change, when it came before: read, or as a seal that did not open then."""
    shut = entry.shut
    return receipts.get((entry.key, entry.sha256)) or (receipts.get((shut, shut)) if shut else None)


def _known(keys: set[str]) -> list[tuple[str, str, str, Receipt]]:
    if not keys:
        return []
    return [tuple(row) for row in db.session.connection().execute(_CAME_BEFORE, {"keys": list(keys)})]


def _row(
    actor: Actor, device: str, entry: Entry, sig: str | None, body: bytes, received_at: datetime
) -> dict[str, Any]:
    return {
        "change_id": entry.key,
        "sha256": entry.sha256,
        "device": device,
        "seq": entry.heading.seq,
        "person_id": actor.id,
        "ward_id": actor.ward_id,
        "record_id": entry.heading.record,
        "body": sealing.placed_body(body, entry.change.kind if entry.change else None, actor.ward_id, entry.sha256),
        "sig": sig,
        "received_at": received_at,
        # Replaced in the same transaction; never to be seen from outside.
        "outcome": "received",
        "receipt": {},
        "sender": None,
    }
