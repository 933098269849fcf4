"""Run every contestant through the same work, one after another, and print a table in Markdown.

    python -m benchmarks.sync                 everything, about 25 minutes
    python -m benchmarks.sync --only ours     without the others

Each number is the median of the runs named in its row. Ratios within one run mean something; a number alone
tells of this machine. Peers are installed from their registries into var/peers at the first run.
"""

import argparse
import platform
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pysqlite3.dbapi2 as sqlite

from benchmarks.sync import material, servers, ward
from benchmarks.sync.clients import Refused, batches
from benchmarks.sync.flushes import flushes_of
from benchmarks.sync.servers import Cluster, Contestant

BATCH = 50
PHONES = 60
RUNS = 3
Measures = dict[str, str]


def one_phone(server: Contestant, runs: int = RUNS) -> tuple[Measures, list[tuple[int, list[bytes]]]]:
    """1,000 records from one phone in batches of 50; what was sent is given back for the replay."""
    rates, processor, sent, ups, downs, took = [], [], [], 0, 0, []
    for run in range(runs):
        bodies = server.dialect.requests(run, material.changes(1000, run), BATCH)
        line = server.dialect.line(server.port, run)
        before, started = server.cpu(), time.perf_counter()
        taken = sum(server.dialect.push(line, body) for body in bodies)
        rates.append(taken / (time.perf_counter() - started))
        processor.append((server.cpu() - before) * 1000 / taken)
        ups, downs, took = line.sent, line.got, took + line.took
        sent.append((run, bodies))
        line.close()
    return {
        "push 1,000: records/s": f"{statistics.median(rates):,.0f}",
        "CPU ms a record": f"{statistics.median(processor):.2f}",
        "bytes up / down a record": f"{ups / 1000:.0f} / {downs / 1000:.0f}",
        "a batch of 50, p50 / p95 ms": quantiles(took),
    }, sent


def replay(server: Contestant, sent: list[tuple[int, list[bytes]]]) -> Measures:
    """The last push once more, byte for byte."""
    phone, bodies = sent[-1]
    line = server.dialect.line(server.port, phone)
    started = time.perf_counter()
    for body in bodies:
        server.dialect.push(line, body)
    rate = 1000 / (time.perf_counter() - started)
    line.close()
    return {"replay of 1,000: records/s": f"{rate:,.0f}"}


def many_phones(server: Contestant) -> Measures:
    """50 phones at once, 100 records each."""
    work = [server.dialect.requests(phone, material.changes(100, 1000 + phone), BATCH) for phone in range(10, 60)]

    def send(place: int) -> tuple[list[float], int]:
        line, faults = server.dialect.line(server.port, 10 + place), 0
        for body in work[place]:
            try:
                faults += BATCH - server.dialect.push(line, body)
            except (Refused, OSError):
                faults += BATCH
        line.close()
        return line.took, faults

    started = time.perf_counter()
    with ThreadPoolExecutor(50) as pool:
        done = list(pool.map(send, range(50)))
    spent = time.perf_counter() - started
    faults = sum(bad for _, bad in done)
    return {
        "50 phones × 100: records/s": f"{(5000 - faults) / spent:,.0f}",
        "p50 / p95 ms of it": quantiles([one for took, _ in done for one in took]),
        "refused": f"{faults / 50:.1f} %",
    }


def first_pull(server: Contestant, there: int) -> Measures:
    """Everything, on a new phone; the ward is filled up to 10,000 records first."""
    line = server.dialect.line(server.port, 9)
    for body in server.dialect.requests(9, material.changes(10_000 - there, 77), BATCH):
        server.dialect.push(line, body)
    seconds, got, count, cursor = [], 0, 0, None
    for _ in range(RUNS):
        fresh = server.dialect.line(server.port, 0)
        started = time.perf_counter()
        count, cursor = server.dialect.pull(fresh, 1000)
        seconds.append(time.perf_counter() - started)
        got = fresh.got
        fresh.close()
    line.close()
    told = f"{statistics.median(seconds):.2f} s, {got / 1e6:.1f} MB ({count:,} records)"
    return {"first pull of 10,000": told, **idle(server, cursor, "idle at 10,000")}


def idle(server: Contestant, cursor: Any, name: str, times: int = 300) -> Measures:
    """Nothing new, asked again and again over one connection."""
    line = server.dialect.line(server.port, 0)
    for _ in range(20):
        server.dialect.idle(line, cursor)
    line.took.clear()
    got, before = line.got, server.cpu()
    for _ in range(times):
        server.dialect.idle(line, cursor)
    processor = (server.cpu() - before) * 1000 / times
    told = f"{quantiles(line.took)} ms, {processor:.1f} ms CPU, {(line.got - got) / times:.0f} B"
    line.close()
    return {name: told}


def idle_among_many(server: Contestant) -> Measures:
    """The same with 100,000 records in the ward (ours only: copied within the database)."""
    total = ward.multiply(server.url, 9)
    line = server.dialect.line(server.port, 0)
    seconds = time.perf_counter()
    count, cursor = server.dialect.pull(line, 1000)
    seconds = time.perf_counter() - seconds
    line.close()
    told = f"{seconds:.1f} s, {line.got / 1e6:.1f} MB ({count:,} of {total:,})"
    return {"first pull of 100,000": told, **idle(server, cursor, "idle at 100,000")}


def raw_inserts(folder: Path) -> Measures:
    """The same rows in the same batches straight into SQLite, synchronous=FULL, no server."""
    db = sqlite.connect(str(folder / "raw.db"), isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL"):
        db.execute(f"PRAGMA {pragma}")
    db.execute("CREATE TABLE raw (id TEXT PRIMARY KEY, body TEXT)")
    rows = [(str(number), text) for number, text in enumerate(material.changes(1000, 5))]
    started = time.perf_counter()
    for part in batches(rows, BATCH):
        db.execute("BEGIN IMMEDIATE")
        db.executemany("INSERT INTO raw VALUES (?, ?)", part)
        db.execute("COMMIT")
    spent = time.perf_counter() - started
    db.close()
    return {"push 1,000: records/s": f"{1000 / spent:,.0f}", "CPU ms a record": "–"}


def measure(server: Contestant, everything: bool) -> Measures:
    """One contestant's column."""
    found, sent = one_phone(server)
    found |= replay(server, sent) | many_phones(server)
    if everything:
        # A phone of ours is not shown what other groups recorded; the others' show everything.
        found |= first_pull(server, RUNS * 1000 + (0 if server.url else 5000))
    else:
        found |= idle(server, None, "idle at 10,000")
    if server.url:
        found |= idle_among_many(server)
    found |= {"memory MB": f"{server.memory():.0f}"}
    count, acknowledged = flushes_of(server, material.changes(1000, 900), BATCH)
    told = "not counted" if count is None else f"{count / acknowledged:.2f}"
    return found | {"flushes for each acknowledged batch": told}


def quantiles(took: Sequence[float]) -> str:
    ordered = sorted(took)
    at = lambda part: ordered[min(len(ordered) - 1, int(len(ordered) * part))] * 1000  # noqa: E731
    return f"{at(0.5):.1f} / {at(0.95):.1f}"


def table(columns: dict[str, Measures]) -> str:
    """Contestants side by side."""
    rows = list(dict.fromkeys(name for column in columns.values() for name in column))
    lines = ["| | " + " | ".join(columns) + " |", "|---" * (len(columns) + 1) + "|"]
    lines += [f"| {row} | " + " | ".join(column.get(row, "") for column in columns.values()) + " |" for row in rows]
    return "\n".join(lines)


def contest(only: str) -> dict[str, Measures]:
    """Every contestant in turn, alone on the machine."""
    columns: dict[str, Measures] = {}

    def enter(make: Callable[[Path], AbstractContextManager[Contestant]], everything: bool = True) -> None:
        with tempfile.TemporaryDirectory() as folder, make(Path(folder)) as server:
            print(f"… {server.name}", file=sys.stderr, flush=True)
            columns[server.name] = measure(server, everything)

    def peers(pg: Cluster) -> None:
        enter(lambda folder: servers.kinto(folder, pg))

    enter(lambda folder: servers.floor(folder, store=False), everything=False)
    enter(lambda folder: servers.floor(folder, store=True), everything=False)
    with tempfile.TemporaryDirectory() as folder:
        columns["raw inserts, SQLite"] = raw_inserts(Path(folder))
    enter(lambda folder: servers.ours(folder, PHONES))
    with servers.cluster() as pg:
        enter(lambda folder: servers.ours(folder, PHONES, pg, workers=2))
        if only != "ours":
            enter(servers.pouch)
            peers(pg)
    return columns


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=("ours", "all"), default="all")
    chosen = parser.parse_args()
    columns = contest(chosen.only)
    stamp = datetime.now(UTC).date().isoformat()
    print(f"{stamp}, Python {platform.python_version()}, SQLite {sqlite.sqlite_version}", end="")
    print(f" (Python's own {sqlite3.sqlite_version} is not used), batches of {BATCH}, median of {RUNS} runs\n")
    print(table(columns))


if __name__ == "__main__":
    main()
