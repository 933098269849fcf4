"""The real application behind a pipe: one line of JSON asks, one answers. Its clock and its chance come from outside.

Whoever asks decides when the server dies and at which statement, goes back to an earlier copy, or lets an officer
judge; what it answers are the application's own bytes.
"""

import base64
import io
import json
import os
import random
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch
from urllib.parse import urlencode

from flask import Flask
from sqlalchemy import event, update
from sqlalchemy.exc import OperationalError

from app import clock
from app.db import db, transact
from app.identity import service as identity
from app.identity.models import SignIn
from app.records.models import Setting
from app.seals import service as seals
from campaigns import oracle
from campaigns.place import Place, application, close
from tests.cast import PEOPLE

Json = dict[str, Any]
_SITE = {"REMOTE_ADDR": "127.0.0.1", "SERVER_NAME": "localhost", "SERVER_PORT": "443", "HTTP_HOST": "localhost"}


class ServerDied(BaseException):
    """The process is gone in the middle of a request."""


class Wire:
    """One server, over a database of its own. `place` is where a run begins; `begin` goes back to it."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.at = datetime.now(UTC)
        self.chance = random.Random(0)
        self.steps = 0
        self.fault: tuple[int, Callable[[], BaseException]] | None = None
        self.copies: dict[str, bytes] = {}
        self.app: Flask = application(place.url)
        with self.app.app_context():
            with transact():  # phones seal, as with a ward that has had its first backup
                seals.ensure_keys()
                seals.mark_safe(seals.unsafe())
            event.listen(db.engine, "connect", _hurry)
            event.listen(db.engine, "before_cursor_execute", self._step)
            event.listen(db.engine, "commit", self._step)

    def answer(self, asked: Json) -> Any:
        """Do what was asked."""
        return getattr(self, f"do_{asked.pop('what')}")(**asked)

    def do_begin(self, seed: str) -> None:
        """A new run, from the kept beginning."""
        self.chance = random.Random(seed)
        self.copies = {"beginning": self.copies["beginning"]} if "beginning" in self.copies else {}
        if self.copies:
            self._put("beginning")

    def do_keep(self, name: str) -> None:
        """Copy the database, as a backup does."""
        with self._closed():
            self.copies[name] = self.place.path.read_bytes()

    def do_restore(self, name: str) -> None:
        """Go back to a copy, under a new epoch."""
        self._put(name)
        with self.app.app_context(), transact():
            epoch = db.session.get(Setting, "epoch")
            if epoch is not None:
                db.session.delete(epoch)

    def do_restart(self) -> None:
        """Close everything, as a server that stops does."""
        close(self.app)

    def do_request(
        self, now: float, method: str, path: str, headers: dict[str, str], body: str = "", **more: Any
    ) -> Json:
        """One request. `packed`: the body as bytes; `dies`, `busy`: at which statement what happens."""
        self._now(now)
        raw = base64.b64decode(more["packed"]) if more.get("packed") else body.encode("utf-8", "surrogatepass")
        environ = _environ(method, path, headers, raw)
        self.steps = 0
        if more.get("dies"):
            self.fault = (more["dies"], ServerDied)
        elif more.get("busy"):
            self.fault = (more["busy"], _busy)
        try:
            return self._serve(environ)
        except ServerDied:
            close(self.app)
            return {"status": 0, "headers": [], "body": "", "died": True}
        finally:
            self.fault = None

    def do_desk(self, now: float, who: str, path: str, form: dict[str, str]) -> int:
        """An officer sends a form; the answer's status."""
        self._now(now)
        officer = PEOPLE[who]
        with self.app.app_context(), transact():
            # Somebody at the desk signs in each morning.
            alive = {"seen_at": self.at, "expires_at": self.at.replace(year=self.at.year + 1)}
            db.session.execute(update(SignIn).where(SignIn.person_id == officer.id).values(alive))
        headers = {"Cookie": f"{officer.cookie}={officer.token}", "Sec-Fetch-Site": "same-origin"}
        typed = {**headers, "Content-Type": "application/x-www-form-urlencoded"}
        return int(self._serve(_environ("POST", path, typed, urlencode(form).encode()))["status"])

    def do_code(self, now: float, person: str) -> str:
        """A one-time code from the administrator."""
        self._now(now)
        with self.app.app_context(), transact():
            return identity.issue_code(person, None)

    def do_revoke(self, now: float, person: str) -> None:
        """All sign-ins of a person end."""
        self._now(now)
        with self.app.app_context(), transact():
            identity.revoke(person)

    def do_move(self, now: float, person: str, unit: int, leaves: list[int]) -> None:
        """A person works at another group from today on."""
        self._now(now)
        with self.app.app_context(), transact():
            identity.assign(person, "collaborator", unit)
            for old in leaves:
                with suppress(Exception):
                    identity.unassign(person, old)

    def do_records(self) -> list[Json]:
        """What an officer may judge."""
        columns = "id, version, status, kind, ward_id AS ward, conflicts"
        return self._rows(f"SELECT {columns} FROM record ORDER BY received_at, id")

    def do_dump(self) -> Json:
        """Everything that the oracles look at, and what the database's own rules say."""
        look = self.place.look()
        try:
            faults = oracle.audit(look, {}, {})
        finally:
            look.close()
        return {
            "faults": faults,
            "records": self._rows("SELECT * FROM record"),
            "versions": self._rows("SELECT record_id, version, what, change_log_id, data FROM record_version"),
            "changes": self._rows("SELECT * FROM change ORDER BY log_id"),
        }

    def _rows(self, query: str) -> list[Json]:
        look = self.place.look()
        try:
            found = look.execute(query)
            names = [column[0] for column in found.description]
            return [dict(zip(names, map(_plain, row), strict=True)) for row in found]
        finally:
            look.close()

    def _serve(self, environ: Json) -> Json:
        said: Json = {}

        def start(status: str, headers: list[tuple[str, str]], _: Any = None) -> None:
            said.update(status=int(status.split()[0]), headers=headers)

        came = self.app(environ, start)
        try:
            raw = b"".join(came)
        finally:
            getattr(came, "close", lambda: None)()
        packed = any(name.lower() == "content-encoding" for name, _ in said["headers"])
        return {**said, "body": base64.b64encode(raw).decode() if packed else raw.decode()}

    def _step(self, *_: Any) -> None:
        self.steps += 1
        if self.fault and self.steps == self.fault[0]:
            raise self.fault[1]()

    def _now(self, milliseconds: float) -> None:
        self.at = datetime.fromtimestamp(milliseconds / 1000, UTC)

    def _put(self, name: str) -> None:
        with self._closed():
            self.place.path.write_bytes(self.copies[name])

    @contextmanager
    def _closed(self) -> Iterator[None]:
        """With the database in one file, and nobody at it."""
        close(self.app)
        look = self.place.look()
        look.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        look.close()
        yield


@contextmanager
def steered(wire: Wire) -> Iterator[None]:
    """The application's clock and chance in the hands of `wire`."""
    names = [name for name in sys.modules if name.split(".")[0] == "app"]
    real = clock.now
    taken = [sys.modules[name] for name in names if getattr(sys.modules[name], "now", None) is real]
    patches = [patch.object(module, "now", lambda: wire.at) for module in taken]
    patches += [patch.object(os, "urandom", lambda count: wire.chance.randbytes(count))]
    patches += [patch.object(random, "_urandom", lambda count: wire.chance.randbytes(count))]
    for one in patches:
        one.start()
    try:
        yield
    finally:
        for one in patches:
            one.stop()


def serve(wire: Wire, hear: io.BufferedReader, tell: io.BufferedWriter) -> Json:
    """Answer until the other side says what came out of it. Raises EOFError when it is gone."""
    while line := hear.readline():
        asked = json.loads(line)
        if "result" in asked:
            return dict(asked["result"])
        try:
            said = {"value": wire.answer(asked)}
        except Exception as error:  # the other side tells it as its own failure
            said = {"wrong": f"{type(error).__name__}: {error}"}
        tell.write(json.dumps(said).encode() + b"\n")
        tell.flush()
    raise EOFError("the simulation ended without a result")


def _environ(method: str, path: str, headers: dict[str, str], body: bytes) -> Json:
    where, _, query = path.partition("?")
    given = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()}
    kind = given.pop("HTTP_CONTENT_TYPE", "")
    return {
        **_SITE,
        **given,
        "REQUEST_METHOD": method,
        "PATH_INFO": where,
        "QUERY_STRING": query,
        "SERVER_PROTOCOL": "HTTP/1.1",
        "CONTENT_TYPE": kind,
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "https",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }


def _hurry(connection: Any, _: Any) -> None:
    # Nothing here measures a disk; what a commit is worth is tried elsewhere.
    connection.execute("PRAGMA synchronous=OFF")


def _busy() -> BaseException:
    return OperationalError("(not told)", {}, Exception("database is locked"))


def _plain(value: Any) -> Any:
    return value.decode("utf-8", "surrogatepass") if isinstance(value, bytes) else value


def prepared(folder: Path) -> Wire:
    """A server over a fresh database in this folder."""
    return Wire(Place(folder))
