"""Steps of the desk that leave a record's answers as they are: a comment, a task, a duplicate undone.

Each is a version, a link and a place in the feed, like a verdict's. Runs inside the caller's transaction.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from app.clock import now
from app.identity.rights import OFFICER, Actor
from app.problems import Problem
from app.records import chain, ledger, queries, rules
from app.records.queries import Row
from app.records.service import RecordWriter, Step


class DeskStep(NamedTuple):
    """A step on a record that this transaction holds: what its version keeps of it, what it changes of the record."""

    record: Row
    what: str
    kept: Row
    changes: Row


def held(actor: Actor, record_id: str) -> Row:
    """The record for an officer to take a step on; until the transaction ends nobody else writes it.

    Raises not_found, or not_possible_now for what its author withdrew.
    """
    if actor.role != OFFICER:
        raise Problem("not_found")
    queries.get(actor, record_id)
    record = queries.standing([record_id])[record_id]
    if record["status"] == "withdrawn":
        raise Problem("not_possible_now")
    return record


def write(actor: Actor, record: Row, what: str, kept: Row, **changes: Any) -> None:
    """Write one step."""
    write_all(actor, [DeskStep(record, what, kept, changes)])


def write_all(actor: Actor, steps: Sequence[DeskStep]) -> None:
    """Write steps on any number of records, in few statements."""
    writer, floor, moment = RecordWriter(desk=True), queries.version_floor(), now()
    for step in steps:
        version = max(int(step.record["version"]), floor) + 1
        after = {**step.record, **step.changes, "version": version, "changed_at": moment}
        writer.see_again(step.record)
        writer.write_verdict(after, Step(step.what, actor.id, review=step.kept))
        ledger.touch(after["ward_id"], after["id"], left=False)
        seen = {"record": after["id"], "version": version, "data": chain.fingerprint(after["data"])}
        facts = {"step": step.what, "status": after["status"], "sha256": chain.fingerprint(step.kept)}
        ledger.note(after["ward_id"], "step", by=actor.id, at=rules.stamp(moment), **seen, **facts)
    writer.flush()
