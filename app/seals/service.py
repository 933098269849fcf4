"""The verbs of sealing: open what phones sealed, tell them a key, make new ones. Inside the caller's transaction."""

import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import IO, Any

from sqlalchemy import update

from app.clock import now, today
from app.db import db, take_turns
from app.seals import queries, rules
from app.seals.models import SealKey
from app.seals.rules import CannotOpen, Seal
from app.sync.envelopes import MOST_BYTES, Sent


def opened(sent: Sequence[Sent]) -> tuple[Sent, ...]:
    """The changes with what is inside their seals as their bodies. One that does not open keeps its seal as its text,
    and is to be kept aside."""
    named = {one.seal.key for one in sent if one.seal}
    halves = queries.private_halves(named) if named else {}
    return tuple(one if one.seal is None else _opened(one, one.seal, halves) for one in sent)


def inside(text: str) -> str:
    """A text of the log: what is inside when it is a seal that opens now, else the text itself."""
    seal = rules.read_kept(text)
    if seal is None:
        return text
    try:
        return _body(seal, queries.private_halves([seal.key]))
    except CannotOpen:
        return text


def private_half(key_id: str) -> str:
    """The private half of a key to seal to. Raises CannotOpen when it is not here."""
    halves = queries.private_halves([key_id])
    if key_id not in halves:
        raise CannotOpen
    return halves[key_id]


def photo_pieces(key: str, photo: str, source: IO[bytes], length: int) -> Iterator[bytes]:
    """The bytes of a sealed photo, of which `length` bytes follow in `source`, piece by piece. Raises CannotOpen."""
    private = rules.private_key(private_half(key))
    whole = rules.PIECE + rules.AROUND
    for number, start in enumerate(range(0, length, whole)):
        raw = source.read(min(whole, length - start))
        yield rules.open_piece(raw, private, key, photo, number)


def told() -> dict[str, Any] | None:
    """What phones are told, to seal by: the key that vouches, what it vouches for, its signature. None: do not seal."""
    identity, key = queries.current("identity"), queries.current("seal")
    if identity is None or key is None:
        return None
    text = rules.key_list(key.id, key.public, today())
    return {"identity": identity.public, "list": text, "sig": rules.signature(identity.private, text)}


def ensure_keys() -> None:
    """Make the first keys, where there are none. No phone is told of them before a backup has them."""
    take_turns("seal keys")
    for use in ("identity", "seal"):
        if not any(key.use == use for key in queries.all_keys()):
            _make(use)


def rotate() -> SealKey:
    """A new key to seal to. Phones are told of it once a backup has it; what was sealed to older ones still opens."""
    take_turns("seal keys")
    return _make("seal")


def unsafe() -> list[str]:
    """The ids of the keys that no backup has yet."""
    return [key.id for key in queries.all_keys() if key.safe_at is None]


def mark_safe(key_ids: Sequence[str]) -> None:
    """A backup has these keys: phones may be told of them."""
    marking = update(SealKey).where(SealKey.safe_at.is_(None), SealKey.id.in_(key_ids))
    db.session.execute(marking.values(safe_at=now()))


def _opened(one: Sent, seal: Seal, halves: Mapping[str, str]) -> Sent:
    try:
        return Sent(_body(seal, halves), one.sig, one.barred, seal)
    except CannotOpen:
        return replace(one, body=seal.kept(), barred="cannot_open")


def _body(seal: Seal, halves: Mapping[str, str]) -> str:
    if seal.key not in halves:
        raise CannotOpen
    return rules.open_seal(seal, rules.private_key(halves[seal.key]), MOST_BYTES)


def _make(use: str) -> SealKey:
    public, private = rules.make_key()
    key_id = secrets.token_hex(4)
    key = SealKey(id=key_id, use=use, public=public, private=private, made_at=now(), safe_at=None)
    db.session.add(key)
    db.session.flush()
    return key
