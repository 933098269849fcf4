"""A round trip: take in what a phone recorded, commit, then tell it what is new."""

import hashlib
import logging
import traceback
from typing import Any

from sqlalchemy.exc import IntegrityError, OperationalError

from app.clock import now, today
from app.db import db, transact
from app.identity.queries import names
from app.identity.rights import Actor
from app.kinds import registry
from app.problems import Problem
from app.records import queries as records
from app.records.service import RecordWriter, Step, ensure_epoch
from app.sync import cursor, log, scope
from app.sync.envelopes import Envelope, Sent
from app.sync.judge import Judgement, Sender, judge, quarantined

_MOST_MISSING = 50
_log = logging.getLogger(__name__)


def round_trip(actor: Actor, asked: Envelope, secret: str) -> dict[str, Any]:
    """Answer a request. What it carried is committed, flushed to disk, before anything is said."""
    if asked.person not in (None, actor.id):
        raise Problem("sign_in_needed")
    receipts: list[log.Receipt] = []
    quiet: dict[str, int] = {}
    if asked.changes:
        receipts, quiet = accept(actor, asked.device, asked.changes)
    answer = pull(actor, asked, secret, quiet)
    return {
        **answer,
        "receipts": receipts,
        "missing": _missing(asked.device) if asked.changes or answer["reset"] or asked.cursor is None else [],
    }


def accept(actor: Actor, device: str, sent: tuple[Sent, ...]) -> tuple[list[log.Receipt], dict[str, int]]:
    """Store and judge changes in one transaction.

    Returns their receipts, and the records of which the phone has exactly this version already.
    """
    try:
        return _Push(actor, device, last_try=False).take(sent)
    except IntegrityError:
        # PostgreSQL let another push write the same change or record at this moment: now it is there to be found.
        return _Push(actor, device, last_try=True).take(sent)


def pull(actor: Actor, asked: Envelope, secret: str, quiet: dict[str, int]) -> dict[str, Any]:
    """What is new in the person's scope since the cursor, without what the phone has already (`quiet`)."""
    epoch, last = records.counter(actor.ward_id)
    if epoch is None:
        with transact():
            epoch = ensure_epoch()
    tag = scope.tag(epoch, actor, records.shared_kinds())
    read = cursor.unpack(secret, tag, asked.cursor)
    above = (read or {}).get(actor.ward_id, 0)
    # A phone without a cursor has nothing to replace; one with a cursor that means nothing any more has.
    reset = asked.cursor is not None and (read is None or above > last)
    above = 0 if reset else above
    found = records.feed(actor, above, last, asked.limit + 1) if above < last else []
    more = len(found) > asked.limit
    page = found[: asked.limit]
    reached = page[-1]["feed_no"] if more else last
    known = names(clash[by] for record in page for clash in record["conflicts"] for by in ("kept_by", "other_by"))
    return {
        "epoch": epoch,
        "now": scope.moment(now()),
        "cursor": cursor.pack(secret, tag, {actor.ward_id: reached}),
        "more": more,
        "reset": reset,
        "records": [
            scope.wire(record, actor.id, registry.get(record["kind"]), known)
            for record in page
            if reset or quiet.get(record["id"]) != record["version"]
        ],
        "gone": records.gone(actor, above, reached) if above < reached and not reset else [],
    }


def digest(actor: Actor) -> dict[str, Any]:
    """The fingerprint of everything that this person's phone should hold."""
    lines = sorted(f"{record_id}:{version}\n" for record_id, version in records.versions_in_scope(actor))
    return {"count": len(lines), "digest": hashlib.sha256("".join(lines).encode()).hexdigest()}


class _Push:
    """One push on its way: every change stored, judged and written by itself, all of them in one transaction."""

    def __init__(self, actor: Actor, device: str, *, last_try: bool) -> None:
        self.last_try = last_try
        self.sender = Sender(actor, device, now(), today().isoformat())
        self.writer = RecordWriter()
        self.known: dict[str, records.Row] = {}
        self.held: dict[str, list[log.Waiting]] = {}
        self.answered: list[log.Entry] = []
        self.released: list[log.Waiting] = []
        self.quiet: dict[str, int] = {}

    def take(self, sent: tuple[Sent, ...]) -> tuple[list[log.Receipt], dict[str, int]]:
        actor, device = self.sender.actor, self.sender.device
        with transact():
            entries = log.store(actor, device, sent, self.sender.received_at)
            ids = {entry.change.record for entry in entries if entry.change and entry.log_id}
            if ids:
                self.known = records.standing(ids)
                self.held = log.held(ids)
            for entry in entries:
                if entry.log_id:
                    self._settle(entry, self.sender)
                    self._release(entry)
            log.answer(self.answered)
            log.link(actor, device, self.sender.received_at, entries)
            for waiting in self.released:
                log.link_release(waiting, self.sender.received_at)
        return [self._receipt(entry) for entry in entries], self.quiet

    def _settle(self, entry: log.Entry, sender: Sender) -> None:
        """Judge one change and write what follows, in a savepoint; a stumble over it keeps it, and harms no other."""
        try:
            with db.session.connection().begin_nested():
                judgement = self._judge(entry, sender)
                after = self._write(entry, sender, judgement)
        except OperationalError:
            raise  # the database itself: nothing can be kept now, and the phone tries again
        except Exception as error:
            if isinstance(error, IntegrityError) and not self.last_try:
                raise
            # Where it happened, without the error's own words: those may quote a child's name.
            place = "".join(traceback.format_tb(error.__traceback__))
            _log.error("our fault with log entry %s: %s\n%s", entry.log_id, type(error).__name__, place)
            judgement, after = quarantined("our_fault"), None
        entry.receipt = log.receipt_of(entry, judgement)
        entry.sender = None
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
        return judge(registry, self.known.get(entry.change.record), entry.change, sender)

    def _write(self, entry: log.Entry, sender: Sender, judgement: Judgement) -> records.Row | None:
        if judgement.record is None or entry.change is None:
            return None
        change, new = entry.change, judgement.what == "created"
        review = {"verdict": "withdraw", "note": change.reason} if change.reason else None
        step = Step(judgement.what, sender.actor.id, entry.log_id, change.written_at, review)
        return self.writer.write_change(judgement.record, sender.actor, step, new=new)

    def _remember(self, base: int, after: records.Row, judgement: Judgement, sender: Sender) -> None:
        """Keep the record for the next change of the push; note whether the phone has all of it."""
        record_id, before = after["id"], self.known.get(after["id"])
        had = before["version"] if before else 0
        carried = base == had or self.quiet.get(record_id) == had
        self.known[record_id] = after
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


def _missing(device: str) -> list[int]:
    """The first numbers of this device, below its highest, that never came."""
    holes: list[int] = []
    expected = 1
    for seq in records.seqs_of(device):
        room = _MOST_MISSING - len(holes)
        holes += range(expected, min(seq, expected + room))
        expected = seq + 1
    return holes
