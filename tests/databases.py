"""Where the databases of the tests are: SQLite files, or PostgreSQL when TO_AM_TEST_POSTGRES names a cluster.

A test names a database by a path, whichever it is. On PostgreSQL a path stands for a database of the
cluster. Copies of a prepared database are kept and emptied for the next test, because making one costs
a fifth of a second and putting one back as it was costs a hundredth.
"""

import hashlib
import os
import shutil
from pathlib import Path
from typing import Any, Protocol

import psycopg
from psycopg import sql

from campaigns.cluster import VARIABLE, connect


class Databases(Protocol):
    """What tests do with databases."""

    name: str

    def url(self, path: Path) -> str:
        """The address of the database under this path, which is made when there is none."""

    def copy(self, source: Path, target: Path) -> None:
        """Make the database `target` the same as `source`, which nobody is connected to."""

    def made(self) -> set[Path]:
        """All that have to be cleared away some day."""

    def forget(self, paths: set[Path]) -> None:
        """Nobody needs these any more."""

    def close(self) -> None:
        """The tests are over."""


class Files:
    """SQLite: a path is a file."""

    name = "sqlite"

    def url(self, path: Path) -> str:
        return f"sqlite:///{path}"

    def copy(self, source: Path, target: Path) -> None:
        shutil.copyfile(source, target)

    def made(self) -> set[Path]:
        return set()  # pytest clears its folders away itself

    def forget(self, paths: set[Path]) -> None:
        pass

    def close(self) -> None:
        pass


class Postgres:
    """PostgreSQL: a path stands for a database of the cluster."""

    name = "postgresql"

    def __init__(self, admin: str) -> None:
        self._admin = admin
        self._link = connect(admin)
        self._known: dict[Path, str] = {}
        self._copies: dict[Path, str] = {}  # copy -> the database that it is a copy of
        self._free: dict[str, list[str]] = {}  # the same -> copies of it that wait to be used again
        self._kept: dict[str, _Kept] = {}

    def url(self, path: Path) -> str:
        if path not in self._known:
            self._known[path] = self._new(path, "template0")
        return self._url(self._known[path])

    def copy(self, source: Path, target: Path) -> None:
        prepared = self._known[source]
        if prepared not in self._kept:
            with connect(self._url(prepared)) as link:
                self._kept[prepared] = _Kept(link)
        free = self._free.setdefault(prepared, [])
        self._known[target] = free.pop() if free else self._new(target, prepared)
        self._copies[target] = prepared

    def made(self) -> set[Path]:
        return set(self._known)

    def forget(self, paths: set[Path]) -> None:
        for path in paths:
            name, prepared = self._known.pop(path), self._copies.pop(path, None)
            self._hang_up(name)
            if prepared and self._put_back(name, prepared):
                self._free[prepared].append(name)
            else:
                self._link.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def close(self) -> None:
        self.forget(self.made())
        self._link.close()

    def _new(self, path: Path, template: str) -> str:
        name = f"t{hashlib.sha256(str(path).encode()).hexdigest()[:20]}"
        names = sql.Identifier(name), sql.Identifier(template)
        self._hang_up(template)
        self._link.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(names[0]))
        self._link.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(*names))
        return name

    def _hang_up(self, name: str) -> None:
        """End what a test forgot to close."""
        self._link.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])

    def _put_back(self, name: str, prepared: str) -> bool:
        try:
            with connect(self._url(name)) as link:
                return self._kept[prepared].put_back(link)
        except psycopg.OperationalError:  # somebody still holds a lock
            return False

    def _url(self, name: str) -> str:
        return self._admin.replace("/postgres?", f"/{name}?")


def chosen() -> Databases:
    """What this run of the tests uses."""
    admin = os.environ.get(VARIABLE)
    return Postgres(admin) if admin else Files()


class _Kept:
    """Every row of a prepared database, as a script that puts a copy of it back as it was."""

    def __init__(self, link: psycopg.Connection[Any]) -> None:
        self._shape = _one(link, _SHAPE)
        steps = ["BEGIN; SET LOCAL session_replication_role = replica; SET LOCAL lock_timeout = '5s';"]
        for (name,) in link.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall():
            rows = sql.Literal(_one(link, f"SELECT coalesce(json_agg(t), '[]')::text FROM \"{name}\" t"))
            table = sql.Identifier("public", name)
            step = "DELETE FROM {0}; INSERT INTO {0} SELECT * FROM json_populate_recordset(NULL::{0}, {1});"
            steps.append(sql.SQL(step).format(table, rows).as_string(link))
        for name, last in link.execute("SELECT sequencename, last_value FROM pg_sequences").fetchall():
            steps.append(f"SELECT setval('{name}', {last or 1}, {last is not None});")
        self._script = "\n".join([*steps, "COMMIT"]).encode()

    def put_back(self, link: psycopg.Connection[Any]) -> bool:
        """Put all rows back; False when the test changed more than rows."""
        if _one(link, _SHAPE) != self._shape:
            return False
        link.execute(self._script)
        return True


def _one(link: psycopg.Connection[Any], query: Any) -> str:
    found = link.execute(query).fetchone()
    return str(found[0]) if found else ""


# Everything about the tables but their rows, in one word. An object that was made anew has another oid.
_SHAPE = """
    SELECT (SELECT md5(string_agg(oid || ':' || relname || ':' || relnatts, ',' ORDER BY oid))
            FROM pg_class WHERE relnamespace = 'public'::regnamespace)
        || (SELECT md5(string_agg(oid::text, ',' ORDER BY oid))
            FROM pg_constraint WHERE connamespace = 'public'::regnamespace)
"""
