"""Bringing every row under the newest key: also those from before rows were sealed. May be killed at any point.

Each piece is one transaction that locks its rows, reads them, and writes the same values anew; no version, number or
link changes, so phones, verdicts and the chain notice nothing.
"""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import (
    JSON,
    Integer,
    LargeBinary,
    String,
    Text,
    and_,
    bindparam,
    cast,
    func,
    or_,
    select,
    type_coerce,
    update,
)

from app.at_rest import sealing
from app.db import db, take_turns, transact
from app.kinds import registry
from app.quarantine.models import Repair
from app.records import rules
from app.records.models import Change, Record, RecordVersion

_RECORD: Any = Record.__table__
_VERSION: Any = RecordVersion.__table__
_CHANGE: Any = Change.__table__
_REPAIR: Any = Repair.__table__
AT_ONCE = 200
_WRITTEN = ("data", "conflicts", "review", "said", "task", "search")


def reseal() -> Iterator[tuple[str, int]]:
    """Walk everything; yields (table, rows written) after each piece is committed."""
    walks = (
        ("record", _records),
        ("record_version", _versions),
        ("change", _bodies(_CHANGE, _CHANGE.c.log_id)),
        ("repair", _bodies(_REPAIR, _REPAIR.c.id)),
        *((table.name, _texts(table)) for table in _text_tables()),
    )
    for table, piece in walks:
        after: Any = None
        while True:
            with transact():
                done, after = piece(after)
            if after is None:
                break
            yield table, done


def sweep() -> bool:
    """Clear what was overwritten out of SQLite's files; False on PostgreSQL, whose keeper has VACUUM FULL."""
    if db.engine.dialect.name != "sqlite":
        return False
    db.session.rollback()
    with db.engine.connect() as link:
        driver: Any = link.connection.dbapi_connection
        for word in ("VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"):
            driver.execute(word).fetchall()
    return True


def left(*, full: bool = True) -> dict[str, int]:
    """How many rows of sealed kinds are not under the newest key, by table. `full`: reads the log's texts too."""
    sealed = _RECORD.c.kind.not_in(_open_kinds())
    versions = select(func.count()).select_from(_VERSION.join(_RECORD, _RECORD.c.id == _VERSION.c.record_id))
    records = select(func.count()).select_from(_RECORD)
    found = {
        "record": db.session.scalar(records.where(sealed, _is_old(_RECORD.c.data))) or 0,
        "record_version": db.session.scalar(versions.where(sealed, _is_old(_VERSION.c.data))) or 0,
    }
    for name, table in (("change", _CHANGE), ("repair", _REPAIR)) if full else ():
        rows = db.session.execute(select(type_coerce(table.c.body, LargeBinary)).execution_options(yield_per=AT_ONCE))
        found[name] = sum(1 for (raw,) in rows if raw is not None and _needs(bytes(raw)))
    for table in _text_tables():
        old = select(func.count()).select_from(table).where(_is_old_text(table))
        found[table.name] = found.get(table.name, 0) + (db.session.scalar(old) or 0)
    return found


def _records(after: Any) -> tuple[int, Any]:
    wanted = select(_RECORD.c.id).where(_RECORD.c.kind.not_in(_open_kinds()), _is_old(_RECORD.c.data))
    wanted = wanted.where(_RECORD.c.id > after) if after is not None else wanted
    ids = list(db.session.scalars(wanted.order_by(_RECORD.c.id).limit(AT_ONCE)))
    if not ids:
        return 0, None
    written = []
    for row in _held(ids):
        values, kind = sealing.placed_record(row._asdict()), registry.get(row.kind)
        values["search"] = sealing.index(row.kind, rules.search_text(kind, row.data)) if kind else row.search
        written.append({"key": row.id, **{f"new_{name}": values[name] for name in _WRITTEN}})
    change = update(_RECORD).where(_RECORD.c.id == bindparam("key"))
    db.session.connection().execute(change.values({name: bindparam(f"new_{name}") for name in _WRITTEN}), written)
    return len(written), ids[-1]


def _held(ids: list[str]) -> list[Any]:
    """These records, which nobody else writes until the transaction ends."""
    take_turns(*(f"record {one}" for one in ids))
    wanted = select(_RECORD).where(_RECORD.c.id.in_(ids)).order_by(_RECORD.c.id)
    return list(db.session.execute(wanted.with_for_update()))


def _versions(after: Any) -> tuple[int, Any]:
    key = (_VERSION.c.record_id, _VERSION.c.version)
    wanted = select(_VERSION, _RECORD.c.kind, _RECORD.c.ward_id).join(_RECORD, _RECORD.c.id == _VERSION.c.record_id)
    wanted = wanted.where(_RECORD.c.kind.not_in(_open_kinds()), _is_old(_VERSION.c.data))
    if after is not None:
        later = and_(key[0] == after[0], key[1] > after[1])
        wanted = wanted.where(or_(key[0] > after[0], later))
    rows = db.session.execute(wanted.order_by(*key).limit(AT_ONCE).with_for_update(of=_VERSION)).all()
    if not rows:
        return 0, None
    written = []
    for row in rows:
        values = sealing.placed_version(row._asdict(), row.kind, row.ward_id)
        written.append({"key": row.record_id, "no": row.version, "d": values["data"], "r": values["review"]})
    change = update(_VERSION).where(key[0] == bindparam("key"), key[1] == bindparam("no"))
    db.session.connection().execute(change.values(data=bindparam("d"), review=bindparam("r")), written)
    return len(written), (rows[-1].record_id, rows[-1].version)


def _bodies(table: Any, number: Any) -> Any:
    """The same for a table of texts, by its number."""

    def piece(after: Any) -> tuple[int, Any]:
        raw = type_coerce(table.c.body, LargeBinary).label("raw")
        ward = table.c.ward_id if table is _CHANGE else cast(None, Integer).label("ward_id")
        wanted = select(number.label("key"), raw, table.c.body, ward).where(table.c.body.is_not(None))
        wanted = wanted.where(number > after) if after is not None else wanted
        rows = db.session.execute(wanted.order_by(number).limit(AT_ONCE).with_for_update()).all()
        if not rows:
            return 0, None
        written = [
            {"n": row.key, "b": sealing.placed_text(row.body, row.ward_id or 0)}
            for row in rows
            if _needs(bytes(row.raw))
        ]
        if written:
            change = update(table).where(number == bindparam("n")).values(body=bindparam("b"))
            db.session.connection().execute(change, written)
        return len(written), rows[-1].key

    return piece


def _texts(table: Any) -> Any:
    """The same for a table with columns of type SealedText, whose every write seals."""
    keys, columns = list(table.primary_key.columns), _text_columns(table)

    def piece(after: Any) -> tuple[int, Any]:
        wanted = select(*keys, *columns).where(_is_old_text(table)).order_by(*keys).limit(AT_ONCE).with_for_update()
        rows = db.session.execute(wanted).all()
        if not rows:
            return 0, None
        written = [
            {f"key_{c.name}": row._mapping[c] for c in keys} | {f"new_{c.name}": row._mapping[c] for c in columns}
            for row in rows
        ]
        change = update(table).where(*(c == bindparam(f"key_{c.name}") for c in keys))
        new: dict[str, Any] = {c.name: bindparam(f"new_{c.name}") for c in columns}
        db.session.connection().execute(change.values(new), written)
        return len(written), True

    return piece


def _text_tables() -> list[Any]:
    return [table for table in db.metadata.sorted_tables if _text_columns(table)]


def _text_columns(table: Any) -> list[Any]:
    return [column for column in table.columns if isinstance(column.type, sealing.SealedText)]


def _is_old_text(table: Any) -> Any:
    """Has a text in it that is not under the newest key."""
    raw = [type_coerce(column, String) for column in _text_columns(table)]
    current = f"e1.d.{sealing.keyring().current}.%"
    return or_(*(and_(one.is_not(None), one != "", one.not_like(current)) for one in raw))


def _needs(raw: bytes) -> bool:
    if raw.startswith(b"e1."):
        return sealing.generation_of(raw) != sealing.keyring().current
    return sealing.is_sealed(sealing.kind_in(raw))


def _is_old(column: Any) -> Any:
    """Not sealed, or under an earlier key. Base64url has no dots, so a head is never found inside a ciphertext."""
    text = cast(type_coerce(column, JSON), Text)
    return and_(text != "{}", text.not_like(f'%"e1.d.{sealing.keyring().current}.%'))


def _open_kinds() -> list[str]:
    return [code for code, kind in registry.items() if not kind.sealed]
