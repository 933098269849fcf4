"""The feed under sixteen writers on PostgreSQL: a poller that never rests must miss none of their changes.

    python -m campaigns.feed                   12,000 changes
    python -m campaigns.feed --changes 400     as in the test command

Sixteen phones of one group write and push at once; between a transaction's work and its numbers lies a delay of up to
10 ms, of 300 ms one time in fifty, and a shorter one before its commit. There a feed by a sequence, by a clock, or
by a cursor that is read beside its page loses rows for good. A seventeenth phone asks for what is new again and
again, by the same endpoint and cursor as any phone, without ever starting over. At the end it must hold every record
in its last version.
"""

import random
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from flask import Flask

from app.clock import now
from app.db import db
from app.records.ledger import Ledger
from campaigns import oracle
from campaigns.crowd import crowd
from campaigns.pg_place import PgPlace, pg_place
from campaigns.place import folder
from campaigns.planted import Patch, bug
from campaigns.planted import planted as planting
from campaigns.report import Report, command
from tests.cast import GROUP_7, join
from tests.phone import Phone

LONG = 12_000
WRITERS = 16
TOGETHER = 6  # changes in one push, at most
DELAY, LONG_DELAY = 0.010, 0.300
MOST_ASKED = 200  # times that the poller looks once more when everybody is done
POND = {"type": "DN1", "name": "Ao nhà văn hóa", "address": "ngõ 12"}


def run(seed: int, changes: int = LONG, planted: str = "") -> Report:
    """Let the writers push this many changes under the poller's eyes."""
    report = Report(f"The feed under {WRITERS} writers on PostgreSQL, read without a rest", seed)
    with folder() as where, pg_place(where) as place, place.app(threads=WRITERS + 4) as app:
        people = crowd(WRITERS + 1, [GROUP_7])
        with app.app_context():
            join(people, now())
        reader = Phone(app, people[0])
        reader.sync()
        writers = [
            _Writer(app, Phone(app, person), random.Random(f"{seed}-{place}"), changes // WRITERS)
            for place, person in enumerate(people[1:])
        ]
        with planting(planted), _slow(seed):
            _read_while(report, reader, writers)
        for writer in writers:
            for fault in writer.faults:
                report.fail(writer.phone.person.name, fault)
        _judge(report, place, reader)
    return report


class _Writer(threading.Thread):
    """A phone that records and edits its own, and pushes a few changes at a time."""

    def __init__(self, app: Flask, phone: Phone, chance: random.Random, changes: int) -> None:
        super().__init__(daemon=True)
        self.app, self.phone, self.chance, self.left = app, phone, chance, changes
        self.mine: list[str] = []
        self.faults: list[str] = []

    def run(self) -> None:
        try:
            while self.left:
                count = min(self.left, self.chance.randint(1, TOGETHER))
                receipts = self.phone.push(*[self._change() for _ in range(count)])
                self.faults += [str(one) for one in receipts if one["outcome"] not in ("applied", "merged")]
                self.left -= count
        except Exception as error:
            self.faults.append(f"{type(error).__name__}: {str(error)[:300]}")
        finally:
            with self.app.app_context():
                db.session.remove()

    def _change(self) -> Any:
        if self.mine and self.chance.random() < 0.25:
            record = self.chance.choice(self.mine)
            return self.phone.change(record, base=1, set={"depth": self.chance.randrange(1, 9)})
        change = self.phone.change(set=POND)
        self.mine.append(change["record"])
        return change


@contextmanager
def _slow(seed: int) -> Iterator[None]:
    """Delays between the work of a transaction and its numbers, and between these and its commit."""
    real_close, real_commit = Ledger.close, db.session.commit
    chance, here = random.Random(f"{seed}-delays"), threading.local()

    def waits(longest: float) -> None:
        threading.Event().wait(longest)  # nobody sets it

    def close(self: Ledger) -> None:
        here.closing = True
        waits(LONG_DELAY if chance.random() < 0.02 else chance.uniform(0, DELAY))
        real_close(self)

    def commit() -> None:
        if getattr(here, "closing", False):
            here.closing = False
            waits(LONG_DELAY / 10 if chance.random() < 0.02 else chance.uniform(0, DELAY / 10))
        real_commit()

    with patch.object(Ledger, "close", close), patch.object(db.session, "commit", commit):
        yield


def _read_while(report: Report, reader: Phone, writers: list[_Writer]) -> None:
    """Ask without a rest until everybody is done and nothing new comes."""
    for writer in writers:
        writer.start()
    rested = 0
    while rested < 3:
        done = not any(writer.is_alive() for writer in writers)
        answer = reader.round_trip()
        if answer is None:
            raise RuntimeError("the reader has no signal")
        report.counts["times asked"] += 1
        report.counts["started over"] += bool(answer["reset"])
        report.counts["times with news"] += bool(answer["records"])
        rested = rested + 1 if done and not answer["records"] else 0
        reader.heard.clear()


def _judge(report: Report, place: PgPlace, reader: Phone) -> None:
    """Whatever is in the database and not on the poller, in its last version, was missed."""
    look = place.look()
    rows = dict(look.execute("SELECT id, version FROM record").fetchall())
    for fault in oracle.audit(look, {}, {}):
        report.fail("the database", fault)
    (changes,) = look.execute("SELECT count(*) FROM change").fetchone()
    look.close()
    missed = [record for record, version in rows.items() if reader.store.get(record, {}).get("version") != version]
    report.counts.update(Counter(changes=changes, records=len(rows), missed=len(missed)))
    for record in missed:
        report.fail("the feed", f"record {record} never reached the poller in version {rows[record]}")
    if report.counts["started over"]:
        report.fail("the feed", "the poller was made to start over")
    if reader.digest() != reader.asks_digest() and not missed:
        report.fail("the feed", "the poller and the ward disagree")


def _numbered_early(number: Any) -> list[Patch]:
    """Places in the feed that are given as the work is done, before anybody knows who commits first."""
    from sqlalchemy import bindparam, func, update

    from app.records.models import Record, Ward

    real_close = Ledger.close

    def touch(self: Any, ward_id: int, record_id: str, *, left: bool) -> None:
        self.early = {**getattr(self, "early", {}), record_id: (ward_id, number())}

    def close(self: Any) -> None:
        early = getattr(self, "early", {})
        real_close(self)
        if early:
            connection = db.session.connection()
            placed = [{"key": record, "number": one} for record, (_, one) in early.items()]
            number_it = update(Record).where(Record.id == bindparam("key")).values(feed_no=bindparam("number"))
            connection.execute(number_it, placed)
            ward_id, last = max(early.values(), key=lambda one: one[1])
            raised = func.greatest(Ward.last_no, last)
            connection.execute(update(Ward).where(Ward.ward_id == ward_id).values(last_no=raised))

    return [(Ledger, "touch", touch), (Ledger, "close", close)]


@bug("feed: it is numbered by a sequence")
def _by_a_sequence() -> list[Patch]:
    import itertools

    count, lock = itertools.count(1), threading.Lock()

    def number() -> int:
        with lock:
            return next(count)

    return _numbered_early(number)


@bug("feed: it is ordered by the time of the change")
def _by_the_clock() -> list[Patch]:
    import time

    began, lock, last = time.monotonic_ns(), threading.Lock(), [0]

    def number() -> int:
        with lock:
            last[0] = max(last[0] + 1, (time.monotonic_ns() - began) // 1000)
            return last[0]

    return _numbered_early(number)


@bug("feed: the cursor is read beside its page, not with it")
def _read_beside() -> list[Patch]:
    from app.sync import cursor, service

    real = cursor.pack

    def pack(secret: str, tag: str, read: Any) -> str:
        with db.engine.connect() as beside:
            rows = beside.exec_driver_sql("SELECT ward_id, last_no FROM ward").fetchall()
        last = {row[0]: row[1] for row in rows}
        return real(secret, tag, {ward: max(no, last.get(ward, 0)) for ward, no in read.items()})

    return [(service.cursor, "pack", pack)]


if __name__ == "__main__":
    command(run, __doc__, {"changes": LONG})
