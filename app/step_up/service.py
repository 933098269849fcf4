"""The verbs: ask for a fresh proof with a reason, take it, and note every reading of a report.

For what must not be open to whoever finds a desk unlocked: a report's words, exports, changes of rights.
"""

from flask import request

from app.clock import now
from app.db import db, transact
from app.exports.rules import is_sensitive
from app.identity.rights import Actor
from app.kinds import registry
from app.passkeys import service as passkeys
from app.problems import Problem
from app.records import ledger
from app.records import queries as records
from app.records.chain import fingerprint
from app.records.models import Record
from app.second_factor import service as second_factor
from app.step_up import queries, rules
from app.step_up.models import Reading, StepUp
from app.vietnamese import clean


class StepUpNeeded(Problem):
    """A view waits for a proof with a reason. `on`: where the person is led after it."""

    def __init__(self, purpose: str, about: str, on: str) -> None:
        super().__init__("step_up_needed")
        self.purpose, self.about, self.on = purpose, about, on


def require_step_up(actor: Actor, purpose: str, about: str = "", *, back: str | None = None) -> str:
    """Go on only when this sign-in has, within the last `TO_AM_STEP_UP_MINUTES`, given a reason for exactly this.

    Call it first thing in a view, before anything is read or written, outside `transact`:

        reason = require_step_up(actor(), "export", "children")

    purpose: one of `rules.PURPOSES`; its words are desk.step_up.purpose.<purpose> in the catalogs.
    about: what exactly, at most 100 characters: a record's id, the name of a list; never a name of a person.
    back: where the person is led after confirming. None: to this very address when it was a GET; a view that is
    posted to says where its form stands. What was posted is carried through the question and sent on after it.

    Returns the reason as the person wrote it, to be logged beside what was done; empty where nobody is asked
    (`TO_AM_STEP_UP_MINUTES=0`, refused in production). Raises StepUpNeeded, which the desk answers with the
    question of /desk/confirm: passphrase or code again, and a written reason, which goes into the ward's chain
    by its hash and into table step_up in words.
    """
    found = _granted(actor, purpose, about, back)
    return found.reason if found else ""


def _granted(actor: Actor, purpose: str, about: str, back: str | None = None) -> StepUp | None:
    if queries.minutes() == 0:
        return None
    found = queries.granted(actor, purpose, about)
    if found is None:
        on = back or (request.full_path.rstrip("?") if request.method in ("GET", "HEAD") else "/desk/")
        raise StepUpNeeded(purpose, about, on)
    return found


def confirm(actor: Actor, purpose: str, about: str, reason: str, proof: str, passkey: str = "") -> None:
    """Take a reason, and passphrase, code or passkey where no earlier proof is fresh. Opens transactions of its own.

    Raises bad_form with the fields at fault (reason, proof), or slow_down.
    """
    words = clean(reason)
    proven = queries.is_proven(actor)
    faults = [{"field": "reason", "code": fault}] if (fault := rules.reason_fault(words)) else []
    if not faults and not proven and not _is_really(actor, proof, passkey):
        faults = [{"field": "passkey" if passkey else "proof", "code": "not_proven"}]
    if faults:
        raise Problem("bad_form", fields=faults)
    with transact():
        given = StepUp(person_id=actor.id, sign_in=actor.sign_in, purpose=purpose, about=about, reason=words)
        given.proven, given.at = not proven, now()
        db.session.add(given)
        facts = {"purpose": purpose, "about": about or None, "by": actor.id, "sha256": fingerprint({"reason": words})}
        ledger.note(actor.ward_id, "step_up", at=given.at.isoformat(timespec="seconds"), **facts)


def _is_really(actor: Actor, proof: str, passkey: str) -> bool:
    return passkeys.is_really(actor, passkey) if passkey else second_factor.is_really(actor, proof)


def open_record(actor: Actor, record_id: str) -> None:
    """Before a record's words are shown: note the reading, in table and chain; of a report, ask for a reason first.

    Of a report each time; of other kinds that speak of a person once a session and half-hour; the rest pass.
    Opens a transaction of its own. Raises not_found, or StepUpNeeded.
    """
    record = records.get(actor, record_id)
    if is_guarded(record.kind):
        found = _granted(actor, rules.REPORT, record_id)
        step_up_id = found.id if found else None
        _note_reading(actor, record, "report_read", step_up_id, step_up=step_up_id)
    elif is_noted_when_read(record.kind) and not queries.is_noted(actor, record_id, record.version):
        _note_reading(actor, record, "record_read", None)


def _note_reading(actor: Actor, record: Record, what: str, step_up_id: int | None, **more: int | None) -> None:
    moment, ward_id = now(), record.ward_id
    seen = {"record_id": record.id, "ward_id": ward_id, "version": record.version}
    with transact():
        reading = Reading(person_id=actor.id, sign_in=actor.sign_in, step_up_id=step_up_id, at=moment, **seen)
        db.session.add(reading)
        at = moment.isoformat(timespec="seconds")
        # Not `version`: a link that names a record's version claims to have written it.
        ledger.note(ward_id, what, record=seen["record_id"], seen=seen["version"], by=actor.id, at=at, **more)


def is_guarded(kind_code: str) -> bool:
    """Whether a kind's words are opened only with a reason. A kind that is not known any more is."""
    kind = registry.get(kind_code)
    return kind is None or kind.calls_first


def is_noted_when_read(kind_code: str) -> bool:
    """Whether opening a record of this kind leaves a trace, shown on the record: whatever speaks of a child."""
    return is_guarded(kind_code) or is_sensitive(registry[kind_code])
