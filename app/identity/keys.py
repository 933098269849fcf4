"""The keys of phones: registering, revoking, finding. Runs inside the caller's transaction, but for `trusted`.

A key is revoked together with the phone it belongs to and stays so; a phone that is signed in again
makes another. What a revoked key signs is still proof of where it comes from, and opens nothing.
"""

from sqlalchemy import bindparam, or_, select, update
from sqlalchemy.exc import IntegrityError

from app.clock import now
from app.db import db, take_turns, transact
from app.identity.models import DeviceKey, SignIn
from app.identity.rights import Actor
from app.identity.signatures import Key, is_public_key
from app.kinds.shapes import is_record_id
from app.problems import Problem

_MOST = 20  # keys of a phone that a signature is tried with: each try costs time
# Put together once: every push asks.
_OF_DEVICE = (
    select(DeviceKey.public_key, DeviceKey.revoked_at)
    .where(DeviceKey.person_id == bindparam("person"), DeviceKey.device == bindparam("phone"))
    .order_by(DeviceKey.added_at.desc())
    .limit(_MOST)
)


def register(actor: Actor, device: str, public_key: str) -> None:
    """Remember a key of this person's phone; again changes nothing. Raises bad_form, or key_revoked."""
    faults = [{"field": "device", "code": "unreadable"}] if not is_record_id(device) else []
    faults += [{"field": "public_key", "code": "unreadable"}] if not is_public_key(public_key) else []
    if faults:
        raise Problem("bad_form", fields=faults)
    take_turns(f"person {actor.id}")
    sign_in = db.session.get(SignIn, actor.sign_in, populate_existing=True)
    if sign_in is None or sign_in.revoked_at is not None:  # meanwhile the phone was revoked, with its keys
        raise Problem("sign_in_needed")
    key = (actor.id, device, public_key)
    if db.session.get(DeviceKey, key) is None:
        _add(actor, device, public_key)
    known = db.session.get_one(DeviceKey, key)
    if known.revoked_at is not None:
        raise Problem("key_revoked")
    known.sign_in = actor.sign_in


def of_device(person_id: str, device: str) -> list[Key]:
    """The keys that this phone of this person registered, the latest first; of very many, the latest."""
    found = db.session.connection().execute(_OF_DEVICE, {"person": person_id, "phone": device})
    return [Key(row.public_key, row.revoked_at is not None) for row in found]


def trusted(actor: Actor, device: str, named: str | None) -> list[Key]:
    """What this phone's changes are checked by. The key that it `named` is registered if it is not known yet.

    So a ward that was restored to a time before the key existed learns it from the first request. Opens a transaction
    of its own for that. Raises sign_in_needed when the sign-in ended meanwhile.
    """
    known = of_device(actor.id, device)
    if named is not None and is_public_key(named) and all(key.public_key != named for key in known):
        with transact():
            register(actor, device, named)
        known = of_device(actor.id, device)
    return known


def are_revoked(sign_in: SignIn) -> bool:
    """Whether the phone behind this sign-in had keys, and none of them is trusted any more."""
    known = of_device(sign_in.person_id, sign_in.device or "")
    return bool(known) and all(key.is_revoked for key in known)


def revoke_of(sign_in: SignIn) -> None:
    """The phone behind this sign-in is no longer trusted, under whichever id it registered its keys."""
    registered = select(DeviceKey.device).where(DeviceKey.sign_in == sign_in.token_hash)
    _revoke(
        DeviceKey.person_id == sign_in.person_id,
        or_(DeviceKey.device == sign_in.device, DeviceKey.device.in_(registered)),
    )


def revoke_all(person_id: str) -> None:
    """None of the person's phones is trusted any more."""
    _revoke(DeviceKey.person_id == person_id)


def _revoke(*conditions: object) -> None:
    revoking = update(DeviceKey).where(DeviceKey.revoked_at.is_(None), *conditions)  # type: ignore[arg-type]
    db.session.execute(revoking.values(revoked_at=now()).execution_options(synchronize_session=False))


def _add(actor: Actor, device: str, public_key: str) -> None:
    row = DeviceKey(
        person_id=actor.id,
        device=device,
        public_key=public_key,
        sign_in=actor.sign_in,
        added_at=now(),
        revoked_at=None,
    )
    try:
        with db.session.begin_nested():
            db.session.add(row)
    except IntegrityError:
        return  # another tab of the same phone was faster
