"""The ward's half of what a phone reads with, and what a revoked phone says when it has let go of its own.

A phone can open the ward's copies only with a key half that it gets from here and forgets after some days without
contact: a phone that never comes back goes dark by itself. Runs inside the caller's transaction.
"""

import json
from typing import Any

from sqlalchemy import select

from app.clock import now
from app.db import db
from app.identity import hashing, keys
from app.identity.models import Wipe
from app.identity.signatures import verify
from app.kinds.shapes import is_record_id
from app.problems import Problem

LONGEST_LOCK = 2_000


def half(person_id: str, device: str) -> str:
    """32 bytes in hex: the same for the same person on the same phone, and known to nobody without the secret."""
    return hashing.keyed("reading", person_id, device)


def take_report(body: str, signature: str | None) -> None:
    """A phone says that it destroyed what it read with. Raises bad_form, or unknown_device (not signed by it)."""
    told = _read(body)
    person_id, device = told["person"], told["device"]
    raw = body.encode("utf-8", "surrogatepass")
    if not any(verify(key.public_key, signature, raw) for key in keys.of_device(person_id, device)):
        raise Problem("unknown_device")
    row = db.session.get(Wipe, (person_id, device))
    if row is None:
        row = Wipe(person_id=person_id, device=device)
        db.session.add(row)
    row.wiped_at = now()
    row.lock = told.get("lock") or row.lock


def lock_kept(person_id: str, device: str | None) -> str | None:
    """The lock that the phone left here when it destroyed its own; its owner's code still opens it."""
    row = db.session.get(Wipe, (person_id, device)) if device else None
    return row.lock if row else None


def wipes(person_id: str) -> dict[str, Any]:
    """When this person's phones let go of what they read with, by the phone's id."""
    rows = db.session.scalars(select(Wipe).where(Wipe.person_id == person_id))
    return {row.device: row.wiped_at for row in rows}


def _read(body: str) -> dict[str, Any]:
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        raise Problem("not_json") from None
    told = told if isinstance(told, dict) else {}
    lock = told.get("lock")
    fits = lock is None or (isinstance(lock, str) and lock.isascii() and len(lock) <= LONGEST_LOCK)
    if not (isinstance(told.get("person"), str) and is_record_id(told.get("device")) and fits):
        raise Problem("bad_form", fields=[{"field": "device", "code": "unreadable"}])
    return told
