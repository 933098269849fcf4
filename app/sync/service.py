"""A round trip: take in what a phone recorded, commit, then tell it what is new."""

import hashlib
import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple

from sqlalchemy.exc import IntegrityError

from app.clock import now, today
from app.db import db, transact
from app.identity.queries import names
from app.identity.rights import Actor
from app.kinds import registry
from app.problems import Problem
from app.records import queries as records
from app.records.chain import read_head
from app.records.service import RecordWriter, Step, ensure_epoch
from app.stumble import is_database_away, place_of
from app.sync import cursor, devices, log, numbering, queries, scope
from app.sync.devices import Contact
from app.sync.envelopes import Envelope, Sent
from app.sync.judge import Judgement, Sender, judge, quarantined
from app.sync.numbering import NOTHING, Said
from app.sync.queries import Standing

_log = logging.getLogger(__name__)


class Taken(NamedTuple):
    """What became of a push."""

    receipts: list[log.Receipt]
    quiet: dict[str, int]  # records of which the phone has exactly this version already
    doubtful: set[str]  # records that it has a receipt for, and that may be out of its reach by now


def round_trip(actor: Actor, asked: Envelope, secret: str) -> dict[str, Any]:
    """Answer a request. What it carried is committed, flushed to disk, before anything is said."""
    if asked.person not in (None, actor.id):
        raise Problem("sign_in_needed")
    taken = Taken([], {}, set())
    if asked.changes:
        taken = accept(actor, asked.device, asked.changes, app=asked.app, said=asked.said)
    stand = _standing(actor, asked)
    answer = {**pull(actor, asked, secret, stand, taken), "receipts": taken.receipts}
    fell_back = not numbering.is_believed(stand.numbers, asked.said)
    if asked.changes or answer["reset"] or asked.cursor is None or fell_back:
        missing = devices.missing(actor, asked.device, stand.numbers)
        return {**answer, "missing": missing, "last": stand.numbers.last, "chain": stand.head.text()}
    return {**answer, "missing": []}


def accept(
    actor: Actor,
    device: str,
    sent: tuple[Sent, ...],
    *,
    app: str = "",
    said: Said = NOTHING,
    beside: Callable[[int], None] | None = None,
) -> Taken:
    """Store and judge changes in one transaction. `app`, `said`: what the phone says of itself.

    `beside` is called in the same transaction with the number of changes that it stored, if there are any.
    """
    contact = Contact(actor, device, app, said, now())
    try:
        return _Push(contact, last_try=False).take(sent, beside)
    except IntegrityError:
        # PostgreSQL let another push write the same change or record at this moment: now it is there to be found.
        return _Push(contact, last_try=True).take(sent, beside)


def take_in(actor: Actor, device: str, sent: tuple[Sent, ...]) -> list[log.Receipt]:
    """Store and judge changes that the desk made, inside the caller's transaction; their receipts."""
    return _Push(Contact(actor, device, "", NOTHING, now()), last_try=True).store(sent)


def judge_again(entry: log.Entry, sender: Sender) -> log.Receipt:
    """Judge a change of the log once more, with what waits for its record, inside the caller's transaction.

    Its receipt is replaced: the phone hears it when it asks again.
    """
    contact = Contact(sender.actor, sender.device, "", NOTHING, sender.received_at)
    return _Push(contact, last_try=True).again(entry, sender)


def pull(actor: Actor, asked: Envelope, secret: str, stand: Standing, taken: Taken) -> dict[str, Any]:
    """What is new in the person's scope since the cursor, without what the phone has already."""
    tag = scope.tag(stand.epoch or "", actor, records.shared_kinds())
    last = stand.last_no
    read = cursor.unpack(secret, tag, asked.cursor)
    above = (read or {}).get(actor.ward_id, 0)
    # A phone without a cursor has nothing to replace; one with a cursor that means nothing any more has.
    reset = asked.cursor is not None and (read is None or above > last)
    above = 0 if reset else above
    found = records.feed(actor, above, last, asked.limit + 1) if above < last else []
    more = len(found) > asked.limit
    page = found[: asked.limit]
    reached = page[-1]["feed_no"] if more else last
    gone = records.gone(actor, above, reached) if above < reached and not reset else []
    if taken.doubtful:
        gone += sorted(taken.doubtful - set(gone) - records.within_scope(actor, taken.doubtful))
    known = names(clash[by] for record in page for clash in record["conflicts"] for by in ("kept_by", "other_by"))
    return {
        "epoch": stand.epoch,
        "now": scope.moment(now()),
        "cursor": cursor.pack(secret, tag, {actor.ward_id: reached}),
        "more": more,
        "reset": reset,
        "records": [
            scope.wire(record, actor.id, registry.get(record["kind"]), known)
            for record in page
            if reset or taken.quiet.get(record["id"]) != record["version"]
        ],
        "gone": gone,
    }


def digest(actor: Actor, seen: str | None) -> dict[str, Any]:
    """The fingerprint of everything that this person's phone should hold.

    `seen`: a head of the ward's log chain that the phone kept; is it still part of the chain?
    """
    lines = sorted(f"{record_id}:{version}\n" for record_id, version in records.versions_in_scope(actor))
    answer = {"count": len(lines), "digest": hashlib.sha256("".join(lines).encode()).hexdigest()}
    if seen is None:
        return answer
    head = read_head(seen)
    return {**answer, "chain": "known" if head and queries.is_in_chain(actor.ward_id, head) else "unknown"}


def _standing(actor: Actor, asked: Envelope) -> Standing:
    """Where things stand; what a request without changes says of its phone is written down when it is news."""
    stand = queries.standing(actor, asked.device)
    news = not asked.changes and numbering.is_news(stand.numbers, asked.said)
    if not news and stand.epoch is not None:
        return stand
    with transact():
        ensure_epoch()
        if news:
            devices.take_down(Contact(actor, asked.device, asked.app, asked.said, now()))
    return queries.standing(actor, asked.device)


class _Push:
    """One push on its way: every change stored, judged and written by itself, all of them in one transaction."""

    def __init__(self, contact: Contact, *, last_try: bool) -> None:
        self.contact = contact
        self.last_try = last_try
        self.floor = 0
        self.sender = Sender(contact.actor, contact.device, contact.at, today().isoformat())
        self.writer = RecordWriter()
        self.known: dict[str, records.Row] = {}
        self.held: dict[str, list[log.Waiting]] = {}
        self.answered: list[log.Entry] = []
        self.released: list[log.Waiting] = []
        self.quiet: dict[str, int] = {}
        self.doubtful: set[str] = set()

    def take(self, sent: tuple[Sent, ...], beside: Callable[[int], None] | None) -> Taken:
        with transact():
            entries = self._store(sent)
            stored = sum(1 for entry in entries if entry.log_id)
            if beside is not None and stored:
                beside(stored)
            devices.take_down(self.contact, log.numbers(entries))
        # What came before is not written again, so the feed need not say what became of its record meanwhile.
        self.doubtful |= {entry.change.record for entry in entries if entry.change and not entry.log_id}
        return Taken([self._receipt(entry) for entry in entries], self.quiet, self.doubtful)

    def store(self, sent: tuple[Sent, ...]) -> list[log.Receipt]:
        """The same inside the caller's transaction, and without the numbers of a phone."""
        return [self._receipt(entry) for entry in self._store(sent)]

    def again(self, entry: log.Entry, sender: Sender) -> log.Receipt:
        """One change that is in the log already."""
        self.sender = sender
        self._settle_all([entry])
        log.link_again(sender.actor.ward_id, entry, self.contact.at)
        self._link_released()
        return self._receipt(entry)

    def _store(self, sent: tuple[Sent, ...]) -> list[log.Entry]:
        actor, device, at = self.contact.actor, self.contact.device, self.contact.at
        entries = log.store(actor, device, sent, at)
        self._settle_all([entry for entry in entries if entry.log_id])
        log.link(actor, device, at, entries)
        self._link_released()
        return entries

    def _settle_all(self, entries: list[log.Entry]) -> None:
        """Judge changes of the log and write what follows, with what waited for their records."""
        ids = {entry.change.record for entry in entries if entry.change}
        if ids:
            self.known = records.standing(ids)
            self.held = log.held(ids)
            self.floor = records.version_floor()
        for entry in entries:
            self._settle(entry, self.sender)
            self._release(entry)
        log.answer(self.answered)

    def _link_released(self) -> None:
        for waiting in self.released:
            log.link_release(waiting, self.contact.at)

    def _settle(self, entry: log.Entry, sender: Sender) -> None:
        """Judge one change and write what follows, in a savepoint; a stumble over it keeps it, and harms no other."""
        try:
            with db.session.connection().begin_nested():
                judgement = self._judge(entry, sender)
                after = self._write(entry, sender, judgement)
        except Exception as error:
            if is_database_away(error):
                raise  # nothing can be kept now, and the phone tries again
            if isinstance(error, IntegrityError) and not self.last_try:
                raise
            _log.error("our fault with log entry %s: %s", entry.log_id, place_of(error))
            judgement, after = quarantined("our_fault"), None
        entry.receipt = log.receipt_of(entry, judgement)
        entry.sender, entry.after = None, after
        if judgement.outcome == "held" and entry.change:
            actor = sender.actor
            entry.sender = {"ward": actor.ward_id, "groups": list(actor.group_ids)}
            waiting = log.Waiting(entry, actor, sender.device, sender.received_at)
            self.held.setdefault(entry.change.record, []).append(waiting)
        if after is not None and entry.change:
            self._remember(entry.change.base, after, judgement, sender)
        self.answered.append(entry)

    def _judge(self, entry: log.Entry, sender: Sender) -> Judgement:
        if entry.reused:
            return quarantined("change_id_reused")
        if entry.barred is not None:
            return quarantined(entry.barred)
        if entry.change is None:
            return quarantined("unreadable", entry.fault or None)
        return judge(registry, self.known.get(entry.change.record), entry.change, replace(sender, floor=self.floor))

    def _write(self, entry: log.Entry, sender: Sender, judgement: Judgement) -> records.Row | None:
        if judgement.record is None or entry.change is None:
            return None
        change, new = entry.change, judgement.what == "created"
        review: records.Row | None = {"verdict": "withdraw", "note": change.reason} if change.reason else None
        if judgement.what == "choice":
            review = {"verdict": "choice", "fields": list(change.answers or ())}
        step = Step(judgement.what, sender.actor.id, entry.log_id, change.written_at, review)
        return self.writer.write_change(judgement.record, sender.actor, step, new=new)

    def _remember(self, base: int, after: records.Row, judgement: Judgement, sender: Sender) -> None:
        """Keep the record for the next change of the push; note whether the phone has all of it."""
        record_id, before = after["id"], self.known.get(after["id"])
        had = before["version"] if before else 0
        carried = base == had or self.quiet.get(record_id) == had
        self.known[record_id] = after
        if after["status"] == "withdrawn":
            self.doubtful.add(record_id)
        if judgement.quiet and carried and sender is self.sender:
            self.quiet[record_id] = after["version"]
        else:
            self.quiet.pop(record_id, None)

    def _release(self, entry: log.Entry) -> None:
        """Judge what waited for the record, as long as something has what it needs."""
        record_id = entry.change.record if entry.change else ""
        while record_id in self.known and (waiting := self.held.get(record_id)):
            version = self.known[record_id]["version"]
            ready = next((one for one in waiting if one.entry.change and one.entry.change.base <= version), None)
            if ready is None:
                return
            waiting.remove(ready)
            earlier = Sender(ready.actor, ready.device, self.sender.received_at, self.sender.today)
            own = ready.actor is self.sender.actor  # held by this push itself, a moment ago
            self._settle(ready.entry, self.sender if own else earlier)
            if not own:
                self.released.append(ready)

    def _receipt(self, entry: log.Entry) -> log.Receipt:
        found = entry.twin.receipt if entry.twin else entry.receipt
        if found is None:
            raise RuntimeError("a change without a receipt")
        return found
