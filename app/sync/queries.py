"""Where everything stands when a phone asks: read in one query, which is all that an idle pass costs."""

from typing import NamedTuple

from sqlalchemy import bindparam, func, literal, select

from app.db import db
from app.identity.rights import Actor
from app.records.chain import START, Head
from app.records.models import Change, Link, Setting, Ward
from app.sync import devices
from app.sync.models import DeviceState
from app.sync.numbering import Numbers

_STANDING = (
    select(
        select(Setting.value).where(Setting.name == "epoch").scalar_subquery(),
        Ward.last_no,
        Ward.chain_no,
        Ward.chain_hash,
        *devices.COLUMNS,
    )
    .select_from(select(literal(1)).subquery())
    .outerjoin(Ward, Ward.ward_id == bindparam("ward"))
    .outerjoin(DeviceState, devices.IS_STATE)
)


class Standing(NamedTuple):
    """The database's epoch, the ward's latest feed number and chain head, and what is known of the phone."""

    epoch: str | None
    last_no: int
    head: Head
    numbers: Numbers


def standing(actor: Actor, device: str) -> Standing:
    """Where things stand for this person's phone."""
    asked = {"ward": actor.ward_id, "person": actor.id, "device": device}
    epoch, last_no, chain_no, chain_hash, *numbers = db.session.connection().execute(_STANDING, asked).one()
    head = START if chain_no is None else Head(chain_no, chain_hash)
    return Standing(epoch, last_no or 0, head, Numbers() if numbers[0] is None else Numbers(*numbers))


def is_in_chain(ward_id: int, head: Head) -> bool:
    """Whether the ward's chain has exactly this link."""
    wanted = select(Link.hash).where(Link.ward_id == ward_id, Link.no == head.no)
    return head == START or db.session.scalars(wanted).one_or_none() == head.hash


def highest_seq(person_id: str, device: str) -> int:
    """The highest number of this person's changes from this device; 0 when there is none."""
    wanted = select(func.max(Change.seq)).where(Change.device == device, Change.person_id == person_id)
    return db.session.scalar(wanted) or 0
