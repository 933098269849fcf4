"""R-03: the server is killed with signal 9 while phones push over real HTTP, and started again.

    python -m campaigns.kill                     3,000 kills
    python -m campaigns.kill --kills 200         as in the test command
    python -m campaigns.kill --on postgresql     three workers on PostgreSQL; every other kill is of one worker alone

Three phones of two people write and push without a pause; at a random moment master and worker get SIGKILL. After
every kill each change that got a receipt must be in the database once, with its bytes, and the file whole. At the
end of each database the queues must drain, everything is sent once more and must get its stored receipts, and a
fresh phone must be given every record. The seed decides what is written and when the kill is due; where the server
then is, the machine decides.
"""

import random
import threading
from collections.abc import Callable
from http.client import HTTPException
from importlib import import_module
from typing import Any

from campaigns import day, oracle
from campaigns.line import Caller
from campaigns.pg_place import PgPlace, place_on
from campaigns.place import Place, folder
from campaigns.planted import Patch, bug, writes_behind
from campaigns.report import Report, command
from campaigns.server import WORDS, Server, Warm, warm
from tests.cast import PEOPLE

LONG = 3000
PER_DATABASE = 40
LONGEST_LIFE = 0.14  # seconds; three times as long where several workers have to start
MOST_ROUNDS = 200
PHONES = (("Lan", "lan-1"), ("Lan", "lan-2"), ("Hoa", "hoa-1"))


def run(seed: int, kills: int = LONG, planted: str = "", on: str = "") -> Report:
    """Kill the server this many times; on PostgreSQL now the whole of it, now one of its workers."""
    what = "PostgreSQL, gunicorn, 3 workers" if on == "postgresql" else "SQLite, gunicorn as in README"
    report = Report(f"R-03 kill -9 of the server during pushes ({what})", seed)
    chance = random.Random(seed)
    with folder() as where, place_on(on, where) as place, warm(place) as zygote:
        while report.counts["kills"] < kills and not (planted and report.failures):
            _one_database(report, chance, place, zygote, planted, min(PER_DATABASE, kills - report.counts["kills"]))
    if on == "postgresql":
        report.not_run.append("kill -9 of PostgreSQL itself: that its commits survive is its own promise")
    return report


def _one_database(
    report: Report, chance: random.Random, place: Place | PgPlace, zygote: Warm, planted: str, kills: int
) -> None:
    place.renew()
    several = isinstance(place, PgPlace)
    words = [*WORDS, "--workers", "3"] if several else WORDS
    server = Server(zygote, place.folder, bugs="campaigns.kill", bug=planted, words=words)
    phones = [Caller(None, PEOPLE[name], device=device, port=server.port) for name, device in PHONES]
    for _ in range(kills):
        report.counts["kills"] += 1
        one_worker = several and report.counts["kills"] % 2 == 0
        _one_life(report, chance, server, phones, several=several, one_worker=one_worker)
        _look(report, place, phones)
        if planted and report.failures:
            return
    server.start()  # unless one worker alone was the last to go
    try:
        _heal(report, place, phones)
    finally:
        server.kill()
    look = place.look()
    for phone in phones:
        for fault in oracle.audit(look, phone.kept, phone.acknowledged):
            report.fail(f"database after kill {report.counts['kills']}", fault)
    look.close()


def _one_life(
    report: Report, chance: random.Random, server: Server, phones: list[Caller], *, several: bool, one_worker: bool
) -> None:
    """Start, let the phones push, kill at a random moment."""
    server.start()
    over, enough = threading.Event(), threading.Event()
    lives = [_Life(phone, chance.getrandbits(32), enough) for phone in phones]
    for life in lives:
        life.start()
    over.wait(chance.uniform(0, LONGEST_LIFE * (3 if several else 1)))  # nobody sets it: this is the random moment
    if one_worker:
        report.counts["of them of one worker"] += 1
        server.kill_worker(chance.randrange(3))
        over.wait(chance.uniform(0, LONGEST_LIFE / 2))  # the others go on meanwhile
        enough.set()
    else:
        server.kill()
    for life in lives:
        life.join(60)
        life.phone.client.close()
        report.counts["answers"] += life.answers
        for fault in life.faults:
            report.fail(f"kill {report.counts['kills']}", fault)


class _Life(threading.Thread):
    """A phone that writes and pushes until its line breaks, or it is told that it is enough."""

    def __init__(self, phone: Caller, seed: int, enough: threading.Event) -> None:
        super().__init__(daemon=True)
        self.phone, self.chance, self.enough = phone, random.Random(seed), enough
        self.answers = 0
        self.faults: list[str] = []

    def run(self) -> None:
        try:
            while not self.enough.is_set():
                for _ in range(self.chance.randrange(1, 7)):
                    day.does_something(self.phone, self.chance)
                self.phone.round_trip()
                self.answers += 1
        except (OSError, HTTPException):
            return
        except Exception as error:
            self.faults.append(f"{type(error).__name__}: {str(error)[:300]}")


def _look(report: Report, place: Place | PgPlace, phones: list[Caller]) -> None:
    """What the disk holds after a kill: everything acknowledged, and of an unanswered batch all or nothing."""
    look = place.look()
    asked = [] if isinstance(place, PgPlace) else look.execute("PRAGMA integrity_check")
    faults = [row[0] for row in asked if row[0] != "ok"]
    for phone in phones:
        faults += oracle.receipts_there(look, phone.kept, phone.acknowledged)
        waiting = [entry.id for entry in phone.outbox[:100]]
        marks = ",".join("?" * len(waiting)) or "NULL"
        stored = look.execute(f"SELECT count(*) FROM change WHERE change_id IN ({marks})", waiting).fetchone()[0]
        report.counts["stored, answer lost"] += bool(stored)
        report.counts["killed before the commit"] += bool(waiting and not stored)
    look.close()
    if faults:
        report.fail(f"after kill {report.counts['kills']}", f"{faults[0]} (and {len(faults) - 1} more)")


def _heal(report: Report, place: Place | PgPlace, phones: list[Caller]) -> None:
    """Every queue drains, everything sent again gets its receipts again, a fresh phone is given everything."""
    for phone in phones:
        rounds = 0
        try:
            while phone.outbox and rounds < MOST_ROUNDS:
                phone.round_trip()
                rounds += 1
            _resend(report, phone)
        except Exception as error:
            report.fail("healing", f"{type(error).__name__}: {str(error)[:300]}")
        if phone.outbox:
            report.fail("healing", f"{len(phone.outbox)} changes still wait after {rounds} rounds")
        report.counts["changes"] += len(phone.kept)
        report.counts["receipts"] += len(phone.acknowledged)
    fresh = Caller(None, PEOPLE["Lan"], device="fresh", port=phones[0].port)
    fresh.sync()
    if fresh.digest() != fresh.asks_digest():
        report.fail("the feed", "a fresh phone was not given everything")
    for phone in [fresh, *phones]:
        phone.client.close()


def _resend(report: Report, phone: Caller) -> None:
    entries = list(phone.kept.values())
    for first in range(0, len(entries), 50):
        batch = entries[first : first + 50]
        for entry, receipt in zip(batch, phone.push(*[entry.body for entry in batch]), strict=True):
            before = phone.acknowledged.get(entry.id)
            if before and before["outcome"] != "held" and before != receipt:
                report.fail("sent again", f"{entry.id} got {receipt} after {before}")


@bug("R-03 the answer goes out before the commit")
def _writes_behind() -> list[Patch]:
    def later(does: Callable[[], None]) -> None:
        threading.Timer(0.02, does).start()

    return writes_behind(later)


@bug("R-03 every statement commits by itself")
def _no_transaction() -> list[Patch]:
    from sqlalchemy import event
    from sqlalchemy.engine import Engine

    event.remove(Engine, "begin", import_module("app.sqlite")._begin)  # for good: it is the server's own process
    return []


@bug("R-03 the log is committed before the judgement")
def _two_transactions() -> list[Patch]:
    from app.db import db
    from app.sync import log

    real: Any = log.store

    def store(*given: Any) -> Any:
        entries = real(*given)
        db.session.commit()
        db.session.connection(execution_options={"writing": True})
        return entries

    return [(log, "store", store)]


@bug("R-03 what is sent again is not recognised")
def _forgets() -> list[Patch]:
    from app.sync import log

    return [(log, "_known", lambda keys: [])]


if __name__ == "__main__":
    command(run, __doc__, {"kills": LONG}, variants="on")
