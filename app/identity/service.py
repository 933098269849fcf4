"""The verbs of identity: sign in and out, hand out and revoke access, keep people and what they do.

Verbs run inside the caller's transaction, except the two that sign somebody in: those open short
ones of their own, because the slow hash between them must not hold the database's one writer.
"""

import secrets
from datetime import date, timedelta
from uuid import uuid4

from sqlalchemy import or_, select, update

from app.clock import now, today
from app.db import db, take_turns, transact
from app.identity import hashing, keys, queries, rules, sessions
from app.identity.models import Assignment, Person, SignIn, SignInCode
from app.identity.rights import DOOR_OF, ROLES
from app.identity.sessions import Origin
from app.problems import Problem
from app.second_factor import queries as second_factor
from app.units import queries as units
from app.vietnamese import clean, is_storable, phone_number

LONGEST_NAME = 100


def sign_in_with_passphrase(phone: str, passphrase: str, door: str, origin: Origin) -> str:
    """A new token for whoever has this number and passphrase. Raises bad_sign_in or slow_down.

    An unknown number costs the same time and the same delays as a known one.
    """
    number = phone_number(phone) or clean(phone)
    person = queries.person_by_phone(number)
    person_id, stored = (person.id, person.passphrase) if person else (None, None)
    bucket = hashing.keyed("bucket", "account", number, _known_origin(person_id, origin))
    with transact():
        sessions.begin_try(bucket)
    right = hashing.verify(stored, clean(passphrase))
    if not right or person_id is None or not may_use(person_id, door):
        raise Problem("bad_sign_in")
    with transact():
        if _held_person(person_id).passphrase != stored:  # changed while we compared
            raise Problem("bad_sign_in")
        sessions.forget_tries(bucket)
        return sessions.open_sign_in(person_id, _first_door(person_id, door), origin)


def sign_in_with_code(code: str, door: str, origin: Origin, new_passphrase: str | None = None) -> str:
    """A new token for whom the one-time code was made; sets a passphrase when one is given with it.

    Raises bad_sign_in, slow_down, or bad_form when the passphrase will not do (the code stays good).
    """
    if new_passphrase is not None:
        _refuse_weak(new_passphrase)  # before the code is tried, so that a slip here counts as no guess
    letters = rules.read_code(code)
    bucket = hashing.keyed("bucket", "code", rules.network(origin.address))
    with transact():
        sessions.begin_try(bucket)
    found = db.session.get(SignInCode, hashing.hash_code(letters)) if letters else None
    usable = found is not None and found.used_at is None and found.expires_at > now()
    if found is None or not usable or not may_use(found.person_id, door):
        raise Problem("bad_sign_in")
    code_hash, person_id = found.code_hash, found.person_id
    hashed = None if new_passphrase is None else _hash_new(person_id, new_passphrase)
    with transact():
        person = _held_person(person_id)
        _use_up(code_hash)
        sessions.forget_tries(bucket)
        if hashed is not None:
            sessions.end_all(person_id)  # whoever knew the old passphrase goes out with it
            person.passphrase = hashed
        return sessions.open_sign_in(person_id, _first_door(person_id, door), origin)


def sign_out(token_hash: str) -> None:
    """End one sign-in."""
    sessions.end(token_hash)


def issue_code(person_id: str, issued_by: str | None) -> str:
    """A one-time code (ABCD-EFGH) for the person; earlier unused ones stop working. Raises not_possible_now."""
    if _held_person(person_id).closed_at is not None:
        raise Problem("not_possible_now")
    _void_codes(person_id)
    letters = "".join(secrets.choice(rules.CODE_LETTERS) for _ in range(rules.CODE_LENGTH))
    db.session.add(
        SignInCode(
            code_hash=hashing.hash_code(letters),
            person_id=person_id,
            issued_by=issued_by,
            issued_at=now(),
            expires_at=now() + rules.CODE_LIFE,
            used_at=None,
        )
    )
    return rules.show_code(letters)


def revoke(person_id: str, token_hash: str | None = None) -> None:
    """End one of the person's sign-ins, or all of them and every unused code. What a phone holds unsent stays there.

    A phone whose sign-in is ended so is no longer trusted: what its keys sign is kept aside from now on.
    """
    _held_person(person_id)
    if token_hash is None:
        sessions.end_all(person_id)
        keys.revoke_all(person_id)
        _void_codes(person_id)
        return
    sign_in = db.session.get(SignIn, token_hash)
    if sign_in is None or sign_in.person_id != person_id:
        raise Problem("not_found")
    sessions.end(token_hash)
    keys.revoke_of(sign_in)


def create_person(name: str, phone: str, role: str, unit_id: int, language: str = "vi") -> Person:
    """Somebody new, with a first role. Raises bad_form with every field at fault."""
    name, number = clean(name), phone_number(phone)
    take_turns(f"number {number}")
    faults = _name_faults(name)
    if number is None:
        faults.append({"field": "phone", "code": "not_phone" if phone.strip() else "required"})
    elif queries.person_by_phone(number):
        faults.append({"field": "phone", "code": "already_there"})
    faults += _role_faults(role, unit_id)
    if faults:
        raise Problem("bad_form", fields=faults)
    person = Person(
        id=str(uuid4()),
        name=name,
        phone=number,
        passphrase=None,
        language=language,
        created_at=now(),
        closed_at=None,
    )
    db.session.add(person)
    db.session.flush()
    assign(person.id, role, unit_id)
    return person


def set_passphrase(person_id: str, passphrase: str) -> None:
    """Set the person's passphrase. Raises bad_form when it is too short or among the first that are guessed."""
    _held_person(person_id).passphrase = _hash_new(person_id, passphrase)


def assign(person_id: str, role: str, unit_id: int, first: date | None = None, last: date | None = None) -> None:
    """Give the person this role at this unit from `first` (today) to `last` (no end): it begins and ends by itself.

    A person has one role in one ward at a time: a collaborator may serve several groups of the
    ward, anything else that is held ends on the day before. Who holds the very role is given another end.
    Raises bad_form or not_possible_now.
    """
    if _held_person(person_id).closed_at is not None:
        raise Problem("not_possible_now")
    first = first or today()
    units.hold(unit_id)
    fault = rules.span_fault(first, last, today())
    faults = _role_faults(role, unit_id) + ([fault] if fault else [])
    if faults:
        raise Problem("bad_form", fields=faults)
    unit = units.get(unit_id)
    known = None
    for item in _held(person_id):
        if (item.role, item.unit_id) == (role, unit_id):
            known = item
            continue
        beside = role == item.role == "collaborator" and units.get(item.unit_id).parent_id == unit.parent_id
        if not beside:
            _end_assignment(item, first - timedelta(days=1))
    if known is not None:
        known.valid_from, known.valid_to = min(known.valid_from, first), last
    else:
        db.session.add(Assignment(person_id=person_id, role=role, unit_id=unit_id, valid_from=first, valid_to=last))
    db.session.flush()


def unassign(person_id: str, unit_id: int) -> None:
    """End the person's work at this unit; the last work ends by closing the person. Raises not_possible_now."""
    _held_person(person_id)
    held = _held(person_id)
    here = [item for item in held if item.unit_id == unit_id]
    if not here or len(held) == len(here):
        raise Problem("not_possible_now")
    for item in here:
        _end_assignment(item)


def close_person(person_id: str) -> None:
    """The person leaves: roles, sign-ins and codes end now; what she or he wrote stays."""
    person = _held_person(person_id)
    person.closed_at = person.closed_at or now()
    for item in _held(person_id):
        _end_assignment(item)
    revoke(person_id)


def _person(person_id: str) -> Person:
    person = db.session.get(Person, person_id)
    if person is None:
        raise Problem("not_found")
    return person


def _held_person(person_id: str) -> Person:
    """The person, of whom no other transaction changes anything until this one has ended."""
    take_turns(f"person {person_id}")
    person = db.session.get(Person, person_id, populate_existing=True)
    if person is None:
        raise Problem("not_found")
    return person


def _held(person_id: str) -> list[Assignment]:
    """What is not over: held today, or from some day on."""
    still = or_(Assignment.valid_to.is_(None), Assignment.valid_to >= today())
    return list(db.session.scalars(select(Assignment).where(Assignment.person_id == person_id, still)))


def _end_assignment(item: Assignment, last: date | None = None) -> None:
    # Yesterday, so that the new work alone counts from today; one given today has then never been in force.
    last = last or today() - timedelta(days=1)
    if item.valid_to is None or item.valid_to > last:
        item.valid_to = last


def _name_faults(name: str) -> list[dict[str, str]]:
    if not name:
        return [{"field": "name", "code": "required"}]
    if len(name) > LONGEST_NAME:
        return [{"field": "name", "code": "too_long"}]
    return [] if is_storable(name) and "\ufffd" not in name else [{"field": "name", "code": "bad_characters"}]


def _role_faults(role: str, unit_id: int) -> list[dict[str, str]]:
    if role not in ROLES:
        return [{"field": "role", "code": "not_choice"}]
    unit = units.find_by_id(unit_id)
    fits = unit is not None and unit.level in rules.LEVELS_OF[role] and units.is_current(unit)
    return [] if fits else [{"field": "unit", "code": "not_for_role" if unit else "required"}]


def may_use(person_id: str, door: str) -> bool:
    """Whether the person may sign in at this door today."""
    open_person = _person(person_id).closed_at is None
    return open_person and any(DOOR_OF[role] == door for role in queries.roles_today(person_id))


def _first_door(person_id: str, door: str) -> str:
    """Where the first step leads: at the desk only half-way, for whoever has a second factor."""
    return sessions.HALF if door == "desk" and second_factor.has_one(person_id) else door


def _use_up(code_hash: str) -> None:
    """Mark the code as used; of two that come at once, one wins. Raises bad_sign_in for the other."""
    marking = update(SignInCode).where(SignInCode.code_hash == code_hash, SignInCode.used_at.is_(None))
    marking = marking.where(SignInCode.expires_at > now())
    if db.session.execute(marking.values(used_at=now())).rowcount != 1:  # type: ignore[attr-defined]
        raise Problem("bad_sign_in")


def _void_codes(person_id: str) -> None:
    unused = update(SignInCode).where(SignInCode.person_id == person_id, SignInCode.used_at.is_(None))
    db.session.execute(unused.where(SignInCode.expires_at > now()).values(expires_at=now()))


def _known_origin(person_id: str | None, origin: Origin) -> str:
    """What separates this try from everybody else's: the person's own phone or browser, or else the line.

    So whoever guesses from elsewhere can slow down only that place, never the person. Only a token
    that we once gave proves a phone; its uuid is known to others.
    """
    before = queries.sign_in_of(sessions.hash_token(origin.token)) if origin.token else None
    if before is not None and before.person_id == person_id:
        return f"device {before.device or before.token_hash}"
    return f"line {rules.network(origin.address)}"


def _hash_new(person_id: str, passphrase: str) -> str:
    person = _person(person_id)
    _refuse_weak(passphrase, person.name, person.phone)
    return hashing.hash_passphrase(clean(passphrase))


def _refuse_weak(passphrase: str, name: str = "", phone: str | None = None) -> None:
    fault = rules.passphrase_problem(clean(passphrase), name, phone)
    if fault:
        raise Problem("bad_form", fields=[{"field": "new_passphrase", "code": fault}])
