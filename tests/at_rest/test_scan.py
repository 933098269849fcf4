"""Whoever gets the database, its dump, the log or a backup finds none of fifty planted words in any spelling."""

import gzip
import io
import logging
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.at_rest import sealing
from app.at_rest.queries import SEALED, generations
from app.backup import postgres, service
from app.db import db
from app.operations.logs import NAME, _Handler
from app.records.service import RecordWriter
from app.seals.models import SealKey
from tests.at_rest.planted import WORDS, at_the_desk, found_in, write_down
from tests.cast import Cast
from tests.conftest import DATABASES, Clock, make_app, put_away


@pytest.fixture
def loud(prepared: Path, tmp_path: Path, clock: Clock) -> Iterator[tuple[Flask, io.StringIO]]:
    """A server as in the field, and what it logs."""
    DATABASES.copy(prepared, tmp_path / "loud.db")
    made, said = make_app(tmp_path / "loud.db", logs="json"), io.StringIO()
    (ours,) = [one for one in logging.getLogger().handlers if isinstance(one, _Handler)]
    ours.setStream(said)
    yield made, said
    logging.getLogger().removeHandler(ours)
    logging.getLogger(NAME).setLevel(logging.NOTSET)
    put_away(made)


def dumped(app: Flask) -> bytes:
    """The database as a thief copies it: SQLite's files with what has not been folded in yet, or pg_dump."""
    with app.app_context():
        url = db.engine.url
        db.session.remove()
        db.engine.dispose()
    if url.get_backend_name() == "sqlite":
        files = [Path(f"{url.database}{end}") for end in ("", "-wal")]
        return b"".join(one.read_bytes() for one in files if one.exists())
    said = subprocess.run([postgres.tool("pg_dump")], env=postgres._place(str(url)), capture_output=True, check=True)
    return said.stdout


def backed_up(app: Flask, folder: Path) -> bytes:
    """What is in a backup that somebody made without sealing it."""
    with app.app_context():
        made = service.make(str(app.config["SQLALCHEMY_DATABASE_URI"]), folder, [], "test")
    side = made.path.with_name(f"{made.path.name}.json").read_bytes()
    return gzip.decompress(made.path.read_bytes()) + side


def test_no_planted_word_is_found_anywhere(loud: tuple[Flask, io.StringIO], tmp_path: Path) -> None:
    app, said = loud
    cast = Cast(app)
    at_the_desk(app, cast, *write_down(app, cast))
    with app.app_context():
        privates = list(db.session.scalars(select(SealKey.private)))
        assert every_place_is_sealed() == []
    everything = {"the database": dumped(app), "a backup": backed_up(app, tmp_path / "backups"), "the log": said}
    everything["the log"] = said.getvalue().encode()
    assert len(everything["the log"].splitlines()) > 15, "it logged"
    assert b"Ph\xc3\xbac L\xe1\xbb\xa3i" in everything["the database"], "what is no secret is there to be read"
    for name, raw in everything.items():
        assert found_in(raw) == [], name
        assert not any(half.encode() in raw for half in privates), name


def every_place_is_sealed() -> list[str]:
    """The columns of a sealed type in which nothing sealed stands after all that was written."""
    bare = []
    with db.engine.connect() as link:
        assert sum(generations(link).values()) > 100
        for table in db.metadata.sorted_tables:
            for column in table.columns:
                if isinstance(column.type, SEALED):
                    raw = link.exec_driver_sql(f'SELECT "{column.name}" FROM "{table.name}"').scalars()
                    if not any("e1." in str(one)[:9] for one in raw):
                        bare.append(f"{table.name}.{column.name}")
    return bare


def in_the_clear(place: str) -> Any:
    """A planted bug: this one column is stored as it is."""

    def plain(real: Any) -> Any:
        def process(self: Any, value: Any, dialect: Any) -> Any:
            if place not in getattr(self, "places", (getattr(self, "place", ""),)):
                return real(self, value, dialect)
            return value.value if isinstance(value, sealing.Placed) else value

        return process

    def plant(patch: pytest.MonkeyPatch) -> None:
        for kind in SEALED:
            patch.setattr(kind, "process_bind_param", plain(kind.process_bind_param))

    return plant


def _logged(patch: pytest.MonkeyPatch) -> None:
    """A planted bug: somebody wanted to see what is written."""
    real: Any = RecordWriter.flush

    def flush(self: Any) -> None:
        for row in self._new.values():
            logging.getLogger(NAME).info("writes %s", row["data"].get("name"))
        real(self)

    patch.setattr(RecordWriter, "flush", flush)


def _searched_plainly(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(sealing, "index", lambda kind, folded: folded)


@pytest.mark.parametrize(
    ("plant", "where"),
    [
        (in_the_clear("record.data"), "database"),
        (in_the_clear("record_version.data"), "database"),
        (in_the_clear("change.body"), "database"),
        (in_the_clear("desk_note.text"), "database"),
        (_searched_plainly, "database"),
        (_logged, "log"),
    ],
)
def test_the_scan_sees_a_planted_bug(
    loud: tuple[Flask, io.StringIO], monkeypatch: pytest.MonkeyPatch, plant: Any, where: str
) -> None:
    app, said = loud
    cast = Cast(app)
    with monkeypatch.context() as patch:
        plant(patch)
        at_the_desk(app, cast, *write_down(app, cast))
    in_log, in_database = found_in(said.getvalue().encode()), found_in(dumped(app))
    assert (in_log if where == "log" else in_database) != []
    assert (in_database if where == "log" else in_log) == []


def test_all_words_are_seen_where_nothing_is_sealed(
    loud: tuple[Flask, io.StringIO], monkeypatch: pytest.MonkeyPatch
) -> None:
    app, _ = loud
    with monkeypatch.context() as patch:
        patch.setattr(sealing, "is_sealed", lambda code: False)
        write_down(app, Cast(app))
    assert len(found_in(dumped(app))) == len(WORDS)
