"""How gunicorn serves this program: `gunicorn -c serving.py wsgi:app`.

gunicorn's own threads wait for every byte of a request: eight phones on a bad line, half-way through sending, and
nobody else is served. Here the main loop gathers each request, which costs a few kilobytes and no thread; a thread
gets it when all of it is there. Nor does the main loop wait, as gunicorn's does, for the other side of a finished
connection to hang up. What is too large to gather, a photo, is read by a thread as it comes, and only some
of the threads may be busy with such. A request that does not arrive in time is dropped; the phone tries again.

SIGTERM: nobody new is let in, what is in hand or half-way in is finished, for `graceful_timeout` seconds at most.
"""

import gc
import os
import re
import shutil
import socket
import struct
import sys
import tempfile
import time
from collections import deque
from functools import partial
from selectors import EVENT_READ
from typing import Any

from gunicorn.glogging import Logger
from gunicorn.util import close
from gunicorn.workers.gthread import ThreadWorker

workers = 1
threads = int(os.environ.get("TO_AM_THREADS", "8"))
timeout = 90
graceful_timeout = 30
control_socket_disable = True

# A phone gives up after 60 seconds, so that whatever the server still takes, the phone has stopped waiting for.
ARRIVES_WITHIN = 90.0
SPEAKS_WITHIN = 20.0
READS_WITHIN = 60
LEAVES_WITHIN = 2.0
MOST_GATHERED = 1_200_000
MOST_HEAD = 65_536
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d{1,18})[ \t]*\r\n", re.IGNORECASE)
_STREAMED = re.compile(rb"\r\n(transfer-encoding|expect):", re.IGNORECASE)


class Arriving:
    """One request on its way in."""

    def __init__(self, data: bytes = b"") -> None:
        self.data = bytearray(data)
        self.until = time.monotonic() + (ARRIVES_WITHIN if data else SPEAKS_WITHIN)
        self.is_broken = False
        self._whole: int | None = None  # bytes in all, once the head is there

    def takes(self, piece: bytes) -> None:
        """Some more of it; nothing when the other side has hung up."""
        self.is_broken = not piece
        if not self.data:
            self.until = time.monotonic() + ARRIVES_WITHIN
        self.data += piece

    @property
    def is_all(self) -> bool:
        """Whether there is nothing to wait for here."""
        return self.is_broken or self.is_whole or self.is_large

    @property
    def is_whole(self) -> bool:
        """Whether nothing more is to come, or its head is so long that gunicorn shall refuse it."""
        whole = self._length()
        return len(self.data) > MOST_HEAD if whole is None else len(self.data) >= whole

    @property
    def is_large(self) -> bool:
        """Whether it is too large to be gathered, or says only at its end how large it is."""
        whole = self._length()
        return whole is not None and whole > MOST_GATHERED

    def _length(self) -> int | None:
        if self._whole is None and (end := self.data.find(b"\r\n\r\n")) >= 0:
            head = bytes(self.data[: end + 2])
            given = _LENGTH.search(head)
            length = int(given[1]) if given else 0
            self._whole = MOST_GATHERED + 1 if _STREAMED.search(head) else end + 4 + length
        return self._whole


class PatientWorker(ThreadWorker):
    """gunicorn's threads, each busy only with requests that have arrived."""

    def init_process(self) -> None:
        self._arriving: dict[Any, Arriving] = {}
        self._leaving: dict[Any, float] = {}
        self._large: set[Any] = set()
        self._large_waiting: deque[Any] = deque()
        super().init_process()

    def enqueue_req(self, conn: Any) -> None:
        """A connection speaks, or is new: gather its request first."""
        if self.cfg.is_ssl:
            super().enqueue_req(conn)
            return
        if conn.parser is None:
            _set_limits(conn.sock)
            conn.close = partial(self._close, conn)
        conn.sock.setblocking(False)
        arriving = Arriving(conn.parser.unreader.take_buffered() if conn.parser else b"")
        if _is_still_coming(arriving, conn.sock):
            self._arriving[conn] = arriving
            self.poller.register(conn.sock, EVENT_READ, partial(self._on_more, conn))
        else:
            self._go_on(conn, arriving)

    def handle(self, conn: Any) -> Any:
        """A thread's turn for a request. Who has hung up while it waited would not hear the answer and tries again:
        nothing is done for it, or on a crowded day all the work would be for phones that have given up."""
        if not self.cfg.is_ssl and conn not in self._large and _has_hung_up(conn.sock):
            return False
        return super().handle(conn)

    def finish_request(self, conn: Any, fs: Any) -> None:
        """A thread is free again; the next large request may have it."""
        self._large.discard(conn)
        super().finish_request(conn, fs)
        self._let_large_in()

    def murder_pending(self) -> None:
        """Drop what did not arrive or leave in time; when the worker stops, also who has said nothing yet."""
        super().murder_pending()
        late = time.monotonic()
        for conn, arriving in list(self._arriving.items()):
            if arriving.until < late or not (self.alive or arriving.data):
                del self._arriving[conn]
                self.poller.unregister(conn.sock)
                self._hang_up(conn)
        for conn in [conn for conn, until in self._leaving.items() if until < late]:
            self._forget(conn)

    def _on_more(self, conn: Any, sock: socket.socket) -> None:
        if not _is_still_coming(self._arriving[conn], sock):
            self.poller.unregister(sock)
            self._go_on(conn, self._arriving.pop(conn))

    def _go_on(self, conn: Any, arriving: Arriving) -> None:
        """Give the parser what has come, as if it had read it itself, and a thread to go on with."""
        if arriving.is_broken:
            self._hang_up(conn)
            return
        conn.init()
        conn.parser.unreader.unread(bytes(arriving.data))
        conn.data_ready = True
        if arriving.is_large:
            self._large_waiting.append(conn)
            self._let_large_in()
        else:
            super().enqueue_req(conn)

    def _let_large_in(self) -> None:
        while self._large_waiting and len(self._large) < max(1, self.cfg.threads // 2):
            conn = self._large_waiting.popleft()
            self._large.add(conn)
            super().enqueue_req(conn)

    def _hang_up(self, conn: Any) -> None:
        self.nr_conns -= 1
        conn.close()

    def _close(self, conn: Any, graceful: bool = False) -> None:
        """Hang up; gracefully: say that nothing more comes, and let the other side hang up first (RFC 9112, 9.6)."""
        try:
            if graceful:
                conn.sock.setblocking(False)
                conn.sock.shutdown(socket.SHUT_WR)
                self.poller.register(conn.sock, EVENT_READ, partial(self._on_leaving, conn))
                self._leaving[conn] = time.monotonic() + LEAVES_WITHIN
                return
        except OSError:
            pass  # it has hung up already
        close(conn.sock)

    def _on_leaving(self, conn: Any, sock: socket.socket) -> None:
        try:
            has_gone = not sock.recv(65_536)
        except OSError:
            has_gone = True
        if has_gone:
            self._forget(conn)

    def _forget(self, conn: Any) -> None:
        del self._leaving[conn]
        self.poller.unregister(conn.sock)
        close(conn.sock)


worker_class = PatientWorker


class Journal(Logger):
    """gunicorn's own lines as JSON. In a worker app/operations/logs.py takes them over; the main process
    handles no request, so that nothing it says is anybody's."""

    error_fmt = '{"at":"%(asctime)s","level":"%(levelname)s","logger":"gunicorn","message":"%(message)s"}'
    datefmt = "%Y-%m-%dT%H:%M:%S%z"


if os.environ.get("TO_AM_LOGS") == "json" or (
    os.environ.get("TO_AM_ENVIRONMENT") == "production" and not os.environ.get("TO_AM_LOGS")
):
    logger_class = Journal


def on_starting(server: Any) -> None:
    """A folder where the workers count together for /metrics, gone when all of them are."""
    if "prometheus_client" not in sys.modules:  # loaded before us it counts in memory, for good
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix="to-am-metrics-")


def on_exit(server: Any) -> None:
    """The last thing."""
    shutil.rmtree(os.environ.get("PROMETHEUS_MULTIPROC_DIR", ""), ignore_errors=True)


def post_worker_init(worker: Any) -> None:
    """The program itself stays as long as the worker; no search for garbage need walk through it again and again."""
    # What stands around the program in a test is a plain function.
    ring = getattr(worker.app.wsgi(), "extensions", {}).get("keyring")
    if ring is not None and not ring.generations:
        raise RuntimeError("TO_AM_KEY_FILE: there is no such file. Put it back, or make a first one: flask keys make")
    gc.collect()
    gc.freeze()


def _is_still_coming(arriving: Arriving, sock: socket.socket) -> bool:
    """Take what is there; whether more has to come."""
    if not arriving.is_all:
        try:
            arriving.takes(sock.recv(65_536))
        except BlockingIOError:
            return True
        except OSError:
            arriving.is_broken = True
    return not arriving.is_all


def _has_hung_up(sock: socket.socket) -> bool:
    try:
        return not sock.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except BlockingIOError:
        return False
    except OSError:
        return True


def _set_limits(sock: socket.socket) -> None:
    """An answer fits into the system's buffer, so that no thread waits for a slow reader; one that stalls is left."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1_000_000)
    for limit in (socket.SO_SNDTIMEO, socket.SO_RCVTIMEO):
        sock.setsockopt(socket.SOL_SOCKET, limit, struct.pack("ll", READS_WITHIN, 0))
