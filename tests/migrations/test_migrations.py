"""Migrations are code: head equals the models, and every revision goes up and down over rows."""

import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from flask_migrate import downgrade, stamp, upgrade
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.cli import MIGRATIONS
from app.db import db, transact
from app.records.audit import Audit
from app.records.models import Leaving, Link
from app.records.models import Ward as Counter
from app.sync.models import DeviceState, Gap
from app.units import service
from tests.cast import PHUC_LOI, VIET_HUNG, Cast
from tests.conftest import make_app, put_away
from tests.migrations import rows
from tests.phone import Phone
from tests.sync.ward import Ward

REVISIONS = [one.revision for one in ScriptDirectory(MIGRATIONS).walk_revisions()][::-1]


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Flask]:
    app = make_app(tmp_path / "migrated.db")
    with app.app_context():
        yield app
    put_away(app)


def is_meant_here(thing: Any, *_: Any) -> bool:
    """Whether a thing of the models is for this database: some indexes are SQLite's alone."""
    only = getattr(thing, "_ddl_if", None)
    return only is None or only.dialect == db.engine.dialect.name


def test_the_head_equals_the_models(empty: Flask) -> None:
    upgrade()
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "include_object": is_meant_here})
        assert compare_metadata(context, db.metadata) == []


def test_migrated_tables_are_the_created_ones(empty: Flask, app: Flask) -> None:
    upgrade()
    migrated = rows.shape()
    with app.app_context():
        assert migrated == rows.shape()


def test_up_twice_is_up_once(empty: Flask) -> None:
    upgrade()
    with transact():
        service.load_units()
    before = rows.everything()
    upgrade()
    assert rows.everything() == before


@pytest.mark.parametrize(("older", "newer"), list(pairwise(REVISIONS)))
def test_a_revision_goes_down_and_up_over_rows(app: Flask, older: str, newer: str) -> None:
    """What an older revision can hold says the same before and after, whichever way and how often it is gone."""
    rows.fill(app)
    with app.app_context():
        stamp()
        everything, shape = rows.everything(), rows.shape()
        downgrade(revision=older)
        before = rows.everything()
        assert rows.shared(everything, before) == before
        upgrade(revision=newer)
        after = rows.everything()
        assert rows.shared(after, before) == rows.shared(before, after)
        downgrade(revision=older)
        assert rows.everything() == before
        upgrade()
        assert rows.shape() == shape


def test_down_to_nothing_and_up_again(app: Flask) -> None:
    rows.fill(app)
    with app.app_context():
        stamp()
        shape = rows.shape()
        downgrade(revision="base")
        assert rows.shape() == {}
        upgrade()
        assert rows.shape() == shape


def test_the_database_still_guards_its_references_afterwards(empty: Flask) -> None:
    upgrade()
    with pytest.raises(IntegrityError), transact():
        db.session.add(Leaving(ward_id=404, feed_no=1, record_id="r"))


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


def test_every_change_gets_the_ward_whose_chain_has_it(app: Flask, cast: Cast) -> None:
    for person in (cast.lan, cast.tuan):
        phone = Phone(app, person)
        phone.push(phone.change(set={"name": "Ao nhà văn hóa"}), f"chẳng phải JSON của {person.name}")
    before = [(change.log_id, change.ward_id) for change in Ward(app).log()]
    with app.app_context():
        stamp()
        downgrade(revision="0006")
        upgrade()
    assert [(change.log_id, change.ward_id) for change in Ward(app).log()] == before
    assert {ward_id for _, ward_id in before} == {PHUC_LOI, VIET_HUNG}
