"""What comes down: once each, in order, no more than was asked for, and almost nothing when there is nothing."""

from app.db import db, transact
from app.records.models import Record, Setting
from app.records.models import Ward as Counter
from app.sync import cursor
from tests import cast as world
from tests.phone import Phone
from tests.sync.ward import Ward

POND = {"type": "DN1", "name": "Ao nhà văn hóa", "address": "ngõ 12"}


def ponds(phone: Phone, count: int) -> list[str]:
    made = [phone.record("hazard_site", **{**POND, "name": f"Ao {number}"}) for number in range(count)]
    phone.sync()
    return made


def test_pages_hold_what_was_asked_for_and_nothing_comes_twice(lan: Phone, hoa: Phone):
    made = ponds(lan, 23)
    hoa.limit = 10
    hoa.sync()
    pages = [[record["id"] for record in answer["records"]] for answer in hoa.heard]
    assert [len(page) for page in pages] == [10, 10, 3]
    assert [answer["more"] for answer in hoa.heard] == [True, True, False]
    assert [record_id for page in pages for record_id in page] == made
    hoa.sync()
    assert hoa.heard[-1]["records"] == []


def test_a_page_that_is_exactly_full_is_the_last(lan: Phone, hoa: Phone):
    ponds(lan, 10)
    hoa.limit = 10
    hoa.sync()
    assert [answer["more"] for answer in hoa.heard] == [False]


def test_what_changes_between_two_pages_is_not_missed(lan: Phone, hoa: Phone):
    made = ponds(lan, 4)
    hoa.limit = 2
    hoa.round_trip()
    lan.edit(made[0], risk="high")
    lan.sync()
    hoa.sync()
    assert hoa.store[made[0]]["data"]["risk"] == "high"
    assert hoa.digest() == hoa.asks_digest()


def test_an_often_changed_record_comes_once(lan: Phone, hoa: Phone):
    (pond,) = ponds(lan, 1)
    for depth in range(5):
        lan.edit(pond, depth=depth)
        lan.sync()
    answer = hoa.sync()
    assert [(record["id"], record["version"]) for record in answer["records"]] == [(pond, 6)]


def test_nothing_new_costs_almost_nothing(lan: Phone, statements):
    ponds(lan, 3)
    lan.sync()
    response = lan.post(lan.envelope([]))
    assert len(response.data) < 250, response.text
    with statements() as seen:
        lan.sync()
    reading = [text for text in seen if text.startswith("SELECT") and "sign_in" not in text]
    assert len(reading) == 1
    assert " ward" in reading[0]
    assert not [text for text in seen if text.startswith(("INSERT", "UPDATE", "BEGIN IMMEDIATE"))]


def test_an_idle_answer_stays_small_when_the_numbers_are_large(app, lan: Phone):
    ponds(lan, 1)
    with app.app_context(), transact():
        db.session.query(Counter).update({"last_no": 123_456_789})
    lan.sync()
    assert len(lan.post(lan.envelope([])).data) < 250


def test_the_phone_is_not_sent_what_it_just_sent(lan: Phone, hoa: Phone):
    pond = lan.record("hazard_site", **POND)
    lan.edit(pond, risk="low")
    assert lan.sync()["records"] == []
    lan.edit(pond, risk="high")
    assert lan.sync()["records"] == []
    assert lan.sync()["records"] == []
    assert len(hoa.sync()["records"]) == 1


def test_but_it_is_when_the_ward_has_more_than_it_sent(lan: Phone, hoa: Phone, ward: Ward):
    pond = lan.record("hazard_site", **POND)
    lan.sync()
    hoa.sync()
    hoa.edit(pond, depth=2)
    hoa.sync()
    lan.edit(pond, risk="low")
    assert lan.sync()["records"][0]["data"] == {**POND, "depth": 2, "risk": "low"}
    ward.judges(pond, "return", "Sâu bao nhiêu?")
    lan.edit(pond, risk="medium")
    (record,) = lan.sync()["records"]
    assert (record["status"], record["review"]["verdict"]) == ("answered", "return")
    # Known now, and still another status than before: answered stays answered, so nothing more is news.
    lan.edit(pond, risk="high")
    assert lan.sync()["records"] == []


def test_a_lost_answer_costs_no_record(lan: Phone):
    pond = lan.record("hazard_site", **POND)
    lan.sync(lose_answer=True)
    answer = lan.sync()
    assert [record["id"] for record in answer["records"]] == [pond]
    assert lan.digest() == lan.asks_digest()


def test_a_record_looks_as_the_protocol_says(lan: Phone, hoa: Phone, ward: Ward):
    bo = lan.record("child", name="Bo")
    lan.sync()
    ward.judges(bo, "return", " Họ của cháu? ", pins={"name": "Thiếu họ"})
    (record,) = hoa.sync()["records"]
    assert record == {
        "id": bo,
        "kind": "child",
        "version": 2,
        "status": "returned",
        "unit": str(world.GROUP_7),
        "author": lan.person.id,
        "parent": None,
        "received": "2026-06-03T02:12:44Z",
        "data": {"name": "Bo"},
        "conflicts": [],
        "problems": [],
        "review": {
            "verdict": "return",
            "note": "Họ của cháu?",
            "pins": {"name": "Thiếu họ"},
            "by": "Trần Văn Minh",
            "at": "2026-06-03T02:12:44Z",
            "version": 1,
        },
    }


def test_vietnamese_is_never_escaped_and_long_answers_are_packed(lan: Phone, hoa: Phone):
    ponds(lan, 5)
    plain = hoa.post(hoa.envelope([]))
    assert "Ao nhà" not in plain.text and "ngõ 12" in plain.text
    assert "\\u" not in plain.text
    packed = hoa.post_bytes(hoa.sent, **{"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert len(packed.data) < len(plain.data)


def test_each_ward_numbers_its_own_feed_without_a_hole(lan: Phone, tuan: Phone, ward: Ward):
    ponds(lan, 3)
    ponds(tuan, 2)
    (pond,) = ponds(lan, 1)
    lan.edit(pond, risk="low")
    lan.sync()
    numbers = {}
    for record in ward.records():
        numbers.setdefault(record.ward_id, []).append(record.feed_no)
    assert numbers == {world.PHUC_LOI: [1, 2, 3, 5], world.VIET_HUNG: [1, 2]}


def test_a_restored_database_starts_over(app, lan: Phone, hoa: Phone):
    (pond,) = ponds(lan, 1)
    hoa.sync()
    lan.edit(pond, risk="low")
    with app.app_context(), transact():
        db.session.delete(db.session.get_one(Setting, "epoch"))
    before = hoa.epoch
    hoa.sync()
    answer = hoa.heard[1]
    assert answer["reset"] is True
    assert answer["epoch"] != before
    assert set(hoa.store) == {pond}
    lan.sync()
    assert lan.outbox == [] and lan.heard[1]["reset"] is True
    assert lan.store[pond]["data"]["risk"] == "low", "after a reset the phone gets everything, also what it just sent"


def test_a_cursor_ahead_of_the_ward_starts_over(app, lan: Phone):
    ponds(lan, 2)
    with app.app_context(), transact():
        db.session.query(Counter).update({"last_no": 1})
        db.session.query(Record).update({"feed_no": 1})
    assert lan.sync()["reset"] is True


def test_a_cursor_cannot_be_made_elsewhere(lan: Phone):
    ponds(lan, 1)
    lan.sync()
    (tag, _) = cursor.URLSafeSerializer("x").loads_unsafe(lan.cursor)[1]
    lan.cursor = cursor.pack("another secret", tag, {world.PHUC_LOI: 0})
    assert lan.sync()["reset"] is True
