"""What is written about children is sealed in the database, under keys that are not in it, and works as before."""

import base64
import json
import random
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import LargeBinary, MetaData, inspect, select, type_coerce, update

from app import vietnamese
from app.at_rest import keys, sealing, service
from app.at_rest.keys import Keyring, NoKey
from app.db import db, transact
from app.records.audit import Audit
from app.records.models import Change, Record, RecordVersion
from tests.at_rest.planted import HERE, WORDS, found_in, write_down
from tests.cast import Cast
from tests.phone import Phone


def dump() -> bytes:
    """Every value of every row as the database has it, and on SQLite its file."""
    tables = MetaData()
    with db.engine.connect() as link:
        tables.reflect(link)
        rows = [
            bytes(value)
            if isinstance(value, (bytes, memoryview))
            else json.dumps(value, ensure_ascii=False, default=str).encode()
            for table in tables.tables.values()
            for row in link.execute(select(table))
            for value in row
        ]
        if link.dialect.name == "sqlite":
            rows += [Path(f"{db.engine.url.database}{end}").read_bytes() for end in ("", "-wal")]
    return b"\n".join(rows)


def test_everything_reads_as_before(app: Flask, cast: Cast) -> None:
    lan, ids = write_down(app, cast)
    assert Phone(app, cast.lan, device="c0000000-0000-4000-8000-000000000009").sync() is not None
    page = cast.client("Minh").get(f"/desk/records/{ids['report']}").text
    assert WORDS[4] in page or WORDS[9] in page
    with app.app_context():
        assert [one.words for one in Audit().findings()] == []
        record = db.session.get_one(Record, ids["report"])
        assert record.data["informant_name"] == WORDS[6]
        assert (
            len(list(db.session.scalars(select(RecordVersion.data).where(RecordVersion.record_id == record.id)))) == 2
        )
    lan.sync()
    assert lan.digest() == {key: lan.asks_digest()[key] for key in ("count", "digest")}


@pytest.mark.parametrize("query", ["Khuê", "khue thuong", "Đặng Khuê Đuệ", "hoai thuong", "NGUYỄN d"])
def test_names_are_found_without_marks_by_the_beginning_of_each_word(app: Flask, cast: Cast, query: str) -> None:
    write_down(app, cast)
    terms = vietnamese.fold(query).split()
    expected = {
        word
        for word in WORDS[12:]
        if all(any(part.startswith(term) for part in vietnamese.fold(word).split()) for term in terms)
    }
    page = cast.client("Minh").post("/desk/search", data={"q": query}, headers=HERE)
    assert page.status_code == 200
    assert page.text.count("/desk/records/") >= len(expected)
    assert cast.client("Minh").post("/desk/search", data={"q": "zxqj"}, headers=HERE).text.count("/desk/records/") == 0


def _rotated(app: Flask) -> Keyring:
    """The server starts again with a new generation before the one it had."""
    line = keys.new_line().split()
    new = {keys.DATA: base64.urlsafe_b64decode(line[1]), keys.INFORMANT: base64.urlsafe_b64decode(line[2])}
    app.extensions["keyring"] = Keyring({line[0]: new, **app.extensions["keyring"].generations})
    return app.extensions["keyring"]  # type: ignore[no-any-return]


def _state() -> list[Any]:
    records = db.session.execute(select(Record.__table__).order_by(Record.id))
    columns = [column for column in Record.__table__.c if column.name != "search"]
    versions = db.session.execute(
        select(RecordVersion.__table__).order_by(RecordVersion.record_id, RecordVersion.version)
    )
    bodies = db.session.execute(select(Change.log_id, Change.body).order_by(Change.log_id))
    kept = [tuple(row._mapping[column] for column in columns) for row in records]
    return [*kept, *map(tuple, versions), *map(tuple, bodies)]


@pytest.mark.parametrize("seed", range(6))
def test_a_rotation_killed_anywhere_is_finished_by_the_next_one(
    app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    print(f"seed {seed}")
    chance = random.Random(seed)
    monkeypatch.setattr(service, "AT_ONCE", 5)
    lan, ids = write_down(app, cast)
    with app.app_context():
        before = _state()
        ring = _rotated(app)
        assert service.left()["record"] > 40
        for _ in range(3):
            walk = service.reseal()
            for _ in range(chance.randrange(1, 12)):
                next(walk, None)

            def killed() -> None:
                raise KeyboardInterrupt

            with monkeypatch.context() as patch, pytest.raises((KeyboardInterrupt, StopIteration)):
                patch.setattr(db.session, "commit", killed)
                while True:
                    next(walk)
            assert _state() == before
    lan.edit(ids["child"], note="viết giữa lúc đổi khóa")  # under load: phones go on
    lan.sync()
    with app.app_context():
        before = _state()
        list(service.reseal())
        assert _state() == before and set(service.left().values()) == {0}
        app.extensions["keyring"] = Keyring({ring.current: ring.generations[ring.current]})
        assert _state() == before  # the old key is not needed any more
        assert [one.words for one in Audit().findings()] == []
    assert cast.client("Minh").post("/desk/search", data={"q": "Giao"}, headers=HERE).text.count("/desk/records/") == 10


def test_rows_from_before_are_sealed_by_the_same_command(
    app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(sealing, "is_sealed", lambda code: False)
        write_down(app, cast)
    with app.app_context():
        before = _state()
        list(service.reseal())
        assert _state() == before and set(service.left().values()) == {0}
        service.sweep()  # what was overwritten would lie in free pages of the file
        assert found_in(dump()) == []


def test_a_text_moved_to_another_row_or_column_is_noticed(app: Flask, cast: Cast) -> None:
    _, ids = write_down(app, cast)
    raw = type_coerce(Record.data, db.JSON)
    with app.app_context():
        other = next(
            iter(db.session.scalars(select(Record.id).where(Record.kind == "child", Record.id != ids["child"])))
        )
        stolen = db.session.scalar(select(raw).where(Record.id == other))
        assert sealing.row_of(stolen) == other
        with transact():
            db.session.execute(update(Record.__table__).where(Record.id == ids["child"]).values(data=stolen))
        assert any(ids["child"] in one.words for one in Audit().findings())
        with transact():
            db.session.execute(update(Record.__table__).where(Record.id == other).values(conflicts=stolen))
        with pytest.raises(NoKey):
            db.session.scalars(select(Record).where(Record.id == other)).one()


def test_informants_are_under_a_key_of_their_own(app: Flask, cast: Cast) -> None:
    _, ids = write_down(app, cast)
    with app.app_context():
        (ring,) = [app.extensions["keyring"]]
        raw = db.session.scalar(select(type_coerce(Record.data, db.JSON)).where(Record.id == ids["report"]))
        assert [half.split(".")[1] for half in raw] == ["d", "i"]
        body = db.session.scalars(
            select(type_coerce(Change.body, LargeBinary)).where(Change.record_id == ids["report"])
        )
        assert {bytes(one)[:5] for one in body} == {b"e1.i."}
        app.extensions["keyring"] = Keyring({ring.current: {keys.DATA: ring.generations[ring.current][keys.DATA]}})
        db.session.expire_all()
        with pytest.raises(NoKey):
            db.session.get_one(Record, ids["report"])
        app.extensions["keyring"] = ring


def test_every_table_that_holds_them_is_known(app: Flask) -> None:
    with app.app_context():
        assert {"record", "record_version", "change", "repair"} <= set(inspect(db.engine).get_table_names())


@pytest.mark.parametrize("text", ["", "a b\n", "a AAAA AAAA\n", "A-B x y\n", f"{keys.new_line()}\n" + "ß"])
def test_a_key_file_that_makes_no_sense_stops_the_start(tmp_path: Path, text: str) -> None:
    (tmp_path / "keys").write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=r"."):
        keys.read(tmp_path / "keys")


def test_a_new_generation_stands_first_and_the_old_ones_stay(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    keys.make(file)
    first = keys.read(file)
    keys.make(file)
    name = keys.add(file)
    ring = keys.read(file)
    assert list(ring.generations) == [name, first.current] and file.stat().st_mode & 0o777 == 0o600
