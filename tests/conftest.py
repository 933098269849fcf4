"""A fresh application on a copy of one prepared database, its cast, and a clock that stands still."""

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from app import clock as server_clock
from app import create_app
from app.config import Settings
from app.db import db
from tests import made_once
from tests.cast import Cast, arrive
from tests.databases import chosen
from tests.phone import Phone
from tests.sync.ward import Ward

DATABASES = chosen()
MORNING = datetime(2026, 6, 3, 2, 12, 44, tzinfo=UTC)  # 09:12 in Hà Nội


class Clock:
    """The server's time in a test: it stands until it is moved."""

    def __init__(self) -> None:
        self.at = MORNING

    def now(self) -> datetime:
        return self.at

    def move(self, **by: float) -> None:
        """Let time pass: clock.move(hours=2)."""
        self.at += timedelta(**by)


@pytest.fixture
def clock(prepared: Path, monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Freezes app.clock.now, also where a module has taken the function by name (`prepared` has loaded them all)."""
    stopped, real = Clock(), server_clock.now
    for name, module in list(sys.modules.items()):
        if name.startswith("app.") and getattr(module, "now", None) is real:
            monkeypatch.setattr(module, "now", stopped.now)
    return stopped


def settings_for(database: Path, **more: Any) -> Settings:
    """Settings of a test: nothing slow, nothing from the environment."""
    given: dict[str, Any] = {
        "database_url": DATABASES.url(database),
        "secret_key": "only-for-tests-" + "0" * 32,
        "public_origin": "https://localhost",
        "argon2_cost": 1,
        # A reason before each report and a second factor have tests of their own.
        "step_up_minutes": 0,
        "second_factor_days": -1,
        "maps": str(database.parent / "maps"),
        "photos": str(database.parent / "photos"),
    }
    return Settings(**(given | more))


def make_app(database: Path, **more: Any) -> Flask:
    """An application over the database of this name."""
    made = create_app(settings_for(database, **more))
    made.config.update(TESTING=True, PREFERRED_URL_SCHEME="https")
    made_once.share(made)
    return made


def put_away(made: Flask) -> None:
    """Close every connection, so that none outlives its test."""
    with made.app_context():
        db.session.remove()
        db.engine.dispose()


def pytest_configure(config: pytest.Config) -> None:
    for name in ("sqlite", "postgresql"):
        config.addinivalue_line("markers", f"{name}: is about this database alone")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The run on PostgreSQL leaves out what has nothing to do with a database and has passed on SQLite before."""
    other = "sqlite" if DATABASES.name == "postgresql" else "postgresql"
    chosen = [one for one in items if not one.get_closest_marker(other)]
    if DATABASES.name == "postgresql":
        chosen = [one for one in chosen if one.get_closest_marker("postgresql") or _needs_a_database(one)]
    kept = set(chosen)
    config.hook.pytest_deselected(items=[one for one in items if one not in kept])
    items[:] = chosen


def _needs_a_database(item: Any) -> bool:
    """Whether a test asks for one of the databases of this file, or makes one."""
    fixtures = [one.func for found in item._fixtureinfo.name2fixturedefs.values() for one in found]
    makers = [maker for maker in (item.function, *fixtures) if maker.__module__ != __name__]
    return "prepared" in item.fixturenames or any("make_app" in maker.__globals__ for maker in makers)


def pytest_unconfigure() -> None:
    DATABASES.close()


@pytest.fixture(autouse=True)
def _leave_no_database() -> Iterator[None]:
    """What a test made is cleared away, or made ready for the next one; what several tests share stays."""
    before = DATABASES.made()
    yield
    DATABASES.forget(DATABASES.made() - before)


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with all tables, the units and the cast; tests work on copies."""
    path = tmp_path_factory.mktemp("prepared") / "to-am.db"
    made = make_app(path)
    with made.app_context():
        db.create_all()
        arrive(MORNING)
    put_away(made)
    return path


@pytest.fixture
def app(prepared: Path, tmp_path: Path, clock: Clock) -> Iterator[Flask]:
    """The application. Open `with app.app_context()` to look into the database."""
    path = tmp_path / "to-am.db"
    DATABASES.copy(prepared, path)
    made = make_app(path)
    yield made
    put_away(made)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser in which nobody is signed in."""
    return app.test_client()


@pytest.fixture
def cast(app: Flask) -> Cast:
    """The people, and browsers in which they are signed in."""
    return Cast(app)


@pytest.fixture
def lan(app: Flask, cast: Cast) -> Phone:
    """The phone of Nguyễn Thị Lan, tổ 7."""
    return Phone(app, cast.lan)


@pytest.fixture
def hoa(app: Flask, cast: Cast) -> Phone:
    """The phone of Đỗ Thị Hoa, tổ 7."""
    return Phone(app, cast.hoa)


@pytest.fixture
def tuan(app: Flask, cast: Cast) -> Phone:
    """The phone of Lê Quốc Tuấn, in another ward."""
    return Phone(app, cast.tuan)


@pytest.fixture
def ward(app: Flask) -> Ward:
    """What the desk of Lan's ward does, and a look at what the database holds."""
    return Ward(app)


@pytest.fixture
def statements(app: Flask) -> Callable[[], AbstractContextManager[list[str]]]:
    """`with statements() as seen:` collects the SQL that runs meanwhile."""

    @contextmanager
    def watch() -> Iterator[list[str]]:
        seen: list[str] = []

        def note(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
            seen.append(statement)

        with app.app_context():
            engine = db.engine
        event.listen(engine, "before_cursor_execute", note)
        try:
            yield seen
        finally:
            event.remove(engine, "before_cursor_execute", note)

    return watch
