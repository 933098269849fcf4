"""A PostgreSQL database with the cast of the tests in it, for the campaigns that run on both."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flask import Flask
from psycopg import sql
from psycopg.types.json import set_json_loads

from app.db import db
from campaigns.cluster import VARIABLE, cluster, connect
from campaigns.opened import opened
from campaigns.place import Place, application, close, server_env
from tests.cast import arrive

_PREPARED, _USED = "campaign_prepared", "campaign"


class PgPlace:
    """See `campaigns.place.Place`. `folder` is for what is no database."""

    def __init__(self, folder: Path, admin: str, keys: Path | None = None) -> None:
        self.keys = keys
        self.folder, self._admin = folder, admin
        prepared = application(self._create(_PREPARED, "template0"))
        with prepared.app_context():
            db.create_all()
            arrive(datetime.now(UTC))
        close(prepared)
        self.renew()

    @property
    def url(self) -> str:
        return self._url(_USED)

    @property
    def env(self) -> dict[str, str]:
        """The settings of a server over this database."""
        return server_env(self.url, self.keys)

    def renew(self) -> None:
        """Start again from the prepared database."""
        self._create(_USED, _PREPARED)

    def empty(self) -> None:
        """Destroy it; an empty database stands in its place."""
        self._create(_USED, "template0")

    def look(self) -> "PgLook":
        """A connection of our own, past the application."""
        return PgLook(self.url, self.keys)

    @contextmanager
    def app(self, **more: Any) -> Iterator[Flask]:
        """The application over this database, in this process."""
        made = application(self.url, **({"key_file": str(self.keys)} if self.keys else {}), **more)
        yield made
        close(made)

    def forget(self) -> None:
        """Drop what was made in a cluster that goes on."""
        with connect(self._admin) as link:
            for name in (_USED, _PREPARED):
                link.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def _create(self, name: str, template: str) -> str:
        names = sql.Identifier(name), sql.Identifier(template)
        with connect(self._admin) as link:
            link.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(names[0]))
            link.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(*names))
        return self._url(name)

    def _url(self, name: str) -> str:
        return self._admin.replace("/postgres?", f"/{name}?")


class PgLook:
    """A connection that is asked as one to SQLite is: marks are question marks, JSON comes as it is written."""

    def __init__(self, url: str, keys: Path | None = None) -> None:
        self._link, self._keys = connect(url), keys
        set_json_loads(lambda given: given if isinstance(given, str) else bytes(given).decode(), self._link)

    def execute(self, query: str, values: Sequence[Any] = ()) -> Any:
        """Run a statement; rows as tuples."""
        asked = self._link.cursor(row_factory=lambda _: lambda values: opened(tuple(values), self._keys))
        return asked.execute(query.replace("%", "%%").replace("?", "%s").encode(), values)

    def close(self) -> None:
        """Hang up."""
        self._link.close()


@contextmanager
def place_on(
    database: str, folder: Path, *, durable: bool = False, keys: Path | None = None
) -> Iterator[Place | PgPlace]:
    """A place on the database of this name; SQLite when it is empty. `keys`: a key file of its own."""
    if database not in ("", "sqlite", "postgresql"):
        raise SystemExit(f"There is no campaign on {database}: sqlite or postgresql.")
    if database == "postgresql":
        with pg_place(folder, durable=durable, keys=keys) as place:
            yield place
    else:
        yield Place(folder, keys)


@contextmanager
def pg_place(folder: Path, *, durable: bool = False, keys: Path | None = None) -> Iterator[PgPlace]:
    """In the cluster that the tests run on, or in one of its own that is gone afterwards. `durable`: see `cluster`."""
    if VARIABLE not in os.environ:
        with cluster(durable=durable) as made:
            yield PgPlace(folder, made.admin, keys)
        return
    place = PgPlace(folder, os.environ[VARIABLE], keys)
    try:
        yield place
    finally:
        place.forget()
