"""Two requests at the same moment, on PostgreSQL: SQLite has one writer, so there the second waits from its start."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.dialects.postgresql.base import PGCompiler

from app import postgres
from app.db import db
from campaigns.cluster import connect

pytest.register_assert_rewrite("tests.races.cases")
_DEADLINE = 30
Deed = Callable[[], Any]


class Race:
    """Lets one request do everything but its commit, then lets another one start, and commits when that one waits."""

    def __init__(self, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
        self.app = app
        self._here = threading.local()
        self._watch = connect(app.config["SQLALCHEMY_DATABASE_URI"])
        with app.app_context():
            self._commit = db.session.commit
        monkeypatch.setattr(db.session, "commit", self._stop_before)

    def run(self, first: Deed, second: Deed, *, commit: int = 1) -> list[Any]:
        """What became of the two: an answer, or the exception. The first is stopped before this commit of its."""
        one, two = _Runner(self._here, first, commit), _Runner(self._here, second, 0)
        one.start()
        assert one.stopped.wait(_DEADLINE) and not one.done.is_set(), one.result
        two.start()
        while not two.done.wait(0.005):
            if self.somebody_waits():
                break
        one.go_on.set()
        return [one.ends(), two.ends()]

    def beside(self, deed: Deed) -> "_Runner":
        """Start something that this thread goes on beside."""
        runner = _Runner(self._here, deed, 0)
        runner.start()
        return runner

    def close(self) -> None:
        """Hang up."""
        self._watch.close()

    def _stop_before(self) -> None:
        runner = getattr(self._here, "runner", None)
        if runner is not None:
            runner.left -= 1
            if runner.left == 0:
                runner.stopped.set()
                assert runner.go_on.wait(_DEADLINE)
        self._commit()

    def somebody_waits(self) -> bool:
        """Whether some connection waits for another."""
        waiting = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        return self._watch.execute(waiting).fetchone() is not None


class _Runner(threading.Thread):
    def __init__(self, here: threading.local, deed: Deed, commit: int) -> None:
        super().__init__(daemon=True)
        self.left = commit
        self.result: Any = None
        self.stopped, self.go_on, self.done = threading.Event(), threading.Event(), threading.Event()
        self._here, self._deed = here, deed

    def ends(self) -> Any:
        """What came out of it."""
        self.join(_DEADLINE)
        assert self.done.is_set(), "they wait for each other"
        return self.result

    def run(self) -> None:
        self._here.runner = self
        try:
            self.result = self._deed()
        except Exception as error:
            self.result = error
        finally:
            self.done.set()
            self.stopped.set()


@pytest.fixture
def race(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Race]:
    made = Race(app, monkeypatch)
    yield made
    made.close()


@pytest.fixture
def no_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    """A planted fault: no turns are taken."""
    monkeypatch.setattr(postgres, "take_turns", lambda *_: None)


@pytest.fixture
def no_locks(monkeypatch: pytest.MonkeyPatch) -> None:
    """A planted fault: no row is locked, also by statements that were put together long before."""
    monkeypatch.setattr(PGCompiler, "for_update_clause", lambda self, select, **_: "")
