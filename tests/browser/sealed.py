"""What is inside the seals of a phone or a file, by the keys of the server that it belongs to."""

from contextlib import closing
from typing import Any

import pysqlite3.dbapi2 as sqlite

from app.seals import rules
from campaigns.opened import opened
from tests.browser.conftest import Server


def inside(server: Server, entry: dict[str, Any]) -> str:
    """The text of a change as it lies in the outbox or travels; of one that is not sealed, as it is."""
    shut = entry.get("sealed") or ({**entry, "text": entry["body"]} if "head" in entry else None)
    if shut is None:
        return str(entry["body"])
    path = server.env["TO_AM_DATABASE_URL"].removeprefix("sqlite:///")
    with closing(sqlite.connect(path)) as connection:
        found = connection.execute("SELECT private FROM seal_key WHERE id = ?", [shut["key"]]).fetchone()
        (private,) = opened(found)
    seal = rules.Seal(shut["text"], shut["key"], shut["head"])
    return rules.open_seal(seal, rules.private_key(private), 1_000_000)
