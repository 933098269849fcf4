"""The verbs of tokens: make, agree, end, note their use. Run inside the caller's transaction."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from app.clock import now, today
from app.db import db
from app.identity.rights import ADMIN, LEADER, Actor
from app.identity.sessions import hash_token
from app.kinds import registry
from app.machine import queries, rules
from app.machine.models import MachineToken
from app.problems import Problem
from app.records import chain, ledger
from app.units import queries as units
from app.units.rules import WARD_LEVELS
from app.vietnamese import clean


@dataclass(frozen=True)
class Asked:
    """What a token is to open, for whom, until when."""

    name: str
    unit_id: int
    kinds: list[str]
    depth: str
    last_day: date | None


def checked(actor: Actor, asked: Asked) -> Asked:
    """The same, cleaned. Raises bad_form with the fields at fault, not_found for a unit out of reach."""
    asked = Asked(clean(asked.name), asked.unit_id, sorted(set(asked.kinds)), asked.depth, asked.last_day)
    unit = units.in_reach(actor.ward_id, asked.unit_id)
    faults = rules.faults(asked.name, asked.kinds, registry, asked.depth, asked.last_day, today())
    if unit.level == "group" or not units.is_current(unit):
        faults.append({"field": "unit", "code": "not_choice"})
    elif not faults and needs_agreement(asked) and unit.level not in WARD_LEVELS:
        # Only a ward has a leader who could agree.
        faults.append({"field": "unit", "code": "one_ward"})
    if faults:
        raise Problem("bad_form", fields=faults)
    return asked


def needs_agreement(asked: Asked) -> bool:
    """Whether the ward's leader must agree before the token opens anything."""
    return rules.needs_agreement([registry[code] for code in asked.kinds if code in registry], asked.depth)


def make(actor: Actor, asked: Asked) -> tuple[MachineToken, str]:
    """A new token: its row, and its text, which nobody can ask for again."""
    if actor.role != ADMIN:
        raise Problem("not_found")
    asked = checked(actor, asked)
    assert asked.last_day is not None
    text = rules.BEGINNING + secrets.token_urlsafe(32)
    token = MachineToken(
        token_hash=hash_token(text),
        name=asked.name,
        unit_id=asked.unit_id,
        kinds=asked.kinds,
        depth=asked.depth,
        made_by=actor.id,
        made_at=now(),
        last_day=asked.last_day,
    )
    db.session.add(token)
    db.session.flush()
    said = {"kinds": asked.kinds, "depth": asked.depth, "last_day": asked.last_day.isoformat()}
    _note(token, "token_made", actor, sha256=chain.fingerprint({"name": token.name}), **said)
    return token, text


def agree(actor: Actor, token_id: int) -> None:
    """The ward's leader agrees that a program reads what only the ward may know."""
    if actor.role != LEADER:
        raise Problem("not_found")
    token = queries.get(actor, token_id)
    if token.ended_at is not None or not queries.waits(token):
        raise Problem("not_possible_now")
    token.agreed_by, token.agreed_at = actor.id, now()
    _note(token, "token_agreed", actor)


def end(actor: Actor, token_id: int) -> None:
    """The token opens nothing from now on. Ending it twice changes nothing."""
    token = queries.get(actor, token_id)
    if token.ended_at is None:
        token.ended_by, token.ended_at = actor.id, now()
        _note(token, "token_ended", actor)


def follow(actor: Actor, heirs: Mapping[int, int]) -> None:
    """Tokens of units that have ended open what took over. Where a leader has a say, the new ward's must agree first.

    heirs: unit -> the one that has its main part now.
    """
    for token in queries.of_units(heirs, held=True):
        earlier = token.unit_id
        ledger.note(earlier, "token_moved", token=token.id, by=actor.id, to=heirs[earlier])
        token.unit_id = heirs[earlier]
        token.agreed_by = token.agreed_at = None
        _note(token, "token_moved", actor, was=earlier)


def is_noted(token: MachineToken, code: str) -> bool:
    """Whether its reading of this kind is written down already, within this hour."""
    used = token.uses.get(code)
    return used is not None and now() - datetime.fromisoformat(used) < rules.NOTE_AFTER


def note_use(token_id: int, code: str) -> None:
    """Write down that the token was used, and in the unit's log that it read this kind."""
    token = db.session.get(MachineToken, token_id, with_for_update=True)
    if token is not None and not is_noted(token, code):
        token.uses = {**token.uses, code: now().isoformat(timespec="seconds")}
        ledger.note(token.unit_id, "token_read", token=token.id, kinds=[code])


def _note(token: MachineToken, what: str, actor: Actor, **facts: object) -> None:
    ledger.note(token.unit_id, what, token=token.id, by=actor.id, **facts)
