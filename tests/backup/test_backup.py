"""A backup holds everything, only its custodians can open it, and it goes only where nothing is."""

import stat
import subprocess
import tarfile
import zlib
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pyrage
import pytest
from flask_migrate import downgrade, upgrade

from app.backup import copies, files, queries, rules, sealing, service, sqlite
from app.backup.rules import Side, TablePrint, Trouble
from app.backup.workplace import workplace
from app.db import db
from app.identity.models import SignIn, SignInCode
from app.records.models import Setting
from tests.backup.keeper import IDENTITIES, KEYS, Keeper, damaged, holds
from tests.cast import Cast, arrive
from tests.conftest import Clock, put_away
from tests.phone import Phone
from tests.sync.ward import Ward

CHANGED = {"setting", "sign_in", "ward", "link"}


def test_what_was_backed_up_comes_back(keeper: Keeper, lan: Phone, ward: Ward) -> None:
    ward.judges(ward.records()[0].id, "return", "Nhờ chụp thêm")
    before = holds(keeper.app)
    path = keeper.make()
    assert keeper.trouble(path) is None
    new = keeper.restore(path)
    after = holds(new)
    assert {name for name in before if before[name] != after[name]} == CHANGED
    assert Ward(new).records()[0].review == ward.records()[0].review
    assert [change.body for change in Ward(new).log()] == [change.body for change in ward.log()]


def test_a_restored_ward_goes_on_under_another_epoch(keeper: Keeper, lan: Phone, cast: Cast) -> None:
    new = keeper.restore(keeper.make())
    phone = Phone(new, cast.lan, seq=lan.seq, epoch=lan.epoch, cursor=lan.cursor)
    phone.record("hazard_site", type="DI1", name="Dây điện chùng", risk="low")
    answer = phone.sync()
    assert answer is not None
    assert answer["epoch"] != lan.epoch
    assert phone.heard[0]["reset"] is True
    assert phone.digest() == phone.asks_digest()
    with new.app_context():
        last = db.session.execute(db.text("SELECT facts FROM link WHERE ward_id = 2 ORDER BY no")).scalars().all()
    assert ['"what":"restored"' in facts for facts in last][-2:] == [True, False], "the chain tells of it, and goes on"


def test_what_waited_for_a_version_that_is_lost_waits_no_more(keeper: Keeper, lan: Phone, ward: Ward) -> None:
    pond = next(one for one in ward.records() if one.kind == "hazard_site")
    lan.push(lan.change(pond.id, base=pond.version + 5, set={"keeper": "Ban quản lý chợ"}))
    assert ward.log()[-1].outcome == "held"
    new = Ward(keeper.restore(keeper.make()))
    assert new.log()[-1].outcome != "held"
    assert new.record(pond.id).data["keeper"] == "Ban quản lý chợ"
    assert new.chain()[-2:] == ["restored", "released"]


def test_two_custodians_each_can_open_it_and_nobody_else(keeper: Keeper, lan: Phone) -> None:
    path = keeper.make()
    assert [keeper.trouble(path, key) for key in (0, 1)] == [None, None]
    other = keeper.home / "other.txt"
    other.write_text(str(sealing.new_identity()))
    with pytest.raises(Trouble, match="wrong_key"):
        service.check(path, other, keeper.home / "looking")
    assert b"Ao sau" not in path.read_bytes()
    assert IDENTITIES[0] is not None and str(IDENTITIES[0]).encode() not in path.read_bytes()


@pytest.mark.sqlite
def test_any_age_program_and_tar_open_it(keeper: Keeper, lan: Phone) -> None:
    opened = pyrage.decrypt(keeper.make().read_bytes(), [IDENTITIES[1]])
    with tarfile.open(fileobj=BytesIO(opened), mode="r:gz") as archive:
        assert archive.getnames() == ["manifest.json", "to-am.db"]
        data = archive.extractfile("to-am.db")
        assert data is not None and data.read(16) == b"SQLite format 3\0"


def test_names_and_manifest_hold_nothing_personal(keeper: Keeper, lan: Phone, cast: Cast) -> None:
    path = keeper.make()
    assert rules.is_backup_name(path.name)
    said = files.beside(path).read_text(encoding="utf-8")
    for person in (cast.lan, cast.minh):
        assert person.name not in said and person.phone not in said and person.id not in said
    assert "Ao sau" not in said and "Đức" not in said


def test_only_its_owner_can_read_it(keeper: Keeper) -> None:
    path = keeper.make()
    for found in (path, files.beside(path), keeper.make(plain=True)):
        assert stat.S_IMODE(found.stat().st_mode) == 0o600
    assert stat.S_IMODE(keeper.folder.stat().st_mode) == 0o700


def test_nothing_unencrypted_is_left_anywhere(keeper: Keeper, lan: Phone) -> None:
    keeper.restore(keeper.make())
    found = [path for path in keeper.home.rglob("*") if path.is_file() and not path.name.startswith("to-am.db")]
    assert [path for path in found if b"SQLite format" in path.read_bytes()] == []
    assert not list(keeper.home.rglob(".to-am-work/*"))
    assert not list(keeper.folder.glob(".*"))


def test_an_unencrypted_one_when_it_is_asked_for(keeper: Keeper, lan: Phone) -> None:
    path = keeper.make(plain=True)
    assert keeper.trouble(path, None) is None
    assert keeper.check(path, None).opened
    assert zlib.decompress(path.read_bytes(), 31)[:13] == b"manifest.json"
    keeper.restore(path)


def test_a_restore_goes_only_into_an_empty_place(keeper: Keeper, lan: Phone) -> None:
    path, before = keeper.make(), holds(keeper.app)
    with pytest.raises(Trouble, match="not_empty"):
        keeper.restore(path, keeper.app)
    assert holds(keeper.app) == before


def test_a_place_that_was_only_set_up_is_empty(keeper: Keeper, lan: Phone) -> None:
    path, new = keeper.make(), keeper.empty_place()
    assert new.test_cli_runner().invoke(args=["setup"]).exit_code == 0
    keeper.restore(path, new)
    assert len(Ward(new).records()) == 3


@pytest.mark.sqlite
def test_a_place_that_is_being_used_is_left_alone(keeper: Keeper, lan: Phone) -> None:
    path, new = keeper.make(), keeper.empty_place()
    with new.app_context():
        db.create_all()
        with db.engine.connect() as held:
            held.exec_driver_sql("SELECT count(*) FROM person").scalar()
            with pytest.raises(Trouble, match="target_open"):
                _put(keeper, path, new)
    with new.app_context():
        assert db.session.query(SignIn).count() == 0


@pytest.mark.sqlite
def test_the_last_look_before_writing_sees_people_too(keeper: Keeper, lan: Phone, cast: Cast, clock: Clock) -> None:
    path, new = keeper.make(), keeper.empty_place()
    with new.app_context():
        db.create_all()
        arrive(clock.at)
    put_away(new)
    with pytest.raises(Trouble, match="not_empty"):
        _put(keeper, path, new)


def _put(keeper: Keeper, path: Path, new: object) -> None:
    with workplace(keeper.home / "by-hand", 0) as work:
        data = service.open_into(path, IDENTITIES, work, None)[1]
        sqlite.put_in_place(data, Path(str(new.config["SQLALCHEMY_DATABASE_URI"]).removeprefix("sqlite:///")))  # type: ignore[attr-defined]


def test_desks_and_codes_end_phones_stay(keeper: Keeper, lan: Phone, cast: Cast, clock: Clock) -> None:
    answer = cast.client("Anh").post(f"/desk/people/{cast.lan.id}/code", headers={"Sec-Fetch-Site": "same-origin"})
    assert answer.status_code < 400
    path = keeper.make()
    clock.move(minutes=1)
    kept = keeper.restore(path)
    with kept.app_context():
        open_doors = {row.door for row in db.session.query(SignIn).filter(SignIn.revoked_at.is_(None))}
        codes = [row.expires_at <= clock.at for row in db.session.query(SignInCode)]
    assert open_doors == {"phone"} and codes == [True]
    ended = keeper.restore(path, end_sign_ins=True)
    with ended.app_context():
        assert db.session.query(SignIn).filter(SignIn.revoked_at.is_(None)).count() == 0


def test_a_backup_of_before_a_migration_is_brought_up(keeper: Keeper, lan: Phone) -> None:
    with keeper.app.app_context():
        head = queries.revision(db.session.connection())
        db.session.rollback()
        downgrade()
        before = keeper.make()
        upgrade()
    new = keeper.restore(before)
    with new.app_context(), db.engine.connect() as connection:
        assert queries.revision(connection) == head != keeper.check(before).manifest.schema
    assert len(Ward(new).records()) == 3


def test_a_backup_of_a_newer_version_is_refused(keeper: Keeper, lan: Phone) -> None:
    with keeper.app.app_context(), db.engine.begin() as connection:
        connection.execute(db.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(Trouble, match="newer_schema"):
        keeper.restore(keeper.make())


def test_only_good_ones_count_and_the_newest_stays(keeper: Keeper, clock: Clock) -> None:
    made = []
    for _ in range(4):
        clock.move(days=1)
        made.append(keeper.make())
    made[2].write_bytes(made[2].read_bytes()[:-1])
    (keeper.folder / "to-am-notes.txt").write_text("mine")
    clock.move(days=1)
    done = service.make(keeper.url, keeper.folder, KEYS, "test", keep=2)
    assert done.pruned == [made[0].name, made[1].name], "the damaged one does not count as one of two"
    assert done.damaged == [made[2].name]
    assert files.listed(keeper.folder) == [made[2], made[3], done.path]
    assert (keeper.folder / "to-am-notes.txt").exists()


def test_a_clock_that_ran_ahead_does_not_cost_the_newest(keeper: Keeper, clock: Clock) -> None:
    clock.move(days=400)
    ahead = keeper.make()
    clock.move(days=-399)
    path = keeper.make(keep=1)
    assert path.exists() and not ahead.exists()
    assert keeper.trouble(path) is None


@pytest.mark.parametrize("keep", [0, -1])
def test_at_least_one_is_kept(keeper: Keeper, keep: int) -> None:
    with pytest.raises(Trouble, match="keep_one"):
        keeper.make(keep=keep)


def test_a_failed_backup_removes_nothing(keeper: Keeper, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    old = keeper.make()
    clock.move(days=1)
    monkeypatch.setattr(files, "measure", lambda path: (0, ""))
    with pytest.raises(Trouble, match="damaged"):
        keeper.make(keep=1)
    assert files.listed(keeper.folder) == [old]


def test_prunes_by_when_they_were_made() -> None:
    manifest = rules.Manifest("2026-06-03T02:12:44Z", "", "sqlite", "", None, None, {}, {}, [], "", 0, "0" * 64)
    made = [Side(f"{day}", 1, "0" * 64, (), replace(manifest, made=f"2026-06-{day:02}T00:00:00Z")) for day in (3, 1, 2)]
    assert rules.to_prune(made, "3", 2) == ["1"]
    assert rules.to_prune(made, "3", 3) == rules.to_prune(made, "3", 9) == []
    assert rules.to_prune(made, "1", 1) == ["2", "3"]
    assert rules.differences({"a": TablePrint(1, "x")}, {"a": TablePrint(1, "y"), "b": TablePrint(0, "")}) == ["a", "b"]


def test_one_at_a_time(keeper: Keeper) -> None:
    with workplace(copies.private_place(keeper.url), 0), pytest.raises(Trouble, match="busy"):
        keeper.make()
    keeper.make()


def test_a_disk_that_is_nearly_full_is_said_before_anything_is_written(
    keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": 5_000_000})())
    with pytest.raises(Trouble, match="no_room"):
        keeper.make()
    assert files.listed(keeper.folder) == []


def test_sha256sum_agrees(keeper: Keeper) -> None:
    path = keeper.make()
    side = files.check_outside(path)
    said = subprocess.run(["sha256sum", path], capture_output=True, text=True, check=True).stdout
    assert side is not None and said.split()[0] == side.sha256


def test_the_epoch_of_a_place_that_was_never_asked(keeper: Keeper) -> None:
    new = keeper.restore(keeper.make())
    with new.app_context():
        assert db.session.get(Setting, "epoch") is not None


def test_what_was_damaged_keeps_its_side(keeper: Keeper) -> None:
    path = damaged(keeper.make(), keeper.home / "other", lambda raw: raw)
    assert keeper.trouble(path) is None
