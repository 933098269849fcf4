"""The verbs of the second factor: add one, take a code, print codes for when it is lost, drop it."""

import secrets

import pyotp
from sqlalchemy import delete, update

from app.clock import now
from app.db import db, take_turns, transact
from app.identity import hashing, sessions
from app.identity import queries as identity
from app.identity.models import Person
from app.identity.rights import Actor
from app.identity.rules import CODE_LETTERS
from app.passkeys.models import Passkey
from app.problems import Problem
from app.records import ledger
from app.second_factor import queries, rules, sealing
from app.second_factor.models import RecoveryCode, SecondFactor
from app.vietnamese import clean


def begin(person_id: str) -> str:
    """The secret of an app that is being added; the same one until a first code confirms it. Inside `transact`.

    Raises not_possible_now when one stands already: whoever sits down at an open desk must not replace it.
    """
    take_turns(f"person {person_id}")
    found = db.session.get(SecondFactor, person_id, populate_existing=True)
    if found is not None and found.confirmed_at is not None:
        raise Problem("not_possible_now")
    if found is None:
        sealed = sealing.seal(person_id, pyotp.random_base32())
        found = SecondFactor(person_id=person_id, secret=sealed, last_step=0, made_at=now(), confirmed_at=None)
        db.session.add(found)
    return sealing.unseal(person_id, found.secret)


def finish(actor: Actor, code: str) -> list[str]:
    """Take the first code of a new app; the recovery codes, to be shown once. Inside `transact`. Raises bad_form."""
    take_turns(f"person {actor.id}")
    found = db.session.get(SecondFactor, actor.id, populate_existing=True)
    if found is None or found.confirmed_at is not None:
        raise Problem("not_possible_now")
    if not _take(found, code):
        raise Problem("bad_form", fields=[{"field": "code", "code": "not_this_code"}])
    found.confirmed_at = now()
    ledger.note(actor.ward_id, "second_factor", by=actor.id, at=_at(), done="added")
    return _new_codes(actor.id)


def print_codes(actor: Actor) -> list[str]:
    """New recovery codes; those of before stop working. Inside `transact`. Raises not_possible_now without a factor."""
    take_turns(f"person {actor.id}")
    db.session.flush()
    if not queries.has_one(actor.id):
        raise Problem("not_possible_now")
    ledger.note(actor.ward_id, "second_factor", by=actor.id, at=_at(), done="codes")
    return _new_codes(actor.id)


def drop(actor: Actor, person_id: str) -> None:
    """The person's phone is lost: app, passkeys and codes stop working, all sign-ins end. Inside `transact`."""
    take_turns(f"person {person_id}")
    db.session.execute(delete(SecondFactor).where(SecondFactor.person_id == person_id))
    db.session.execute(delete(Passkey).where(Passkey.person_id == person_id))
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person_id))
    sessions.end_all(person_id)
    ledger.note(actor.ward_id, "second_factor", by=actor.id, at=_at(), done="dropped", of=person_id)


def takes(person_id: str, code: str) -> bool:
    """Whether this is a code of the person's app, or an unused recovery code; it is used up. Inside `transact`."""
    take_turns(f"person {person_id}")
    found = db.session.get(SecondFactor, person_id, populate_existing=True)
    is_app = found is not None and found.confirmed_at is not None and _take(found, code)
    return is_app or _use(person_id, code)


def is_really(actor: Actor, proof: str) -> bool:
    """Whether this is the person's passphrase or a code of the app. Opens transactions of its own. Raises slow_down."""
    bucket = hashing.keyed("bucket", "step up", actor.id)
    with transact():
        sessions.begin_try(bucket)
    stored = db.session.get_one(Person, actor.id).passphrase
    right = hashing.verify(stored, clean(proof))
    with transact():
        if not right and not takes(actor.id, proof):
            return False
        sessions.forget_tries(bucket)
    return True


def second_step(token: str | None, code: str, origin: sessions.Origin) -> str:
    """A token for the desk, for whoever has the token of the first step and a right code. Transactions of its own.

    Raises sign_in_needed when the first step is too long ago, bad_sign_in, or slow_down.
    """
    person_id = half_of(token)
    if person_id is None:
        raise Problem("sign_in_needed")
    bucket = hashing.keyed("bucket", "second factor", person_id)
    with transact():
        sessions.begin_try(bucket)
    with transact():
        if not takes(person_id, code):
            raise Problem("bad_sign_in")
        sessions.forget_tries(bucket)
        return sessions.open_sign_in(person_id, "desk", origin)


def half_of(token: str | None) -> str | None:
    """Who has the token of the first step and not yet taken the second; None when it is too long ago."""
    half = identity.sign_in_of(sessions.hash_token(token)) if token else None
    is_half = half is not None and half.door == sessions.HALF and identity.is_alive(half)
    return half.person_id if half is not None and is_half else None


def _take(found: SecondFactor, code: str) -> bool:
    secret = sealing.unseal(found.person_id, found.secret)
    step = rules.step_of(secret, code, int(now().timestamp()), found.last_step)
    if step is not None:
        found.last_step = step
    return step is not None


def _use(person_id: str, code: str) -> bool:
    letters = rules.read_recovery(code)
    if letters is None:
        return False
    unused = update(RecoveryCode).where(RecoveryCode.person_id == person_id, RecoveryCode.used_at.is_(None))
    using = unused.where(RecoveryCode.code_hash == _hash(person_id, letters)).values(used_at=now())
    return bool(db.session.execute(using).rowcount)  # type: ignore[attr-defined]


def _new_codes(person_id: str) -> list[str]:
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person_id))
    made = [
        "".join(secrets.choice(CODE_LETTERS) for _ in range(rules.RECOVERY_LENGTH)) for _ in range(rules.RECOVERY_CODES)
    ]
    for letters in made:
        row = RecoveryCode(code_hash=_hash(person_id, letters), person_id=person_id, made_at=now(), used_at=None)
        db.session.add(row)
    return [rules.show_recovery(letters) for letters in made]


def _hash(person_id: str, letters: str) -> str:
    return hashing.keyed("recovery", person_id, letters)


def _at() -> str:
    return now().isoformat(timespec="seconds")
