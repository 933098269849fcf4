"""Records under other units: part of the only writer of records, for when groups and wards change."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import bindparam, update

from app.db import db
from app.records import ledger, queries
from app.records.models import Record

_RECORD: Any = Record.__table__
_MOVE = (
    update(_RECORD)
    .where(_RECORD.c.id == bindparam("key"))
    .values(ward_id=bindparam("to_ward"), group_id=bindparam("to_group"))
)
_MOVED_AT_ONCE = 500


def move(by: str, homes: Mapping[str, tuple[int, int | None]]) -> None:
    """Lay records under other wards and groups, which took over from theirs; no answer and no version changes.

    `homes`: record id -> (ward, group). Call inside `transact`. Whoever has a record and may not any more is told so
    by the feed, whoever may now gets it, and the chain of its new ward says where it came from.
    """
    ids = sorted(homes)
    for start in range(0, len(ids), _MOVED_AT_ONCE):
        part = queries.locked(ids[start : start + _MOVED_AT_ONCE])
        rows = [{"key": key, "to_ward": homes[key][0], "to_group": homes[key][1]} for key in part]
        db.session.connection().execute(_MOVE, rows)
        for key, record in part.items():
            ward_id, group_id = homes[key]
            ledger.touch(ward_id, key, left=False)
            ledger.leave(record["ward_id"], key)
            origin = {"from_ward": record["ward_id"], "from_group": record["group_id"]}
            ledger.note(ward_id, "moved", by=by, record=key, group=group_id, **origin)
