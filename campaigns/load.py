"""R-24: five hundred phones within a minute, ten records each, against gunicorn as `make run` starts it.

    python -m campaigns.load                          500 phones in 60 s, SQLite on a disk
    python -m campaigns.load --on postgresql          the same on PostgreSQL with three workers, its commits flushed
    python -m campaigns.load --phones 40 --seconds 2  about as in the test command

Each phone comes on at random moments of the time given and sends what was recorded since, in one to ten passes; four
phones share a group and pull each other's records. One answer in twenty is lost on its way, and a phone that is
told to come later waits and comes. What they send is signed and sealed. Afterwards every change is in the log once,
with its bytes, every phone has all its receipts and holds what the ward says it should, and some phones send
everything once more. Time to a receipt is from the first byte sent until the receipt is taken in; of what lost its
answer on purpose it is not counted.
"""

import random
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path
from typing import Any

from app.clock import now
from app.db import transact
from app.seals import service as seals
from benchmarks.sync import material
from campaigns import oracle
from campaigns.crowd import crowd, settle
from campaigns.line import Answer, Caller, Line
from campaigns.pg_place import PgPlace, place_on
from campaigns.place import Place, folder
from campaigns.planted import Patch, bug, writes_behind
from campaigns.report import Report, command
from campaigns.server import WORDS, Server, warm
from tests.cast import join
from tests.phone import Entry, Json

LONG, SECONDS = 500, 60
RECORDS = 10
IN_A_GROUP = 4
WORKERS = 3  # on PostgreSQL; SQLite has one writer
LOST = 0.05
MOST_ROUNDS = 200
# As in static/client/sync/schedule.ts and talk.ts: seconds until a phone comes again, doubled each time, with jitter,
# up to the longest; and how long it waits for an answer.
FIRST, LONGEST = 1.0, 300.0
PATIENCE = 60


def run(seed: int, phones: int = LONG, seconds: int = SECONDS, planted: str = "", on: str = "") -> Report:
    """Let this many phones come within this many seconds."""
    workers = WORKERS if on == "postgresql" else 1
    report = Report(f"R-24 {phones} phones in {seconds} s ({on or 'sqlite'}, gunicorn, {workers} workers)", seed)
    is_long = seconds >= SECONDS
    with _folder(on_disk=is_long) as where, place_on(on, where, durable=is_long) as place, warm(place) as zygote:
        words = [*WORDS, "--workers", str(workers)]
        server = Server(zygote, where, bugs="campaigns.load", bug=planted, words=words)
        people = _let_in(place, phones)
        server.start()
        try:
            coming = [Coming(None, one, port=server.port) for one in people]
            for phone in coming:
                phone.begins()
            _come(report, coming, seed, seconds, patient=not planted)
            _afterwards(report, coming, random.Random(seed))
            report.figures["most memory of a worker, MB"] = f"{server.memory() / 1000:.0f}"
        finally:
            server.kill()
        _judge(report, place, coming)
    return report


@contextmanager
def _folder(*, on_disk: bool) -> Iterator[Path]:
    """In the long run a commit has to reach a disk."""
    if not on_disk:
        with folder() as made:
            yield made
        return
    with tempfile.TemporaryDirectory(prefix="to-am-load-") as name:
        yield Path(name)


def _let_in(place: Place | PgPlace, phones: int) -> list[Any]:
    groups = [1000 + number for number in range(-(-phones // IN_A_GROUP))]
    people = crowd(phones, groups)
    with place.app() as app, app.app_context():
        settle(groups)
        join(people, now())
        with transact():  # phones seal, as with a ward that has had its first backup
            seals.ensure_keys()
            seals.mark_safe(seals.unsafe())
    return people


class Later(Exception):
    """The server asks to come later."""


@dataclass
class Coming(Caller):
    """A phone that measures, and comes again when it is told to or its line breaks."""

    took: list[float] = field(default_factory=list)  # seconds to each receipt
    told: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.client = Line(self.port, self.person, timeout=PATIENCE)

    def post_bytes(self, packed: bytes, path: str = "/api/v1/sync", **headers: str) -> Answer:
        if self.client.is_left():
            self.told["lines opened anew after a pause"] += 1
            self.client.close()
        answer: Answer = super().post_bytes(packed, path, **headers)  # type: ignore[assignment]
        if answer.status_code in (429, 502, 503, 504):
            self.told[f"told to come later, {answer.status_code}"] += 1
            raise Later
        if answer.status_code >= 500:
            self.told[f"answered {answer.status_code}"] += 1
            raise Later
        return answer

    def begins(self) -> None:
        """From now on it signs and seals what it sends."""
        self.registers_key()
        self.learns_to_seal()
        self.client.close()

    def _acknowledge(self, entry: Entry, receipt: Json) -> None:
        # A seal's receipt names the seal's bytes, the log what is inside.
        super()._acknowledge(entry, {**receipt, "sha256": entry.sha256})

    def passes(self, chance: random.Random, most: int) -> None:
        """Send what waits, and come again until all of it has its receipt."""
        began, waiting = time.perf_counter(), len(self.outbox)
        lose, later = chance.random() < LOST, FIRST
        clean = not lose
        for _ in range(most):
            try:
                self.round_trip(lose_answer=lose)
            except (Later, OSError, HTTPException) as error:
                self.told[f"lines that broke, {type(error).__name__}"] += not isinstance(error, Later)
            if not self.outbox and not lose:
                break
            lose = False
            threading.Event().wait(later * chance.uniform(0.5, 1.5))  # nobody sets it: a phone's own back-off
            later = min(later * 2, LONGEST)
        self.told["answers lost on purpose"] += not clean
        if clean and not self.outbox:
            self.took += [time.perf_counter() - began] * waiting


def _come(report: Report, phones: list[Coming], seed: int, seconds: int, *, patient: bool) -> None:
    """Every phone on a thread of its own, which sleeps until its moments."""
    threading.stack_size(512 * 1024)
    start = threading.Barrier(len(phones) + 1)
    threads = []
    for number, phone in enumerate(phones):
        chance = random.Random(f"{seed}-{number}")
        most = MOST_ROUNDS if patient else 3
        threads.append(threading.Thread(target=_day, args=(phone, chance, start, seconds, most), daemon=True))
    for thread in threads:
        thread.start()
    start.wait()
    began, busy = time.perf_counter(), time.process_time()
    for thread in threads:
        thread.join(seconds + 120)
    threading.stack_size(0)
    spent = time.perf_counter() - began
    report.figures["from first to last, s"] = f"{spent:.1f}"
    report.figures["processor used by all phones"] = f"{(time.process_time() - busy) / spent:.0%} of one core"


def _day(phone: Coming, chance: random.Random, start: threading.Barrier, seconds: int, most: int) -> None:
    moments = sorted(chance.uniform(0, seconds) for _ in range(chance.randint(1, RECORDS)))
    cuts = sorted(chance.sample(range(1, RECORDS), len(moments) - 1)) if len(moments) > 1 else []
    parcels = [end - begin for begin, end in zip([0, *cuts], [*cuts, RECORDS], strict=True)]
    start.wait()
    began = time.perf_counter()
    try:
        for moment, count in zip(moments, parcels, strict=True):
            threading.Event().wait(max(0.0, began + moment - time.perf_counter()))
            for _ in range(count):
                phone.record("hazard_site", **material.answers(chance))
            phone.passes(chance, most)
    except Exception as error:
        phone.faults.append(f"{type(error).__name__}: {str(error)[:300]}")
    finally:
        phone.client.close()


def _afterwards(report: Report, phones: list[Coming], chance: random.Random) -> None:
    """Every phone looks once more, some send everything again: the same receipts."""
    for phone in phones:
        for fault in phone.faults:
            report.fail(phone.person.name, fault)
        if phone.outbox:
            report.fail(phone.person.name, f"{len(phone.outbox)} changes still wait")
    for phone in chance.sample(phones, min(len(phones), 40)):
        try:
            phone.sync()
            if phone.digest() != phone.asks_digest():
                report.fail(phone.person.name, "does not hold what the ward says")
            told = phone.push(*[entry.body for entry in phone.kept.values()])
            again = [{**one, "sha256": entry.sha256} for one, entry in zip(told, phone.kept.values(), strict=True)]
            if again != [oracle.as_sent(phone.acknowledged[key]) for key in phone.kept if key in phone.acknowledged]:
                report.fail(phone.person.name, "other receipts for what was sent again")
        except (Later, AssertionError, OSError, HTTPException) as error:
            report.fail(phone.person.name, f"{type(error).__name__}: {str(error)[:300]}")
        phone.client.close()


def _judge(report: Report, place: Place | PgPlace, phones: list[Coming]) -> None:
    look = place.look()
    kept = {key: entry for phone in phones for key, entry in phone.kept.items()}
    receipts: dict[str, Json] = {key: receipt for phone in phones for key, receipt in phone.acknowledged.items()}
    for fault in oracle.audit(look, kept, receipts):
        report.fail("the database", fault)
    (records,) = look.execute("SELECT count(*) FROM record").fetchone()
    look.close()
    if records != len(kept):
        report.fail("the database", f"{records} records of {len(kept)}")
    never = len(kept.keys() - receipts.keys())
    if never:
        report.fail("receipts", f"{never} changes got none")
    for phone in phones:
        report.counts.update(phone.told)
    took = sorted(second for phone in phones for second in phone.took)
    report.counts.update(phones=len(phones), changes=len(kept), receipts=len(receipts), records=records)
    if took:
        figures = [(name, took[min(len(took) - 1, int(len(took) * part))]) for name, part in PARTS]
        report.figures["seconds to a receipt"] = ", ".join(f"{name} {value:.3f}" for name, value in figures)


PARTS = (("p50", 0.5), ("p95", 0.95), ("p99", 0.99), ("most", 1.0))


@bug("R-24 it is answered first, and what does not fit into the queue is dropped")
def _drops() -> list[Patch]:
    came = Counter[str]()

    def later(does: Callable[[], None]) -> None:
        came["pushes"] += 1
        if came["pushes"] % 5:
            does()

    return writes_behind(later)


@bug("R-24 who comes while another writes is told that it is taken")
def _taken_for_done() -> list[Patch]:
    from app.sync import log, push

    real, writing = push.Push.take, threading.Lock()

    def take(self: Any, sent: Any, beside: Any = None) -> Any:
        if not writing.acquire(blocking=False):
            entries = [log._entry(one) for one in sent]
            facts = {"outcome": "applied", "version": 1, "problems": []}
            return push.Taken([{**facts, "id": one.heading.id, "sha256": one.sha256} for one in entries], {}, set())
        try:
            return real(self, sent, beside)
        finally:
            writing.release()

    return [(push.Push, "take", take)]


@bug("R-24 what comes again after a lost answer is taken again")
def _forgets() -> list[Patch]:
    from app.sync import log

    return [(log, "_known", lambda keys: [])]


if __name__ == "__main__":
    command(run, __doc__, {"phones": LONG, "seconds": SECONDS}, variants="on")
