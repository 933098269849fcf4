"""Changes that arrive before what they build on: kept whole, and judged when it comes."""

import json
from uuid import uuid4

import pytest

from app.db import db, transact
from app.records.models import Change, Record, RecordVersion, Setting
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
    lan.push(lan.change(pond, base=1, set={"depth": 1}))
    assert ward.record(pond).data == {**POND, "risk": "high", "depth": 1}


@pytest.mark.parametrize("desk", ["verdict", "own fields", "comment"])
def test_what_the_desk_writes_may_be_what_it_waited_for(app, lan: Phone, ward: Ward, desk: str):
    pond = str(uuid4())
    lan.push(lan.change(pond, set=POND))
    late = lan.change(pond, base=2, set={"risk": "high"})  # read before the server fell back to version 1
    assert lan.push(late)[0]["outcome"] == "held"
    if desk == "verdict":
        ward.judges(pond, "return", "Nhờ xem lại")
    elif desk == "own fields":
        ward.fills(pond, responsible="Đội thoát nước số 3")
    else:
        ward.says(pond, "Tổ trưởng đã gọi")
    assert ward.record(pond).data["risk"] == "high"
    assert [version.what for version in ward.history(pond)][-1] == "edited"
    (receipt,) = lan.push(late)
    assert (receipt["outcome"], receipt["version"]) == ("applied", 3), "asked again, the phone hears how it ended"
    lan.sync()
    assert lan.store[pond]["version"] == 3
    assert lan.store[pond]["data"]["risk"] == "high"
    assert ward.chain()[-1] == "released"


# After a restore (`begin_another_life`): what phones know of versions that are lost.


def begin_another_life(app) -> None:
    """What a restore does to the numbers of versions."""
    with app.app_context(), transact():
        db.session.add(Setting(name="life", value="4104"))


def verdict_lost(app, lan: Phone, ward: Ward) -> str:
    """Lan's pond, which the ward returned; then a backup of before that comes back."""
    pond = str(uuid4())
    lan.push(lan.change(pond, set=POND))
    ward.judges(pond, "return", "Nhờ ghi thêm")
    lose(app, pond, down_to=1)
    begin_another_life(app)
    return pond


def test_an_answer_to_a_lost_verdict_does_not_wait_for_it(app, lan: Phone, ward: Ward):
    pond = verdict_lost(app, lan, ward)
    receipts = lan.push(lan.change(pond, base=2, set={"risk": "low"}), lan.change(pond, base=3, set={"depth": 2}))
    assert [(r["outcome"], r["version"]) for r in receipts] == [("applied", 4104001), ("applied", 4104002)]
    assert ward.record(pond).data == {**POND, "risk": "low", "depth": 2}
    lan.sync()
    assert lan.store[pond]["version"] == 4104002, "the phone gets the record: it is not the one it had"
    assert lan.push(lan.change(pond, base=4104002, set={"risk": "high"}))[0]["outcome"] == "applied"


def test_what_was_known_of_a_lost_version_is_not_known_of_a_new_one(app, lan: Phone, hoa: Phone, ward: Ward):
    pond = verdict_lost(app, lan, ward)
    hoa.push(hoa.change(pond, base=1, set={"name": "Ao bà Sáu"}))
    (receipt,) = lan.push(lan.change(pond, base=2, set={"name": "Ao ông Tư"}))
    assert receipt["outcome"] == "conflict", "Lan has never seen Hoa's name, whatever number its version has"
    (clash,) = ward.record(pond).conflicts
    assert (clash["kept"], clash["other"]) == ("Ao bà Sáu", "Ao ông Tư")


def test_a_base_above_this_life_still_waits(app, lan: Phone, ward: Ward):
    pond = verdict_lost(app, lan, ward)
    assert lan.push(lan.change(pond, base=4104002, set={"risk": "low"}))[0]["outcome"] == "held"
    assert lan.push(lan.change(str(uuid4()), base=2, set={"risk": "low"}))[0]["outcome"] == "held", "no such record"


def test_verdicts_and_withdrawals_count_on_in_the_new_life(app, lan: Phone, ward: Ward):
    begin_another_life(app)
    pond, other = str(uuid4()), str(uuid4())
    lan.push(lan.change(pond, set=POND), lan.change(other, set=POND))
    assert ward.judges(pond, "accept") == 4104002
    assert lan.push(lan.change(other, base=4104001, delete=True, reason="ghi nhầm"))[0]["version"] == 4104002
