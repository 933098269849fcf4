"""The clocks' two verbs: an officer says that a legal time was met or does not apply, or takes that back."""

from datetime import datetime

from sqlalchemy import delete, insert

from app.clock import now
from app.clocks import rules
from app.clocks.models import ClockEnd
from app.db import db
from app.identity.rights import OFFICER, Actor
from app.kinds import registry
from app.problems import Problem
from app.records import chain, ledger
from app.records import queries as records
from app.vietnamese import clean


def end(actor: Actor, record_id: str, clock: str, outcome: str, done_at: datetime | None, note: str) -> None:
    """Write what was done, and when (None: now). Call inside `transact`.

    Raises not_found, not_possible_now for a record without this clock, or bad_form with the fields at fault: the note
    is required where nothing was done.
    """
    ward_id, received = _held(actor, record_id, clock)
    moment, note = now(), clean(note)
    at = done_at or moment
    faults = []
    if outcome not in rules.OUTCOMES:
        faults.append({"field": "outcome", "code": "not_choice"})
    if not received.replace(second=0, microsecond=0) <= at <= moment:
        faults.append({"field": "done_at", "code": "not_date"})
    if len(note) > rules.LONGEST_NOTE or (outcome == "not_needed" and not note):
        faults.append({"field": "note", "code": "too_long" if note else "required"})
    if faults:
        raise Problem("bad_form", fields=faults)
    _forget(record_id, clock)
    said = {"record_id": record_id, "clock": clock, "outcome": outcome, "done_at": at, "note": note}
    db.session.execute(insert(ClockEnd), [{**said, "by_id": actor.id, "written_at": moment}])
    facts = {"record": record_id, "clock": clock, "outcome": outcome, "done": at.isoformat(timespec="seconds")}
    _note(actor, ward_id, "clock_ended", moment, **facts, sha256=chain.fingerprint({"note": note}))


def resume(actor: Actor, record_id: str, clock: str) -> None:
    """Let the clock run again, counted from the same receipt. Call inside `transact`. Raises like `end`."""
    ward_id, _ = _held(actor, record_id, clock)
    _forget(record_id, clock)
    _note(actor, ward_id, "clock_resumed", now(), record=record_id, clock=clock)


def _held(actor: Actor, record_id: str, clock: str) -> tuple[int, datetime]:
    """The record's ward and when the ward received it; until the transaction ends nobody else writes it."""
    if actor.role != OFFICER:
        raise Problem("not_found")
    records.get(actor, record_id)
    record = records.standing([record_id])[record_id]
    kind = registry.get(record["kind"])
    if kind is None or clock not in {one.code for one in kind.clocks}:
        raise Problem("not_possible_now")
    return record["ward_id"], record["received_at"]


def _forget(record_id: str, clock: str) -> None:
    mine = ClockEnd.record_id == record_id, ClockEnd.clock == clock
    db.session.execute(delete(ClockEnd).where(*mine).execution_options(synchronize_session=False))


def _note(actor: Actor, ward_id: int, what: str, at: datetime, **facts: str) -> None:
    ledger.note(ward_id, what, by=actor.id, at=at.isoformat(timespec="seconds"), **facts)
