"""R-21, the server's side: what stands between a phone and the server, and what no honest client would send.

    python -m campaigns.proxies                  every case, and 20,000 requests with random damage
    python -m campaigns.proxies --damaged 300    as in the test command

Over bare sockets to a real server: proxies that send a POST twice, speak HTTP/1.0 or in chunks, take headers away or
leave wrong ones on, wait for 100 Continue; gzip cut short, with something behind it, or that opens into gigabytes;
doubled keys, huge numbers, deep nesting. Each gets a clear answer, never a fault of ours; whatever was acknowledged
is there once; the same batch over an honest line is taken afterwards; the server's memory stays where it is.
"""

import json
import random
from typing import Any

from campaigns import by_hand, day, oracle
from campaigns.line import Answer, Caller
from campaigns.place import Place, folder
from campaigns.planted import Patch, bug
from campaigns.proxy_cases import REFUSED, Case, bomb, cases, spoilt
from campaigns.report import Report, command
from campaigns.server import Server, warm
from tests.cast import PEOPLE
from tests.phone import Entry, Json

LONG = 20_000
BOMBS = 24
OPENS_INTO = 300_000_000
STALLS = 0.7  # seconds without an answer where none is right
MOST_GROWN = 150_000  # kB


def run(seed: int, damaged: int = LONG, planted: str = "") -> Report:
    """Every case, and so many damaged requests."""
    report = Report("R-21 proxies and hostile requests (SQLite, gunicorn as in README)", seed)
    with folder() as where, warm(place := Place(where)) as zygote:
        server = Server(zygote, where, bugs="campaigns.proxies", bug=planted)
        server.start()
        ward = Ward(report, server.port, random.Random(seed), bool(planted))
        try:
            before = server.memory()
            for act in (ward.cases, ward.lines, ward.bombs, lambda: ward.damage(damaged)):
                act()
                grown = server.memory() - before
                report.figures["memory grew by"] = f"{grown:,} kB at its peak"
                if grown > MOST_GROWN:
                    report.fail("memory", f"grew by {grown:,} kB")
                if report.failures:
                    break
            ward.phone.client.close()
        finally:
            server.kill()
        look = place.look()
        for fault in oracle.audit(look, ward.kept, ward.receipts):
            report.fail("the database", fault)
        look.close()
    return report


class Ward:
    """An honest phone whose requests are spoilt on the way."""

    def __init__(self, report: Report, port: int, chance: random.Random, is_planted: bool) -> None:
        self.report, self.port, self.chance, self.is_planted = report, port, chance, is_planted
        self.phone = Caller(None, PEOPLE["Lan"], device="lan-1", port=port)
        self.kept: dict[Any, Entry] = {}
        self.receipts: dict[Any, Json] = {}

    def envelope(self) -> Json:
        """What the phone would send now: what waits, and something new."""
        day.does_something(self.phone, self.chance)
        made: Json = self.phone.envelope([entry.body for entry in self.phone.outbox[:100]])
        return made

    def cases(self) -> None:
        """One after the other, each followed by the honest request."""
        person = self.phone.person
        for number in range(len(cases(person, {}))):
            if self.is_planted and self.report.failures:
                return
            case = cases(person, self.envelope())[number]
            self.report.counts["cases"] += 1
            try:
                answer = by_hand.exchange(self.port, case.sent, timeout=STALLS if 0 in case.right else 20)
            except OSError as error:
                if 0 not in case.right:
                    self.report.fail(case.name, f"no answer: {type(error).__name__}")
                answer = Answer(0, {}, b"")
            self._answered(case, answer)
            self._honest(case.name)

    def lines(self) -> None:
        """What takes more than one word and one answer."""
        sent = by_hand.request(self.phone.person, by_hand.packed(self.envelope()))
        again = [by_hand.exchange(self.port, sent).get_json()["receipts"] for _ in range(3)]
        if again[0] != again[1] or again[1] != again[2]:
            self.report.fail("a proxy that sends a POST three times", f"got {again}")
        self._pipelined()
        self._expecting()
        self._honest("several on one line")

    def bombs(self) -> None:
        """Small requests that open into gigabytes, many at once."""
        small = bomb(OPENS_INTO)
        sent = by_hand.request(self.phone.person, small)
        lines = [by_hand.call(self.port) for _ in range(BOMBS)]
        for line in lines:
            line.sendall(sent)
        for line in lines:
            with line:
                said = by_hand.answer_of(by_hand.hear(line))
                if said.status_code != 413:
                    self.report.fail("a gzip bomb", f"answered {said.status_code} {said.text[:100]}")
        self.report.figures["bombs"] = f"{BOMBS} at once, {len(small):,} bytes that open into {OPENS_INTO:,}"
        self._honest("gzip bombs")

    def damage(self, count: int) -> None:
        """An honest request with a few bytes changed, left out, doubled, or put in."""
        for number in range(count):
            envelope = self.envelope()
            plain = self.chance.random() < 0.6
            body = json.dumps(envelope).encode() if plain else by_hand.packed(envelope)
            sent = by_hand.request(self.phone.person, body, {"Content-Encoding": None} if plain else None)
            damaged = spoilt(sent, self.chance)
            self.report.counts["damaged"] += 1
            try:
                with by_hand.call(self.port) as line:
                    line.sendall(damaged)
                    line.shutdown(1)
                    answer = by_hand.answer_of(by_hand.hear(line))
            except ConnectionError:
                answer = Answer(0, {}, b"")
            self.report.counts[f"damaged, answered {answer.status_code or 'nothing'}"] += 1
            if answer.status_code not in (0, 200, *REFUSED):
                self.report.fail(f"damaged request {number}", f"{answer.status_code} for {damaged[:2000]!r}")
            if len(self.phone.outbox) >= 20 or number == count - 1:
                self._honest(f"damaged request {number}")

    def _answered(self, case: Case, answer: Answer) -> None:
        if answer.status_code not in case.right:
            self.report.fail(case.name, f"answered {answer.status_code} {answer.text[:200]!r}")
        elif answer.status_code and case.says and f'"code":"{case.says}"' not in answer.text:
            self.report.fail(case.name, f"does not say {case.says}: {answer.text[:200]!r}")
        elif answer.headers.get("Content-Encoding") == "gzip" and b"gzip" not in case.sent.lower():
            self.report.fail(case.name, "was answered in gzip, which was not asked for")

    def _honest(self, name: str) -> None:
        """The same over a clean line: taken, every receipt kept for the audit."""
        entries = self.phone.outbox[:100]
        self.phone.client.close()  # a kept line may have been closed meanwhile
        try:
            self.phone.round_trip()
        except Exception as error:
            self.report.fail(f"after {name}", f"{type(error).__name__} {str(error)[:200]}")
            self.phone.client.close()
            return
        for entry in entries:
            self.kept[entry.id] = entry
            self.receipts[entry.id] = self.phone.acknowledged[entry.id]
        if self.phone.outbox:
            self.report.fail(f"after {name}", f"{len(self.phone.outbox)} changes still wait")

    def _pipelined(self) -> None:
        """Two requests in one breath, the second of them nonsense."""
        sent = by_hand.request(self.phone.person, by_hand.packed(self.envelope()), {"Connection": "keep-alive"})
        with by_hand.call(self.port) as line:
            line.sendall(sent + sent.replace(b"keep-alive", b"close"))
            came = by_hand.hear(line)
        if came.count(b"HTTP/1.1 200") != 2:
            self.report.fail("two requests in one breath", f"answered {came[:300]!r}")

    def _expecting(self) -> None:
        """The body comes only after 100 Continue."""
        body = by_hand.packed(self.envelope())
        sent = by_hand.request(self.phone.person, body, {"Expect": "100-continue"})
        with by_hand.call(self.port) as line:
            line.sendall(sent[: -len(body)])
            first = line.recv(1000)
            line.sendall(body)
            rest = by_hand.hear(line)
        if not first.startswith(b"HTTP/1.1 100") or b"200 OK" not in first + rest:
            self.report.fail("Expect: 100-continue", f"answered {first!r} {rest[:200]!r}")


@bug("R-21 a body is inflated whole before it is measured")
def _inflates() -> list[Patch]:
    import zlib

    from app import http
    from app.problems import Problem

    def opened(raw: bytes, limit: int) -> bytes:
        try:
            whole = zlib.decompress(raw, wbits=31)
        except zlib.error:
            raise Problem("not_gzip") from None
        if len(whole) > limit:
            raise Problem("too_large", limit=limit)
        return whole

    return [(http, "_inflated", opened)]


@bug("R-21 gzip is taken though its end is missing")
def _without_end() -> list[Patch]:
    import zlib

    from app import http

    return [(http, "_inflated", lambda raw, limit: zlib.decompressobj(wbits=31).decompress(raw, limit + 1))]


@bug("R-21 every answer is packed")
def _always_packs() -> list[Patch]:
    from app import http

    return [(http, "_wants_gzip", lambda: True)]


if __name__ == "__main__":
    command(run, __doc__, {"damaged": LONG})
