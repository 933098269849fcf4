"""The pieces of work that every contestant does, and what is noted of each."""

import time
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any
from zlib import Z_FILTERED

from app.http import packed
from app.json_text import as_bytes
from benchmarks.sync import material
from benchmarks.sync.clients import TOGETHER, Packed, Refused
from benchmarks.sync.servers import Contestant

BATCH = 50
PUSHED = 1000  # records of one phone
AT_ONCE, EACH = 50, 100  # phones, records of each
CARRIED = 10_000  # records that a phone of group 7 carries in the end
PAGE = 1000
PHONES = TOGETHER + AT_ONCE
_FILLER, _READER = 9, 0
_SLOW = 8.0  # seconds for a push; who takes longer does each piece of work only once
_LONGEST = 30.0  # seconds; then a phone of the 50 sends nothing more
Noted = defaultdict[str, list[float]]


class Course:
    """One contestant on its way through the work. `noted`: what was measured, by name, one value a time."""

    def __init__(self, server: Contestant) -> None:
        self.server = server
        self.noted: Noted = defaultdict(list)
        self.seeds = count(1)
        self.sent: list[Packed] = []
        self.cursor: Any = None
        self.is_slow = False
        self.phone = 0

    def push(self, phone: int) -> None:
        """1,000 records from one phone in batches of 50; another phone each time. Slow ones do it once."""
        if self.is_slow:
            return
        server, note = self.server, self.noted
        self.phone = phone
        self.sent = server.dialect.requests(phone, material.changes(PUSHED, self._seed()), BATCH)
        line = server.dialect.line(server.port, phone)
        before, started = server.cpu(), time.perf_counter()
        taken = sum(server.dialect.push(line, body) for body in self.sent)
        spent = time.perf_counter() - started + sum(body.seconds for body in self.sent)
        note["push cpu ms"].append((server.cpu() - before) * 1000 / PUSHED)
        note["push rate"].append(taken / spent)
        note["push server rate"].append(taken / sum(line.took))
        note["push up"].append(line.sent / PUSHED)
        note["push down"].append(line.got / PUSHED)
        note["push ms"] += [one * 1000 for one in line.took]
        if taken != PUSHED:
            raise Refused(f"{PUSHED - taken} of {PUSHED} records")
        if line.receipts is not None:
            note["receipt bytes"].append(len(packed(as_bytes(line.receipts), Z_FILTERED)) / len(line.receipts))
        line.close()
        self.is_slow = spent > _SLOW

    def replay(self) -> None:
        """The last push once more, byte for byte: nothing may be there twice."""
        server = self.server
        line = server.dialect.line(server.port, self.phone)
        there, _ = server.dialect.pull(line, PAGE)
        line.forget()
        started = time.perf_counter()
        taken = sum(server.dialect.push(line, body) for body in self.sent)
        self.noted["replay rate"].append(taken / (time.perf_counter() - started))
        self.noted["replay sent again"].append(line.back)
        self.noted["replay doubled"].append(server.dialect.pull(line, PAGE)[0] - there)
        line.close()

    def many(self) -> None:
        """50 phones at once, 100 records each. Slow ones do it once, and none longer than half a minute."""
        if self.is_slow and self.noted.get("many rate"):
            return
        server, note = self.server, self.noted
        phones = range(TOGETHER, PHONES)
        work = {phone: server.dialect.requests(phone, material.changes(EACH, self._seed()), BATCH) for phone in phones}
        lines = {phone: server.dialect.line(server.port, phone) for phone in phones}

        def send(phone: int) -> list[int]:
            bodies = (body for body in work[phone] if time.perf_counter() < started + _LONGEST)
            return [_tried(server, lines[phone], body) for body in bodies]

        before, started = server.cpu(), time.perf_counter()
        with ThreadPoolExecutor(AT_ONCE) as pool:
            done = [one for taken in pool.map(send, phones) for one in taken]
        spent, taken = time.perf_counter() - started, sum(done)
        note["many rate"].append(taken / spent)
        note["many cpu ms"].append((server.cpu() - before) * 1000 / max(taken, 1))
        note["many refused %"].append(100 - 100 * taken / (BATCH * len(done)))
        note["many ms"] += [one * 1000 for line in lines.values() for one in line.took]
        for line in lines.values():
            line.close()

    def fill(self) -> None:
        """Up to 10,000 records in the ward of phones 0 to 9."""
        server = self.server
        server.fill(CARRIED)
        line = server.dialect.line(server.port, _FILLER)
        missing = CARRIED - server.dialect.pull(line, PAGE)[0]
        for body in server.dialect.requests(_FILLER, material.changes(missing, self._seed()), BATCH):
            server.dialect.push(line, body)
        line.close()

    def first_pull(self, name: str = "first") -> None:
        """Everything, on a new phone."""
        line = self.server.dialect.line(self.server.port, _READER)
        line.forget()
        started = time.perf_counter()
        many, self.cursor = self.server.dialect.pull(line, PAGE)
        self.noted[f"{name} s"].append(time.perf_counter() - started)
        self.noted[f"{name} MB"].append(line.got / 1e6)
        self.noted[f"{name} records"].append(many)
        line.close()

    def idle(self, name: str = "idle", times: int = 100) -> None:
        """Nothing new, asked again and again over one connection."""
        server, note = self.server, self.noted
        line = server.dialect.line(server.port, _READER)
        for _ in range(5):
            server.dialect.idle(line, self.cursor)
        line.forget()
        before = server.cpu()
        for _ in range(times):
            server.dialect.idle(line, self.cursor)
        note[f"{name} cpu ms"].append((server.cpu() - before) * 1000 / times)
        note[f"{name} bytes"].append(line.got / times)
        note[f"{name} ms"] += [one * 1000 for one in line.took]
        line.close()

    def _seed(self) -> int:
        return next(self.seeds)


def _tried(server: Contestant, line: Any, body: Packed) -> int:
    """How many of a batch's records were taken; none when it was refused."""
    try:
        return server.dialect.push(line, body)
    except Refused:
        return 0


def quantile(values: Sequence[float], part: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]
