"""Changes that arrive before what they build on: kept whole, and judged when it comes."""

import json
from uuid import uuid4

from app.db import db, transact
from app.records.models import Change, Record, RecordVersion
from tests import cast as world
from tests.phone import Phone
from tests.sync.test_scope import move
from tests.sync.ward import Ward

POND = {"type": "DN1", "name": "Ao nhà văn hóa", "address": "ngõ 12"}


def lose(app, record_id: str, down_to: int) -> None:
    """A backup is restored that knows the record only up to this version."""
    with app.app_context(), transact():
        later = RecordVersion.version > down_to
        db.session.query(RecordVersion).filter(RecordVersion.record_id == record_id, later).delete()
        db.session.query(Change).filter(Change.record_id == record_id, Change.seq > down_to).delete()
        if down_to:
            old = db.session.get_one(RecordVersion, (record_id, down_to))
            row = db.session.get_one(Record, record_id)
            row.version, row.data = old.version, old.data
            row.writers = {name: w for name, w in row.writers.items() if w[0] <= down_to}
        else:
            db.session.query(Record).filter(Record.id == record_id).delete()


def test_an_edit_of_an_unknown_record_waits_for_it(lan: Phone, ward: Ward):
    pond = str(uuid4())
    created, edited = lan.change(pond, set=POND), lan.change(pond, base=1, set={"risk": "high"})
    (receipt,) = lan.push(edited)
    assert (receipt["outcome"], receipt["version"], receipt["problems"]) == ("held", 0, [])
    assert lan.push(edited) == [receipt]
    assert ward.records() == []
    assert ward.kept(json.dumps(edited, ensure_ascii=False))
    (receipt,) = lan.push(created)
    assert (receipt["outcome"], receipt["version"]) == ("applied", 1)
    assert ward.record(pond).data == {**POND, "risk": "high"}
    (receipt,) = lan.push(edited)
    assert (receipt["outcome"], receipt["version"]) == ("applied", 2), "asked again, the phone hears how it ended"
    assert [version.what for version in ward.history(pond)] == ["created", "edited"]


def test_in_one_push_the_order_does_not_matter(lan: Phone, ward: Ward):
    pond = str(uuid4())
    changes = [
        lan.change(pond, set=POND),
        lan.change(pond, base=1, set={"risk": "low"}),
        lan.change(pond, base=2, set={"risk": "high"}),
    ]
    receipts = lan.push(*reversed(changes))
    assert [(r["outcome"], r["version"]) for r in receipts] == [("applied", 3), ("applied", 2), ("applied", 1)]
    assert ward.record(pond).data["risk"] == "high"


def test_a_phone_that_is_ahead_of_a_restored_server_is_not_turned_away(app, lan: Phone, ward: Ward):
    pond = str(uuid4())
    first, second = lan.change(pond, set=POND), lan.change(pond, base=1, set={"risk": "low"})
    lan.push(first, second)
    third = lan.change(pond, base=2, set={"depth": 2})
    lose(app, pond, down_to=1)
    (receipt,) = lan.push(third)
    assert (receipt["outcome"], receipt["version"]) == ("held", 1)
    lan.push(first, second)
    assert ward.record(pond).data == {**POND, "risk": "low", "depth": 2}
    assert ward.record(pond).version == 3


def test_another_phone_may_bring_what_was_missing(app, lan: Phone, hoa: Phone, ward: Ward):
    pond = str(uuid4())
    created = lan.change(pond, set=POND)
    lan.push(created)
    hoa.sync()
    lose(app, pond, down_to=0)
    (receipt,) = hoa.push(hoa.change(pond, base=1, set={"risk": "high"}))
    assert receipt["outcome"] == "held"
    lan.sync()
    lan.push(lan.change(pond, set=POND))
    record = ward.record(pond)
    assert record.data["risk"] == "high"
    assert record.author_id == lan.person.id
    assert record.writers["risk"][3] == hoa.person.id
    hoa.sync()
    assert hoa.store[pond]["version"] == 2


def test_a_held_change_is_judged_by_the_rights_it_came_with(app, lan: Phone, hoa: Phone, tuan: Phone, ward: Ward):
    pond = str(uuid4())
    tuan.push(tuan.change(pond, base=1, set={"name": "Chiếm"}))
    hoa.push(hoa.change(pond, base=1, set={"risk": "high"}))
    move(app, hoa.person, world.GROUP_3)
    lan.push(lan.change(pond, set=POND))
    assert ward.record(pond).data == {**POND, "risk": "high"}
    outcomes = {change.person_id: change.outcome for change in ward.log()}
    assert outcomes == {lan.person.id: "applied", hoa.person.id: "applied", tuan.person.id: "quarantined"}


def test_what_still_lacks_something_goes_on_waiting(lan: Phone, ward: Ward):
    pond = str(uuid4())
    created, third = lan.change(pond, set=POND), lan.change(pond, base=2, set={"risk": "high"})
    lan.push(third)
    lan.push(created)
    assert "risk" not in ward.record(pond).data
    ward.judges(pond, "accept")
    lan.push(lan.change(pond, base=2, set={"depth": 1}))
    assert ward.record(pond).data == {**POND, "risk": "high", "depth": 1}
