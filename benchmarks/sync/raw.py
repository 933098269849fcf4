"""Raw inserts: the very rows that one push of ours left, put in again in the same batches, with no server."""

import time
from pathlib import Path
from typing import Any

import pysqlite3.dbapi2 as sqlite
from sqlalchemy.engine import make_url

from benchmarks.sync import ward
from benchmarks.sync.servers import Cluster
from campaigns.cluster import connect

_TABLES = ("change", "record", "record_version", "link")  # in the order that their keys want
# One row of each table for every change of a phone, in the order in which it came.
_ROWS = {
    "change": "SELECT {} FROM change t WHERE device = '{}' ORDER BY log_id",
    "record": "SELECT {} FROM record t JOIN change c ON c.record_id = t.id WHERE c.device = '{}' ORDER BY c.log_id",
    "record_version": "SELECT {} FROM record_version t JOIN change c ON c.log_id = t.change_log_id"
    " WHERE c.device = '{}' ORDER BY c.log_id",
    "link": 'SELECT {} FROM link t WHERE facts LIKE \'%"device":"{}"%\' ORDER BY t.no',
}


def on_sqlite(filled: str, folder: Path, phone: int, batch: int) -> float:
    """Records a second into a new SQLite with the same tables, indexes and durability. `filled`: our server's URL."""
    url = f"sqlite:///{folder / 'raw.db'}"
    ward.prepare(url, phone + 1)
    source = sqlite.connect(str(make_url(filled).database))
    names = {table: [row[1] for row in source.execute(f"PRAGMA table_info({table})")] for table in _TABLES}
    rows = {table: source.execute(_ask(table, names[table], phone)).fetchall() for table in _TABLES}
    source.close()
    target = sqlite.connect(str(make_url(url).database), isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        target.execute(f"PRAGMA {pragma}")
    started, many = time.perf_counter(), len(rows["change"])
    for start in range(0, many, batch):
        target.execute("BEGIN IMMEDIATE")
        for table in _TABLES:
            marks = ", ".join("?" * len(names[table]))
            target.executemany(f"INSERT INTO {table} VALUES ({marks})", rows[table][start : start + batch])
        target.execute("COMMIT")
    spent = time.perf_counter() - started
    target.close()
    return many / spent


def on_postgresql(filled: str, pg: Cluster, phone: int, batch: int) -> float:
    """The same into a new database on PostgreSQL, by psycopg's pipeline."""
    url = pg.create("raw")
    ward.prepare(url, phone + 1)
    with connect(filled) as source:
        told = "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 ORDER BY attnum"
        names = {table: [row[0] for row in source.execute(told, (table,))] for table in _TABLES}
        cast = {table: _as_text(source, table, names[table]) for table in _TABLES}
        rows = {table: source.execute(_ask(table, cast[table], phone)).fetchall() for table in _TABLES}
    many = len(rows["change"])
    with connect(url) as target:
        started = time.perf_counter()
        for start in range(0, many, batch):
            with target.transaction(), target.cursor() as cursor:
                for table in _TABLES:
                    marks = ", ".join(["%s"] * len(names[table]))
                    cursor.executemany(f"INSERT INTO {table} VALUES ({marks})", rows[table][start : start + batch])
        return many / (time.perf_counter() - started)


def _ask(table: str, columns: list[str], phone: int) -> str:
    shown = ", ".join(f"t.{name}" for name in columns)
    return _ROWS[table].format(shown, ward.device(phone))


def _as_text(source: Any, table: str, columns: list[str]) -> list[str]:
    """JSON as the text that it is, so that nothing has to be written again."""
    told = "SELECT column_name FROM information_schema.columns WHERE table_name = %s AND data_type = 'json'"
    json = {row[0] for row in source.execute(told, (table,))}
    return [f"{name}::text" if name in json else name for name in columns]
