"""A real server that can be killed and started again within a tenth of a second."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from app.config import ROOT
from campaigns.pg_place import PgPlace
from campaigns.place import Place

# As `make run` starts it (a test compares), but for the port.
WORDS = ["-c", "serving.py"]


class Server:
    """gunicorn, started by a warm process over its database. `bugs` is the module that knows the planted bug."""

    def __init__(self, warm: "Warm", folder: Path, *, bugs: str, bug: str = "", words: Sequence[str] = ()) -> None:
        self._warm = warm
        self.port = _free_port()
        self.log = folder / "server.log"
        words = [*(words or WORDS), "--log-level", "error", "--bind", f"127.0.0.1:{self.port}", "wsgi:app"]
        self._start = {"words": words, "log": str(self.log), "bugs": bugs, "bug": bug}
        self._pid = 0

    def start(self) -> None:
        """Start it and wait until it serves; nothing happens when it runs."""
        if self._pid:
            return
        self._pid = self._warm.ask({"start": self._start})["pid"]
        if not self._pid:
            raise RuntimeError(f"the server did not start: {self.log.read_text()[-2000:]}")

    def memory(self) -> int:
        """The most memory that a worker ever had, in kB."""
        said = [Path(f"/proc/{worker}/status").read_text() for worker in self._workers()]
        return max(int(text.split("VmHWM:")[1].split()[0]) for text in said)

    def kill_worker(self, number: int) -> None:
        """kill -9 of one worker; the master starts another in its place."""
        workers = self._workers()
        if workers:
            os.kill(int(workers[number % len(workers)]), signal.SIGKILL)

    def _workers(self) -> list[str]:
        return Path(f"/proc/{self._pid}/task/{self._pid}/children").read_text().split()

    def kill(self) -> None:
        """kill -9 of the master and its workers, at once."""
        if self._pid:
            os.killpg(self._pid, signal.SIGKILL)
            self._warm.ask({"reap": self._pid})
            self._pid = 0


class Warm:
    """The process that forks servers over one place, which is as good as new afterwards."""

    def __init__(self, place: Place | PgPlace) -> None:
        env = {name: value for name, value in os.environ.items() if not name.startswith("TO_AM_")}
        run = [sys.executable, "-m", "campaigns.zygote"]
        pipes: Any = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        self._process = subprocess.Popen(run, cwd=ROOT, env=env, text=True, start_new_session=True, **pipes)
        self.ask({"load": place.env})
        place.renew()

    def ask(self, command: Mapping[str, Any]) -> dict[str, Any]:
        """One command, one answer."""
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()
        return self._hear()

    def close(self) -> None:
        """End it and every server that it started."""
        self._process.stdin.close()
        self._process.wait(20)
        self._process.stdout.close()

    def _hear(self) -> dict[str, Any]:
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the process that starts servers is gone")
        answer: dict[str, Any] = json.loads(line)
        return answer


@contextmanager
def warm(place: Place | PgPlace) -> Iterator[Warm]:
    """The forking process for the length of a run."""
    made = Warm(place)
    try:
        yield made
    finally:
        made.close()


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port
