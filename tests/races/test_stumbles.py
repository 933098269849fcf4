"""PostgreSQL says no: what is done again, what is put off, and that nothing half done stays."""

from pathlib import Path

import psycopg
import pytest
from flask import Flask
from sqlalchemy import create_engine
from sqlalchemy.exc import DataError, OperationalError

from app import postgres
from app.db import db, is_not_now, transact
from app.records.models import Record, Setting
from campaigns.cluster import connect
from tests.cast import Cast
from tests.conftest import make_app, put_away
from tests.phone import Phone
from tests.races.conftest import Race
from tests.sync.ward import Ward

pytestmark = pytest.mark.postgresql
POND = {"type": "DN1", "name": "Ao nhà văn hóa"}
_OTHERS = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"


@pytest.fixture
def stranger(app: Flask):
    """Somebody else's connection to the same database."""
    with connect(app.config["SQLALCHEMY_DATABASE_URI"]) as link:
        yield link


@pytest.fixture
def hurried(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The same database, where nobody waits long for a lock."""
    monkeypatch.setitem(postgres._LIMITS, "lock_timeout", "100ms")
    made = make_app(tmp_path / "to-am.db")
    yield made
    put_away(made)


def ends_everybody(stranger: psycopg.Connection) -> None:
    """As a restart of the server does."""
    stranger.execute(f"SELECT pg_terminate_backend(pid) {_OTHERS}")
    while stranger.execute(f"SELECT 1 {_OTHERS}").fetchone():
        pass


def test_the_victim_of_a_deadlock_is_done_again(lan: Phone, ward: Ward, race: Race, stranger):
    pond = lan.record("hazard_site", **POND)
    lan.sync()
    lan.edit(pond, name="Ao ông Tư")
    stranger.execute("SET deadlock_timeout = '20s'")  # so that it is the push that is shot
    with stranger.transaction():
        stranger.execute("SELECT 1 FROM ward WHERE ward_id = 2 FOR UPDATE")
        push = race.beside(lan.round_trip)
        while not race.somebody_waits():
            assert not push.done.is_set()
        stranger.execute("SELECT 1 FROM record WHERE id = %s FOR UPDATE", [pond])
    assert push.ends()["receipts"][0]["version"] == 2
    assert [version.version for version in ward.history(pond)] == [1, 2]


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_line_that_breaks_at_the_commit_stores_once_and_gets_its_receipt(
    lan: Phone, ward: Ward, stranger, monkeypatch, moment: str
):
    lan.round_trip()
    real, broken = db.session.commit, []

    def breaks() -> None:
        first = not broken
        broken.append(moment)
        if first and moment == "before":
            ends_everybody(stranger)
        real()
        if first and moment == "after":
            lost = psycopg.OperationalError("server closed the connection unexpectedly")
            raise OperationalError("COMMIT", None, lost, connection_invalidated=True)

    monkeypatch.setattr(db.session, "commit", breaks)
    pond = lan.record("hazard_site", **POND)
    assert lan.sync()["receipts"][0]["version"] == 1
    assert broken == [moment, moment] and lan.outbox == []
    assert len(ward.log()) == len(ward.history(pond)) == 1


def test_a_restart_of_the_database_costs_each_worker_one_request(app: Flask, lan: Phone, cast: Cast, stranger):
    lan.round_trip()
    ends_everybody(stranger)
    answer = lan.post(lan.envelope([]))
    assert (answer.status_code, answer.get_json()["code"]) == (503, "not_ready")
    assert [lan.post(lan.envelope([])).status_code for _ in range(5)] == [200] * 5


def test_a_line_that_lay_idle_is_tried_before_it_is_used(app: Flask, lan: Phone, stranger, monkeypatch):
    monkeypatch.setattr(postgres, "_IDLE_SECONDS", 0)
    lan.round_trip()
    ends_everybody(stranger)
    assert lan.post(lan.envelope([])).status_code == 200


def test_who_waits_too_long_is_told_later_and_nothing_stays(hurried: Flask, cast: Cast, stranger):
    lan, ward = Phone(hurried, cast.lan), Ward(hurried)
    lan.record("hazard_site", **POND)
    lan.sync()
    lan.record("hazard_site", **POND)
    with stranger.transaction():
        stranger.execute("SELECT 1 FROM ward WHERE ward_id = 2 FOR UPDATE")
        answer = lan.post(lan.envelope([entry.body for entry in lan.outbox]))
        assert (answer.status_code, answer.get_json()["code"]) == (503, "not_ready")
        assert int(answer.headers["Retry-After"]) > 0
        assert len(ward.log()) == 1
    lan.sync()
    assert len(ward.log()) == 2


def test_before_setup_has_run_everybody_is_told_later(app: Flask, lan: Phone, stranger):
    stranger.execute("ALTER TABLE sign_in RENAME TO sign_in_to_come")
    assert lan.post(lan.envelope([])).status_code == 503
    stranger.execute("ALTER TABLE sign_in_to_come RENAME TO sign_in")
    assert lan.post(lan.envelope([])).status_code == 200


def test_what_no_database_takes_is_not_put_off_for_ever(app: Flask):
    with app.app_context(), pytest.raises(DataError) as caught, transact():
        db.session.add(Setting(name="a\x00b", value="1"))
    assert not is_not_now(caught.value)


def test_who_reads_sees_one_moment(app: Flask, lan: Phone, stranger):
    lan.record("hazard_site", **POND)
    lan.sync()
    with app.app_context():
        assert versions() == [1]
        stranger.execute("UPDATE record SET version = 2")
        assert versions() == [1]


def test_who_writes_sees_the_latest(app: Flask, lan: Phone, stranger):
    lan.record("hazard_site", **POND)
    lan.sync()
    with app.app_context(), transact():
        assert versions() == [1]
        stranger.execute("UPDATE record SET version = 2")
        assert versions() == [2]


def versions() -> list[int]:
    return list(db.session.execute(db.select(Record.version)).scalars())


def test_a_session_is_as_we_want_it_whatever_the_server_says(app: Flask, stranger):
    wanted = {"TimeZone": "UTC", "synchronous_commit": "on", "statement_timeout": "30s", "lock_timeout": "10s"}
    name = stranger.info.dbname
    for setting in ("TimeZone = 'Asia/Ho_Chi_Minh'", "synchronous_commit = off", "statement_timeout = 0"):
        stranger.execute(f"ALTER DATABASE {name} SET {setting}")
    with app.app_context():
        db.engine.dispose()
        with db.engine.connect() as link:
            assert {one: link.exec_driver_sql(f"SHOW {one}").scalar() for one in wanted} == wanted


def test_an_unknown_host_is_a_database_that_is_away():
    engine = create_engine("postgresql+psycopg://nobody@/none?host=/nowhere")
    with pytest.raises(OperationalError) as caught:
        engine.connect()
    assert is_not_now(caught.value)
