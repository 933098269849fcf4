"""SQLite: a consistent copy while others write, the look into a copy, and putting one in place."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pysqlite3.dbapi2 as sqlite
from sqlalchemy import create_engine
from sqlalchemy.engine import Connection
from sqlalchemy.exc import OperationalError

from app.backup.rules import PICTURES, Trouble
from app.backup.workplace import sync_folder
from app.db import engine_options

NAME = "to-am.db"
VERSION = sqlite.sqlite_version
_PAGES = 2000  # a step of the copy; 8 MB
_TABLES_OF_PEOPLE = ("person", "record", "change")


def copy(source: Path, target: Path, step: Callable[[], object] = lambda: None) -> None:
    """Copy a database that may be in use. Nobody waits: the copy is one moment of it, held open by a read transaction.

    `step` is called after every 8 MB.
    """
    with closing(_open(source, "rw")) as live, closing(_open(target, "rwc")) as new, _told(target):
        live.execute("BEGIN")
        live.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        live.backup(new, pages=_PAGES, progress=lambda *_: step())
        live.execute("ROLLBACK")


def settle(copied: Path) -> None:
    """Check a copy thoroughly and leave it as one file. Raises Trouble when it is damaged."""
    with closing(_open(copied, "rw")) as found, _told(copied):
        faults = _faults(found)
        if not faults:
            found.execute("PRAGMA journal_mode=DELETE")
    if faults:
        raise Trouble("source_damaged", found=faults)


@contextmanager
def opened(copied: Path) -> Iterator[Connection]:
    """A connection to a copy. What is written through it is kept when the block ends well."""
    url = f"sqlite:///{copied}"
    engine = create_engine(url, **engine_options(url))
    try:
        with _told(copied), engine.connect().execution_options(writing=True) as connection, connection.begin():
            yield connection
    finally:
        engine.dispose()


def pictures(copied: Path) -> set[str]:
    """The addresses of kept pictures in a copy, which is only read."""
    with closing(_open(copied, "ro")) as found, _told(copied):
        if not found.execute("SELECT 1 FROM sqlite_schema WHERE name = 'photo'").fetchone():
            return set()
        rows = found.execute(f"SELECT {', '.join(PICTURES)} FROM photo WHERE state = 'kept'")
        return {address for row in rows for address in row if address}


def put_in_place(copied: Path, target: Path) -> None:
    """Make the target hold what the copy holds: all of it in one transaction of SQLite, or nothing.

    Raises Trouble when another program has the target open, or when it holds people or records.
    """
    is_new = not target.exists()
    if is_new:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.touch(mode=0o600)
    with closing(_open(copied, "rw")) as source, closing(_open(target, "rw")) as into:
        try:
            # In this mode the first look takes the whole file, and keeps it until we are done.
            into.execute("PRAGMA locking_mode=EXCLUSIVE")
            into.execute("PRAGMA synchronous=FULL")
            into.execute("BEGIN EXCLUSIVE")
            used = _in_use(into)
            into.execute("ROLLBACK")
        except sqlite.OperationalError:
            raise Trouble("target_open", file=str(target)) from None
        except sqlite.DatabaseError:
            raise Trouble("target_unreadable", file=str(target)) from None
        if used:
            raise Trouble("not_empty", found=", ".join(f"{name} {count}" for name, count in used.items()))
        with _told(target):
            source.backup(into)
    sync_folder(target.parent)


def _open(path: Path, mode: str) -> Any:
    try:
        name = f"{path.absolute().as_uri()}?mode={mode}"
        connection = sqlite.connect(name, uri=True, timeout=5, isolation_level=None)
    except sqlite.OperationalError:
        raise Trouble("no_database", file=str(path)) from None
    return connection


@contextmanager
def _told(target: Path) -> Iterator[None]:
    """SQLite could not write, mostly because the disk is full. Its words are about files, not what is in them."""
    try:
        yield
    except (sqlite.OperationalError, OperationalError) as error:
        raise Trouble("not_written", file=str(target), found=str(getattr(error, "orig", error))) from None


def _faults(found: Any) -> str:
    try:
        said = [row[0] for row in found.execute("PRAGMA integrity_check(5)")]
        strays = found.execute("PRAGMA foreign_key_check").fetchmany(5)
    except sqlite.DatabaseError as error:
        return type(error).__name__
    lost = [f"{table} → {parent}" for table, _, parent, _ in strays]
    # SQLite's own words name pages and indexes, and may quote nothing that was written.
    return "; ".join([*(line for line in said if line != "ok"), *lost])


def _in_use(found: Any) -> dict[str, int]:
    there = {row[0] for row in found.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    counts = {
        name: found.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in _TABLES_OF_PEOPLE if name in there
    }
    return {name: count for name, count in counts.items() if count}
