"""How much a phone has given the ward."""

from datetime import datetime

from sqlalchemy import and_, case, func, select

from app.db import db
from app.identity.signatures import UNPROVEN
from app.records.models import Change


def bytes_since(person_id: str, device: str, since: datetime) -> tuple[int, int]:
    """Bytes stored for this phone since then, by whichever way: (of proven changes, of those nothing proves).

    What is sent again is not stored again, and so not counted.
    """
    code = Change.receipt["problems"][0]["code"].as_string()
    is_unproven = and_(Change.outcome == "quarantined", code.in_(UNPROVEN))
    size = func.length(Change.body)
    wanted = select(
        func.coalesce(func.sum(case((is_unproven, 0), else_=size)), 0),
        func.coalesce(func.sum(case((is_unproven, size), else_=0)), 0),
    ).where(Change.device == device, Change.person_id == person_id, Change.received_at >= since)
    proven, unproven = db.session.execute(wanted).one()
    return int(proven), int(unproven)
