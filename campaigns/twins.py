"""R-09: the same changes arrive at the same moment over several connections, as from two tabs or a retrying proxy.

    python -m campaigns.twins                    2,000 rounds
    python -m campaigns.twins --rounds 100       as in the test command

A real server; four connections send at once: the same batch, or overlapping parts of it, or the same in another
order. Each must be answered, all with the same receipt for the same change, and the log must hold each change once.
"""

import random
import threading
from contextlib import nullcontext
from http.client import HTTPException
from importlib import import_module
from typing import Any

from campaigns import by_hand, day, oracle
from campaigns.line import Caller, Line
from campaigns.place import Place, folder
from campaigns.planted import Patch, bug, judged_anew
from campaigns.report import Report, command
from campaigns.server import Server, warm
from tests.cast import PEOPLE
from tests.phone import Entry, Json

LONG = 2000
CONNECTIONS = 4
HEADERS = {"Content-Type": "application/json", "Content-Encoding": "gzip", "Sec-Fetch-Site": "same-origin"}


def run(seed: int, rounds: int = LONG, planted: str = "") -> Report:
    """Send at the same moment, this many times."""
    report = Report("R-09 the same changes at the same moment over four connections (SQLite, one worker)", seed)
    chance = random.Random(seed)
    with folder() as where, warm(place := Place(where)) as zygote:
        server = Server(zygote, where, bugs="campaigns.twins", bug=planted)
        server.start()
        phone = Caller(None, PEOPLE["Lan"], device="lan-1", port=server.port)
        lines = [Line(server.port, PEOPLE["Lan"]) for _ in range(CONNECTIONS)]
        try:
            while report.counts["rounds"] < rounds and not (planted and report.failures):
                report.counts["rounds"] += 1
                _round(report, phone, lines, chance)
        finally:
            for line in [phone.client, *lines]:
                line.close()
            server.kill()
        look = place.look()
        for fault in oracle.audit(look, phone.kept, phone.acknowledged):
            report.fail("the database", fault)
        look.close()
    report.not_run.append("PostgreSQL with several workers")
    return report


def _round(report: Report, phone: Caller, lines: list[Line], chance: random.Random) -> None:
    for _ in range(chance.randrange(1, 6)):
        day.does_something(phone, chance)
    entries = phone.outbox[:100]
    shares = [_share(entries, chance) for _ in lines]
    start = threading.Barrier(len(lines))
    senders = [_Sender(line, phone, share, start) for line, share in zip(lines, shares, strict=True)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join(60)
    told: dict[str, Json] = {}
    for sender in senders:
        if sender.fault:
            report.fail(f"round {report.counts['rounds']}", sender.fault)
        for entry, receipt in zip(sender.share, sender.receipts, strict=False):
            report.counts["receipts"] += 1
            if told.setdefault(entry.id, receipt) != receipt:
                report.fail(f"round {report.counts['rounds']}", f"{entry.id} got {receipt} and {told[entry.id]}")
    try:
        phone.round_trip()
    except (AssertionError, OSError, HTTPException) as error:
        report.fail(f"round {report.counts['rounds']}", f"sent once more: {str(error)[:200]}")


def _share(entries: list[Entry], chance: random.Random) -> list[Entry]:
    """All of them in order, or some, or in another order."""
    how = chance.random()
    return list(entries) if how < 0.6 else chance.sample(entries, chance.randint(1, len(entries)))


class _Sender(threading.Thread):
    """One of the connections."""

    def __init__(self, line: Line, phone: Caller, share: list[Entry], start: threading.Barrier) -> None:
        super().__init__(daemon=True)
        self.line, self.share, self._start = line, share, start
        self._sent = by_hand.packed(phone.envelope([entry.body for entry in share]))
        self.receipts: list[Json] = []
        self.fault = ""

    def run(self) -> None:
        try:
            self._start.wait(30)
            answer = self.line.post("/api/v1/sync", self._sent, HEADERS)
            if answer.status_code == 200:
                self.receipts = answer.get_json()["receipts"]
            else:
                self.fault = f"answered {answer.status_code} {answer.text[:200]}"
        except (OSError, HTTPException, threading.BrokenBarrierError) as error:
            self.fault = f"not answered: {type(error).__name__}"


@bug("R-09 what came before is not looked for")
def _forgets() -> list[Patch]:
    from app.sync import log

    return [(log, "_known", lambda keys: [])]


@bug("R-09 a push reads before it has the lock")
def _reads_first() -> list[Patch]:
    from sqlalchemy import event
    from sqlalchemy.engine import Engine

    event.remove(Engine, "begin", import_module("app.sqlite")._begin)  # for good: it is the server's own process

    def begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN")

    event.listen(Engine, "begin", begin)
    queue = import_module("app.sqlite").Queue
    return [(queue, "turn", lambda self: nullcontext())]


@bug("R-09 a twin is judged anew")
def _anew() -> list[Patch]:
    return judged_anew()


if __name__ == "__main__":
    command(run, __doc__, {"rounds": LONG})
