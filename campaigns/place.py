"""A database with the cast of the tests in it, made once and copied."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pysqlite3.dbapi2 as sqlite
from flask import Flask

from app import create_app
from app.config import Settings
from app.db import db
from campaigns.opened import opened
from tests import made_once
from tests.cast import arrive

SECRET = "only-for-campaigns-" + "0" * 32


class Place:
    """An SQLite database in a folder of its own."""

    def __init__(self, folder: Path, keys: Path | None = None) -> None:
        self.keys = keys  # a key file of its own
        self.folder, self.path = folder, folder / "to-am.db"
        self.renew()

    @property
    def url(self) -> str:
        return f"sqlite:///{self.path}"

    @property
    def env(self) -> dict[str, str]:
        """The settings of a server over this database."""
        return server_env(self.url, self.keys)

    def renew(self, saved: Path | None = None) -> None:
        """Start again from the prepared database, or from a saved one."""
        self.empty()
        shutil.copyfile(saved or _prepared(), self.path)

    def empty(self) -> None:
        """Destroy it; nothing stands in its place."""
        for ending in ("", "-wal", "-shm", "-journal"):
            Path(f"{self.path}{ending}").unlink(missing_ok=True)

    def look(self) -> Any:
        """A connection of our own, past the application."""
        link = sqlite.connect(str(self.path), timeout=20)
        link.row_factory = lambda _, row: opened(row, self.keys)
        return link

    @contextmanager
    def app(self, **more: Any) -> Iterator[Flask]:
        """The application over this database, in this process."""
        made = application(self.url, **({"key_file": str(self.keys)} if self.keys else {}), **more)
        yield made
        close(made)


def server_env(url: str, keys: Path | None = None) -> dict[str, str]:
    """The settings of a server over a database; `keys`: its key file, when it is not the demo's."""
    return {
        **({"TO_AM_KEY_FILE": str(keys)} if keys else {}),
        "TO_AM_DATABASE_URL": url,
        "TO_AM_SECRET_KEY": SECRET,
        "TO_AM_PUBLIC_ORIGIN": "https://localhost",
        "TO_AM_ARGON2_COST": "1",
        "TO_AM_STEP_UP_MINUTES": "0",
        "TO_AM_SECOND_FACTOR_DAYS": "-1",
    }


def application(url: str, **more: Any) -> Flask:
    """The application as a test has it, which answers faults as a real one does."""
    settings: dict[str, Any] = {"database_url": url, "secret_key": SECRET, "public_origin": "https://localhost"}
    settings |= {"argon2_cost": 1, "step_up_minutes": 0, "second_factor_days": -1}
    made = create_app(Settings(**{**settings, **more}))
    made.config.update(TESTING=True, ANSWER_FAULTS=True, PREFERRED_URL_SCHEME="https")
    made_once.share(made)
    return made


def close(made: Flask) -> None:
    """Close every connection of an application."""
    with made.app_context():
        db.session.remove()
        db.engine.dispose()


@contextmanager
def folder() -> Iterator[Path]:
    """A folder for one run, in memory where there is such a place: no campaign here measures a disk."""
    memory = Path("/dev/shm")
    where = memory if os.access(memory, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="to-am-", dir=where) as made:
        yield Path(made)


@cache
def _prepared() -> Path:
    made = Path(tempfile.mkdtemp(prefix="to-am-prepared-")) / "to-am.db"
    prepared = application(f"sqlite:///{made}")
    with prepared.app_context():
        db.create_all()
        arrive(datetime.now(UTC))
    close(prepared)
    return made
