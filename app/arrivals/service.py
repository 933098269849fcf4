"""The page's one verb: an officer gives up numbers that will not come. Runs inside the caller's transaction."""

from collections.abc import Sequence

from sqlalchemy import and_, or_, select, update

from app.arrivals import rules
from app.clock import now
from app.db import db
from app.identity.rights import OFFICER, Actor
from app.problems import Problem
from app.records import chain, ledger
from app.sync.models import DeviceState, Gap
from app.vietnamese import clean


def close(actor: Actor, person_id: str, device: str, runs: Sequence[rules.Range], note: str) -> None:
    """Close the open gaps of a phone among these numbers, with the reason. One that comes later is taken all the same.

    Raises not_found for a phone of another ward, bad_form without a reason.
    """
    state = db.session.get(DeviceState, (person_id, device), with_for_update=True)
    if actor.role != OFFICER or state is None or state.ward_id != actor.ward_id:
        raise Problem("not_found")
    note = clean(note)
    if not note or len(note) > rules.LONGEST_NOTE:
        raise Problem("bad_form", fields=[{"field": "note", "code": "too_long" if note else "required"}])
    meant = or_(*(Gap.seq.between(first, last) for first, last in runs))
    mine = and_(Gap.person_id == person_id, Gap.device == device, Gap.filled_at.is_(None), Gap.closed_at.is_(None))
    numbers = list(db.session.scalars(select(Gap.seq).where(mine, meant)))
    moment = now()
    said = {"closed_at": moment, "closed_by": actor.id, "note": note}
    db.session.execute(update(Gap).where(mine, meant).values(said).execution_options(synchronize_session=False))
    if numbers:
        facts = {"person": person_id, "device": device, "seqs": rules.written(rules.ranges(numbers))}
        at = moment.isoformat(timespec="seconds")
        ledger.note(actor.ward_id, "gap_closed", **facts, by=actor.id, at=at, sha256=chain.fingerprint({"note": note}))
