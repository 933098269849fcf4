"""Under which keys the rows of a database are, whether or not this server has them. Reads heads, opens nothing."""

import re
from collections import Counter
from typing import Any

from sqlalchemy import LargeBinary, Text, cast, func, inspect, literal_column, select
from sqlalchemy.engine import Connection
from sqlalchemy.types import TypeEngine

from app.at_rest.sealing import SealedBytes, SealedJson, SealedText
from app.db import db

SEALED = (SealedJson, SealedBytes, SealedText)
_HEAD = re.compile(r'(?:\[?")?e1\.[di]\.([a-z0-9]{1,16})\.')
_LONG_ENOUGH = 24  # for any head up to the end of its generation's name, and hardly more


def generations(connection: Connection) -> Counter[str]:
    """How many sealed values are under each generation of keys; only what the database has of our tables."""
    there = set(inspect(connection).get_table_names())
    found: Counter[str] = Counter()
    for table in db.metadata.sorted_tables:
        sealed = [column for column in table.columns if isinstance(column.type, SEALED)]
        if not sealed or table.name not in there:
            continue
        known = {one["name"] for one in inspect(connection).get_columns(table.name)}
        for column in sealed:
            if column.name in known:
                head = _head(connection, column.name, column.type)
                wanted = select(head, func.count()).select_from(table).group_by(literal_column("1"))
                for begins, count in connection.execute(wanted):
                    if fits := _HEAD.match(begins or ""):
                        found[fits[1]] += count
    return found


def _head(connection: Connection, name: str, of: TypeEngine[Any]) -> Any:
    """A value's first letters, on either database, past the type that would open it."""
    plain: Any = literal_column(f'"{name}"')
    if isinstance(of, SealedBytes) and connection.dialect.name == "postgresql":
        return func.encode(func.substr(cast(plain, LargeBinary), 1, _LONG_ENOUGH), "escape")
    return func.substr(cast(plain, Text), 1, _LONG_ENOUGH)
