"""What a database holds, read from whatever tables it has: a backup may be older than our models."""

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Column, MetaData, String, Table, collate, func, inspect, select, text
from sqlalchemy.engine import Connection, Row

from app.backup.chains import Chains
from app.backup.rules import TablePrint
from app.records.chain import START, Head

_AT_A_TIME = 500


def tables_of(connection: Connection) -> dict[str, Table]:
    """The tables that are there, by name."""
    found = MetaData()
    found.reflect(connection)
    return dict(sorted(found.tables.items()))


def prints(connection: Connection) -> dict[str, TablePrint]:
    """The fingerprint of every table. Reads everything; the same on every database that holds the same rows."""
    return {name: _print(connection, table) for name, table in tables_of(connection).items()}


def counts(connection: Connection) -> dict[str, int]:
    """How many rows each table has."""
    return {
        name: connection.execute(select(func.count()).select_from(table)).scalar_one()
        for name, table in tables_of(connection).items()
    }


def chains(connection: Connection) -> Chains:
    """The log chains of all wards, followed from their beginning."""
    followed = Chains()
    link = tables_of(connection).get("link")
    if link is not None:
        wanted = select(link.c.ward_id, link.c.no, link.c.facts, link.c.hash).order_by(link.c.ward_id, link.c.no)
        for row in _stream(connection, wanted):
            followed.take(str(row.ward_id), row.no, row.facts, row.hash)
    return followed


def has_link(connection: Connection, ward: str, head: Head) -> bool:
    """Whether the ward's chain contains this head. What had no link yet is contained in everything."""
    link = tables_of(connection).get("link")
    if head == START:
        return True
    if link is None:
        return False
    wanted = select(link.c.hash).where(link.c.ward_id == int(ward), link.c.no == head.no)
    return connection.execute(wanted).scalar_one_or_none() == head.hash


def setting(connection: Connection, name: str) -> str | None:
    """A fact about the database itself; None when it is not known."""
    if not inspect(connection).has_table("setting"):
        return None
    found = connection.execute(text("SELECT value FROM setting WHERE name = :name"), {"name": name})
    return found.scalar_one_or_none()


def revision(connection: Connection) -> str | None:
    """The database's schema; None when Alembic does not know it."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()


def in_use(connection: Connection) -> dict[str, int]:
    """How many people, records and changes there are: a restore goes only where there are none."""
    there = tables_of(connection)
    found = {
        name: connection.execute(select(func.count()).select_from(there[name])).scalar_one()
        for name in ("person", "record", "change")
        if name in there
    }
    return {name: count for name, count in found.items() if count}


def _print(connection: Connection, table: Table) -> TablePrint:
    columns = sorted(table.columns, key=lambda column: column.name)
    order = [_plainly(connection, column) for column in table.primary_key.columns] or columns
    hashed, rows = hashlib.sha256(), 0
    for row in _stream(connection, select(*columns).order_by(*order)):
        hashed.update(_line(row))
        rows += 1
    return TablePrint(rows, hashed.hexdigest())


def _plainly(connection: Connection, column: Column[Any]) -> Any:
    """Ordered by bytes on every database, whatever language it sorts by."""
    is_text = isinstance(column.type, String) and connection.dialect.name == "postgresql"
    return collate(column, "C") if is_text else column


def _stream(connection: Connection, wanted: Any) -> Iterator[Row[Any]]:
    """Rows without holding them all in memory."""
    with connection.execution_options(yield_per=_AT_A_TIME).execute(wanted) as rows:
        yield from rows


def _line(row: Row[Any]) -> bytes:
    text_of = json.dumps(list(row), default=_as_text, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text_of.encode("utf-8", "surrogatepass") + b"\n"


def _as_text(value: object) -> str:
    if isinstance(value, datetime):
        moment = value if value.tzinfo else value.replace(tzinfo=UTC)
        return moment.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (bytes, memoryview)):
        return hashlib.sha256(value).hexdigest()
    raise TypeError(type(value).__name__)
