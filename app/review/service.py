"""The desk's verbs: judge a record, fill in what is the desk's. They run inside the caller's transaction."""

from collections.abc import Mapping
from typing import Any

from app.clock import now
from app.identity.rights import Actor
from app.kinds import registry
from app.kinds.vocabulary import Kind
from app.problems import Problem
from app.records import desk_steps
from app.records import queries as records
from app.records import service as writer
from app.records.models import Record
from app.records.rules import stamp
from app.review import queries, rules


def decide(actor: Actor, record_id: str, given: rules.Verdict) -> None:
    """Write a verdict on the version that the officer has seen.

    Raises not_found outside the person's scope, newer_version when there is a version the officer
    has not seen, and bad_form, with the fields at fault, when something is missing.
    """
    records.standing({record_id, given.original or record_id})
    record = records.get(actor, record_id)
    if record.version != given.seen:
        raise Problem("newer_version", version=record.version)
    kind = registry.get(record.kind)
    found = rules.faults(given, record.status, _askable(kind, record))
    if not found and given.verdict == "duplicate":
        found = _faults_of_original(actor, record, given.original or "")
    if found:
        raise Problem("bad_form", fields=found)
    pins = dict(given.pins) if given.verdict == "return" else {}
    original = given.original if given.verdict == "duplicate" else None
    writer.write_verdict(actor, record_id, given.seen, given.verdict, given.note, pins, original)


def undo_duplicate(actor: Actor, record_id: str) -> None:
    """Take back that a record is a duplicate: it stands as it stood before, and both histories keep what happened.

    Raises not_found, or not_possible_now when it is none (any more).
    """
    record = desk_steps.held(actor, record_id)
    before = queries.before_duplicate(record_id)
    if record["status"] != "duplicate" or before is None:
        raise Problem("not_possible_now")
    status, review = before
    said = {"by": actor.name, "by_id": actor.id, "at": stamp(now()), "original": record["original_id"]}
    desk_steps.write(actor, record, "undone", said, status=status, review=review, original_id=None)


def fill(actor: Actor, record_id: str, seen: int, answers: Mapping[str, Any]) -> None:
    """Write answers to fields that the desk owns, on the version that the officer has seen.

    Raises not_found, newer_version, not_possible_now, or bad_form with the fields at fault.
    """
    writer.write_desk_fields(actor, record_id, seen, dict(answers))


def _askable(kind: Kind | None, record: Record) -> list[str]:
    """The fields that a collaborator can be asked about: all but the desk's own."""
    desk = kind.desk_owned if kind else ()
    return [name for name in (*(kind.fields if kind else ()), *record.data) if name not in desk]


def _faults_of_original(actor: Actor, record: Record, original_id: str) -> list[dict[str, str]]:
    """The original must be another record of the kind, within reach, that is not itself marked a duplicate."""
    try:
        original = records.get(actor, original_id)
    except Problem:
        return [{"field": "original", "code": "not_record"}]
    fits = original.id != record.id and original.kind == record.kind and original.status != "duplicate"
    return [] if fits else [{"field": "original", "code": "not_record"}]
