"""R-05: while one batch of twenty changes is taken in, something fails at every step of it, one step at a time.

    python -m campaigns.steps                    every statement, as in the test command
    python -m campaigns.steps --every 3          every third

At each SQL statement: the process dies, the statement fails as a busy database's does, it fails otherwise, the
connection is gone. At each change: the process dies, the judge stumbles. At the commit: it fails, it succeeds and
says that it failed, the process dies just before and just after. Afterwards the database must be exactly as before
the batch or exactly as after it (a stumble over one change may keep that one aside); the same batch sent again must
make it exactly as after it, with the same receipts.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pysqlite3.dbapi2 as sqlite

from app.db import db
from app.sync import push
from campaigns import batch, oracle
from campaigns.place import Place, application, close, folder
from campaigns.planted import Patch, bug
from campaigns.planted import planted as planting
from campaigns.report import Report, command
from campaigns.stopped import stopped
from tests.phone import Entry

LONG = 1
Fault = Callable[[Any], None]  # given the driver's connection, or None
Failing = Callable[[], Any]  # makes the context in which it fails


def _dies(_: Any) -> None:
    os._exit(9)


def _busy(_: Any) -> None:
    raise sqlite.OperationalError("database is locked")


def _other(_: Any) -> None:
    raise sqlite.InternalError("something else")


def _gone(connection: Any) -> None:
    connection.close()


def _stumbles(_: Any) -> None:
    raise ZeroDivisionError


AT_STATEMENT: dict[str, Fault] = {"dies": _dies, "busy": _busy, "fails": _other, "line gone": _gone}
AT_CHANGE: dict[str, Fault] = {"dies": _dies, "stumbles": _stumbles}
AT_COMMIT: dict[str, Fault] = {"dies": _dies, "busy": _busy, "line gone": _gone}


def run(seed: int = 0, every: int = LONG, planted: str = "") -> Report:
    """Fail at every so-manieth statement, at every change, and at the commit."""
    report = Report("R-05 a failure at every step of one batch of twenty changes (SQLite)", seed)
    with folder() as where, stopped():
        bench = Bench(where)
        report.figures |= {"statements": str(bench.statements), "outcomes in the batch": " ".join(bench.outcomes)}
        with planting(planted):
            for case, dies, failing in _cases(bench, every):
                report.counts["cases"] += 1
                if fault := bench.fault(report, dies, failing):
                    report.fail(case, fault)
                if planted and report.failures:
                    break
    report.not_run.append("PostgreSQL: campaigns.steps speaks to SQLite only")
    return report


def _cases(bench: "Bench", every: int) -> Iterator[tuple[str, bool, Failing]]:
    for name, fault in AT_STATEMENT.items():
        for k in range(0, bench.statements, every):
            yield f"{name} at statement {k}", fault is _dies, lambda k=k, fault=fault: bench.at_statement(k, fault)
    for name, fault in AT_CHANGE.items():
        for k in range(batch.SIZE):
            for place in ("_judge", "_write"):
                case = f"{name} in {place} of change {k}"
                yield case, fault is _dies, lambda k=k, fault=fault, place=place: _at_change(place, k, fault)
    for name, fault in AT_COMMIT.items():
        for after in (False, True):
            case = f"{name} {'after' if after else 'before'} the commit"
            yield case, fault is _dies, lambda fault=fault, after=after: bench.at_commit(fault, after)


class Bench:
    """The program, the database before the batch, and what it is to be afterwards."""

    def __init__(self, where: Path) -> None:
        self.place, self._saved = Place(where), where / "before.db"
        self.app = application(self.place.url)
        self.phone, self.bodies = batch.history(self.app)
        close(self.app)
        shutil.copyfile(self.place.path, self._saved)
        self.before = self._dump()
        with self.at_statement(-1, _dies) as seen:
            self.receipts = self.push().get_json()["receipts"]
        self.statements = len(seen)
        self.after = self._dump()
        self.outcomes = sorted({receipt["outcome"] for receipt in self.receipts})

    def push(self) -> Any:
        """Send the batch."""
        return self.phone.post(self.phone.envelope(self.bodies))

    def fault(self, report: Report, dies: bool, failing: Failing) -> str:
        """Run one case from the beginning; what is wrong with how it ended, "" for nothing."""
        close(self.app)
        self.place.renew(self._saved)
        if dies:
            answer = None
            report.counts["died"] += self._in_a_child(failing) == 9
        else:
            with failing():
                answer = self.push()
            report.counts[f"answered {answer.status_code}"] += 1
        close(self.app)
        return self._wrong(answer) or self._not_healed(answer)

    def _in_a_child(self, failing: Failing) -> int:
        pid = os.fork()
        if pid == 0:
            try:
                with failing():
                    self.push()
            finally:
                os._exit(0)
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])

    def _wrong(self, answer: Any) -> str:
        """Not all, and not nothing."""
        state = self._dump()
        if answer is not None and answer.status_code == 200:
            return "" if state == self.after or _kept_aside(state) else "it said yes, and has not all of it"
        if answer is not None and answer.get_json()["code"] not in ("not_ready", "our_fault"):
            return f"it said {answer.text}"
        return "" if state in (self.before, self.after) else f"neither nothing nor all of it: {self._differs(state)}"

    def _not_healed(self, answer: Any) -> str:
        """Sent again, it is not as if nothing had happened."""
        again = self.push()
        close(self.app)
        if again.status_code != 200:
            return f"sent again, it said {again.text}"
        receipts, state = again.get_json()["receipts"], self._dump()
        look = self.place.look()
        faults = oracle.audit(look, self._kept(), dict(enumerate(receipts)))
        look.close()
        if faults:
            return f"sent again: {faults}"
        if answer is not None and answer.status_code == 200 and _kept_aside(state):
            return "" if receipts == answer.get_json()["receipts"] else "sent again, it got other receipts"
        if receipts != self.receipts:
            return "sent again, it got other receipts than without the failure"
        return "" if state == self.after else f"sent again, it is not as without the failure: {self._differs(state)}"

    def _kept(self) -> dict[int, Entry]:
        """The batch; a body without an id goes by its hash."""
        receipts = zip(self.receipts, self.bodies, strict=True)
        return dict(enumerate(Entry(told["id"] or told["sha256"], "", body) for told, body in receipts))

    def _dump(self) -> dict[str, list[Any]]:
        look = self.place.look()
        found = oracle.dump(look)
        look.close()
        return found

    def _differs(self, state: dict[str, list[Any]]) -> str:
        return ", ".join(name for name, rows in state.items() if rows not in (self.before[name], self.after[name]))

    @contextmanager
    def at_statement(self, k: int, fault: Fault) -> Iterator[list[str]]:
        """The k-th statement fails in the driver; collects the statements."""
        seen: list[str] = []
        with self.app.app_context():
            dialect = db.engine.dialect
        reals = {name: getattr(dialect, name) for name in ("do_execute", "do_executemany", "do_execute_no_params")}

        def counted(name: str) -> Callable[..., None]:
            def runs(cursor: Any, statement: str, *more: Any) -> None:
                seen.append(statement)
                if len(seen) == k + 1:
                    fault(cursor.connection)
                reals[name](cursor, statement, *more)

            return runs

        with patch.multiple(dialect, **{name: counted(name) for name in reals}):
            yield seen

    @contextmanager
    def at_commit(self, fault: Fault, after: bool) -> Iterator[None]:
        """The commit fails in the driver, before or after it was done."""
        with self.app.app_context():
            dialect = db.engine.dialect
        real = dialect.do_commit

        def commits(connection: Any) -> None:
            if after:
                real(connection)
            fault(connection.dbapi_connection)
            if not after:
                real(connection)

        with patch.object(dialect, "do_commit", commits):
            yield


@contextmanager
def _at_change(place: str, k: int, fault: Fault) -> Iterator[None]:
    """The judge stumbles over the k-th change, whenever it meets it: before anything of it is written or after
    all of it is."""
    met: list[str] = []
    real = getattr(push.Push, place)

    def runs(self: Any, entry: Any, *given: Any) -> Any:
        found = real(self, entry, *given)
        met.append(entry.sha256)
        if entry.sha256 in met[k : k + 1]:
            fault(None)
        return found

    with patch.object(push.Push, place, runs):
        yield


def _kept_aside(state: dict[str, list[Any]]) -> bool:
    """Whether the judge stumbled over one change; it is then in the log, which the audit looks at."""
    return any("our_fault" in str(row) for row in state["change"])


@bug("R-05 what failed half-way is committed")
def _commits_anyway() -> list[Patch]:
    @contextmanager
    def transact() -> Iterator[None]:
        db.session.rollback()
        db.session.connection(execution_options={"writing": True})
        gathered: dict[str, Any] = {}
        db.session.info["gathered"] = gathered
        try:
            yield
            for last in gathered.values():
                last.close()
        finally:
            db.session.commit()
            db.session.info.pop("gathered", None)

    return [(push, "transact", transact)]


@bug("R-05 each change commits by itself")
def _one_by_one() -> list[Patch]:
    real = push.Push._settle

    def settle(self: Any, *given: Any) -> None:
        real(self, *given)
        db.session.commit()
        db.session.connection(execution_options={"writing": True})

    return [(push.Push, "_settle", settle)]


@bug("R-05 a stumble leaves half a change")
def _no_savepoint() -> list[Patch]:
    from contextlib import nullcontext

    from sqlalchemy.engine import Connection

    return [(Connection, "begin_nested", lambda self: nullcontext())]


@bug("R-05 receipts are not kept")
def _no_receipts() -> list[Patch]:
    from app.sync import log

    return [(log, "answer", lambda entries: None)]


if __name__ == "__main__":
    command(run, __doc__, {"every": LONG})
