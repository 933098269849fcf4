"""Records as they stand, every version of them, the raw log of what phones sent, and its chain of hashes."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Double, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.at_rest.sealing import SealedBytes, SealedJson
from app.db import Model, Utc
from app.records.chain import NO_HASH

_IN_CONFLICT = text("CAST(conflicts AS TEXT) != '[]'")
_WAITS = text("status IN ('received', 'needs_fixing', 'answered')")
_ON_MAP = text("lat IS NOT NULL")
_TASK = text("assignee_id IS NOT NULL")
_AGAIN = text("again_on IS NOT NULL")
_NAMED = text("search != ''")
_HELD = text("outcome = 'held'")
_KEPT = text("outcome = 'quarantined'")


class Record(Model):
    """The current state. `feed_no` is its place in its ward's feed."""

    __table_args__ = (
        Index("ix_record_feed", "ward_id", "feed_no"),
        Index("ix_record_queue", "ward_id", "status", "urgency", "received_at"),
        Index("ix_record_waiting", "ward_id", "received_at", "id", sqlite_where=_WAITS, postgresql_where=_WAITS),
        Index("ix_record_place", "ward_id", "lat", sqlite_where=_ON_MAP, postgresql_where=_ON_MAP),
        Index("ix_record_kind", "ward_id", "kind", "feed_no"),
        # Without the id, so that SQLite never takes it for what waits, which has one of its own.
        Index("ix_record_received", "ward_id", "received_at"),
        Index("ix_record_author", "ward_id", "author_id", "feed_no"),
        Index("ix_record_group", "ward_id", "group_id", "feed_no"),
        Index("ix_record_task", "ward_id", "assignee_id", sqlite_where=_TASK, postgresql_where=_TASK),
        Index("ix_record_again", "ward_id", "kind", "again_on", "status", sqlite_where=_AGAIN, postgresql_where=_AGAIN),
        # With the ward, so that SQLite, which counts nothing, takes them for more exact than those of the whole ward.
        Index("ix_record_parent", "parent_id", "ward_id"),
        Index("ix_record_original", "original_id", "ward_id", "status"),
        # A search reads this narrow copy instead of whole rows. PostgreSQL refuses long rows in an index.
        Index("ix_record_search", "ward_id", "received_at", "id", "search", sqlite_where=_NAMED).ddl_if("sqlite"),
        Index("ix_record_conflicts", "ward_id", sqlite_where=_IN_CONFLICT, postgresql_where=_IN_CONFLICT),
    )
    id: Mapped[str] = mapped_column(primary_key=True)  # the phone's uuid4
    kind: Mapped[str]
    form: Mapped[int]
    version: Mapped[int]
    status: Mapped[str]  # received needs_fixing returned answered accepted closed duplicate withdrawn
    author_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    ward_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))  # whose desk has it now
    group_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))  # group or ward valid on happened_on
    parent_id: Mapped[str | None]  # no key: the parent may come later
    happened_on: Mapped[date | None]
    again_on: Mapped[date | None]  # of a visit, when its author means to come again; of a child, see records/again.py
    data: Mapped[dict[str, Any]] = mapped_column(SealedJson("record.data"))
    writers: Mapped[dict[str, list[Any]]] = mapped_column(JSON)  # field -> [version, device, seq, person, at]
    conflicts: Mapped[list[dict[str, Any]]] = mapped_column(SealedJson("record.conflicts"))
    problems: Mapped[list[dict[str, Any]]] = mapped_column(JSON)  # [{field, code}]
    review: Mapped[dict[str, Any] | None] = mapped_column(SealedJson("record.review"))  # the last verdict, desk-owned
    original_id: Mapped[str | None]  # of a duplicate, the record that is kept
    # The desk's latest comments, and the last task, which is open as long as …
    said: Mapped[list[dict[str, Any]] | None] = mapped_column(SealedJson("record.said", none_as_null=True))
    task: Mapped[dict[str, Any] | None] = mapped_column(SealedJson("record.task", none_as_null=True))
    assignee_id: Mapped[str | None]  # … this person has it; no key, which SQLite could not add
    task_due: Mapped[date | None]
    task_at: Mapped[datetime | None] = mapped_column(Utc)  # when it was given
    urgency: Mapped[int] = mapped_column(default=0)
    search: Mapped[str] = mapped_column(default="")  # folded, or blinded: at_rest.sealing.index
    lat: Mapped[float | None] = mapped_column(Double)  # where it stands on a map of many; None for kinds that do not
    lon: Mapped[float | None] = mapped_column(Double)
    received_at: Mapped[datetime] = mapped_column(Utc)
    changed_at: Mapped[datetime] = mapped_column(Utc)
    feed_no: Mapped[int]


class RecordVersion(Model):
    """What one step did to a record: a change from a phone, a verdict of the desk, or what the desk filled in."""

    record_id: Mapped[str] = mapped_column(ForeignKey("record.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    # created | edited | withdrawn | choice | filled | accept | return | close | duplicate, or a step of desk_steps
    what: Mapped[str]
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    change_log_id: Mapped[int | None] = mapped_column(ForeignKey("change.log_id"))
    status: Mapped[str]
    data: Mapped[dict[str, Any]] = mapped_column(SealedJson("record_version.data"))  # whole answers after the step
    review: Mapped[dict[str, Any] | None] = mapped_column(SealedJson("record_version.review"))
    written_at: Mapped[datetime | None] = mapped_column(Utc)  # the phone's clock
    received_at: Mapped[datetime] = mapped_column(Utc)


class Change(Model):
    """The append-only log: exactly what a phone sent, stored before anything was decided about it."""

    __table_args__ = (
        UniqueConstraint("change_id", "sha256", "person_id"),
        Index("ix_change_device", "device", "seq"),
        Index("ix_change_held", "received_at", sqlite_where=_HELD, postgresql_where=_HELD),
        Index("ix_change_quarantined", "ward_id", "log_id", sqlite_where=_KEPT, postgresql_where=_KEPT),
    )
    log_id: Mapped[int] = mapped_column(primary_key=True)
    change_id: Mapped[str]
    sha256: Mapped[str]
    device: Mapped[str]
    seq: Mapped[int | None]
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    ward_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))  # the sender's, whose chain has it
    record_id: Mapped[str | None] = mapped_column(index=True)
    body: Mapped[bytes] = mapped_column(SealedBytes("change.body"))
    sig: Mapped[str | None]
    received_at: Mapped[datetime] = mapped_column(Utc)
    outcome: Mapped[str]
    receipt: Mapped[dict[str, Any]] = mapped_column(JSON)
    # Of a held change: the ward and groups that its sender had, to judge it by when it is released.
    sender: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))


class Ward(Model):
    """The ward's feed counter and the head of its log chain, raised last in each writing transaction."""

    ward_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    last_no: Mapped[int] = mapped_column(default=0)
    chain_no: Mapped[int] = mapped_column(default=0)
    chain_hash: Mapped[str] = mapped_column(default=NO_HASH)


class Link(Model):
    """One fact of a ward's history; its hash covers it and every fact before it (see `chain`)."""

    __table_args__ = (Index("ix_link_at", "ward_id", "at"),)
    ward_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    no: Mapped[int] = mapped_column(primary_key=True)  # 1, 2, 3 … in each ward
    at: Mapped[datetime | None] = mapped_column(Utc)  # when it was written, for looking it up; the facts are sealed
    facts: Mapped[str]  # canonical JSON: what happened, never what was written
    hash: Mapped[str]


class Leaving(Model):
    """A record that left somebody's scope, numbered like everything else in the feed."""

    __table_args__ = (Index("ix_leaving_feed", "ward_id", "feed_no"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    ward_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    feed_no: Mapped[int]
    record_id: Mapped[str]


class Setting(Model):
    """Facts about this database itself: its epoch, and when it was restored, the `life` that it is in."""

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]
