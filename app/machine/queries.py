"""Tokens, and what they open. A token reaches its unit's wards and its own kinds, and nothing else."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from sqlalchemy import ColumnElement, and_, or_, select

from app.clock import begins, today
from app.db import db
from app.exports import queries as exports
from app.exports.columns import Row
from app.identity.rights import ADMIN, LEADER, MACHINE, Actor
from app.kinds import registry
from app.machine import rules
from app.machine.models import MachineToken
from app.problems import Problem
from app.records.models import Record
from app.units import queries as units

_EARLIEST = date(2000, 1, 1)  # before it there were no records, and soon no moments


def actor_of(token_hash: str) -> Actor | None:
    """The program behind a token that opens something today, or None."""
    token = db.session.scalars(select(MachineToken).where(MachineToken.token_hash == token_hash)).one_or_none()
    if token is None or not rules.opens(token.last_day, token.ended_at, waits(token), today()):
        return None
    return Actor(
        id=str(token.id),
        name=token.name,
        role=MACHINE,
        door="machine",
        device=None,
        ward_id=token.unit_id,
        group_ids=(),
        language="vi",
        sign_in=token_hash,
    )


def waits(token: MachineToken) -> bool:
    """Whether the ward's leader still has to agree."""
    kinds = [registry[code] for code in token.kinds if code in registry]
    return token.agreed_at is None and rules.needs_agreement(kinds, token.depth)


def token_of(actor: Actor) -> MachineToken:
    """The token of the program. Raises not_found, or unit_over with the units that have its records now."""
    token = db.session.get(MachineToken, int(actor.id)) if actor.role == MACHINE else None
    if token is None:
        raise Problem("not_found")
    if is_over(token):
        raise Problem("unit_over", now=[units.place(heir.id) for heir in units.heirs_of(token.unit_id)])
    return token


def is_over(token: MachineToken) -> bool:
    """Whether the token's ward has ended and others have taken over what it had."""
    if units.is_current(units.get(token.unit_id)):
        return False
    here = select(Record.id).where(Record.ward_id == token.unit_id).limit(1)
    return bool(units.heirs_of(token.unit_id)) and db.session.scalars(here).first() is None


def of_units(unit_ids: Iterable[int], *, held: bool = False) -> list[MachineToken]:
    """The tokens of these units that have not been ended. `held`: until the transaction ends."""
    found = select(MachineToken).where(MachineToken.unit_id.in_(list(unit_ids)), MachineToken.ended_at.is_(None))
    found = found.where(MachineToken.last_day >= today()).order_by(MachineToken.id)
    return list(db.session.scalars(found.with_for_update() if held else found))


def listed(actor: Actor) -> list[MachineToken]:
    """The tokens that the person has a say in, the newest first."""
    if actor.role not in (ADMIN, LEADER):
        raise Problem("not_found")
    reach = units.subtree(actor.ward_id) if actor.role == ADMIN else [actor.ward_id]
    found = select(MachineToken).where(MachineToken.unit_id.in_(reach))
    return list(db.session.scalars(found.order_by(MachineToken.id.desc())))


def get(actor: Actor, token_id: int) -> MachineToken:
    """One of them, held until the transaction ends. Raises not_found."""
    listed(actor)
    token = db.session.get(MachineToken, token_id, with_for_update=True)
    if token is None:
        raise Problem("not_found")
    if actor.role == LEADER and token.unit_id != actor.ward_id:
        raise Problem("not_found")
    units.in_reach(actor.ward_id, token.unit_id)
    return token


def reach(token: MachineToken) -> ColumnElement[bool]:
    """The records that a token opens, as a condition on Record."""
    kinds = [code for code in token.kinds if code in registry]
    return and_(Record.ward_id.in_(units.subtree(token.unit_id)), Record.kind.in_(kinds))


def rows_of(code: str, since: date | None = None) -> ColumnElement[bool]:
    """What a table holds: the kind, without what was taken back; or whatever changed from that day on, with it."""
    if since is None:
        return and_(Record.kind == code, Record.status != "withdrawn")
    return and_(Record.kind == code, Record.changed_at >= begins(max(since, _EARLIEST)))


def page(token: MachineToken, code: str, read: Mapping[int, int], limit: int) -> Sequence[Row]:
    """Records of the kind behind the cursor, one more than asked for when there are more. In the order of the feeds,
    in which a reader misses nothing that is committed later."""
    beyond = [and_(Record.ward_id == ward, Record.feed_no > number) for ward, number in read.items()]
    held = and_(Record.kind == code, or_(Record.ward_id.not_in(list(read)), *beyond) if read else Record.feed_no > 0)
    return exports.feed(held, reach(token), "vi", limit + 1, named=token.depth != "open")


def one(token: MachineToken, code: str, record_id: str) -> Row:
    """A single record. Raises not_found."""
    held = and_(Record.kind == code, Record.id == record_id)
    found = exports.feed(held, reach(token), "vi", 1, named=token.depth != "open")
    if not found:
        raise Problem("not_found")
    return found[0]
