"""Every contestant through the same work, in turns, and one report in Markdown.

    python -m benchmarks.sync --report docs/reports/2026-11-28-comparison.md

All servers run at once, and in each round one after the other does a piece of work, so that what else the machine
does meanwhile meets all of them alike. Ratios within one run mean something; a number alone tells of this machine.
Peers are installed from their registries into var/peers at the first run; one that cannot be is named in the report.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

from benchmarks.sync import material, raw, report, servers, ward
from benchmarks.sync.flushes import flushes_of
from benchmarks.sync.servers import Cluster, Contestant
from benchmarks.sync.work import BATCH, CARRIED, PHONES, PUSHED, Course
from campaigns.cluster import cluster, connect

FLUSHED = 500  # records of the push whose flushes are counted
_STARTED = time.monotonic()


class Contest:
    """The contestants that stand, and what became of the others."""

    def __init__(self, stack: ExitStack, pg: Cluster, minutes: float) -> None:
        self.stack, self.pg = stack, pg
        self.courses: list[Course] = []
        self.raw: dict[str, list[float]] = {}
        self.absent: dict[str, str] = {}
        self.ends = _STARTED + 60 * minutes
        self.left_out: list[str] = []

    def folder(self) -> Path:
        return Path(self.stack.enter_context(tempfile.TemporaryDirectory(prefix="to-am-bench-")))

    def enter(self, name: str, make: Callable[[Path], AbstractContextManager[Contestant]]) -> None:
        """Start one; what cannot start is told in the report."""
        say(f"starting {name}")
        try:
            self.courses.append(Course(self.stack.enter_context(make(self.folder()))))
        except Exception as error:
            self.absent[name] = f"{type(error).__name__}: {error}"
            say(f"  not here: {error}")

    def each(self, name: str, do: Callable[[Course], None], rounds: int = 1) -> None:
        """A piece of work, in turns; who stumbles is out, and so is what there is no time for. The report says so."""
        for number in range(1, rounds + 1):
            title = name if rounds == 1 else f"{name}, round {number} of {rounds}"
            say(title)
            for course in list(self.courses):
                if time.monotonic() > self.ends:
                    self.left_out.append(title)
                    break
                try:
                    do(course)
                except Exception as error:
                    self.courses.remove(course)
                    self.absent[course.server.name] = f"in “{name}”: {type(error).__name__}: {error}"
                    say(f"  {course.server.name} is out: {error}")


def run(contest: Contest, rounds: int, others: bool) -> None:
    """The whole work."""
    pg = contest.pg
    contest.enter("empty Flask endpoint", lambda folder: servers.floor(folder, store=False))
    contest.enter("bare Flask + SQLite", lambda folder: servers.floor(folder, store=True))
    contest.enter("Tổ Ấm, SQLite", lambda folder: servers.ours(folder, PHONES))
    contest.enter("Tổ Ấm, PostgreSQL", lambda folder: servers.ours(folder, PHONES, pg, workers=2))
    if others:
        contest.enter("PouchDB server", servers.pouch)
        contest.enter("Kinto", lambda folder: servers.kinto(folder, pg))
    for phone in range(1, rounds + 1):
        contest.each(f"push of {PUSHED:,} by phone {phone}", lambda course, phone=phone: course.push(phone))  # type: ignore[misc]
        insert_raw(contest, phone)
    contest.each("replay", lambda course: course.replay() if course.server.keeps else None)
    contest.each("50 phones", lambda course: course.many(), rounds)
    contest.each("filling up", lambda course: course.fill() if course.server.keeps else None)
    contest.each("first pull", lambda course: course.first_pull() if course.server.keeps else None, rounds)
    contest.each(f"idle at {CARRIED:,}", lambda course: course.idle(), rounds)
    contest.each("flushes", count_flushes)
    contest.each("among 100,000", among_many)
    # The empty endpoint beside ours, so that both times are of the same minutes.
    contest.each("idle at 100,000", lambda course: course.idle("idle100") if is_ours(course) else None, rounds)
    contest.each("memory", lambda course: course.noted["memory MB"].append(course.server.memory()))


def is_ours(course: Course) -> bool:
    return bool(course.server.url) or not course.server.keeps


def insert_raw(contest: Contest, phone: int) -> None:
    """The rows that this phone's push has just left, once more without a server."""
    for course in contest.courses:
        url = course.server.url
        if url.startswith("sqlite"):
            rate = raw.on_sqlite(url, contest.folder(), phone, BATCH)
            contest.raw.setdefault("raw inserts, SQLite", []).append(rate)
        elif url:
            rate = raw.on_postgresql(url, contest.pg, phone, BATCH)
            contest.raw.setdefault("raw inserts, PostgreSQL", []).append(rate)


def count_flushes(course: Course) -> None:
    if course.server.keeps:
        counts = flushes_of(course.server, material.changes(FLUSHED, 900), BATCH)
        course.noted["flushes"] += counts or []


def among_many(course: Course) -> None:
    """Ours alone: ten times as many records, copied within the database; then a first pull of all of them."""
    if course.server.url:
        course.noted["idle queries"].append(ward.statements_of_idle(course.server.url))
        ward.multiply(course.server.url, 9)
        course.first_pull("first100")


def say(text: str) -> None:
    print(f"{time.monotonic() - _STARTED:4.0f} s  {text}", file=sys.stderr, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--report", type=Path, help="write the report here; without it, to standard output")
    parser.add_argument("--rounds", type=int, default=3, choices=range(1, 8), help="rounds of each piece of work")
    parser.add_argument("--only", choices=("ours", "all"), default="all", help="ours: without Kinto and PouchDB")
    parser.add_argument("--minutes", type=float, default=9, help="no piece of work begins later than this")
    chosen = parser.parse_args()
    with ExitStack() as stack:
        contest = Contest(stack, stack.enter_context(cluster("max_connections=200", durable=True)), chosen.minutes)
        run(contest, chosen.rounds, chosen.only == "all")
        with connect(contest.pg.admin) as link:
            version = str(link.info.server_version // 10_000)
    minutes = (time.monotonic() - _STARTED) / 60
    noted = {course.server.name: course.noted for course in contest.courses}
    ran = report.Ran(" ".join(sys.argv[1:]), chosen.rounds, minutes, contest.absent, contest.left_out, version)
    text = report.page(noted, contest.raw, ran)
    if chosen.report:
        chosen.report.write_text(text, encoding="utf-8")
        say(f"written: {chosen.report}")
    else:
        print(text)


if __name__ == "__main__":
    main()
