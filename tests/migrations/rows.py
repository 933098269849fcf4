"""A database with rows in every table, and what all of its rows say."""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from flask import Flask
from sqlalchemy import inspect

from app.at_rest.sealing import SealedBytes, SealedText
from app.db import Utc, db, transact
from tests.cast import Cast
from tests.phone import Phone
from tests.sync.ward import Ward

Rows = dict[str, list[dict[str, Any]]]
_NOON = datetime(2026, 6, 3, 5, tzinfo=UTC)
_SOMETHING: list[tuple[type, Any]] = [
    (Utc, _NOON),
    (sa.Date, _NOON.date()),
    (sa.Boolean, True),
    (sa.Integer, 3),
    (sa.JSON, {"Mương": "\x00"}),
    (SealedBytes, b"\x00\xff"),
    (sa.LargeBinary, b"\x00\xff"),
    (sa.String, "Đỗ Thị Hoa"),
    (SealedText, "Đỗ Thị Hoa"),
]


def fill(app: Flask) -> None:
    """A morning's work of phones and desk; what it leaves empty gets one made-up row a table."""
    cast, ward = Cast(app), Ward(app)
    lan = Phone(app, cast.lan)
    pond, ditch = (lan.record("hazard_site", type="DN1", name=name) for name in ("Ao nhà văn hóa", "Mương Đình"))
    lan.sync()
    lan.seq += 2
    lan.push(lan.change(pond, base=9, set={"name": "Ao ông Tư"}), "chẳng phải JSON")
    lan.withdraw(ditch, "ghi nhầm")
    lan.sync()
    ward.judges(pond, "return", "Chụp thêm hàng rào", pins={"name": "Ao nào?"})
    app.test_client().post("/api/v1/sign-in", json={"code": "ABCD-EFGH", "device": cast.lan.device})
    with app.app_context():
        for table in db.metadata.sorted_tables:
            _make_up(table)
        assert [name for name, rows in everything().items() if not rows] == []


def everything() -> Rows:
    """All rows of all tables as they are now, in the order of their keys."""
    tables = sa.MetaData()
    with db.engine.connect() as link:
        tables.reflect(link)
        found = {}
        for table in tables.tables.values():
            rows = link.execute(sa.select(table).order_by(*table.primary_key.columns))
            found[table.name] = [dict(row._mapping) for row in rows]
    found.pop("alembic_version", None)
    return found


def shared(rows: Rows, other: Rows) -> Rows:
    """What these rows say in the tables and columns that the others also have."""
    columns = {table: set(found[0]) for table, found in other.items() if found}
    return {
        table: [{name: value for name, value in row.items() if name in columns[table]} for row in found]
        for table, found in rows.items()
        if table in columns
    }


def _make_up(table: sa.Table) -> None:
    with transact():
        if db.session.execute(sa.select(table).limit(1)).first():
            return
        db.session.execute(table.insert(), [{column.name: _value(column) for column in table.columns}])


def _value(column: sa.Column[Any]) -> Any:
    if column.foreign_keys:
        target = next(iter(column.foreign_keys)).column
        return db.session.execute(sa.select(target).limit(1)).scalar_one()
    return next(value for kind, value in _SOMETHING if isinstance(column.type, kind))


def columns(look: sa.Inspector, table: str) -> list[Any]:
    """What a table consists of, its indexes, keys and rules among it."""
    found = [(c["name"], str(c["type"]), c["nullable"]) for c in look.get_columns(table)]
    return [
        sorted(found),
        look.get_pk_constraint(table)["constrained_columns"],
        sorted((str(r["name"]), str(r["column_names"])) for r in look.get_indexes(table)),
        sorted((str(r["name"]), str(r["column_names"])) for r in look.get_unique_constraints(table)),
        sorted((str(r["referred_table"]), str(r["constrained_columns"])) for r in look.get_foreign_keys(table)),
    ]


def shape() -> dict[str, list[Any]]:
    """Every table's columns."""
    with db.engine.connect() as link:
        look = inspect(link)
        return {name: columns(look, name) for name in look.get_table_names() if name != "alembic_version"}
