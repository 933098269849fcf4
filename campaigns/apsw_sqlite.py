"""apsw under the names that SQLAlchemy's SQLite dialect asks of a driver (PEP 249), so that the program runs on it.

Only for the power cuts: apsw lets us put our own file system under SQLite, pysqlite3 does not.
"""

from collections.abc import Callable, Sequence
from contextlib import contextmanager
from typing import Any

import apsw

apilevel, threadsafety, paramstyle = "2.0", 1, "qmark"
sqlite_version = apsw.sqlite_lib_version()
sqlite_version_info = tuple(int(part) for part in sqlite_version.split("."))
Binary = bytes


class Error(Exception):
    """Any error of the driver."""


class DatabaseError(Error):
    """The database said no."""


class OperationalError(DatabaseError):
    """It could not be done now."""


class IntegrityError(DatabaseError):
    """A constraint was not kept."""


class ProgrammingError(DatabaseError):
    """It was asked wrongly."""


InterfaceError = DataError = InternalError = NotSupportedError = Warning = DatabaseError


class Driver:
    """The module that SQLAlchemy is given: connections through one file system, some statements replaced."""

    def __init__(self, instead: dict[str, str]) -> None:
        self._vfs, self._instead = "", instead
        self._first: list[str] = []

    def turn_to(self, vfs: str, first: list[str]) -> None:
        """From now on connect through this file system and begin with these statements."""
        self._vfs, self._first = vfs, first

    def __getattr__(self, name: str) -> Any:
        return globals()[name]

    def connect(self, database: str, **_: Any) -> "Connection":
        """A connection; the options of other drivers do not concern this one."""
        made = Connection(apsw.Connection(database, vfs=self._vfs), self._instead)
        for statement in self._first:
            made.execute(statement)
        return made


class Connection:
    """One connection, in autocommit until somebody says BEGIN."""

    isolation_level: None = None

    def __init__(self, inner: apsw.Connection, instead: dict[str, str]) -> None:
        self.inner, self.instead = inner, instead

    def cursor(self) -> "Cursor":
        return Cursor(self)

    def execute(self, sql: str, values: Sequence[Any] = ()) -> "Cursor":
        return self.cursor().execute(sql, values)

    def commit(self) -> None:
        if self.inner.in_transaction:
            self.execute("COMMIT")

    def rollback(self) -> None:
        if self.inner.in_transaction:
            self.execute("ROLLBACK")

    def close(self) -> None:
        self.inner.close()

    def create_function(self, name: str, count: int, made: Callable[..., Any], **_: Any) -> None:
        self.inner.create_scalar_function(name, made, count)


class Cursor:
    """Runs a statement to its end at once and hands out the rows from memory."""

    arraysize = 1

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._rows: list[Any] = []
        self.description: Any = None
        self.rowcount, self.lastrowid = -1, None

    def execute(self, sql: str, values: Sequence[Any] = ()) -> "Cursor":
        inner = self._connection.inner
        before = inner.total_changes()
        with _translated():
            cursor = inner.cursor()
            self.description = None
            cursor.exec_trace = self._describe
            self._rows = list(cursor.execute(self._connection.instead.get(sql, sql), tuple(values)))
        self.rowcount, self.lastrowid = inner.total_changes() - before, inner.last_insert_rowid()
        return self

    def executemany(self, sql: str, many: Sequence[Sequence[Any]]) -> "Cursor":
        done = sum(self.execute(sql, values).rowcount for values in many)
        self.rowcount = done
        return self

    def fetchone(self) -> Any:
        return self._rows.pop(0) if self._rows else None

    def fetchmany(self, size: int = 1) -> list[Any]:
        taken, self._rows = self._rows[:size], self._rows[size:]
        return taken

    def fetchall(self) -> list[Any]:
        return self.fetchmany(len(self._rows))

    def close(self) -> None:
        self._rows = []

    def _describe(self, cursor: apsw.Cursor, *_: Any) -> bool:
        named = cursor.get_description()
        self.description = [(name, None, None, None, None, None, None) for name, *_ in named] or None
        return True


@contextmanager
def _translated() -> Any:
    try:
        yield
    except apsw.ConstraintError as error:
        raise IntegrityError(str(error)) from error
    except apsw.SQLError as error:
        raise OperationalError(str(error)) from error
    except apsw.Error as error:
        raise OperationalError(f"{type(error).__name__}: {error}") from error
