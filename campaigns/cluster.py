"""A throw-away PostgreSQL from Debian's package: made in a temporary folder, gone afterwards, whatever happens.

python -m campaigns.cluster pytest -q        any command, with TO_AM_TEST_POSTGRES naming the cluster
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

VARIABLE = "TO_AM_TEST_POSTGRES"
# Nothing that a test looks at survives a power cut, so nothing has to reach a disk.
_FLEETING = ("fsync=off", "full_page_writes=off", "wal_level=minimal", "max_wal_senders=0", "autovacuum=off")
_USUAL = ("listen_addresses=", "max_connections=100", "shared_buffers=128MB", "deadlock_timeout=300ms")
# Sorted as a dictionary is, which SQLite does not: nothing may depend on it.
_WORDS = ("-E", "UTF8", "--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=vi-VN")


class Cluster:
    """A running PostgreSQL that only this machine's root and its own user can reach."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def admin(self) -> str:
        """The address of the cluster's own database."""
        return self.url("postgres")

    def url(self, name: str) -> str:
        """The address of a database, as a setting of the server."""
        return f"postgresql+psycopg://postgres@/{name}?host={self.folder}"

    def create(self, name: str) -> str:
        """A new empty database; one of this name that was there before is dropped. Its address."""
        with connect(self.admin) as link:
            link.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
            link.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
        return self.url(name)


def connect(url: str) -> psycopg.Connection[Any]:
    """A connection of our own to a server setting's address, past the application; every statement by itself."""
    return psycopg.connect(url.replace("postgresql+psycopg://", "postgresql://"), autocommit=True)


@contextmanager
def cluster(*options: str, durable: bool = False) -> Iterator[Cluster]:
    """Make, start and afterwards remove a cluster. `durable`: with everything that makes a commit safe."""
    folder = Path(tempfile.mkdtemp(prefix="to-am-pg-", dir="/tmp"))  # short: a socket's name is cut at 107 characters
    data = folder / "data"
    server = None
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres", "postgres")
        made = [_programs() / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "--no-sync", *_WORDS]
        subprocess.run([*_as_user(), *made], check=True, stdout=subprocess.DEVNULL, cwd="/")
        given = [*_USUAL, f"unix_socket_directories={folder}", *(() if durable else _FLEETING), *options]
        words = [*_as_user(), _programs() / "postgres", "-D", data, *[part for one in given for part in ("-c", one)]]
        with (folder / "log").open("wb") as log:
            # In a session of its own: Ctrl-C ends the tests, and they end the cluster.
            server = subprocess.Popen(words, cwd="/", stderr=log, start_new_session=True)
        _wait(server, folder)
        yield Cluster(folder)
    finally:
        if server is not None:
            server.send_signal(signal.SIGQUIT)
            server.wait(30)
        shutil.rmtree(folder, ignore_errors=True)


def _as_user() -> list[str]:
    """PostgreSQL refuses to run as root. Should we be killed, the kernel stops it for us."""
    user = ["--reuid=postgres", "--regid=postgres", "--init-groups"] if os.geteuid() == 0 else []
    return ["setpriv", "--pdeathsig=QUIT", *user, "--"]


def _programs() -> Path:
    """Where Debian keeps the newest version's programs."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name))
    if not found:
        raise SystemExit("PostgreSQL is not installed: sh tools/postgres.sh")
    return found[-1]


def _wait(server: "subprocess.Popen[bytes]", folder: Path) -> None:
    """Until the server takes connections; it says so in a file of its own."""
    status = folder / "data" / "postmaster.pid"
    for _ in range(1500):
        if server.poll() is not None:
            raise RuntimeError(f"PostgreSQL did not start: {(folder / 'log').read_text()[-2000:]}")
        if status.exists() and "ready" in status.read_text():
            return
        subprocess.run(["sleep", "0.02"], check=True)
    raise RuntimeError("PostgreSQL did not get ready")


def main(words: list[str]) -> int:
    """Run a command with a cluster beside it; its exit code."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with cluster() as made:
        return subprocess.run(words, env={**os.environ, VARIABLE: made.admin}).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
