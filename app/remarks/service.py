"""Two ways to write beside a record: a comment that its author's phone shows, and a note that stays at the desk."""

from sqlalchemy import insert, select

from app.clock import now
from app.db import db
from app.identity.models import Person
from app.identity.rights import Actor
from app.problems import Problem
from app.records import chain, desk_steps, ledger
from app.records.rules import stamp
from app.remarks.models import DeskNote
from app.vietnamese import clean

LONGEST = 1000
# A phone carries the latest comments of a record, the desk's history all of them.
MOST_CARRIED = 10


def comment(actor: Actor, record_id: str, text: str) -> None:
    """Say something to whoever carries the record. Call inside `transact`. Raises not_found, bad_form, or
    not_possible_now for a withdrawn record."""
    record, text = desk_steps.held(actor, record_id), _readable(text)
    said = {"note": text, "by": actor.name, "by_id": actor.id, "at": stamp(now())}
    desk_steps.write(actor, record, "comment", said, said=[*(record["said"] or ()), said][-MOST_CARRIED:])


def note(actor: Actor, record_id: str, text: str) -> None:
    """Note something for the desk alone. Call inside `transact`. Raises not_found or bad_form."""
    record, text = desk_steps.held(actor, record_id), _readable(text)
    moment = now()
    row = {"record_id": record_id, "person_id": actor.id, "text": text, "written_at": moment}
    db.session.execute(insert(DeskNote), [row])
    facts = {"by": actor.id, "at": stamp(moment), "sha256": chain.fingerprint({"note": text})}
    ledger.note(record["ward_id"], "desk_note", record=record_id, **facts)


def notes(record_id: str) -> list[tuple[DeskNote, str]]:
    """The desk's own notes beside a record that the person may read, the oldest first, each with who wrote it."""
    wanted = select(DeskNote, Person.name).join(Person, Person.id == DeskNote.person_id)
    found = db.session.execute(wanted.where(DeskNote.record_id == record_id).order_by(DeskNote.id))
    return [(one, name) for one, name in found]


def _readable(text: str) -> str:
    text = clean(text)
    if not text or len(text) > LONGEST:
        raise Problem("bad_form", fields=[{"field": "text", "code": "too_long" if text else "required"}])
    return text
