"""The doctor says what is wrong, and is quiet about what is well. Each fault here is a real one, put in by hand."""

import json
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import text

from app.backup import copies
from app.backup.workplace import workplace
from app.db import db, transact
from app.doctor import queries, rules, service
from app.doctor.rules import LOOK, OK, TODO, Finding
from app.i18n import catalog
from app.maps import service as maps
from app.maps.queries import path_of
from app.photos.models import Photo
from app.photos.store.local import LocalStore
from app.seals import service as seals
from app.units import queries as units
from tests.backup.conftest import keeper, lan  # noqa: F401
from tests.backup.keeper import KEYS, Keeper
from tests.cast import PHUC_LOI, Cast
from tests.conftest import DATABASES, Clock
from tests.maps.making import write_map
from tests.phone import Phone
from tests.sync.ward import Ward


@pytest.fixture(autouse=True)
def a_database_of_real_life(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests' clock stands, the database's own does not; and the tests' PostgreSQL is made to be fast, not safe."""
    monkeypatch.setattr(queries, "clock", lambda connection: clock.at)
    if DATABASES.name == "postgresql":
        monkeypatch.setattr(queries, "durability", lambda connection: dict.fromkeys(queries._POSTGRESQL, "on"))


@pytest.fixture
def fit(keeper: Keeper, lan: Phone) -> Keeper:  # noqa: F811
    """A server that has everything: tables of its version, keys, a fresh backup, nobody else reads its files."""
    if DATABASES.name == "sqlite":
        Path(keeper.url.removeprefix("sqlite:///")).chmod(0o600)
    with keeper.app.app_context(), transact():
        seals.ensure_keys()
        seals.mark_safe(seals.unsafe())
    told = keeper.app.config["TO_AM"]
    keeper.app.config["TO_AM"] = replace(told, backup_folder=str(keeper.folder), backup_keys=" ".join(KEYS))
    keeper.make()
    return keeper


def examined(keeper: Keeper, **how: object) -> dict[str, Finding]:  # noqa: F811
    with keeper.app.app_context():
        return {one.check: one for one in service.examine(**{"full": False, "against": None, **how})}  # type: ignore[arg-type]


def runs(app: Flask, sql: str) -> None:
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(text(sql))


def test_a_fit_server_is_told_so(fit: Keeper) -> None:
    for full in (False, True):
        found = examined(fit, full=full)
        assert {name: one.state for name, one in found.items() if one.state != OK} == {"settings": LOOK, "admins": LOOK}
        assert found["settings"].word == "demo"


def test_the_command_speaks_vietnamese_english_and_json(fit: Keeper) -> None:
    runner = fit.app.test_cli_runner()
    vietnamese, english = runner.invoke(args=["doctor"]), runner.invoke(args=["doctor", "--lang", "en"])
    assert vietnamese.exit_code == english.exit_code == 0
    assert f"đạt      Mở được kho ({rules.NAMES[DATABASES.name]})" in vietnamese.output
    assert "well     The database answers" in english.output
    as_json = json.loads(runner.invoke(args=["doctor", "--json", "--full"]).output)
    assert {one["check"] for one in as_json} >= {"integrity", "chain", "room"}


def _forgets_a_link(app: Flask) -> None:
    runs(app, "DELETE FROM link WHERE no = 2")


def _rewrites_the_last_link(app: Flask) -> None:
    runs(app, "UPDATE link SET facts = '{}' WHERE no = 3")


def _rewrites_a_body(app: Flask) -> None:
    runs(app, "UPDATE change SET sig = 'x', device = 'x' WHERE seq = 1")


def _tables_of_before(app: Flask) -> None:
    runs(app, "UPDATE alembic_version SET version_num = '0001'")


@pytest.mark.parametrize(
    ("fault", "check", "word", "full"),
    [
        (_forgets_a_link, "chain", "rewritten", False),
        (_rewrites_the_last_link, "chain", "rewritten", False),
        (_rewrites_a_body, "chain", "rewritten", True),
        (_tables_of_before, "schema", "behind", False),
    ],
)
def test_a_database_that_was_altered(
    fit: Keeper, fault: Callable[[Flask], None], check: str, word: str, full: bool
) -> None:
    fault(fit.app)
    found = examined(fit, full=full)[check]
    assert (found.state, found.word) == (TODO, word)
    assert fit.app.test_cli_runner().invoke(args=["doctor", *(["--full"] if full else [])]).exit_code == 1


@pytest.mark.sqlite
def test_a_database_that_is_away(fit: Keeper, tmp_path: Path) -> None:
    with fit.app.app_context():
        db.engine.dispose()
    held = Path(fit.url.removeprefix("sqlite:///"))
    for path in held.parent.glob("to-am.db*"):
        path.unlink()
    held.mkdir()
    found = examined(fit)
    assert (found["reach"].state, found["reach"].word) == (TODO, "down")
    assert found["backup"].state == OK, "what needs no database is looked at all the same"


@pytest.mark.sqlite
def test_a_damaged_page_is_found_when_everything_is_read(fit: Keeper) -> None:
    with fit.app.app_context():
        with db.engine.connect() as connection:
            root = connection.execute(text("SELECT rootpage FROM sqlite_schema WHERE name = 'record'")).scalar_one()
        db.engine.dispose()
    held = Path(fit.url.removeprefix("sqlite:///"))
    with closing(sqlite3.connect(held, isolation_level=None)) as alone:
        assert alone.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0
    raw = bytearray(held.read_bytes())
    page = (root - 1) * 4096
    raw[page + 8 : page + 40] = b"\xff" * 32
    held.write_bytes(raw)
    with fit.app.app_context(), db.engine.connect() as connection:
        assert queries.damage(connection)
    found = examined(fit, full=True)["integrity"]
    assert (found.state, found.word) == (TODO, "damaged")


def test_against_a_backup(fit: Keeper, lan: Phone) -> None:  # noqa: F811
    path = fit.make()
    manifest = fit.check(path).manifest
    lan.record("child", name="Bùi Thị Ngọc Ân")
    lan.sync()
    assert examined(fit, against=manifest)["against"].state == OK
    for told in (path, path.with_name(path.name + ".json")):
        assert fit.app.test_cli_runner().invoke(args=["doctor", "--against", str(told)]).exit_code == 0
    runs(fit.app, "UPDATE link SET hash = 'x' WHERE no = 3")
    assert examined(fit, against=manifest)["against"].word == "rewritten"


def test_less_than_in_the_backup(fit: Keeper) -> None:
    manifest = fit.check(fit.make()).manifest
    runs(fit.app, "DELETE FROM record_version")
    found = examined(fit, against=manifest)["against"]
    assert (found.state, found.facts["tables"]) == (TODO, "record_version 3 → 0")


def test_an_older_database_is_not_what_the_backup_was(fit: Keeper, lan: Phone) -> None:  # noqa: F811
    old = fit.make()
    lan.record("child", name="Bùi Thị Ngọc Ân")
    lan.sync()
    later = fit.check(fit.make()).manifest
    new = replace(fit, app=fit.restore(old))
    assert examined(new, against=later)["against"].word == "rewritten"
    assert examined(new, against=fit.check(old).manifest)["against"].word == "restored"


def test_what_people_have_to_see_to(fit: Keeper, lan: Phone, clock: Clock) -> None:  # noqa: F811
    lan.seq += 2
    lan.record("child", name="Bùi Thị Ngọc Ân")
    lan.sync()
    lan.push("nonsense", lan.change(str(uuid4()), base=1, set={"risk": "high"}))
    found = examined(fit)
    assert (found["gaps"].state, found["gaps"].facts["count"]) == (LOOK, 1)
    assert (found["quarantine"].state, found["quarantine"].facts["count"]) == (LOOK, 1)
    assert found["held"].state == OK
    clock.move(hours=25)
    assert (examined(fit)["held"].state, examined(fit)["held"].facts["count"]) == (LOOK, 1)


def test_backups_that_are_old_damaged_or_left_behind(fit: Keeper, clock: Clock) -> None:
    clock.move(hours=27)
    assert (examined(fit)["backup"].word, examined(fit)["backup"].facts["hours"]) == ("old", 27)
    path = fit.make()
    assert examined(fit)["backup"].state == OK
    raw = path.read_bytes()
    path.write_bytes(raw[:-1] + b"\0")
    with fit.app.app_context():
        assert [one.word for one in service.examine(full=False, against=None) if one.check == "backup"] == ["ok"]
        full = [one.word for one in service.examine(full=True, against=None) if one.check == "backup"]
        assert full == ["damaged", "old"]
        path.write_bytes(raw[:-1])
        assert "damaged" in [one.word for one in service.examine(full=False, against=None)]
    place = copies.private_place(fit.url)
    (place / ".to-am-work").mkdir()
    assert examined(fit)["leftover"].state == TODO
    with workplace(place, 0):
        assert "leftover" not in examined(fit), "somebody is at work there"


@pytest.mark.sqlite
def test_files_that_others_can_read(fit: Keeper) -> None:
    fit.home.chmod(0o755)
    held = Path(fit.url.removeprefix("sqlite:///"))
    held.chmod(0o644)
    assert examined(fit)["settings"].word == "readable"
    fit.home.chmod(0o700)
    assert examined(fit)["settings"].word == "demo"


def test_the_clock_against_what_was_received(fit: Keeper, lan: Phone, clock: Clock) -> None:  # noqa: F811
    clock.move(hours=2)
    lan.record("child", name="Bùi Thị Ngọc Ân")
    lan.sync()
    clock.move(hours=-1)
    assert (examined(fit)["clock"].word, examined(fit)["clock"].facts["minutes"]) == ("behind", 60)


AT = datetime(2026, 6, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    ("found", "state", "word"),
    [
        (rules.library("sqlite", "3.51.3"), OK, "ok"),
        (rules.library("sqlite", "3.40.1"), TODO, "old"),
        (rules.library("postgresql", "15.14"), OK, "ok"),
        (rules.library("postgresql", "14.9"), TODO, "old"),
        (rules.durability("sqlite", {"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1"}), OK, "ok"),
        (rules.durability("sqlite", {"journal_mode": "wal", "synchronous": "1", "foreign_keys": "1"}), TODO, "weak"),
        (rules.durability("sqlite", {"journal_mode": "delete", "synchronous": "2", "foreign_keys": "1"}), TODO, "weak"),
        (rules.durability("postgresql", {}), TODO, "weak"),
        (
            rules.durability("postgresql", dict.fromkeys(("fsync", "full_page_writes", "synchronous_commit"), "on")),
            LOOK,
            "no_checksums",
        ),
        (rules.schema(None, "0007"), TODO, "behind"),
        (rules.clock(AT, AT + timedelta(seconds=61), None), TODO, "apart"),
        (rules.clock(AT, AT, AT + timedelta(minutes=4)), OK, "ok"),
        (rules.room(500_000_000, 0), OK, "ok"),
        (rules.room(700_000_000, 100_000_001), TODO, "little"),
        (rules.newest_backup(None, AT, production=True), TODO, "none"),
        (rules.newest_backup(None, AT, production=False), LOOK, "none"),
        (rules.newest_backup(AT - timedelta(hours=26), AT, production=True), OK, "ok"),
        (rules.newest_backup(AT - timedelta(hours=27), AT, production=False), TODO, "old"),
        (rules.keys(0, production=True), TODO, "none"),
        (rules.keys(1, production=True), LOOK, "one"),
        (rules.origin("https://localhost", production=False), OK, "ok"),
        (rules.origin("https://localhost:8000", production=True), TODO, "local"),
        (rules.origin("https://192.168.1.7", production=True), TODO, "local"),
        (rules.origin("https://may-chu", production=True), TODO, "local"),
        (rules.origin("https://to-am.example.vn", production=True), OK, "ok"),
        (rules.administrators(0), TODO, "none"),
        (rules.administrators(1), LOOK, "one"),
        (rules.administrators(2), OK, "ok"),
        (rules.settings(production=True, readable="x", proxies=1), TODO, "readable"),
        (rules.settings(production=True, readable=None, proxies=0), LOOK, "no_proxy"),
        (rules.settings(production=True, readable=None, proxies=1), OK, "ok"),
    ],
)
def test_when_a_figure_is_a_reason_to_act(found: Finding, state: str, word: str) -> None:
    assert (found.state, found.word) == (state, word)


def test_every_finding_has_words_and_every_fault_what_to_do() -> None:
    source = "".join(path.read_text() for path in Path(rules.__file__).parent.glob("*.py"))
    names = {name for name in catalog("vi") if re.fullmatch(r"doctor\.[a-z]+\.[a-z_]+", name)}
    for name in names - {"doctor.end.ok", "doctor.end.todo"}:
        check, word = name.split(".")[1:]
        assert f'"{check}"' in source and (word == "ok" or f'"{word}"' in source), name
        if word not in ("ok", "all", "restored"):
            assert f"{name}.next" in catalog("vi") and f"{name}.next" in catalog("en")


def test_nothing_personal_is_said(fit: Keeper, cast: Cast, ward: Ward) -> None:
    said = fit.app.test_cli_runner().invoke(args=["doctor", "--full", "--json"]).output
    for word in (cast.lan.name, cast.lan.phone, cast.lan.id, "Ao sau", "Đức", ward.records()[0].id):
        assert word not in said


@pytest.mark.sqlite
def test_reads_only(fit: Keeper) -> None:
    with fit.app.app_context(), transact():
        before = db.session.execute(text("SELECT total_changes()")).scalar()
    examined(fit, full=True)
    with fit.app.app_context(), transact():
        assert db.session.execute(text("SELECT total_changes()")).scalar() == before


def test_a_ward_whose_map_file_is_gone_is_named(fit: Keeper, tmp_path: Path) -> None:
    with fit.app.app_context():
        with transact():
            made = maps.load(units.get(PHUC_LOI), write_map(tmp_path / "a.pmtiles", zooms=[13]))
            address = made.sha256
        assert examined(fit)["maps"] == Finding("maps", OK)
        path_of(address).unlink()
    assert examined(fit)["maps"] == Finding("maps", LOOK, "lost", {"wards": "00136"})


def _away(fit: Keeper, lan: Phone, clock: Clock) -> None:  # noqa: F811
    (fit.home / "a-file").write_text("")
    fit.app.extensions["photo_store"] = LocalStore(fit.home / "a-file" / "kept")


def _silent(fit: Keeper, lan: Phone, clock: Clock) -> None:  # noqa: F811
    lan.post({**lan.envelope([]), "issued": lan.seq + 4, "unsent": 4})
    clock.move(days=3, minutes=1)


def _half_a_photo(fit: Keeper, lan: Phone, clock: Clock) -> None:  # noqa: F811
    with fit.app.app_context(), transact():
        told = {
            "sha256": "0" * 64,
            "size": 9,
            "media_type": "image/jpeg",
            "created_at": clock.at,
            "touched_at": clock.at,
        }
        where = {"id": "p", "record_id": "r", "person_id": lan.person.id, "ward_id": PHUC_LOI, "state": "receiving"}
        db.session.add(Photo(**where, **told))
    clock.move(days=3, minutes=1)


def _nobody_administers(fit: Keeper, lan: Phone, clock: Clock) -> None:  # noqa: F811
    runs(fit.app, "DELETE FROM assignment WHERE role = 'admin'")


def _a_group_ended_under_its_people(fit: Keeper, lan: Phone, clock: Clock) -> None:  # noqa: F811
    runs(fit.app, f"UPDATE unit SET valid_to = '2026-06-01' WHERE id = {lan.person.unit}")


@pytest.mark.parametrize(
    ("fault", "check", "state", "count"),
    [
        (_away, "store", TODO, None),
        (_silent, "silent", LOOK, 1),
        (_half_a_photo, "uploads", LOOK, 1),
        (_nobody_administers, "admins", TODO, None),
        (_a_group_ended_under_its_people, "placed", LOOK, 2),
    ],
)
def test_what_keeps_a_ward_from_working(
    fit: Keeper,
    lan: Phone,  # noqa: F811
    clock: Clock,
    fault: Callable[[Keeper, Phone, Clock], None],
    check: str,
    state: str,
    count: int | None,
) -> None:
    assert examined(fit)[check].state in (OK, LOOK)
    fault(fit, lan, clock)
    found = examined(fit)[check]
    assert (found.state, found.facts.get("count")) == (state, count)
