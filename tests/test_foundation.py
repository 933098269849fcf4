"""What stands so far: Vietnamese text, conditions, field checks, and the tables with their one commit."""

import unicodedata

import pytest
from flask import Flask
from marshmallow import ValidationError

from app import vietnamese
from app.db import db, engine_options, transact
from app.identity import models as _identity  # noqa: F401
from app.kinds import conditions as c
from app.kinds.vocabulary import Choices, Day, Place, Text, codes
from app.records.models import Setting
from app.units import models as _units  # noqa: F401  tables that records point to


@pytest.mark.parametrize("text", ["Đức", unicodedata.normalize("NFD", "ĐỨC"), "  đức "])
def test_search_needs_no_marks(text):
    assert vietnamese.fold(text) == "duc"


def test_people_are_sorted_by_given_name():
    names = ["Trần Văn Đạt", "Lê Thị Ánh", "Vũ Hoàng Dũng", "Phạm An", "Đỗ Thị Ân"]
    assert [vietnamese.given_name(n) for n in sorted(names, key=vietnamese.name_key)] == [
        "An",
        "Ánh",
        "Ân",
        "Dũng",
        "Đạt",
    ]


@pytest.mark.parametrize(
    ("condition", "values", "expected"),
    [
        (c.eq("now", "yes"), {"now": "yes"}, True),
        (c.has("signs", "ban"), {"signs": "ban"}, False),
        (c.both(c.filled("a"), c.no(c.filled("b"))), {"a": "x", "b": ""}, True),
        (c.more("deep", 10), {"deep": True}, False),
        (c.after_today("on"), {"on": "2026-11-25"}, True),
        (c.aged("born", 16), {"born": "2010-11-25"}, False),
        (c.aged("born", 16), {"born": "2010-11-24"}, True),
        (c.outside("at", 20.9, 105.8, 21.1, 106), {"at": {"lat": 10.7, "lon": 106.6}}, True),
    ],
)
def test_conditions(condition, values, expected):
    assert c.holds(condition, values, "2026-11-24") is expected


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        (Text(("a", "a"), longest=3), "abcd", "too_long"),
        (Text(("a", "a")), "a\x00", "bad_characters"),
        (Text(("a", "a")), "\ud800", "bad_characters"),
        (Day(("a", "a")), "2020-02-31", "not_date"),
        (Choices(("a", "a"), codes(("x", "x", "x"))), ["y"], "not_choice"),
        (Place(("a", "a")), {"lat": True, "lon": 1}, "not_place"),
    ],
)
def test_a_bad_answer_gets_a_code(field, value, code):
    with pytest.raises(ValidationError) as caught:
        field.deserialize(value)
    assert caught.value.messages == [code]


def test_a_failed_transaction_leaves_nothing(tmp_path):
    url = f"sqlite:///{tmp_path / 'a.db'}"
    app = Flask("to-am")
    app.config.update(SQLALCHEMY_DATABASE_URI=url, SQLALCHEMY_ENGINE_OPTIONS=engine_options(url))
    db.init_app(app)
    with app.app_context():
        db.create_all()
        with transact():
            db.session.add(Setting(name="kept", value="1"))
        with pytest.raises(RuntimeError), transact():
            db.session.add(Setting(name="lost", value="1"))
            raise RuntimeError
        assert [s.name for s in db.session.query(Setting)] == ["kept"]
        db.session.remove()
        db.engine.dispose()
