"""The verbs of passkeys: ask for one, take the answer, add, name, remove.

A challenge is spent by the first answer, right or wrong, in a transaction of its own: what then fails leaves it spent.
"""

import secrets
from typing import Any

from fido2.utils import websafe_encode
from sqlalchemy import delete

from app.clock import now
from app.db import db, take_turns, transact
from app.identity import queries as identity
from app.identity import service as people
from app.identity import sessions
from app.identity.models import Person
from app.identity.rights import Actor
from app.passkeys import queries, rules, webauthn
from app.passkeys.models import Passkey, PasskeyChallenge
from app.problems import Problem
from app.records import ledger
from app.second_factor import queries as second_factor
from app.second_factor import service as codes
from app.vietnamese import clean


def ask(purpose: str, token_hash: str, person_id: str | None = None) -> dict[str, Any] | None:
    """What the browser of this sign-in (or try) is to be asked; one of before counts no more. Inside `transact`.

    person_id: whose passkey it has to be. None where passkeys cannot be, or the person has none that opens.
    """
    site = queries.site()
    allowed = queries.that_open(person_id) if person_id else []
    if site is None or (person_id and not allowed):
        return None
    return webauthn.to_show(site, allowed, _challenge(purpose, token_hash, person_id))


def ask_to_add(actor: Actor) -> dict[str, Any] | None:
    """What the browser is to be asked so that a passkey is made. Inside `transact`. None where there can be none."""
    site, known = queries.site(), queries.of(actor.id)
    if site is None or len(known) >= rules.MOST:
        return None
    challenge = _challenge(rules.ADD, actor.sign_in, actor.id)
    number = db.session.get_one(Person, actor.id).phone or actor.name
    return webauthn.to_make(site, actor.id, number, [one.credential for one in known], challenge)


def add(actor: Actor, answer: str, name: str) -> list[str]:
    """Keep a new passkey; recovery codes, to be shown once, when the person had nothing of the kind before.

    Transactions of its own. Raises bad_form with the fields at fault (name, passkey).
    """
    name = clean(name)
    if fault := rules.name_fault(name):
        raise Problem("bad_form", fields=[{"field": "name", "code": fault}])
    challenge, site = _spent(rules.ADD, actor.sign_in), queries.site()
    try:
        if challenge is None or site is None:
            raise webauthn.NotRight
        made = webauthn.made(site, challenge.challenge, answer)
    except webauthn.NotRight:
        raise Problem("bad_form", fields=[{"field": "passkey", "code": "not_this_passkey"}]) from None
    with transact():
        take_turns(f"person {actor.id}", f"passkey {made.credential}")
        if queries.id_of(made.credential) or len(queries.of(actor.id)) >= rules.MOST:
            raise Problem("bad_form", fields=[{"field": "passkey", "code": "already_there"}])
        is_first = not second_factor.has_one(actor.id)
        row = Passkey(person_id=actor.id, name=name, made_at=now(), used_at=None, copied_at=None, **vars(made))
        db.session.add(row)
        _note(actor, "passkey_added")
        return codes.print_codes(actor) if is_first else []


def rename(actor: Actor, passkey_id: int, name: str) -> None:
    """Call an own passkey otherwise. Inside `transact`. Raises not_found, bad_form."""
    found, name = _own(actor, passkey_id), clean(name)
    if fault := rules.name_fault(name):
        raise Problem("bad_form", fields=[{"field": "name", "code": fault}])
    found.name = name


def remove(actor: Actor, passkey_id: int) -> None:
    """An own passkey opens nothing from now on. Inside `transact`. Raises not_found.

    Raises not_possible_now for the last second factor: whoever sits down at an open desk must not leave only
    the passphrase.
    """
    take_turns(f"person {actor.id}")
    found = _own(actor, passkey_id)
    if len(queries.of(actor.id)) == 1 and second_factor.standing(actor.id) is None:
        raise Problem("not_possible_now")
    db.session.delete(found)
    _note(actor, "passkey_removed")


def sign_in(purpose: str, token: str | None, answer: str, origin: sessions.Origin) -> str:
    """A token for the desk, for whoever was asked under `token` and shows a passkey. Transactions of its own.

    purpose: SIGN_IN, or SECOND_STEP where the passphrase was right before. Raises bad_sign_in.
    """
    asked = _spent(purpose, sessions.hash_token(token)) if token else None
    person_id = _proven(asked, answer) if asked else None
    if person_id is None:
        raise Problem("bad_sign_in")
    with transact():
        take_turns(f"person {person_id}")
        if not people.may_use(person_id, "desk"):
            raise Problem("bad_sign_in")
        return sessions.open_sign_in(person_id, "desk", origin)


def is_really(actor: Actor, answer: str) -> bool:
    """Whether the person behind this sign-in, who was asked for it, shows a passkey now. Transactions of its own."""
    asked = _spent(rules.STEP_UP, actor.sign_in)
    return asked is not None and _proven(asked, answer) == actor.id


def _proven(asked: PasskeyChallenge, answer: str) -> str | None:
    """Whose passkey answered; None when it is not right, or when it was copied, which is kept in mind."""
    site, credential = queries.site(), webauthn.credential_in(answer)
    with transact():
        known = queries.id_of(credential) if credential else None
        if site is None or known is None or asked.person_id not in (None, known[1]):
            return None
        take_turns(f"person {known[1]}")
        found = db.session.get(Passkey, known[0], populate_existing=True)
        if found is None or found.copied_at is not None:
            return None
        try:
            count = webauthn.shown(site, asked.challenge, answer, found.person_id, found.public)
        except webauthn.NotRight:
            return None
        if rules.is_copied(found.sign_count, count):
            found.copied_at = now()
            _note_copied(found)
            return None
        found.sign_count, found.used_at = count, now()
        return found.person_id


def _challenge(purpose: str, token_hash: str, person_id: str | None) -> str:
    take_turns(f"challenge {token_hash} {purpose}")
    db.session.execute(delete(PasskeyChallenge).where(PasskeyChallenge.made_at <= now() - rules.LIFE))
    this = (PasskeyChallenge.bound_to == token_hash, PasskeyChallenge.purpose == purpose)
    db.session.execute(delete(PasskeyChallenge).where(*this))
    challenge = websafe_encode(secrets.token_bytes(32))
    asked = PasskeyChallenge(bound_to=token_hash, purpose=purpose, person_id=person_id, challenge=challenge)
    asked.made_at = now()
    db.session.add(asked)
    return challenge


def _spent(purpose: str, token_hash: str) -> PasskeyChallenge | None:
    """What was asked, if it still counts; from now on it counts no more."""
    with transact():
        found = db.session.get(PasskeyChallenge, (token_hash, purpose))
        if found is None:
            return None
        db.session.expunge(found)
        this = (PasskeyChallenge.bound_to == token_hash, PasskeyChallenge.purpose == purpose)
        # Of two answers at once, one finds it.
        here = db.session.execute(delete(PasskeyChallenge).where(*this, PasskeyChallenge.challenge == found.challenge))
        is_first = here.rowcount == 1  # type: ignore[attr-defined]
    return found if is_first and not rules.is_over(found.made_at, now()) else None


def _own(actor: Actor, passkey_id: int) -> Passkey:
    found = db.session.get(Passkey, passkey_id)
    if found is None or found.person_id != actor.id:
        raise Problem("not_found")
    return found


def _note(actor: Actor, done: str) -> None:
    ledger.note(actor.ward_id, "second_factor", by=actor.id, done=done)


def _note_copied(passkey: Passkey) -> None:
    ward_id = identity.ward_of(passkey.person_id)
    if ward_id is not None:
        ledger.note(ward_id, "second_factor", of=passkey.person_id, done="passkey_copied")
