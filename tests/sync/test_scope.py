"""Who carries which record, and whose hands may reach it: own, same group, same ward, other ward."""

import json

import pytest

from app.db import db, transact
from app.identity.models import Assignment
from app.kinds import registry
from app.kinds.vocabulary import Kind
from app.records.models import Record
from tests import cast as world
from tests.phone import Phone
from tests.sync.ward import Ward

POND = {"type": "DN1", "name": "Ao nhà văn hóa", "address": "ngõ 12"}
REPORT = {"state_now": "Cháu đang khóc", "danger_now": "yes", "informant_agrees": "yes", "informant_name": "Bà Tư"}


def move(app, person, unit: int) -> None:
    """Give the person another group, and no other."""
    with app.app_context(), transact():
        db.session.query(Assignment).filter_by(person_id=person.id).delete()
        db.session.add(
            Assignment(person_id=person.id, role=person.role, unit_id=unit, valid_from=world.SINCE, valid_to=None)
        )


def test_own_same_group_same_ward_other_ward(app, lan: Phone, hoa: Phone, tuan: Phone):
    pond, bo = lan.record("hazard_site", **POND), lan.record("child", name="Bo")
    visit = lan.record("child_visit", child=bo, visited_on="2026-06-03")
    report = lan.record("violation_report", **REPORT)
    lan.sync()
    second = Phone(app, lan.person, device="another-phone-of-lan")
    second.sync()
    assert set(second.store) == {pond, bo, visit, report}, "own: everything"
    hoa.sync()
    assert set(hoa.store) == {pond, bo}, "same group: what the group shares"
    move(app, hoa.person, world.GROUP_3)
    hoa.sync()
    assert hoa.store == {}, "same ward, another group: nothing"
    tuan.sync()
    assert tuan.store == {}, "another ward: nothing"


@pytest.mark.parametrize("kind", ["hazard_site", "violation_report"])
def test_a_stranger_cannot_reach_a_record(lan: Phone, tuan: Phone, ward: Ward, kind: str):
    record = lan.record(kind, **(POND if kind == "hazard_site" else REPORT))
    lan.sync()
    for base in (0, 1, 7):
        change = tuan.change(record, kind, base=base, set={"name": "Chiếm"})
        (receipt,) = tuan.push(change)
        assert (receipt["outcome"], receipt["version"]) == ("quarantined", 0)
        assert receipt["problems"] == [{"code": "out_of_scope"}]
        assert ward.kept(json.dumps(change, ensure_ascii=False))
    (receipt,) = tuan.push(tuan.change(record, kind, base=1, delete=True, reason="nhầm"))
    assert receipt["outcome"] == "quarantined"
    assert ward.record(record).version == 1


def test_somebody_elses_report_is_out_of_reach_even_in_the_group(lan: Phone, hoa: Phone, ward: Ward):
    report = lan.record("violation_report", **REPORT)
    lan.sync()
    (receipt,) = hoa.push(hoa.change(report, "violation_report", base=1, set={"danger_now": "no"}))
    assert receipt["problems"] == [{"code": "out_of_scope"}]
    assert ward.record(report).data["danger_now"] == "yes"


def test_restricted_answers_stay_with_their_author(lan: Phone, hoa: Phone, ward: Ward):
    bo = lan.record("child", name="Bo", circumstances_kept=["l"], new_field="của bản sau")
    lan.sync()
    lan.edit(bo, new_field=None)
    lan.sync()
    ward.judges(bo, "return", "Xem lại", pins={"circumstances_kept": "Có chắc không?", "name": "Họ?"})
    answer = hoa.sync()
    assert "circumstances_kept" not in json.dumps(answer)
    assert hoa.store[bo]["review"]["pins"] == {"name": "Họ?"}
    (receipt,) = hoa.push(hoa.change(bo, "child", base=3, set={"circumstances_kept": [], "school": "4A"}))
    assert receipt["problems"] == [{"field": "circumstances_kept", "code": "out_of_scope"}]
    assert ward.record(bo).data == {"name": "Bo", "circumstances_kept": ["l"], "school": "4A"}
    lan.sync()
    assert lan.store[bo]["data"]["circumstances_kept"] == ["l"]


def test_a_name_with_spaces_is_no_way_around(lan: Phone, hoa: Phone, ward: Ward):
    bo = lan.record("child", name="Bo", circumstances_kept=["l"])
    lan.sync()
    hoa.push(hoa.change(bo, "child", base=1, set={" circumstances_kept ": []}))
    assert ward.record(bo).data["circumstances_kept"] == ["l"]


def test_the_desks_fields_are_the_desks(lan: Phone, ward: Ward, monkeypatch: pytest.MonkeyPatch):
    kind: Kind = registry["hazard_site"]
    monkeypatch.setattr(kind.fields["keeper"], "owner", "desk")
    pond = lan.record("hazard_site", **POND, keeper="Lan")
    lan.sync()
    receipt = lan.receipt(pond)
    assert (receipt["outcome"], receipt["problems"]) == ("applied", [{"field": "keeper", "code": "desk_owned"}])
    assert "keeper" not in ward.record(pond).data
    assert "keeper" in ward.log()[0].body.decode()


def test_a_new_group_starts_over(app, lan: Phone, ward: Ward):
    pond = lan.record("hazard_site", **POND)
    lan.sync()
    move(app, lan.person, world.GROUP_3)
    waiting = lan.record("hazard_site", **{**POND, "name": "Hố ga"})
    answer = lan.sync()
    assert answer["reset"] is True
    assert answer["receipts"][0]["outcome"] == "applied", "what was in the outbox is taken"
    assert {record["id"] for record in answer["records"]} == {pond, waiting}
    assert ward.record(waiting).group_id == world.GROUP_3


def test_a_new_ward_starts_over_and_takes_nothing_along(app, lan: Phone, ward: Ward):
    pond = lan.record("hazard_site", **POND)
    lan.sync()
    lan.edit(pond, risk="high")
    move(app, lan.person, world.GROUP_2_VIET_HUNG)
    answer = lan.sync()
    assert answer["reset"] is True
    assert lan.store == {}
    assert lan.outbox == [], "the change is in the ward's hands"
    assert lan.receipt(pond)["problems"] == [{"code": "out_of_scope"}]
    assert ward.kept(json.dumps({**json.loads(ward.log()[1].body)}, ensure_ascii=False))


def test_a_cursor_serves_only_the_person_it_was_made_for(lan: Phone, hoa: Phone):
    lan.record("violation_report", **REPORT)
    lan.sync()
    hoa.cursor = lan.cursor
    answer = hoa.sync()
    assert answer["reset"] is True
    assert answer["records"] == []


def test_the_digest_counts_only_what_is_in_scope(app, lan: Phone, hoa: Phone):
    lan.record("hazard_site", **POND)
    lan.record("violation_report", **REPORT)
    lan.sync()
    hoa.sync()
    assert (lan.asks_digest()["count"], hoa.asks_digest()["count"]) == (2, 1)
    assert hoa.digest() == hoa.asks_digest()
    assert lan.digest() == lan.asks_digest()
    with app.app_context(), transact():
        db.session.query(Record).filter_by(kind="hazard_site").update({"version": 9})
    assert hoa.digest() != hoa.asks_digest()
    hoa.cursor = ""
    hoa.sync()
    assert hoa.digest() == hoa.asks_digest()


@pytest.mark.parametrize("agrees", ["yes", "no", None])
def test_an_informant_is_named_only_after_agreeing(app, lan: Phone, agrees: str | None):
    report = lan.record("violation_report", **{**REPORT, "informant_agrees": agrees})
    lan.sync()
    with app.app_context():
        data = db.session.get(Record, report).data
    assert ("informant_name" in data) == (agrees == "yes")
    assert data["state_now"] == REPORT["state_now"]
    lan.edit(report, informant_agrees="no")
    lan.sync()
    assert "informant_name" not in lan.sees(report), "who takes the word back is forgotten, on the phone too"
