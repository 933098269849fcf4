"""Every SELECT about one record of the desk: its history and relations. All start from the person's scope."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import load_only

from app.db import db
from app.identity.models import Person
from app.identity.rights import Actor
from app.records.models import Record, RecordVersion
from app.records.queries import in_scope, of_these
from app.records.rules import VERDICTS

# Of a few, found by what they name: no index in this order may tempt a database to read the whole ward for them.
_received = func.coalesce(Record.received_at, Record.changed_at)


def history(record_id: str) -> list[tuple[RecordVersion, str]]:
    """All versions, oldest first, each with the name of who wrote it."""
    found = (
        select(RecordVersion, Person.name)
        .join(Person, Person.id == RecordVersion.person_id)
        .where(RecordVersion.record_id == record_id)
        .order_by(RecordVersion.version)
    )
    return [(version, name) for version, name in db.session.execute(found)]


def among(actor: Actor, ids: Iterable[str]) -> dict[str, Record]:
    """Those of the records that exist and are within the person's scope."""
    wanted = set(ids)
    if not wanted:
        return {}
    return {record.id: record for record in db.session.scalars(select(Record).where(of_these(actor, wanted)))}


def below(actor: Actor, ids: Iterable[str]) -> list[Record]:
    """The records made about these, for example a child's visits, the latest first."""
    found = select(Record).where(in_scope(actor), Record.parent_id.in_(list(ids)))
    return list(db.session.scalars(found.order_by(Record.happened_on.desc(), _received.desc()).limit(100)))


def doubles(actor: Actor, record_id: str) -> list[Record]:
    """The records that an officer marked as duplicates of this one, the oldest first."""
    found = select(Record).where(in_scope(actor), Record.original_id == record_id, Record.status == "duplicate")
    return list(db.session.scalars(found.order_by(_received)))


def before_duplicate(record_id: str) -> tuple[str, dict[str, Any] | None] | None:
    """The status and the verdict that a record had before it was marked a duplicate; None when it never was."""
    wanted = select(RecordVersion.what, RecordVersion.status, RecordVersion.review)
    status, review, found = "", None, None
    for what, then, said in db.session.execute(
        wanted.where(RecordVersion.record_id == record_id).order_by(RecordVersion.version)
    ):
        if what == "duplicate":
            found = (status, review) if status != "duplicate" else found
        status, review = then, said if what in VERDICTS else review
    return found


def neighbours(actor: Actor, record: Record) -> list[Record]:
    """Where a duplicate may hide: the latest records of the same kind and group that still stand."""
    same_group = Record.group_id == record.group_id if record.group_id is not None else Record.group_id.is_(None)
    compared = load_only(Record.id, Record.kind, Record.status, Record.data, Record.received_at, raiseload=True)
    found = (
        select(Record)
        .options(compared)
        .where(
            in_scope(actor),
            Record.kind == record.kind,
            same_group,
            Record.id != record.id,
            Record.status.not_in(("duplicate", "withdrawn")),
        )
    )
    return list(db.session.scalars(found.order_by(Record.received_at.desc()).limit(500)))
