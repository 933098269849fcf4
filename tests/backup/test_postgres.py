"""What is PostgreSQL's own: dumps that were altered or cut, restores that die on the way, passwords."""

import os
import re
import signal
import stat
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app.backup import copies, files, postgres, restore, rules, sealing, service
from app.backup.rules import Trouble
from app.db import db
from tests.backup.keeper import IDENTITIES, Keeper, holds
from tests.backup.test_damage import in_a_child, measured, pack_by_hand, put_away_quietly
from tests.phone import Phone
from tests.sync.ward import Ward

pytestmark = pytest.mark.postgresql


@pytest.fixture
def dumped(keeper: Keeper, lan: Phone) -> Iterator[tuple[rules.Manifest, Path]]:
    """A dump as it comes out of a backup."""
    work = keeper.home / "work"
    work.mkdir()
    yield service.open_into(keeper.make(), IDENTITIES, work, None)


def test_a_dump_tells_its_rows_and_chains(dumped: tuple[rules.Manifest, Path]) -> None:
    manifest, data = dumped
    inside = postgres.read_dump(data)
    assert inside.rows == {name: table.rows for name, table in manifest.tables.items()}
    assert inside.chains.heads() == manifest.chains and inside.chains.broken() == []
    assert manifest.engine.startswith("15.") and manifest.data_name == "to-am.dump"


def altered(change: Callable[[bytes], bytes]) -> Callable[[rules.Manifest, Path], rules.Manifest]:
    def harm(manifest: rules.Manifest, data: Path) -> rules.Manifest:
        raw = data.read_bytes()
        changed = change(raw)
        assert changed != raw
        data.write_bytes(changed)
        return measured(manifest, data)

    return harm


@pytest.mark.parametrize(
    "change",
    [
        lambda raw: raw[:-200],
        lambda raw: raw[: len(raw) // 2],
        lambda raw: raw.replace(b'"outcome":"applied"', b'"outcome":"applieD"'),
        lambda raw: re.sub(rb'("seq":)3', rb"\g<1>4", raw, count=1),
    ],
)
def test_a_dump_that_was_cut_or_whose_chain_was_rewritten(
    keeper: Keeper, lan: Phone, change: Callable[[bytes], bytes]
) -> None:
    path = pack_by_hand(keeper, keeper.make(), altered(change))
    assert keeper.trouble(path) in ("tool_failed", "not_as_told", "damaged")
    new = keeper.empty_place()
    with pytest.raises(Trouble):
        keeper.restore(path, new)
    assert tables(new) == 0


def test_rows_that_were_altered_in_a_dump_are_noticed_by_the_restore(keeper: Keeper, lan: Phone) -> None:
    """Nothing outside PostgreSQL reads every row of a dump; the restore does, and empties the place again."""
    path = pack_by_hand(keeper, keeper.make(), altered(lambda raw: raw.replace(b"Ao sau", b"Ao xau")))
    new = keeper.empty_place()
    with pytest.raises(Trouble, match="not_as_told"):
        keeper.restore(path, new)
    assert tables(new) == 0


def tables(app: Flask) -> int:
    with app.app_context(), db.engine.connect() as connection:
        found = connection.exec_driver_sql("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
        return int(found.scalar_one())


def test_the_last_look_is_inside_the_restores_own_transaction(
    keeper: Keeper, lan: Phone, dumped: tuple[rules.Manifest, Path]
) -> None:
    before = holds(keeper.app)
    with pytest.raises(Trouble, match="tool_failed"):
        postgres.put_in_place(dumped[1], keeper.url, {}, [])
    assert holds(keeper.app) == before


@pytest.mark.parametrize("moment", ["reading", "after"])
def test_killed_while_restoring_leaves_nothing_or_everything(
    keeper: Keeper, lan: Phone, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    path, new = keeper.make(), keeper.empty_place()
    put_away_quietly(keeper.app)
    real_lines, real_put = postgres._script, postgres.put_in_place

    def dies_reading(data: Path) -> Iterator[bytes]:
        for number, line in enumerate(real_lines(data)):
            if number == 300:
                os.kill(os.getpid(), signal.SIGKILL)
            yield line

    def dies_after(*given: Any) -> None:
        real_put(*given)
        os.kill(os.getpid(), signal.SIGKILL)

    def work() -> None:
        # The child's own copy of the module: the parent's is as it was.
        if moment == "reading":
            restore.copies.look_into = lambda manifest, data: None
            postgres._script = dies_reading
        else:
            postgres.put_in_place = dies_after
        keeper.restore(path, new)

    assert in_a_child(work) == -signal.SIGKILL
    if moment == "after":
        with new.app_context():
            assert db.session.execute(db.text("SELECT count(*) FROM setting WHERE name = 'epoch'")).scalar() == 0
        assert len(Ward(new).records()) == 3
        return
    wait_until_nobody_is_connected(new)
    assert tables(new) == 0
    monkeypatch.undo()
    keeper.restore(path, new)
    assert len(Ward(new).records()) == 3


def wait_until_nobody_is_connected(app: Flask) -> None:
    """psql notices that it speaks to nobody, and PostgreSQL takes its transaction back."""
    others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    with app.app_context(), db.engine.connect() as connection:
        for _ in range(2000):
            if not connection.exec_driver_sql(others).scalar_one():
                return
            connection.rollback()  # within a transaction the answer stays the same
            connection.exec_driver_sql("SELECT pg_sleep(0.01)")
    raise AssertionError("somebody is still connected")


def test_a_count_that_is_not_right_is_seen_before_the_commit(keeper: Keeper, dumped: Any) -> None:
    new = keeper.empty_place()
    url = str(new.config["SQLALCHEMY_DATABASE_URI"])
    with pytest.raises(Trouble, match="tool_failed"):
        postgres.put_in_place(dumped[1], url, {"record": 4}, [])
    assert tables(new) == 0
    postgres.put_in_place(dumped[1], url, {"record": 3}, [])
    assert tables(new) > 0


def test_passwords_go_by_the_environment() -> None:
    place = postgres._place("postgresql+psycopg://to_am:m%40t@db.example:5433/ward?sslmode=verify-full")
    assert place["PGPASSWORD"] == "m@t" and place["PGHOST"] == "db.example" and place["PGPORT"] == "5433"
    assert place["PGDATABASE"] == "ward" and place["PGSSLMODE"] == "verify-full"
    assert postgres._place("postgresql+psycopg://me@/ward?host=/run/pg")["PGHOST"] == "/run/pg"


def test_an_error_of_the_tools_quotes_no_row(keeper: Keeper, dumped: tuple[rules.Manifest, Path]) -> None:
    new = keeper.empty_place()
    with pytest.raises(Trouble) as caught:
        postgres.put_in_place(
            dumped[1], str(new.config["SQLALCHEMY_DATABASE_URI"]), {}, ["INSERT INTO person SELECT * FROM person"]
        )
    assert "23505" in str(caught.value.values["found"]) and "Lan" not in str(caught.value.values)


def test_a_missing_tool_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(postgres, "_TOOLS", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Trouble) as caught:
        postgres.tool("pg_dump")
    assert (caught.value.code, caught.value.values) == ("no_tool", {"tool": "pg_dump"})


def test_the_dump_lies_only_where_others_cannot_enter(keeper: Keeper, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []
    real = postgres.dump

    def looks(url: str, moment: str, target: Path) -> None:
        real(url, moment, target)
        seen.append(stat.S_IMODE(target.parent.stat().st_mode))

    monkeypatch.setattr(postgres, "dump", looks)
    keeper.make()
    assert seen == [0o700] and not (copies.private_place(keeper.url) / ".to-am-work").exists()


def test_a_backup_of_one_kind_is_refused_by_the_other(keeper: Keeper, lan: Phone) -> None:
    def change(manifest: rules.Manifest, data: Path) -> rules.Manifest:
        return manifest

    path = pack_by_hand(keeper, keeper.make(), change)
    opened = files.open_backup(path, IDENTITIES, None).manifest
    assert opened is not None
    with keeper.empty_place().app_context(), pytest.raises(Trouble, match="other_database"):
        restore._refuse_foreign(replace(opened, database="sqlite"), keeper.url)


def test_what_is_sealed_is_the_dump(keeper: Keeper, lan: Phone) -> None:
    path = keeper.make()
    assert b"Ao sau" not in path.read_bytes()
    sink = keeper.home / "opened"
    with sink.open("wb") as file:
        sealing.unseal([path.read_bytes()], file, IDENTITIES)
    assert sink.read_bytes()[:2] == b"\x1f\x8b"
