"""Steps of the desk that leave a record's answers as they are: a comment, a task, a duplicate undone.

Each is a version, a link and a place in the feed, like a verdict's. Runs inside the caller's transaction.
"""

from typing import Any

from app.clock import now
from app.identity.rights import OFFICER, Actor
from app.problems import Problem
from app.records import chain, ledger, queries, rules
from app.records.queries import Row
from app.records.service import RecordWriter, Step


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


def write(actor: Actor, record: Row, what: str, kept: Row, **changes: Any) -> int:
    """Write a step with what its version keeps of it, and what it changes of the record; the new version."""
    moment, version = now(), max(int(record["version"]), queries.version_floor()) + 1
    after = {**record, **changes, "version": version, "changed_at": moment}
    writer = RecordWriter(desk=True)
    writer.see_again(record)
    writer.write_verdict(after, Step(what, actor.id, review=kept))
    ledger.touch(record["ward_id"], record["id"], left=False)
    seen = {"record": record["id"], "version": version, "data": chain.fingerprint(record["data"])}
    facts = {"step": what, "status": after["status"], "sha256": chain.fingerprint(kept)}
    ledger.note(record["ward_id"], "step", by=actor.id, at=rules.stamp(moment), **seen, **facts)
    writer.flush()
    return version
