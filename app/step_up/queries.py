"""Which proofs and reasons still count, and who read what."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from flask import current_app
from sqlalchemy import select

from app.clock import now
from app.db import db
from app.identity.models import Person, SignIn
from app.identity.rights import Actor
from app.kinds import registry
from app.records.models import Record
from app.records.queries import in_scope
from app.step_up import rules
from app.step_up.models import Reading, StepUp

LIMIT = 200


class Read(NamedTuple):
    """A line of the list of readings. `reason` is empty where none was asked for."""

    record_id: str
    kind: str
    at: datetime
    name: str
    version: int
    reason: str


def minutes() -> int:
    """How long a proof and a reason count; 0 where nobody is asked (never in production)."""
    return int(current_app.config["TO_AM"].step_up_minutes)


def granted(actor: Actor, purpose: str, about: str) -> StepUp | None:
    """The reason that this sign-in wrote for exactly this, if it still counts."""
    wanted = select(StepUp).where(StepUp.sign_in == actor.sign_in, StepUp.purpose == purpose, StepUp.about == about)
    return db.session.scalars(wanted.where(StepUp.at > _since()).order_by(StepUp.id.desc()).limit(1)).first()


def is_proven(actor: Actor) -> bool:
    """Whether this sign-in showed who it is a moment ago, by signing in or for another reason."""
    signed_in = select(SignIn.token_hash).where(SignIn.token_hash == actor.sign_in, SignIn.created_at > _since())
    wanted = select(StepUp.id).where(StepUp.sign_in == actor.sign_in, StepUp.proven, StepUp.at > _since())
    return any(db.session.scalars(one.limit(1)).first() is not None for one in (signed_in, wanted))


def is_noted(actor: Actor, record_id: str, version: int) -> bool:
    """Whether it is written down already that this session reads this version."""
    wanted = select(Reading.id).where(
        Reading.record_id == record_id,
        Reading.at > now() - rules.NOTED_FOR,
        Reading.person_id == actor.id,
        Reading.sign_in == actor.sign_in,
        Reading.version == version,
    )
    return db.session.scalars(wanted.limit(1)).first() is not None


def readings_of(record_id: str) -> Sequence[Read]:
    """Who read this record, the latest first. The caller has made sure that it is in scope."""
    return _reads(Reading.record_id == record_id)


def readings_in(actor: Actor) -> Sequence[Read]:
    """The latest readings of reports in the ward. Those of children's records stand in the log."""
    others = [code for code, kind in registry.items() if not kind.calls_first]
    return _reads(Reading.ward_id == actor.ward_id, in_scope(actor), Record.kind.not_in(others))


def _reads(*conditions: object) -> list[Read]:
    wanted = (
        select(Reading.record_id, Record.kind, Reading.at, Person.name, Reading.version, StepUp.reason)
        .join(Person, Person.id == Reading.person_id)
        .join(Record, Record.id == Reading.record_id)
        .outerjoin(StepUp, StepUp.id == Reading.step_up_id)
        .where(*conditions)  # type: ignore[arg-type]
        .order_by(Reading.at.desc(), Reading.id.desc())
        .limit(LIMIT)
    )
    return [Read(*row[:5], row[5] or "") for row in db.session.execute(wanted)]


def _since() -> datetime:
    return now() - timedelta(minutes=minutes())
