"""Records as the ward would have them, put straight into the database: plain functions with sensible defaults."""

import uuid
from datetime import date, datetime, timedelta
from typing import Any

from flask import Flask

from app import vietnamese
from app.db import db, transact
from app.identity.models import SignIn
from app.kinds import checks, registry
from app.places import rules as places
from app.records import again
from app.records import rules as record_rules
from app.records.models import Record, RecordVersion
from tests.cast import GROUP_7, PEOPLE, PHUC_LOI
from tests.conftest import MORNING, Clock

POND = {"type": "DN2", "name": "Ao sau nhà văn hóa", "risk": "high", "seen_on": "2026-06-02"}
DUC = {"name": "Nguyễn Minh Đức", "born": "2015", "gender": "male", "noted_on": "2026-06-01"}
BEATEN = {"danger_now": "yes", "about": "abused", "state_now": "Bị đánh", "learned_at": "2026-06-03T08:30"}


def wait(app: Flask, clock: Clock, **by: float) -> None:
    """Let time pass without anybody's sign-in ending by it."""
    clock.move(**by)
    with app.app_context(), transact():
        for session in db.session.query(SignIn):
            session.seen_at, session.expires_at = clock.now(), clock.now() + timedelta(days=1)


_feed = iter(range(1, 1_000_000))


def a_place(lat: float = 21.0402, lon: float = 105.9183, acc: float | None = 8) -> dict[str, Any]:
    """A point in phường Phúc Lợi."""
    return {"lat": lat, "lon": lon, "acc": acc, "how": "gps", "at": "2026-06-02T16:20:00+07:00"}


def make(
    kind: str = "hazard_site",
    data: dict[str, Any] | None = None,
    *,
    by: str = "Lan",
    status: str = "received",
    group: int | None = GROUP_7,
    ward: int = PHUC_LOI,
    received: datetime = MORNING - timedelta(hours=1),
    parent: str | None = None,
    happened: date = date(2026, 6, 2),
    **more: Any,
) -> str:
    """A record with its first version; returns its id. Urgency and search text come from its answers."""
    values = dict(POND if data is None else data)
    form = registry[kind]
    texts = [checks.title(form, values, "vi"), *(v for v in values.values() if isinstance(v, str))]
    point = places.point(form, values) or (None, None)
    record = Record(
        id=str(uuid.uuid4()),
        kind=kind,
        form=form.form,
        version=1,
        status=status,
        author_id=PEOPLE[by].id,
        ward_id=ward,
        group_id=group,
        unit_id=group,
        parent_id=parent,
        happened_on=happened,
        again_on=record_rules.again_on(form, values),
        data=values,
        writers={},
        urgency=checks.urgency(form, values, "2026-06-03")[0],
        search=vietnamese.fold(" ".join(texts)),
        lat=point[0],
        lon=point[1],
        received_at=received,
        changed_at=received,
        feed_no=next(_feed),
        **{"conflicts": [], "problems": [], "review": None, **more},
    )
    with transact():
        db.session.add(record)
        db.session.flush()
        db.session.add(_version(record, "created", PEOPLE[by].id, received))
        db.session.flush()
        again.bring_up([record.id, *([parent] if parent else [])])
    return str(record.id)


def edit(
    record_id: str, changes: dict[str, Any], *, by: str = "Lan", status: str = "answered", at: datetime = MORNING
) -> None:
    """Another version, as if the phone had sent a change."""
    with transact():
        record = db.session.get(Record, record_id)
        assert record is not None
        record.data = {**record.data, **changes}
        record.version += 1
        record.status, record.changed_at = status, at
        db.session.add(_version(record, "edited", PEOPLE[by].id, at))


def _version(record: Record, what: str, person: str, at: datetime) -> RecordVersion:
    return RecordVersion(
        record_id=record.id,
        version=record.version,
        what=what,
        person_id=person,
        change_log_id=None,
        status=record.status,
        data=record.data,
        review=record.review,
        written_at=at - timedelta(minutes=40),
        received_at=at,
    )
