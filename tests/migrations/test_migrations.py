"""Migrations are code: head equals the models, and every revision goes up and down over rows."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask, current_app
from flask_migrate import downgrade, stamp, upgrade
from sqlalchemy import inspect, select

from app.db import db, transact
from app.records.audit import Audit
from app.records.models import Link
from app.records.models import Ward as Counter
from app.sync.models import DeviceState, Gap
from app.units import service
from tests.cast import PHUC_LOI, Cast
from tests.conftest import make_app, prepared, put_away  # noqa: F401
from tests.phone import Phone
from tests.sync.ward import Ward


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Flask]:
    app = make_app(tmp_path / "migrated.db")
    with app.app_context():
        yield app
    put_away(app)


def revisions() -> list[str]:
    """Every revision, oldest first."""
    folder = ScriptDirectory.from_config(current_app.extensions["migrate"].migrate.get_config())
    return [script.revision for script in reversed(list(folder.walk_revisions()))]


def count_rows() -> dict[str, int]:
    with db.engine.connect() as connection:
        names = inspect(connection).get_table_names()
        found = {}
        for name in names:
            found[name] = connection.exec_driver_sql(f'SELECT count(*) FROM "{name}"').scalar_one()
    found.pop("alembic_version", None)
    return found


def test_the_head_equals_the_models(empty: Flask) -> None:
    upgrade()
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, db.metadata) == []


def test_migrated_tables_are_the_created_ones(empty: Flask, prepared: Path) -> None:  # noqa: F811
    upgrade()
    other = make_app(prepared)
    with other.app_context(), db.engine.connect() as connection:
        created = {name: columns(inspect(connection), name) for name in inspect(connection).get_table_names()}
    put_away(other)
    with db.engine.connect() as connection:
        names = set(inspect(connection).get_table_names()) - {"alembic_version"}
        assert {name: columns(inspect(connection), name) for name in names} == created


def columns(look: object, table: str) -> list[tuple[object, ...]]:
    """What a table consists of, its indexes, keys and rules among it."""
    found = [
        (c["name"], str(c["type"]), c["nullable"], c["primary_key"])
        for c in look.get_columns(table)  # type: ignore[attr-defined]
    ]
    rules = [
        sorted((str(r["name"]), str(r["column_names"])) for r in look.get_indexes(table)),  # type: ignore[attr-defined]
        sorted((str(r["name"]), str(r["column_names"])) for r in look.get_unique_constraints(table)),  # type: ignore[attr-defined]
        sorted((str(r["referred_table"]), str(r["constrained_columns"])) for r in look.get_foreign_keys(table)),  # type: ignore[attr-defined]
    ]
    return sorted(found) + [tuple(rule) for rule in rules]


def test_up_twice_is_up_once(empty: Flask) -> None:
    upgrade()
    with transact():
        service.load_units()
    before = count_rows()
    upgrade()
    assert count_rows() == before


def test_every_revision_goes_down_and_up_again_over_rows(prepared: Path, tmp_path: Path) -> None:  # noqa: F811
    path = tmp_path / "rows.db"
    path.write_bytes(prepared.read_bytes())
    app = make_app(path)
    with app.app_context():
        stamp()
        before = count_rows()
        for revision in revisions()[:0:-1]:
            downgrade(revision=f"{revision}-1" if revision else "-1")
            upgrade()
            assert count_rows() == before
        downgrade(revision="base")
        assert count_rows() == {}
        upgrade()
        assert set(count_rows()) == set(before)
    put_away(app)


def test_the_database_still_guards_its_references_afterwards(empty: Flask) -> None:
    upgrade()
    with db.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
        assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []


def test_what_came_before_the_chain_is_linked_and_numbered(app: Flask, cast: Cast) -> None:
    lan = Phone(app, cast.lan)
    pond = lan.record("hazard_site", type="DN1", name="Ao nhà văn hóa")
    lan.sync()
    lan.seq += 2
    lan.push(lan.change(pond, base=9, set={"name": "Ao ông Tư"}), "chẳng phải JSON")
    ward = Ward(app)
    ward.judges(pond, "return", "Chụp thêm hàng rào")
    with app.app_context():
        stamp()
        downgrade(revision="0001")
        upgrade()
    with app.app_context():
        links = [json.loads(link.facts) for link in db.session.scalars(select(Link).order_by(Link.no))]
        assert sorted((link["what"], link.get("outcome")) for link in links) == [
            ("change", "held"),
            ("change", "needs_fixing"),
            ("change", "quarantined"),
            ("verdict", None),
        ]
        state = db.session.get_one(DeviceState, (cast.lan.id, lan.device))
        assert (state.highest, state.contiguous, state.looked, state.ward_id) == (4, 1, 4, PHUC_LOI)
        assert list(db.session.scalars(select(Gap.seq).order_by(Gap.seq))) == [2, 3]
        head = db.session.get_one(Counter, PHUC_LOI)
        assert (head.chain_no, head.chain_hash) == (4, db.session.get_one(Link, (PHUC_LOI, 4)).hash)
        assert list(Audit().findings()) == []
