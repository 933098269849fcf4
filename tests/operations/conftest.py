"""A real gunicorn over a copy of the prepared database, its log kept line by line."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from app.config import ROOT
from app.db import db, transact
from app.identity.models import SignIn
from tests.cast import PEOPLE
from tests.conftest import DATABASES, make_app, put_away


class Gunicorn:
    """The server as `make run` starts it, which logs JSON; `words` are more of its command line."""

    def __init__(self, database: Path, *words: str) -> None:
        self._listens = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listens.getsockname()[1]
        env = {name: value for name, value in os.environ.items() if not name.startswith("TO_AM_")}
        env |= {
            "TO_AM_DATABASE_URL": DATABASES.url(database),
            "TO_AM_SECRET_KEY": "only-for-tests-" + "0" * 32,
            "TO_AM_LOGS": "json",
            "TMPDIR": str(database.parent),
        }
        bind = f"fd://{self._listens.fileno()}"
        run = [sys.executable, "-m", "gunicorn", "-c", "serving.py", *words, "-b", bind, "wsgi:app"]
        how: dict[str, Any] = {"stderr": subprocess.PIPE, "text": True, "pass_fds": [self._listens.fileno()]}
        self.process = subprocess.Popen(run, cwd=ROOT, env=env, **how)
        self._listens.close()  # theirs alone, so that nobody is let in once they have stopped
        self.log: list[str] = []
        self.hears("Booting worker")

    def hears(self, words: str) -> None:
        """Read the log until it says this."""
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.log.append(line)
            if words in line:
                return
        raise AssertionError(f"never said {words!r}: {self.log[-5:]}")

    def link(self) -> HTTPConnection:
        """A connection to it."""
        return HTTPConnection("127.0.0.1", self.port, timeout=60)

    def get(self, path: str, **headers: str) -> tuple[int, str]:
        """Status and text of one answer."""
        link = self.link()
        link.request("GET", path, headers=headers)
        answer = link.getresponse()
        found = answer.status, answer.read().decode()
        link.close()
        return found

    def stop(self) -> int:
        """SIGTERM; the exit code once it has ended."""
        self.process.send_signal(signal.SIGTERM)
        return self.wait()

    def wait(self) -> int:
        """The exit code once it has ended; the log has all that it said."""
        assert self.process.stderr is not None
        self.log += self.process.stderr.readlines()
        self.process.stderr.close()
        return self.process.wait(60)


def _live_today(path: Path) -> None:
    """The tests' clock stands, a real server's does not: let the sign-ins be of today."""
    app = make_app(path)
    with app.app_context(), transact():
        today = datetime.now(UTC)
        db.session.execute(update(SignIn).values(seen_at=today, expires_at=today + timedelta(days=1)))
    put_away(app)


def push(record: str) -> tuple[bytes, dict[str, str]]:
    """Body and headers of Lan's request with one new record."""
    change = {"id": record, "seq": 1, "record": record, "kind": "hazard_site", "form": 1, "base": 0}
    body = json.dumps({**change, "at": "2026-06-03T09:12:44+07:00", "set": {"name": "Ao sau nhà"}})
    lan = PEOPLE["Lan"]
    sent = {"device": lan.device, "app": "t", "cursor": None, "limit": 500, "changes": [{"body": body}]}
    headers = {"Cookie": f"{lan.cookie}={lan.token}", "Sec-Fetch-Site": "same-origin"}
    return json.dumps(sent).encode(), {**headers, "Content-Type": "application/json"}


@pytest.fixture
def gunicorn(prepared: Path, tmp_path: Path) -> Iterator[Callable[..., Gunicorn]]:
    """Starts servers: gunicorn("--workers", "2"). Sign-ins last as long as the cast's do."""
    made: list[Gunicorn] = []

    def start(*words: str) -> Gunicorn:
        path = tmp_path / "served.db"
        DATABASES.copy(prepared, path)
        _live_today(path)
        made.append(Gunicorn(path, *words))
        return made[-1]

    yield start
    for one in made:
        if one.process.poll() is None:
            one.process.kill()
            one.wait()
