"""A push on its way: every change stored, judged and written, in one transaction."""

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from sqlalchemy.exc import IntegrityError

from app.clock import today
from app.db import db, transact
from app.identity import senders
from app.kinds import registry
from app.records import ledger
from app.records import queries as records
from app.records.service import RecordWriter, Step
from app.stumble import is_database_away, place_of
from app.sync import devices, log
from app.sync.devices import Contact
from app.sync.envelopes import Sent
from app.sync.judge import Judgement, Sender, judge, quarantined

_log = logging.getLogger(__name__)


class Taken(NamedTuple):
    """What became of a push."""

    receipts: list[log.Receipt]
    quiet: dict[str, int]  # records of which the phone has exactly this version already
    doubtful: set[str]  # records that it has a receipt for, and that may be out of its reach by now
    stood: Mapping[str, int] = {}  # record -> the feed number that it had before this push
    given: tuple[int, int] = (0, 0)  # the feed numbers above the one, up to the other, are of this push

    def is_all(self, above: int, up_to: int) -> bool:
        """Whether the ward's feed between these numbers has nothing but what the phone has already."""
        return (above, up_to) == self.given and len(self.quiet) == up_to - above

    def is_there(self, record: Mapping[str, Any], above: int) -> bool:
        """Whether a phone that has read the feed up to `above` has exactly this record.

        What it handed in without a sign-in raised its version by the receipt alone: it may not know of a verdict.
        """
        return self.quiet.get(record["id"]) == record["version"] and self.stood.get(record["id"], 0) <= above


class Push:
    """One push on its way: every change stored, judged and written, all of them in one transaction.

    `one_by_one`: each in a savepoint of its own, so that a stumble over it keeps it aside and nothing else happens;
    otherwise a stumble ends the push. `last_try`: a meeting with another push is a stumble too.
    """

    def __init__(self, contact: Contact, *, one_by_one: bool = True, last_try: bool = True) -> None:
        self.contact, self.one_by_one, self.last_try = contact, one_by_one, last_try
        self.floor = 0
        self.sender = Sender(contact.actor, contact.device, contact.at, today().isoformat())
        self.writer = RecordWriter()
        self.known: dict[str, records.Row] = {}
        self.held: dict[str, list[log.Waiting]] = {}
        self.answered: list[log.Entry] = []
        self.released: list[log.Waiting] = []
        self.quiet: dict[str, int] = {}
        self.stood: dict[str, int] = {}
        self.doubtful: set[str] = set()

    def take(self, sent: tuple[Sent, ...], beside: Callable[[int], None] | None) -> Taken:
        with transact():
            self._look_again()
            book = ledger.current()
            entries = self._store(sent)
            stored = sum(1 for entry in entries if entry.log_id)
            if beside is not None and stored:
                beside(stored)
            devices.take_down(self.contact, log.numbers(entries))
        # What came before is not written again, so the feed need not say what became of its record meanwhile.
        self.doubtful |= {entry.change.record for entry in entries if entry.change and not entry.log_id}
        receipts = [self._receipt(entry) for entry in entries]
        given = book.given.get(self.contact.actor.ward_id, (0, 0))
        return Taken(receipts, self.quiet, self.doubtful, self.stood, given)

    def _look_again(self) -> None:
        """A sender whose group or ward ended while this push waited for its turn works in what took over."""
        moved = senders.moved(self.contact.actor)
        if moved is not None:
            self.contact = replace(self.contact, actor=moved)
            self.sender = replace(self.sender, actor=moved)

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

    def release(self, held: dict[str, list[log.Waiting]]) -> None:
        """What waits for these records, as far as it can be judged by now."""
        self._look_up(held)
        self.held = held
        for record_id in held:
            self._release(record_id)
        self.writer.flush()
        log.answer(self.answered)
        self._link_released()

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
            self._look_up(ids)
            self.held = log.held(ids)  # only now: whoever held one of them a moment ago has committed
        for entry in entries:
            self._settle(entry, self.sender)
            if entry.change:
                self._release(entry.change.record)
        self.writer.flush()
        log.answer(self.answered)

    def _look_up(self, ids: Iterable[str]) -> None:
        self.known = records.standing(ids)
        self.floor = records.version_floor()

    def _link_released(self) -> None:
        for waiting in self.released:
            log.link_release(waiting, self.contact.at)

    def _settle(self, entry: log.Entry, sender: Sender) -> None:
        """Judge one change, and write what follows."""
        judgement, after = (self._carefully if self.one_by_one else self._decide)(entry, sender)
        entry.receipt = log.receipt_of(entry, judgement)
        entry.sender, entry.after = None, after
        if judgement.outcome == "held" and entry.change:
            actor = sender.actor
            entry.sender = {"ward": actor.ward_id, "groups": list(actor.group_ids)}
            waiting = log.Waiting(entry, actor, sender.device, sender.received_at)
            self.held.setdefault(entry.change.record, []).append(waiting)
        if after is not None and entry.change:
            ledger.touch(after["ward_id"], after["id"], left=after["status"] == "withdrawn")
            self._remember(entry.change.base, after, judgement, sender)
        self.answered.append(entry)

    def _carefully(self, entry: log.Entry, sender: Sender) -> tuple[Judgement, records.Row | None]:
        """Decide in a savepoint; a stumble over this change keeps it, and harms no other."""
        try:
            with db.session.connection().begin_nested():
                return self._decide(entry, sender)
        except Exception as error:
            if is_database_away(error):
                raise  # nothing can be kept now, and the phone tries again
            if isinstance(error, IntegrityError) and not self.last_try:
                raise
            _log.error("our fault with log entry %s: %s", entry.log_id, place_of(error))
        self.writer.forget()
        return quarantined("our_fault"), None

    def _decide(self, entry: log.Entry, sender: Sender) -> tuple[Judgement, records.Row | None]:
        judgement = self._judge(entry, sender)
        return judgement, self._write(entry, sender, judgement)

    def _judge(self, entry: log.Entry, sender: Sender) -> Judgement:
        if entry.reused:
            return quarantined("change_id_reused")
        if entry.barred is not None:
            return quarantined(entry.barred)
        if entry.change is None:
            return quarantined("unreadable", entry.fault or None)
        if sender.floor != self.floor:
            sender = replace(sender, floor=self.floor)
        return judge(registry, self.known.get(entry.change.record), entry.change, sender)

    def _write(self, entry: log.Entry, sender: Sender, judgement: Judgement) -> records.Row | None:
        if judgement.record is None or entry.change is None:
            return None
        change, new = entry.change, judgement.what == "created"
        review: records.Row | None = {"verdict": "withdraw", "note": change.reason} if change.reason else None
        if judgement.what == "choice":
            review = {"verdict": "choice", "fields": list(change.answers or ())}
        step = Step(judgement.what, sender.actor.id, entry.log_id, change.written_at, review)
        after = self.writer.write_change(judgement.record, sender.actor, step, new=new)
        if self.one_by_one:
            self.writer.flush()
        return after

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
            self.stood[record_id] = after["feed_no"]  # numbered anew only as the transaction's last thing
        else:
            self.quiet.pop(record_id, None)

    def _release(self, record_id: str) -> None:
        """Judge what waited for the record, as long as something has what it needs."""
        while record_id in self.known and (waiting := self.held.get(record_id)):
            version = max(self.known[record_id]["version"], self.floor)
            ready = next((one for one in waiting if one.entry.change and one.entry.change.base <= version), None)
            if ready is None:
                return
            waiting.remove(ready)
            earlier = Sender(ready.actor, ready.device, self.sender.received_at, self.sender.today)
            self._settle(ready.entry, earlier if ready.earlier else self.sender)
            if ready.earlier:
                self.released.append(ready)

    def _receipt(self, entry: log.Entry) -> log.Receipt:
        found = entry.twin.receipt if entry.twin else entry.receipt
        if found is None:
            raise RuntimeError("a change without a receipt")
        return entry.told(found)
