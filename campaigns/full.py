"""R-11: the ward's disk is full, or can only be read, while one batch of twenty changes comes in.

    python -m campaigns.full                     room for every 256 bytes more
    python -m campaigns.full --step 8192         as in the test command

The operating system itself refuses: no file may grow beyond so many bytes (a limit of the process), step by step until
the batch fits, with the log of SQLite empty and with one that has to be put into the database first; the database may
have no page more; it may be read and not written. Each time the phone must hear 503 with `Retry-After`, never a
receipt, and the database must be exactly as before. When there is room again the same batch is taken as if nothing had
happened, with the same receipts.
"""

import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from sqlalchemy import event

from app.db import db
from campaigns.place import folder
from campaigns.planted import Patch, bug
from campaigns.planted import planted as planting
from campaigns.report import Report, command
from campaigns.steps import Bench
from campaigns.stopped import stopped

LONG = 256
MOST = 200_000  # bytes; a little more than the files of the batch
UNTIL = 1 << 20  # with so much room it must fit
Failing = Callable[[], Any]


def run(seed: int = 0, step: int = LONG, planted: str = "") -> Report:
    """Leave `step` bytes more of room each time, until the batch fits; then the other ways in which a disk refuses."""
    report = Report("R-11 the ward's disk is full or read-only (SQLite)", seed)
    with folder() as where, stopped():
        bench = Bench(where)
        with planting(planted):
            for name, failing in _cases(bench, step):
                if planted and report.failures:
                    break
                _case(report, bench, name, failing)
    if not planted and not report.counts["answered 200"]:
        report.fail("room", "even with a megabyte the batch did not fit")
    report.not_run.append("a real file system without room (it needs a mount); PostgreSQL; photographs, backups")
    return report


def _case(report: Report, bench: Bench, name: str, failing: Failing) -> None:
    answers: list[Any] = []

    @contextmanager
    def watched() -> Iterator[None]:
        real = bench.phone.post

        def post(*given: Any) -> Any:
            answers.append(real(*given))
            return answers[-1]

        with failing(), patch.object(bench.phone, "post", post):
            yield

    report.counts["cases"] += 1
    if fault := bench.fault(report, False, watched) or _wrong(answers[0]):
        report.fail(name, fault)


def _wrong(answer: Any) -> str:
    """What else than a receipt or "later" the phone was told."""
    if answer.status_code == 200:
        return ""
    said = answer.status_code, answer.get_json()["code"]
    if said != (503, "not_ready"):
        return f"it said {said}"
    return "" if int(answer.headers.get("Retry-After", 0)) > 0 else "it did not say when to come again"


def _cases(bench: Bench, step: int) -> Iterator[tuple[str, Failing]]:
    for log, options in (("", ()), ("the log always put away, ", ("wal_autocheckpoint=1",))):
        for size in (*range(0, MOST, step), UNTIL):
            name = f"{log}no file above {size} bytes"
            yield name, lambda size=size, options=options: _limited(bench, size, options)
    for more in range(4):
        yield f"{more} pages more", lambda more=more: _few_pages(bench, more)
    yield "read-only", lambda: _with(bench, ("query_only=ON",))


@contextmanager
def _limited(bench: Bench, size: int, options: tuple[str, ...]) -> Iterator[None]:
    """No file of this process may grow above this size, nor be written beyond it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    with _with(bench, options):
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextmanager
def _with(bench: Bench, options: tuple[str, ...]) -> Iterator[None]:
    """Connections that are opened meanwhile have these settings."""

    def set_up(connection: Any, _: Any) -> None:
        for option in options:
            connection.execute(f"PRAGMA {option}")

    with bench.app.app_context():
        engine = db.engine
    event.listen(engine, "connect", set_up)
    try:
        yield
    finally:
        event.remove(engine, "connect", set_up)
        with bench.app.app_context():
            db.session.remove()
            engine.dispose()


@contextmanager
def _few_pages(bench: Bench, more: int) -> Iterator[None]:
    look = bench.place.look()
    (pages,) = look.execute("PRAGMA page_count").fetchone()
    look.close()
    with _with(bench, (f"max_page_count={pages + more}",)):
        yield


@bug("R-11 a commit that fails counts as done")
def _believes() -> list[Patch]:
    real: Any = db.session.commit

    def commit() -> None:
        try:
            real()
        except Exception:
            db.session.rollback()

    return [(db.session, "commit", commit)]


@bug("R-11 a full disk is a fault of the change")
def _blames() -> list[Patch]:
    from app import http
    from app.sync import push, service

    return [(module, "is_database_away", lambda error: False) for module in (http, push, service)]


if __name__ == "__main__":
    command(run, __doc__, {"step": LONG})
