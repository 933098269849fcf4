"""Contestants: each starts on a port of its own with a fresh store, and is stopped with all its processes."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.error import HTTPError, URLError

import psutil

from benchmarks.sync import peers, ward
from benchmarks.sync.clients import Dialect, Floor, Kinto, Ours, Pouch

ROOT = Path(__file__).resolve().parents[2]
PG = Path("/usr/lib/postgresql/15/bin")
GUNICORN = (sys.executable, "-m", "gunicorn", "--no-control-socket", "--timeout", "120", "--log-level", "warning")


@dataclass
class Contestant:
    """A running server. `also` are processes that work for it (the database's)."""

    name: str
    dialect: Dialect
    port: int
    process: subprocess.Popen[bytes]
    also: list[psutil.Process] = field(default_factory=list)
    url: str = ""

    def everybody(self) -> list[psutil.Process]:
        """Its processes and all their children."""
        roots = [psutil.Process(self.process.pid), *self.also]
        return [one for root in roots for one in (root, *root.children(recursive=True))]

    def cpu(self) -> float:
        """Seconds of processor used so far, by everybody alive."""
        return sum(one.cpu_times().user + one.cpu_times().system for one in self.everybody())

    def memory(self) -> float:
        """Megabytes held by nobody else (unique set size)."""
        return sum(one.memory_full_info().uss for one in self.everybody()) / 1e6


@dataclass(frozen=True)
class Cluster:
    """A throw-away PostgreSQL with its durable defaults."""

    port: int
    process: psutil.Process

    def url(self, name: str, driver: str = "postgresql+psycopg") -> str:
        return f"{driver}://postgres@127.0.0.1:{self.port}/{name}"

    def fresh(self, name: str) -> None:
        """An empty database of this name."""
        for sql in (f"DROP DATABASE IF EXISTS {name} WITH (FORCE)", f"CREATE DATABASE {name}"):
            subprocess.run(
                [PG / "psql", "-q", "-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres", "-c", sql],
                check=True,
                stderr=subprocess.DEVNULL,
            )


@contextmanager
def cluster() -> Iterator[Cluster]:
    """Start PostgreSQL in a temporary folder; everything is gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="to-am-pg-"))
    as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    if as_user:
        shutil.chown(folder, "postgres")
    port = free_port()
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": "/"}
    data = folder / "data"
    subprocess.run([*as_user, PG / "initdb", "-D", data, "-U", "postgres", "-A", "trust"], check=True, **quiet)
    server = [PG / "postgres", "-D", data, "-p", str(port), "-k", folder, "-c", "max_connections=200"]
    process = subprocess.Popen([*as_user, *server], **quiet)
    try:
        _until_open(port)
        pid = int((data / "postmaster.pid").read_text().split()[0])
        yield Cluster(port, psutil.Process(pid))
    finally:
        stop(process, signal.SIGINT)
        shutil.rmtree(folder, ignore_errors=True)


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def stop(process: subprocess.Popen[bytes], how: signal.Signals = signal.SIGTERM) -> None:
    """End a server and whatever it started."""
    children = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
    process.send_signal(how)
    for child in children:
        if child.is_running() and how is signal.SIGINT:
            child.send_signal(how)
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
    for child in children:
        if child.is_running():
            child.kill()


@contextmanager
def running(name: str, dialect: Dialect, command: list[str | Path], port: int, **more: str) -> Iterator[Contestant]:
    """Start a server and wait until it answers; `more` is its environment."""
    process = subprocess.Popen(
        [str(part) for part in command], cwd=ROOT, env={**os.environ, **more}, stdout=subprocess.DEVNULL
    )
    try:
        _until_answering(port)
        yield Contestant(name, dialect, port, process)
    finally:
        stop(process)


@contextmanager
def ours(folder: Path, phones: int, pg: Cluster | None = None, workers: int = 1) -> Iterator[Contestant]:
    """Tổ Ấm as the README starts it, on SQLite, or on PostgreSQL with several workers."""
    if pg:
        pg.fresh("ours")
    url = pg.url("ours") if pg else f"sqlite:///{folder / 'to-am.db'}"
    ward.prepare(url, phones)
    env = {"TO_AM_DATABASE_URL": url, "TO_AM_SECRET_KEY": ward.SECRET, "TO_AM_PUBLIC_ORIGIN": "https://localhost"}
    port = free_port()
    shape = ["--workers", str(workers), "--threads", "8", "--bind", f"127.0.0.1:{port}", "wsgi:app"]
    name = f"Tổ Ấm, PostgreSQL, {workers} workers" if pg else "Tổ Ấm, SQLite"
    with running(name, Ours(), [*GUNICORN, *shape], port, **env) as server:
        server.url = url
        server.also = [pg.process] if pg else []
        yield server


@contextmanager
def floor(folder: Path, *, store: bool) -> Iterator[Contestant]:
    """The empty Flask endpoint; with a store, bare Flask and SQLite."""
    port = free_port()
    shape = ["--workers", "1", "--threads", "8", "--bind", f"127.0.0.1:{port}", "benchmarks.sync.floor:app"]
    name = "bare Flask + SQLite" if store else "empty Flask endpoint"
    env = {"FLOOR_STORE": str(folder / "floor.db")} if store else {"FLOOR_STORE": ""}
    with running(name, Floor(), [*GUNICORN, *shape], port, **env) as server:
        yield server


@contextmanager
def pouch(folder: Path) -> Iterator[Contestant]:
    """PouchDB's server on its own default store (LevelDB)."""
    port = free_port()
    store = folder / "pouch"
    store.mkdir(exist_ok=True)
    node = ROOT / ".venv" / "node" / "node"
    with running("PouchDB server", Pouch(), [node, peers.pouch(), str(port), f"{store}/"], port) as server:
        _send("PUT", f"http://127.0.0.1:{port}/ward")
        yield server


@contextmanager
def kinto(folder: Path, pg: Cluster, workers: int = 2) -> Iterator[Contestant]:
    """Kinto on PostgreSQL, behind the same gunicorn."""
    pg.fresh("kinto")
    port, url = free_port(), pg.url("kinto", "postgresql")
    ini = folder / "kinto.ini"
    ini.write_text(_KINTO.format(url=url))
    bin = peers.kinto()
    subprocess.run([bin / "kinto", "migrate", "--ini", ini], check=True, stderr=subprocess.DEVNULL)
    shape = ["-w", str(workers), "--threads", "4", "-b", f"127.0.0.1:{port}", "--log-level", "error"]
    start = [bin / "python", "-m", "gunicorn", "--no-control-socket", "--paste", ini, *shape]
    with running(f"Kinto on PostgreSQL, {workers} workers", Kinto(), start, port) as server:
        server.also = [pg.process]
        line = server.dialect.line(port, 0)
        for place in ("/v1/buckets/ward", "/v1/buckets/ward/collections/hazards"):
            line.ask("PUT", place, b"{}")
        line.close()
        yield server


_KINTO = """[app:main]
use = egg:kinto
kinto.storage_backend = kinto.core.storage.postgresql
kinto.storage_url = {url}
kinto.cache_backend = kinto.core.cache.memory
kinto.permission_backend = kinto.core.permission.postgresql
kinto.permission_url = {url}
kinto.userid_hmac_secret = only-for-benchmarks
kinto.bucket_create_principals = system.Everyone
multiauth.policies = basicauth
kinto.batch_max_requests = 100
kinto.paginate_by = 1000
[server:main]
use = egg:waitress#main
"""


def _send(method: str, url: str) -> None:
    urllib.request.urlopen(urllib.request.Request(url, method=method), timeout=5).read()


def _until_open(port: int) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def _until_answering(port: int) -> None:
    _until_open(port)
    try:
        _send("GET", f"http://127.0.0.1:{port}/")
    except (HTTPError, URLError):
        return
