"""What an administrator does with changes that could not be taken. The original is never altered.

Verbs run inside the caller's transaction, act only on what the administrator has seen, and are noted in the chain.
"""

import hashlib
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from app.at_rest import sealing
from app.clock import HANOI, now, today
from app.db import db
from app.identity import queries as people
from app.identity import senders
from app.identity.models import Person
from app.identity.rights import COLLABORATOR, Actor
from app.identity.signatures import UNPROVEN
from app.problems import Problem
from app.quarantine import queries, rules
from app.quarantine.models import Repair
from app.records import ledger
from app.records.models import Change
from app.seals import service as seals
from app.sync import devices, log
from app.sync.judge import Sender
from app.sync.service import judge_again
from app.units import queries as units
from app.units import rules as unit_rules
from app.vietnamese import clean, phone_number

_NOT_TAKEN = ("quarantined", "held")


@dataclass(frozen=True)
class Filing:
    """Whose work a change shall be, and where: chosen by the administrator. `phone`: "" is the sender."""

    unit_id: int
    phone: str


def read(actor: Actor, log_id: int) -> Change:
    """A change to be shown; that it was opened is noted. Raises not_found."""
    change = queries.get(actor, log_id)
    _note(change, "read", actor)
    return change


def standing_text(change: Change) -> tuple[str, int]:
    """What would be judged now, and the number of the latest step: 0 when nothing was done with it yet.

    Of a seal that opens by now: what is inside.
    """
    done = [step for step, _ in queries.steps(change.log_id)]
    body = next((step.body for step in reversed(done) if step.body is not None), change.body)
    return seals.inside(body.decode("utf-8", "surrogatepass")), done[-1].id if done else 0


def repair(actor: Actor, log_id: int, seen: int, text: str, note: str) -> None:
    """Keep another text beside the original, to be judged in its place.

    Raises not_found, newer_version when somebody did something meanwhile, not_possible_now when the change was
    taken, or bad_form when the text cannot be read as a change or its id is another one's.
    """
    change = _open(actor, log_id, seen)
    found = repair_fault(change, text)
    if found is not None:
        raise Problem("bad_form", fields=[{"field": "text", "code": found.code}])
    _store_text(actor, change, text, _short(note))


def repair_fault(change: Change, text: str) -> rules.Fault | None:
    """What is wrong with a text that shall stand in for a change; None when it will do."""
    found = rules.fault_of(text)
    if found is None and queries.others_with_id(rules.id_in(text) or "", change.log_id):
        return rules.Fault("change_id_reused")
    return found


def release(actor: Actor, log_id: int, seen: int, filing: Filing | None) -> str:
    """Judge the change again, as if it came now but with the rights of its day; what the phone now hears.

    `filing`: under which unit and as whose work, where the rights of the day do not do. Raises not_found,
    newer_version, or not_possible_now with the reason for which it still cannot be taken.
    """
    change = _open(actor, log_id, seen)
    reason = rules.reason_of(change.receipt)
    text = _judged_text(actor, change, reason)
    sender = sender_of(change, text) if filing is None else _filed(actor, change, filing)
    if sender is None:
        raise Problem("not_possible_now", fields=[{"field": "release", "code": "rights_gone"}])
    entry = log.reopened(change, text)
    receipt = judge_again(entry, Sender(sender, change.device, now(), today().isoformat(), change.received_at))
    if receipt["outcome"] in _NOT_TAKEN:
        code = rules.reason_of(receipt) or "held"
        raise Problem("not_possible_now", fields=[{"field": "release", "code": code}])
    filed = {"person": sender.id, "ward": sender.ward_id, "groups": list(sender.group_ids)}
    _step(actor, change, "released", reason, filed=filed)
    if reason in UNPROVEN and change.seq:
        devices.came_after_all(change.person_id, change.device, change.seq, now())
    said = {"outcome": receipt["outcome"], "version": receipt["version"], "filed": filed, "sha256": _sha256(text)}
    record = entry.change.record if entry.change else None
    _note(change, "released", actor, record=record, **said)
    return str(receipt["outcome"])


def set_aside(actor: Actor, log_id: int, seen: int, note: str) -> None:
    """Take a change out of the open list, for a reason. Nothing is deleted. Raises like `repair`."""
    change = _open(actor, log_id, seen)
    note = _short(note)
    if not note:
        raise Problem("bad_form", fields=[{"field": "note", "code": "required"}])
    _step(actor, change, "set_aside", rules.reason_of(change.receipt), note=note)
    _note(change, "set_aside", actor, sha256=_sha256(note))


def bring_back(actor: Actor, log_id: int, seen: int) -> None:
    """Put a change that was set aside back into the open list."""
    change = _open(actor, log_id, seen)
    _step(actor, change, "brought_back", rules.reason_of(change.receipt))
    _note(change, "brought_back", actor)


def sender_of(change: Change, text: str) -> Actor | None:
    """The sender with the rights that count for this change; None when there were none."""
    person = db.session.get_one(Person, change.person_id)
    arrived = change.received_at.astimezone(HANOI).date()
    entry = log.reopened(change, text)
    written = entry.change.written_at if entry.change else None
    known_since = person.created_at.astimezone(HANOI).date()
    day = rules.day_of_rights(written.astimezone(HANOI).date() if written else None, arrived, known_since)
    rights = senders.with_rights_on(person.id, change.device, day)
    return rights or senders.with_rights_on(person.id, change.device, arrived)


def _open(actor: Actor, log_id: int, seen: int) -> Change:
    """The change, locked, if it is still kept aside and nothing happened to it since the page was drawn."""
    change = queries.get(actor, log_id, locked=True)
    if standing_text(change)[1] != seen:
        raise Problem("newer_version")
    if change.outcome != "quarantined":
        raise Problem("not_possible_now")
    return change


def _judged_text(actor: Actor, change: Change, reason: str) -> str:
    """The text to judge. One whose id is another one's gets an id of its own, as a repair."""
    text, _ = standing_text(change)
    if rules.fault_of(text) is not None:
        raise Problem("not_possible_now", fields=[{"field": "release", "code": "unreadable"}])
    if reason == "change_id_reused" and rules.id_in(text) == change.change_id:
        text = rules.renumbered(text, str(uuid4()))
        _store_text(actor, change, text, "")
    return text


def _filed(actor: Actor, change: Change, filing: Filing) -> Actor:
    """The chosen person at the chosen unit. Both must lie within the administrator's reach."""
    unit = units.in_reach(actor.ward_id, filing.unit_id)
    is_group = unit.level == unit_rules.GROUP
    if not is_group and unit.level not in unit_rules.WARD_LEVELS:
        raise Problem("bad_form", fields=[{"field": "unit", "code": "required"}])
    person_id = change.person_id if not filing.phone.strip() else _person_with(actor, filing.phone)
    ward_id = unit.parent_id if is_group and unit.parent_id is not None else unit.id
    return senders.placed(person_id, change.device, ward_id, (unit.id,) if is_group else ())


def _person_with(actor: Actor, number: str) -> str:
    """Somebody within reach who records or once did."""
    person = people.person_by_phone(phone_number(number) or "")
    try:
        found = people.person_in_reach(actor, person.id if person else "").id
    except Problem:
        found = ""
    if COLLABORATOR not in {item.role for item in people.assignments(found)}:
        raise Problem("bad_form", fields=[{"field": "phone", "code": "not_choice"}])
    return found


def _store_text(actor: Actor, change: Change, text: str, note: str) -> None:
    kept = sealing.placed_text(text.encode("utf-8", "surrogatepass"), change.ward_id)
    _step(actor, change, "repaired", rules.reason_of(change.receipt), body=kept, note=note)
    _note(change, "repaired", actor, sha256=_sha256(text))


def _step(actor: Actor, change: Change, outcome: str, reason: str, **more: Any) -> None:
    given = {"body": None, "filed": None, "note": "", **more}
    step = Repair(log_id=change.log_id, outcome=outcome, reason=reason, by=actor.id, at=now(), **given)
    db.session.add(step)
    db.session.flush()
    db.session.expire(step)  # its text is read as it was stored


def _note(change: Change, what: str, actor: Actor, **more: Any) -> None:
    ledger.note(change.ward_id, what, **_facts(change, actor), **more)


def _facts(change: Change, actor: Actor) -> dict[str, Any]:
    at = now().isoformat(timespec="seconds")
    return {"log_id": change.log_id, "change": change.change_id, "by": actor.id, "at": at}


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _short(note: str) -> str:
    note = clean(note)
    if len(note) > rules.LONGEST_NOTE:
        raise Problem("bad_form", fields=[{"field": "note", "code": "too_long"}])
    return note
