"""Contestants: each starts on a port of its own with a fresh store, and is stopped with all its processes."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.error import HTTPError, URLError

import psutil

from benchmarks.sync import peers, ward
from benchmarks.sync.clients import Dialect, Floor, Kinto, Ours, Pouch
from campaigns.cluster import Cluster, connect

ROOT = Path(__file__).resolve().parents[2]
GUNICORN = (sys.executable, "-m", "gunicorn", "--no-control-socket", "--timeout", "120", "--log-level", "warning")


@dataclass
class Contestant:
    """A running server. `also` are processes that work for it (the database's)."""

    name: str
    dialect: Dialect
    port: int
    process: subprocess.Popen[bytes]
    also: list[psutil.Process] = field(default_factory=list)
    url: str = ""  # of our own database
    keeps: bool = True  # whether it stores anything
    fill: Callable[[int], None] = lambda many: None  # so many records in the ward, past the server, if that is needed

    def everybody(self) -> list[psutil.Process]:
        """Its processes, those that work for it, and all their children."""
        return [one for root in (psutil.Process(self.process.pid), *self.also) for one in _family(root)]

    def cpu(self) -> float:
        """Seconds of processor used so far, by everybody alive."""
        used = 0.0
        for one in self.everybody():
            try:
                times = one.cpu_times()
            except psutil.NoSuchProcess:
                continue
            used += times.user + times.system
        return used

    def memory(self) -> float:
        """Megabytes held by the server's own processes alone (unique set size); a database of its own not counted."""
        return sum(one.memory_full_info().uss for one in _family(psutil.Process(self.process.pid))) / 1e6


def _family(root: psutil.Process) -> list[psutil.Process]:
    return [root, *root.children(recursive=True)]


def postmaster(pg: Cluster) -> psutil.Process:
    """The process that all of a cluster's processes come from."""
    return psutil.Process(int((pg.folder / "data" / "postmaster.pid").read_text().split()[0]))


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def stop(process: "subprocess.Popen[bytes]") -> None:
    """End a server and whatever it started."""
    children = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
    process.terminate()
    try:
        process.wait(8)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for child in children:
        if child.is_running():
            child.kill()


@contextmanager
def running(name: str, dialect: Dialect, command: list[str | Path], folder: Path, **more: str) -> Iterator[Contestant]:
    """Start a server and wait until it answers. `more` is its environment; PORT in the command is its port."""
    port = free_port()
    words = [str(part).replace("PORT", str(port)) for part in command]
    env = {name: value for name, value in os.environ.items() if not name.startswith("TO_AM_")}
    told = folder / "told"
    with told.open("wb") as log:
        process = subprocess.Popen(words, cwd=ROOT, env={**env, **more}, stdout=log, stderr=log)
    try:
        _until_answering(process, port, told)
        yield Contestant(name, dialect, port, process)
    finally:
        stop(process)


@contextmanager
def ours(folder: Path, phones: int, pg: Cluster | None = None, workers: int = 1) -> Iterator[Contestant]:
    """Tổ Ấm on SQLite as `make run` starts it, or on PostgreSQL with several workers."""
    url = pg.create("ours") if pg else f"sqlite:///{folder / 'to-am.db'}"
    ward.prepare(url, phones)
    env = {"TO_AM_DATABASE_URL": url, "TO_AM_SECRET_KEY": ward.SECRET, "TO_AM_PUBLIC_ORIGIN": "https://localhost"}
    start = [sys.executable, "-m", "gunicorn", "-c", "serving.py", "--workers", str(workers)]
    name = f"Tổ Ấm, PostgreSQL, {workers} workers" if pg else "Tổ Ấm, SQLite"
    with running(
        name, Ours(ward.sealer(url)), [*start, "--bind", "127.0.0.1:PORT", "wsgi:app"], folder, **env
    ) as server:
        server.url = url
        server.also = [postmaster(pg)] if pg else []
        yield server


@contextmanager
def floor(folder: Path, *, store: bool) -> Iterator[Contestant]:
    """The empty Flask endpoint; with a store, bare Flask and SQLite."""
    shape = ["--workers", "1", "--threads", "8", "--bind", "127.0.0.1:PORT", "benchmarks.sync.floor:app"]
    name = "bare Flask + SQLite" if store else "empty Flask endpoint"
    place = str(folder / "floor.db") if store else ""
    sealed = None if store else ward.sealer()  # the same bytes as ours; a store keeps what it can read
    with running(name, Floor(sealed), [*GUNICORN, *shape], folder, FLOOR_STORE=place) as server:
        server.keeps = store
        yield server


@contextmanager
def pouch(folder: Path) -> Iterator[Contestant]:
    """PouchDB's server on its own default store (LevelDB)."""
    store = folder / "pouch"
    store.mkdir()
    with running("PouchDB server", Pouch(), [*peers.pouch(), "PORT", f"{store}/"], folder) as server:
        for place in ("ward", "elsewhere"):
            _send("PUT", f"http://127.0.0.1:{server.port}/{place}")
        yield server


@contextmanager
def kinto(folder: Path, pg: Cluster, workers: int = 2) -> Iterator[Contestant]:
    """Kinto on PostgreSQL, behind the same gunicorn."""
    url = pg.create("kinto").replace("+psycopg", "")
    ini = folder / "kinto.ini"
    ini.write_text(_KINTO.format(url=url))
    programs = peers.kinto()
    subprocess.run([programs / "kinto", "migrate", "--ini", ini], check=True, capture_output=True)
    shape = ["-w", str(workers), "--threads", "4", "-b", "127.0.0.1:PORT", "--log-level", "error"]
    start = [programs / "python", "-m", "gunicorn", "--no-control-socket", "--timeout", "120", "--paste", ini, *shape]
    with running(f"Kinto on PostgreSQL, {workers} workers", Kinto(), start, folder) as server:
        server.also = [postmaster(pg)]
        line = server.dialect.line(server.port, 0)
        for place in ("/v1/buckets/ward", *(f"/v1/buckets/ward/collections/{one}" for one in ("ward", "elsewhere"))):
            line.ask("PUT", place, b"{}")
        line.close()
        server.fill = lambda many: _fill_kinto(pg, many)
        yield server


def _fill_kinto(pg: Cluster, many: int) -> None:
    """Copies of what was pushed, within its database: by way of the server 10,000 would take minutes."""
    ward = "'/buckets/ward/collections/ward'"
    with connect(pg.url("kinto")) as link:
        link.execute(
            f"INSERT INTO objects (id, parent_id, resource_name, data, deleted)"
            f" SELECT gen_random_uuid()::text, parent_id, resource_name, data, false FROM"
            f" (SELECT * FROM objects WHERE parent_id = {ward} AND resource_name = 'record') AS old"
            f" CROSS JOIN generate_series(1, 1000) LIMIT greatest(0, {many} -"
            f" (SELECT count(*) FROM objects WHERE parent_id = {ward} AND resource_name = 'record'))"
        )


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


def _until_answering(process: "subprocess.Popen[bytes]", port: int, told: Path) -> None:
    """Wait for any answer. Raises RuntimeError with the last that it said when there is none."""
    deadline = time.monotonic() + 60
    while True:
        try:
            _send("GET", f"http://127.0.0.1:{port}/")
            return
        except HTTPError:
            return
        except (URLError, OSError):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"did not start: {told.read_text(errors='replace')[-1000:]}") from None
            time.sleep(0.05)
