"""R-03: the server is killed with signal 9 while phones push over real HTTP, and started again.

    python -m campaigns.kill                     3,000 kills
    python -m campaigns.kill --kills 200         as in the test command

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
from campaigns.place import Place, folder
from campaigns.planted import Patch, bug, writes_behind
from campaigns.report import Report, command
from campaigns.server import Server, Warm, warm
from tests.cast import PEOPLE

LONG = 3000
PER_DATABASE = 40
LONGEST_LIFE = 0.14
MOST_ROUNDS = 200
PHONES = (("Lan", "lan-1"), ("Lan", "lan-2"), ("Hoa", "hoa-1"))


def run(seed: int, kills: int = LONG, planted: str = "") -> Report:
    """Kill the server this many times."""
    report = Report("R-03 kill -9 of the server during pushes (SQLite, gunicorn as in README)", seed)
    chance = random.Random(seed)
    with folder() as where, warm(place := Place(where)) as zygote:
        while report.counts["kills"] < kills and not (planted and report.failures):
            _one_database(report, chance, place, zygote, planted, min(PER_DATABASE, kills - report.counts["kills"]))
    report.not_run.append("PostgreSQL: campaigns.kill speaks to SQLite only")
    return report


def _one_database(report: Report, chance: random.Random, place: Place, zygote: Warm, planted: str, kills: int) -> None:
    place.renew()
    server = Server(zygote, place.path.parent, bugs="campaigns.kill", bug=planted)
    phones = [Caller(None, PEOPLE[name], device=device, port=server.port) for name, device in PHONES]
    for _ in range(kills):
        report.counts["kills"] += 1
        _one_life(report, chance, server, phones)
        _look(report, place, phones)
        if planted and report.failures:
            return
    server.start()
    try:
        _heal(report, place, phones)
    finally:
        server.kill()
    look = place.look()
    for phone in phones:
        for fault in oracle.audit(look, phone.kept, phone.acknowledged):
            report.fail(f"database after kill {report.counts['kills']}", fault)
    look.close()


def _one_life(report: Report, chance: random.Random, server: Server, phones: list[Caller]) -> None:
    """Start, let the phones push, kill at a random moment."""
    server.start()
    lives = [_Life(phone, chance.getrandbits(32)) for phone in phones]
    over = threading.Event()
    for life in lives:
        life.start()
    over.wait(chance.uniform(0, LONGEST_LIFE))  # nobody sets it: this is the random moment
    server.kill()
    for life in lives:
        life.join(60)
        life.phone.client.close()
        report.counts["answers"] += life.answers
        for fault in life.faults:
            report.fail(f"kill {report.counts['kills']}", fault)


class _Life(threading.Thread):
    """A phone that writes and pushes until its line breaks."""

    def __init__(self, phone: Caller, seed: int) -> None:
        super().__init__(daemon=True)
        self.phone, self.chance = phone, random.Random(seed)
        self.answers = 0
        self.faults: list[str] = []

    def run(self) -> None:
        try:
            while True:
                for _ in range(self.chance.randrange(1, 7)):
                    day.does_something(self.phone, self.chance)
                self.phone.round_trip()
                self.answers += 1
        except (OSError, HTTPException):
            return
        except Exception as error:
            self.faults.append(f"{type(error).__name__}: {str(error)[:300]}")


def _look(report: Report, place: Place, phones: list[Caller]) -> None:
    """What the disk holds after a kill: everything acknowledged, and of an unanswered batch all or nothing."""
    look = place.look()
    faults = [row[0] for row in look.execute("PRAGMA integrity_check") if row[0] != "ok"]
    for phone in phones:
        faults += oracle.receipts_there(look, phone.kept, phone.acknowledged)
        waiting = [entry.id for entry in phone.outbox[:100]]
        marks = ",".join("?" * len(waiting))
        stored = look.execute(f"SELECT count(*) FROM change WHERE change_id IN ({marks})", waiting).fetchone()[0]
        report.counts["stored, answer lost"] += bool(stored)
        report.counts["killed before the commit"] += bool(waiting and not stored)
    look.close()
    if faults:
        report.fail(f"after kill {report.counts['kills']}", f"{faults[0]} (and {len(faults) - 1} more)")


def _heal(report: Report, place: Place, phones: list[Caller]) -> None:
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

    event.remove(Engine, "begin", import_module("app.db")._begin)  # for good: it is the server's own process
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
    command(run, __doc__, {"kills": LONG})
