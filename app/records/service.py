"""The only writer of records, their versions, and the wards' feed. Runs inside the caller's transaction."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import bindparam, insert, update

from app.at_rest import sealing
from app.clock import now, today
from app.db import db, take_turns
from app.identity.rights import COLLABORATOR, OFFICER, Actor
from app.kinds import checks, registry
from app.places import rules as places
from app.problems import Problem
from app.records import again, chain, ledger, queries, rules
from app.records.models import Record, RecordVersion, Setting
from app.records.queries import Row
from app.units.queries import unit_finder
from app.vietnamese import clean

_RECORD: Any = Record.__table__
_VERSION: Any = RecordVersion.__table__
_NEW_RECORD, _NEW_VERSION = insert(_RECORD), insert(_VERSION)
_FIXED = ("id", "feed_no")
_CHANGE_RECORD = (
    update(_RECORD)
    .where(_RECORD.c.id == bindparam("key"))
    .values({column.name: bindparam(column.name) for column in _RECORD.c if column.name not in _FIXED})
)


@dataclass(frozen=True)
class Step:
    """What was done to a record, by whom, for its history."""

    what: str  # created | edited | withdrawn | choice | filled | accept | return | close | duplicate
    person_id: str
    log_id: int | None = None
    written_at: datetime | None = None
    review: Row | None = None


# What else happens in the same transaction once the desk has written these records: a change that a phone sent may
# have waited for the version that they have now.
after_the_desk: list[Callable[[Collection[str]], None]] = []


class RecordWriter:
    """Gathers what becomes of records within one transaction; `flush` writes all of it in few statements.

    `desk`: it writes what the desk does; what follows from that happens in `flush`, so let the ledger know before.
    """

    def __init__(self, *, desk: bool = False) -> None:
        self._desk = desk
        self._unit_on = unit_finder()
        self._new: dict[str, Row] = {}
        self._changed: dict[str, Row] = {}
        self._versions: list[Row] = []
        self._seen: set[str] = set()  # records of which it may be another day now on which to come again

    def write_change(self, record: Row, sender: Actor, step: Step, *, new: bool) -> Row:
        """Take a record as a phone's change left it; whatever follows from its answers is worked out here."""
        filed = self._file(record, sender, new=new)
        self._take(filed, step, new=new)
        return filed

    def write_verdict(self, record: Row, step: Step) -> None:
        """Take a record as the desk left it."""
        self._take(record, step, new=False)

    def flush(self) -> None:
        """Write what was gathered."""
        connection = db.session.connection()
        if self._new:
            connection.execute(_NEW_RECORD, [sealing.placed_record(row) for row in self._new.values()])
        if self._changed:
            changed = [{"key": row["id"], **sealing.placed_record(row)} for row in self._changed.values()]
            connection.execute(_CHANGE_RECORD, changed)
        if self._versions:
            connection.execute(_NEW_VERSION, self._versions)
        again.bring_up(self._seen)
        written = {*self._new, *self._changed}
        self.forget()
        if self._desk and written:
            for follow in after_the_desk:
                follow(written)

    def forget(self) -> None:
        """Let go of what was gathered and not written."""
        self._new, self._changed, self._versions, self._seen = {}, {}, [], set()

    def _take(self, record: Row, step: Step, *, new: bool) -> None:
        (self._new if new or record["id"] in self._new else self._changed)[record["id"]] = record
        version = {
            "record_id": record["id"],
            "version": record["version"],
            "what": step.what,
            "person_id": step.person_id,
            "change_log_id": step.log_id,
            "status": record["status"],
            "data": record["data"],
            "review": step.review,
            "written_at": step.written_at,
            "received_at": record["changed_at"],
        }
        self._versions.append(sealing.placed_version(version, record["kind"], record["ward_id"]))
        self.see_again(record)

    def see_again(self, record: Row) -> None:
        """By this row it may be another day on which to come again: for whom a visit was paid to, for a child itself,
        which may come after its visits, and for the one that is kept of two."""
        kind = registry.get(record["kind"])
        visited = record["parent_id"] if kind and kind.again else None
        own = record["id"] if record["kind"] in again.parents() else None
        self._seen |= {visited, own, record["original_id"]} - {None}

    def _file(self, record: Row, sender: Actor, *, new: bool) -> Row:
        """The record with everything that follows from its answers."""
        kind, values = registry[record["kind"]], record["data"]
        parent, group = rules.parent_id(kind, values), record["group_id"]
        if sender.role != COLLABORATOR:
            parent = record["parent_id"]  # the desk never moves a record to another parent
        if new:
            group = sender.group_ids[0] if sender.group_ids else None
        if not new:
            self.see_again(record)  # it may be filed under another one now
        if parent and (new or parent != record["parent_id"]):
            parent, group = self._under(parent, group, sender)
        happened: date | None = rules.happened_on(kind, values)
        lat, lon = places.point(kind, values) or (None, None)
        return {
            **record,
            "parent_id": parent,
            "group_id": group,
            "unit_id": self._unit_on(group or record["ward_id"], happened),
            "happened_on": happened,
            "again_on": rules.again_on(kind, values) if kind.again else record["again_on"],
            "search": sealing.index(record["kind"], rules.search_text(kind, values)),
            "lat": lat,
            "lon": lon,
            "urgency": checks.urgency(kind, values, today().isoformat())[0],
        }

    def _under(self, parent: str, group: int | None, sender: Actor) -> tuple[str | None, int | None]:
        """The parent that a record is filed under, and the group. What the sender has no part in is no parent:
        a record about it stands alone, in the sender's own group, and its answer still says what was meant."""
        if parent in self._new or parent in self._changed:
            self.flush()
        found = queries.parent(sender, parent)
        if found is None:
            return parent, group  # it may come later
        return (parent, found.group_id or group) if found.in_scope else (None, group)


def write_verdict(
    actor: Actor,
    record_id: str,
    seen_version: int,
    verdict: str,
    note: str = "",
    pins: dict[str, str] | None = None,
    original: str | None = None,
) -> int:
    """Write an officer's verdict on the version that he or she has seen; the record's new version.

    Call inside `transact`. Raises not_found, newer_version, not_possible_now or bad_form.
    """
    if actor.role != OFFICER:
        raise Problem("not_found")
    queries.get(actor, record_id)
    record = queries.standing([record_id])[record_id]
    if record["version"] != seen_version:
        raise Problem("newer_version", version=record["version"])
    status = rules.after_verdict(record["status"], verdict)
    if status is None:
        raise Problem("not_possible_now")
    review = _review(actor, now(), seen_version, verdict, note, pins or {}, original)
    faults = rules.verdict_faults(verdict, review["note"], review["pins"], original)
    faults = faults or _original_faults(actor, record_id, original)
    if faults:
        raise Problem("bad_form", fields=faults)
    writer = RecordWriter(desk=True)
    writer.see_again(record)
    version = _judge(writer, {**record, "original_id": original}, status, review, queries.version_floor())
    writer.flush()
    return version


def write_acceptances(actor: Actor, standing: Iterable[Row]) -> None:
    """Accept these records as they stand, in few statements. Call inside `transact`, with rows of `queries.standing`
    in this transaction that are within the person's scope and may be accepted."""
    if actor.role != OFFICER:
        raise Problem("not_found")
    writer, floor, moment = RecordWriter(desk=True), queries.version_floor(), now()
    for record in standing:
        review = _review(actor, moment, record["version"], "accept", "", {}, None)
        _judge(writer, record, rules.VERDICTS["accept"], review, floor)
    writer.flush()


def _judge(writer: RecordWriter, record: Row, status: str, review: Row, floor: int) -> int:
    """Take a verdict into the writer, the ward's feed and its chain; the record's new version."""
    version = max(int(record["version"]), floor) + 1
    judged = {"status": status, "review": review, "version": version, "changed_at": now()}
    writer.write_verdict({**record, **judged}, Step(review["verdict"], review["by_id"], review=review))
    ledger.touch(record["ward_id"], record["id"], left=False)
    said = {"verdict": review["verdict"], "status": status, "sha256": chain.fingerprint(review)}
    seen = {"record": record["id"], "version": version, "data": chain.fingerprint(record["data"])}
    ledger.note(record["ward_id"], "verdict", by=review["by_id"], at=review["at"], **seen, **said)
    return version


def write_desk_fields(actor: Actor, record_id: str, seen_version: int, answers: Row) -> int:
    """Write answers to fields that the desk owns, on the version that the officer has seen; the new version.

    None clears a field. What changes nothing writes nothing, and the version stays. Call inside `transact`.
    Raises not_found, newer_version, not_possible_now, or bad_form with the fields at fault.
    """
    if actor.role != OFFICER:
        raise Problem("not_found")
    queries.get(actor, record_id)
    record = queries.standing([record_id])[record_id]
    if record["version"] != seen_version:
        raise Problem("newer_version", version=record["version"])
    kind = registry.get(record["kind"])
    if kind is None or record["status"] == "withdrawn":
        raise Problem("not_possible_now")
    values, faults = checks.normalise(kind, answers)
    faults += [{"field": name, "code": "unknown_field"} for name in values if name not in kind.desk_owned]
    if faults:
        raise Problem("bad_form", fields=faults)
    moment, version = now(), max(seen_version, queries.version_floor()) + 1
    writer = (version, f"desk:{actor.id}", actor.id, moment.isoformat(timespec="seconds"))
    filled = rules.filled_in(record, values, writer)
    if filled is None:
        return seen_version
    writing = RecordWriter(desk=True)
    after = writing.write_change({**filled, "changed_at": moment}, actor, Step("filled", actor.id), new=False)
    ledger.touch(after["ward_id"], record_id, left=False)
    said = {"record": record_id, "version": version, "status": after["status"], "fields": sorted(values)}
    ledger.note(after["ward_id"], "filled", by=actor.id, at=writer[3], data=chain.fingerprint(after["data"]), **said)
    writing.flush()
    return version


def _review(
    actor: Actor,
    moment: datetime,
    seen_version: int,
    verdict: str,
    note: str,
    pins: dict[str, str],
    original: str | None,
) -> Row:
    """The verdict as it is kept beside the record."""
    return {
        "verdict": verdict,
        "note": clean(note),
        "pins": {name: clean(reason) for name, reason in pins.items()},
        "by": actor.name,
        "by_id": actor.id,
        "at": rules.stamp(moment),
        "version": seen_version,
        **({"original": original} if original else {}),
    }


def ensure_epoch() -> str:
    """The name of this database's life, made once. Whoever restores a backup removes it, so that a new one is made."""
    found = db.session.get(Setting, "epoch")
    if found is None and take_turns("epoch"):
        found = db.session.get(Setting, "epoch")
    if found is None:
        found = Setting(name="epoch", value=str(uuid4()))
        db.session.add(found)
    return found.value


def _original_faults(actor: Actor, record_id: str, original: str | None) -> list[dict[str, str]]:
    """A duplicate points at another record within reach."""
    if original is None:
        return []
    try:
        queries.get(actor, original)
    except Problem:
        return [{"field": "original", "code": "not_record"}]
    return [{"field": "original", "code": "not_record"}] if original == record_id else []
