"""Starts servers fast: a process that has the program loaded and forks a real gunicorn master for each command.

Reads one JSON line per command, answers with one. `{"load": {env}}` loads the program with these settings and warms
it up on the database that they name; `{"start": {...}}` -> `{"pid": n}` once a worker serves, or `{"pid": 0}`;
`{"run": {...}}` -> `{"pid": n}` at once, of a process that runs a command of the program; `{"reap": n}` waits for
a process that ends or was killed, and says how. A forked process is the leader of its own process group, so that
one signal reaches it and its workers.
"""

import importlib
import json
import os
import random
import signal
import sys
import traceback
from contextlib import suppress
from typing import Any

from gunicorn.app.wsgiapp import WSGIApplication

from app.at_rest import keys
from campaigns import day
from campaigns.place import close
from campaigns.planted import planted
from tests.cast import PEOPLE
from tests.phone import Phone

_RUNNING: set[int] = set()


class _Told(WSGIApplication):
    """gunicorn as from its command line, which says when a worker is ready."""

    def __init__(self, ready: int) -> None:
        self._ready = ready
        super().__init__("%(prog)s")

    def load_config(self) -> None:
        super().load_config()
        ready, usual = self._ready, self.cfg.post_worker_init

        def told(worker: Any) -> None:
            usual(worker)
            with suppress(BrokenPipeError):  # it is the first one that is waited for
                os.write(ready, b"x")

        self.cfg.set("post_worker_init", told)


for _name in ("gunicorn.arbiter", "gunicorn.workers.gthread"):  # what every start would load anew
    importlib.import_module(_name)


def main() -> None:
    """Obey until the commands end; nothing that was started outlives this process."""
    try:
        for line in sys.stdin:
            print(json.dumps(_obey(json.loads(line))), flush=True)
    finally:
        for pid in list(_RUNNING):
            os.killpg(pid, signal.SIGKILL)


def _load(env: dict[str, str]) -> None:
    """The program as gunicorn will find it, after some pushes: no server is cold for long."""
    os.environ.update(env)
    app = importlib.import_module("wsgi").app
    phone, chance = Phone(app, PEOPLE["Lan"]), random.Random(1)
    for _ in range(10):
        for _ in range(4):
            day.does_something(phone, chance)
        phone.sync()
    close(app)


def _obey(asked: dict[str, Any]) -> dict[str, Any]:
    if "load" in asked:
        _load(asked["load"])
        return {}
    if "reap" in asked:
        _, status = os.waitpid(asked["reap"], 0)
        _RUNNING.discard(asked["reap"])
        return {"code": os.waitstatus_to_exitcode(status)}
    if "run" in asked:
        pid = os.fork()
        if pid == 0:
            _runs(**asked["run"])
        _RUNNING.add(pid)
        return {"pid": pid}
    hears, tells = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(hears)
        _serve(tells, **asked["start"])
    os.close(tells)
    _RUNNING.add(pid)
    served = os.read(hears, 1)
    os.close(hears)
    return {"pid": pid if served else 0}


def _serve(ready: int, words: list[str], log: str, bugs: str, bug: str) -> None:
    _apart(log)
    sys.argv = ["gunicorn", *words]
    importlib.import_module(bugs)
    with planted(bug):
        _Told(ready).run()
    os._exit(0)


def _runs(words: list[str], log: str, bugs: str, bug: str) -> None:
    """A command as `flask --app wsgi` runs it, which reads the key file anew as every start does."""
    _apart(log)
    app = importlib.import_module("wsgi").app
    importlib.import_module(bugs).before_a_command()
    app.extensions["keyring"] = keys.read(app.config["TO_AM"].keys)
    with planted(bug):
        done = app.test_cli_runner().invoke(args=words)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        traceback.print_exception(done.exception)
    sys.stdout.flush()
    os._exit(done.exit_code)


def _apart(log: str) -> None:
    os.setsid()
    out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(out, 1)
    os.dup2(out, 2)


if __name__ == "__main__":
    main()
