"""What is particular to SQLite: how we connect, and how the writers of one process wait for each other."""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine

_PATIENCE = 20.0  # seconds


def engine_options() -> dict[str, Any]:
    """Through pysqlite3, whose library is past the WAL-reset fault."""
    import pysqlite3.dbapi2 as sqlite  # only where SQLite is used

    return {"module": sqlite, "connect_args": {"timeout": _PATIENCE}}


class Queue:
    """Writers are served strictly in the order in which they came.

    SQLite's own writers wait by sleeping and looking again, so that on a slow disk one is overtaken by the others
    until its time is over. Other processes (a command, a backup) are not in the queue; for them SQLite's way stands.
    """

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._waiting: deque[threading.Event] = deque()  # the first is being served

    def __len__(self) -> int:
        return len(self._waiting)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for it, at most as long as SQLite itself would; then SQLite decides."""
        mine = threading.Event()
        with self._guard:
            self._waiting.append(mine)
            if self._waiting[0] is mine:
                mine.set()
        try:
            mine.wait(_PATIENCE)
            yield
        finally:
            with self._guard:
                self._waiting.remove(mine)
                if self._waiting:
                    self._waiting[0].set()


_queues: WeakKeyDictionary[Engine, Queue] = WeakKeyDictionary()


def queue_of(engine: Engine) -> Queue:
    """The queue of those who write through this engine."""
    return _queues.setdefault(engine, Queue())


@event.listens_for(Engine, "connect")
def _prepare(connection: Any, _: Any) -> None:
    if "sqlite" not in type(connection).__module__:
        return
    connection.isolation_level = None  # we say BEGIN ourselves
    waits = f"busy_timeout={int(_PATIENCE * 1000)}"
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", waits):
        connection.execute(f"PRAGMA {pragma}")


@event.listens_for(Engine, "begin")
def _begin(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        writing = connection.get_execution_options().get("writing")
        if writing:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            # This one neither waits nor fails: past SQLAlchemy, for which it would be a statement like others.
            reading: Any = connection.connection.dbapi_connection
            reading.execute("BEGIN")
