"""R-06: the line breaks after so many bytes of a request, or of its answer, over a real socket to a real server.

    python -m campaigns.cuts                     after every byte
    python -m campaigns.cuts --every 16          after every sixteenth, as in the test command

Every time the phone has got nothing and sends the same again over a whole line. All it ever wrote must be there
once, it must be given everything that others wrote, and no thread of the server may be waiting for it. First of all
more phones than the server has threads stop half-way through a request or an answer and stay on the line, and
another phone must be served all the same.
"""

import random
import time
from contextlib import ExitStack
from typing import Any

from campaigns import by_hand, day, oracle
from campaigns.line import Caller
from campaigns.place import Place, folder
from campaigns.planted import Patch, bug
from campaigns.report import Report, command
from campaigns.server import WORDS, Server, warm
from tests.cast import PEOPLE

LONG = 1
SLOW_PHONES = 40
PATIENCE = 10.0
THREADS_WAIT = "R-06 a thread waits for each phone"


def run(seed: int, every: int = LONG, planted: str = "") -> Report:
    """Break the line after every so many bytes."""
    report = Report("R-06 the line breaks within a request or its answer (SQLite, gunicorn as in README)", seed)
    words = ["--no-control-socket", "--threads", "8"] if planted == THREADS_WAIT else WORDS
    with folder() as where, warm(place := Place(where)) as zygote:
        server = Server(zygote, where, bugs="campaigns.cuts", bug=planted, words=words)
        server.start()
        try:
            ward = _Ward(server.port, random.Random(seed))
            if planted in ("", THREADS_WAIT):
                _slow_phones(report, ward, 3.0 if planted else PATIENCE)
            if not report.failures:
                _cut_everywhere(report, ward, every)
                ward.heals(report)
            ward.hangs_up()
        finally:
            server.kill()
        look = place.look()
        for phone in (ward.lan, ward.hoa):
            for fault in oracle.audit(look, phone.kept, phone.acknowledged):
                report.fail("the database", fault)
        look.close()
    return report


class _Ward:
    """Lan, whose line breaks, and Hoa, whose does not."""

    def __init__(self, port: int, chance: random.Random) -> None:
        self.port, self.chance = port, chance
        self.lan = Caller(None, PEOPLE["Lan"], device="lan-1", port=port)
        self.hoa = Caller(None, PEOPLE["Hoa"], device="hoa-1", port=port)

    def something_to_send(self) -> bytes:
        """Hoa has sent something, Lan wrote something: Lan's request, byte by byte."""
        self.hoa.record("hazard_site", type="DN1", name=self.chance.choice(day.NAMES), address="ngõ 12")
        self.hoa.round_trip()
        for _ in range(2):
            day.does_something(self.lan, self.chance)
        envelope = self.lan.envelope([entry.body for entry in self.lan.outbox[:100]])
        return by_hand.request(self.lan.person, by_hand.packed(envelope))

    def hangs_up(self) -> None:
        """Close both lines."""
        self.lan.client.close()
        self.hoa.client.close()

    def heals(self, report: Report) -> None:
        """The same again over a whole line; nothing is left over, and nothing is missing."""
        try:
            self.lan.sync()
            if self.lan.digest() != self.lan.asks_digest():
                report.fail("in the end", "the phone was not given everything")
        except AssertionError as error:
            report.fail("in the end", str(error))
        if self.lan.outbox:
            report.fail("in the end", f"{len(self.lan.outbox)} changes still wait")


def _cut_everywhere(report: Report, ward: _Ward, every: int) -> None:
    at, length = 1, 2
    while at < length:
        sent = ward.something_to_send()
        length = len(sent)
        _case(report, ward, f"request cut after byte {at} of {length}", sent[:at], None)
        report.counts["requests cut"] += 1
        at += every
    report.figures["bytes of the last request"] = str(length)
    at, length = 0, 1
    while at < length:
        sent = ward.something_to_send()
        length = _case(report, ward, f"answer cut after byte {at}", sent, at) or length
        report.counts["answers cut"] += 1
        at += every
    report.figures["bytes of the last answer"] = str(length)


def _case(report: Report, ward: _Ward, case: str, sent: bytes, hears: int | None) -> int:
    """Break the line once, then send again; the length of the whole answer."""
    line = by_hand.call(ward.port)
    try:
        line.sendall(sent)
        if hears is not None:
            by_hand.hear(line, hears)
        by_hand.break_off(line) if ward.chance.random() < 0.5 else line.close()
        answer = by_hand.exchange(ward.port, _again(ward))
        if answer.status_code != 200:
            report.fail(case, f"sent again, it said {answer.status_code} {answer.text[:200]}")
            return 0
        ward.lan._take(answer.get_json(), ward.lan.outbox[:100])
    except Exception as error:
        report.fail(case, f"{type(error).__name__}: {str(error)[:200]}")
        return 0
    if ward.lan.outbox:
        report.fail(case, "sent again, it still waits")
    return len(answer.data)


def _again(ward: _Ward) -> bytes:
    return by_hand.request(
        ward.lan.person, by_hand.packed(ward.lan.envelope([entry.body for entry in ward.lan.outbox[:100]]))
    )


def _slow_phones(report: Report, ward: _Ward, patience: float) -> None:
    """Phones that stop half-way and stay on the line, while Hoa wants something."""
    whole = ward.something_to_send()
    asks = by_hand.request(ward.lan.person, by_hand.packed({"device": "slow", "changes": []}))
    stops = {"before a word": b"", "within the head": whole[:60], "within the body": whole[:-7], "before reading": asks}
    for where, said in stops.items():
        if report.failures:
            return
        with ExitStack() as lines:
            for _ in range(SLOW_PHONES):
                lines.enter_context(by_hand.call(ward.port)).sendall(said)
            began = time.monotonic()
            try:
                answer = by_hand.exchange(ward.port, asks, timeout=patience)
                report.figures[f"{SLOW_PHONES} phones that stop {where}: another one waits"] = (
                    f"{(time.monotonic() - began) * 1000:.0f} ms"
                )
                if answer.status_code != 200:
                    report.fail(f"phones that stop {where}", f"another one gets {answer.status_code}")
            except OSError as error:
                report.fail(f"phones that stop {where}", f"another one is not served: {type(error).__name__}")


@bug(THREADS_WAIT)
def _plain_threads() -> list[Patch]:
    return []  # the server is started without our worker, see `run`


@bug("R-06 what is sent again is not recognised")
def _forgets() -> list[Patch]:
    from app.sync import log

    return [(log, "_known", lambda keys: [])]


@bug("R-06 the server believes that a phone got every answer")
def _remembers() -> list[Patch]:
    from dataclasses import replace

    from app.sync import service

    told: dict[str, str] = {}
    real: Any = service.pull

    def pull(actor: Any, asked: Any, *more: Any) -> Any:
        answer = real(actor, replace(asked, cursor=told.get(asked.device, asked.cursor)), *more)
        told[asked.device] = answer["cursor"]
        return answer

    return [(service, "pull", pull)]


if __name__ == "__main__":
    command(run, __doc__, {"every": LONG})
