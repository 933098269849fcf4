"""Whether the database still is what its log chains say: every way in which it does not is a finding."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC
from typing import Any, NamedTuple

from sqlalchemy import Table, select
from sqlalchemy.orm import aliased

from app.db import db
from app.exports.models import Export
from app.records.chain import START, Head, fingerprint, seal
from app.records.models import Change, Link, Record, RecordVersion, Ward

Facts = dict[str, Any]
Row = Mapping[Any, Any]
_AT_ONCE = 500
_CHANGE: Any = Change.__table__
# What a link says of a change, and the column where it stands.
_COLUMNS = {
    "change": "change_id",
    "sha256": "sha256",
    "device": "device",
    "seq": "seq",
    "person": "person_id",
    "record": "record_id",
}


class Finding(NamedTuple):
    """Something that is not as it should be. `ward_id` is None where no ward is concerned."""

    ward_id: int | None
    words: str


class Audit:
    """One walk over everything. `findings` gives them in the order of the walk, `heads` the chains' heads after it."""

    def __init__(self) -> None:
        self.heads: dict[int, Head] = {}
        self._outcomes: dict[int, str] = {}  # of each linked change, the latest
        self._versions: dict[tuple[str, int], Facts] = {}  # what the link says that wrote it
        self._exports: dict[int, Any] = {}  # the hash that a link says of a file that left

    def findings(self, witnesses: Iterable[tuple[int, Head]] = ()) -> Iterator[Finding]:
        """Walk the chains, then the rows. `witnesses`: heads that somebody saw, each with its ward."""
        kept = {ward.ward_id: Head(ward.chain_no, ward.chain_hash) for ward in db.session.scalars(select(Ward))}
        linked = set(db.session.scalars(select(Link.ward_id).distinct()))
        seen: dict[int, list[Head]] = {}
        for ward_id, head in witnesses:
            seen.setdefault(ward_id, []).append(head)
        for ward_id in sorted(kept.keys() | linked | seen.keys()):
            yield from self._chain(ward_id, seen.get(ward_id, []))
            if self.heads[ward_id] != kept.get(ward_id, START):
                said = kept.get(ward_id, START)
                yield Finding(ward_id, f"The ward's own head is {said.no}, its last link is {self.heads[ward_id].no}.")
        yield from self._changes()
        yield from self._histories()
        yield from self._files()
        yield from _records()

    def _chain(self, ward_id: int, witnesses: list[Head]) -> Iterator[Finding]:
        head, unseen = START, {witness for witness in witnesses if witness != START}
        wanted = select(Link.no, Link.facts, Link.hash).where(Link.ward_id == ward_id).order_by(Link.no)
        for part in _parts(wanted):
            changes: list[tuple[int, Facts]] = []
            for no, text, said in part:
                if no != head.no + 1:
                    yield Finding(ward_id, f"After link {head.no} comes link {no}: what was between is gone.")
                if said != seal(head.hash, text):
                    yield Finding(ward_id, f"Link {no} was changed, or what stands before it was.")
                head = Head(no, said)
                unseen.discard(head)
                facts = _read(text)
                self._remember(facts)
                if facts.get("what") == "change":
                    changes.append((no, facts))
            yield from _compared(ward_id, changes)
        for witness in sorted(unseen):
            yield Finding(ward_id, f"Link {witness.no}, as it was seen, is not in the chain: the log was rewritten.")
        self.heads[ward_id] = head

    def _remember(self, facts: Facts) -> None:
        log_id, record_id, version = facts.get("log_id"), facts.get("record"), facts.get("version")
        if isinstance(log_id, int) and "outcome" in facts:
            self._outcomes[log_id] = str(facts["outcome"])
        if isinstance(record_id, str) and isinstance(version, int) and "data" in facts:
            self._versions[record_id, version] = facts
        if facts.get("what") == "exported" and isinstance(facts.get("export"), int):
            self._exports[facts["export"]] = facts.get("sha256")

    def _changes(self) -> Iterator[Finding]:
        """Every change has its link, and the outcome that the last link about it says."""
        for part in _parts(select(Change.log_id, Change.outcome).order_by(Change.log_id)):
            for log_id, outcome in part:
                said = self._outcomes.get(log_id)
                if said is None:
                    yield Finding(None, f"Change {log_id} has no link: it was put in beside the server.")
                elif said != outcome:
                    yield Finding(None, f"Change {log_id} is {outcome}; its last link says {said}.")

    def _histories(self) -> Iterator[Finding]:
        """Every version that a link names is there as it was written, and no other is."""
        table: Table = RecordVersion.__table__  # type: ignore[assignment]
        for part in _parts(select(table).order_by(table.c.record_id, table.c.version)):
            for row in part:
                facts = self._versions.pop((row.record_id, row.version), None)
                name = f"Version {row.version} of record {row.record_id}"
                if facts is None:
                    yield Finding(None, f"{name} has no link: it was put in beside the server.")
                elif faults := _faults_of_version(row._mapping, facts):
                    yield Finding(None, f"{name} was changed: {', '.join(faults)}.")
        for record_id, version in self._versions:
            yield Finding(None, f"Version {version} of record {record_id} has a link and is gone.")

    def _files(self) -> Iterator[Finding]:
        """Every file that left the house is noted as its link says."""
        for part in _parts(select(Export).order_by(Export.id)):
            for (row,) in part:
                if self._exports.pop(row.id, None) != fingerprint(row.sealed()):
                    yield Finding(row.unit_id, f"Export {row.id} is not what its link says, or has none.")
        for export_id in self._exports:
            yield Finding(None, f"Export {export_id} has a link and is gone.")


def _compared(ward_id: int, changes: list[tuple[int, Facts]]) -> Iterator[Finding]:
    """Links of changes beside the rows they speak of."""
    ids = [facts.get("log_id") for _, facts in changes]
    rows = {row.log_id: row._mapping for row in db.session.execute(select(_CHANGE).where(_CHANGE.c.log_id.in_(ids)))}
    for no, facts in changes:
        row = rows.pop(facts.get("log_id"), None)
        if row is None:
            yield Finding(ward_id, f"Change {facts.get('log_id')} of link {no} is gone, or linked twice.")
        elif faults := _faults_of_change(row, facts):
            yield Finding(ward_id, f"Change {row['log_id']} of link {no} was changed: {', '.join(faults)}.")


def _faults_of_change(row: Row, facts: Facts) -> list[str]:
    faults = [column for name, column in _COLUMNS.items() if row[column] != facts.get(name)]
    if hashlib.sha256(row["body"]).hexdigest() != facts.get("sha256"):
        faults.append("body")
    if row["received_at"].astimezone(UTC).isoformat() != facts.get("received"):
        faults.append("received_at")
    return faults


def _faults_of_version(row: Row, facts: Facts) -> list[str]:
    expected = {"status": facts.get("status", row["status"]), "change_log_id": facts.get("log_id")}
    faults = [name for name, value in expected.items() if row[name] != value]
    if "data" in facts and fingerprint(row["data"]) != facts["data"]:
        faults.append("data")
    if facts.get("what") in ("verdict", "step"):
        said = facts.get("verdict") or facts.get("step"), facts.get("sha256")
        faults += [] if (row["what"], fingerprint(row["review"] or {})) == said else ["review"]
    return faults


def _records() -> Iterator[Finding]:
    """Every record is what its latest version says."""
    later = aliased(RecordVersion)
    overtaken = select(later.version).where(later.record_id == Record.id, later.version > Record.version).exists()
    wanted = (
        select(Record.id, Record.status, Record.data, RecordVersion.status, RecordVersion.data, overtaken)
        .outerjoin(RecordVersion, (RecordVersion.record_id == Record.id) & (RecordVersion.version == Record.version))
        .order_by(Record.id)
    )
    for part in _parts(wanted):
        for record_id, status, data, said, written, is_overtaken in part:
            if is_overtaken or (status, data) != (said, written):
                yield Finding(None, f"Record {record_id} is not what its latest version says.")


def _read(text: str) -> Facts:
    try:
        facts = json.loads(text)
    except ValueError:
        return {}
    return facts if isinstance(facts, dict) else {}


def _parts(wanted: Any) -> Iterator[list[Any]]:
    """The rows of a SELECT, some at a time."""
    for part in db.session.execute(wanted.execution_options(yield_per=_AT_ONCE)).partitions():
        yield list(part)
