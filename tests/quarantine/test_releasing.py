"""Released, a change goes the same way as any other: judged, merged, written, told to the phone; by the rights of
its day, or as the administrator chose."""

import json
from datetime import date, timedelta
from uuid import uuid4

import pytest
from flask import Flask

from app.db import db, transact
from app.identity import service as identity
from app.identity.models import Assignment, Person, SignIn
from app.kinds import checks, registry
from app.quarantine import service
from tests.cast import GROUP_2_VIET_HUNG, GROUP_7, GROUP_12, PHUC_LOI, SINCE, VIET_HUNG, Cast
from tests.conftest import MORNING, Clock
from tests.phone import Phone
from tests.quarantine.conftest import Admin, kept
from tests.sync.test_scope import move
from tests.sync.ward import Ward

POND = {"type": "DN1", "name": "Ao nhà văn hóa", "address": "ngõ 12"}


def stumble_over(lan: Phone, change: object, monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """Push a change at a moment when the server has a fault of its own; the receipt."""

    def stumbles(*_: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as planted:
        planted.setattr(checks, "normalise", stumbles)
        (receipt,) = lan.push(change)  # type: ignore[arg-type]
    return receipt


def test_a_poison_change_is_read_repaired_released_and_ends_as_a_record(
    lan: Phone, hoa: Phone, ward: Ward, anh: Admin
) -> None:
    """R-17, the whole way: one change that nothing can read, among good ones, until it is on the phones."""
    pond, poison = str(uuid4()), lan.change(set=POND)
    text = json.dumps({**poison, "record": pond, "seq": "hai"}, ensure_ascii=False)
    receipts = lan.push(lan.change(set=POND), text, lan.change(set=POND))
    assert [receipt["outcome"] for receipt in receipts] == ["applied", "quarantined", "applied"]
    assert "Ao nhà văn hóa" in anh.opens(kept(ward).log_id)
    log_id = kept(ward).log_id
    assert anh.repairs(log_id, {**json.loads(text), "seq": poison["seq"]}).status_code == 303
    page = anh.client.get(anh.releases(log_id).location).text
    assert "Đã chuyển vào hàng việc" in page
    record = ward.record(pond)
    assert (record.data, record.version, record.status, record.author_id) == (POND, 1, "received", lan.person.id)
    assert ward.history(pond)[0].change_log_id == log_id
    assert record.feed_no == max(other.feed_no for other in ward.records())
    for phone in (lan, hoa):
        phone.sync()
        assert phone.store[pond]["data"] == POND
    assert "Ao nhà văn hóa" in Cast(anh.app).client("Minh").get("/desk/").text
    assert anh.listed() == [] and anh.listed(state="released") == [log_id]


def test_the_phone_that_asks_again_hears_how_it_ended(lan: Phone, ward: Ward, anh: Admin) -> None:
    text = json.dumps(lan.change(seq="hai", set=POND), ensure_ascii=False)
    (before,) = lan.push(text)
    anh.repairs(kept(ward).log_id, {**json.loads(text), "seq": 1})
    assert lan.push(text) == [before], "a repair alone changes nothing for the phone"
    anh.releases(kept(ward).log_id)
    (after,) = lan.push(text)
    assert after == {**before, "outcome": "applied", "version": 1, "problems": []}
    assert lan.push(text, text) == [after, after]
    assert len(ward.log()) == 1 and len(ward.records()) == 1


def test_other_bytes_under_the_same_id_are_still_told_apart(lan: Phone, ward: Ward, anh: Admin) -> None:
    """Also the repaired text itself: it was never sent, so a phone that sends it says something else."""
    change = lan.change(seq="hai", set=POND)
    text, repaired = (json.dumps({**change, "seq": seq}, ensure_ascii=False) for seq in ("hai", 1))
    lan.push(text)
    anh.repairs(kept(ward).log_id, repaired)
    anh.releases(kept(ward).log_id)
    (receipt,) = lan.push(repaired)
    assert (receipt["outcome"], receipt["problems"]) == ("quarantined", [{"code": "change_id_reused"}])
    assert lan.push(text)[0]["outcome"] == "applied"
    assert [record.version for record in ward.records()] == [1]


def test_the_chain_knows_the_release(lan: Phone, ward: Ward, anh: Admin) -> None:
    text = json.dumps(lan.change(seq="hai", set=POND), ensure_ascii=False)
    lan.push(text)
    change = kept(ward)
    anh.repairs(change.log_id, {**json.loads(text), "seq": 1})
    anh.releases(change.log_id)
    (fact,) = anh.links("released")
    wanted = {
        "log_id": change.log_id,
        "change": change.change_id,
        "record": json.loads(text)["record"],
        "outcome": "applied",
        "version": 1,
        "by": Cast(anh.app).anh.id,
        "filed": {"person": lan.person.id, "ward": PHUC_LOI, "groups": [GROUP_7]},
    }
    assert {name: fact[name] for name in wanted} == wanted
    assert "Ao nhà" not in json.dumps(fact, ensure_ascii=False)
    assert anh.finds() == []


def test_our_fault_is_simply_tried_again(lan: Phone, ward: Ward, anh: Admin, monkeypatch) -> None:
    change = lan.change(set=POND)
    receipt = stumble_over(lan, change, monkeypatch)
    assert receipt["problems"] == [{"code": "our_fault"}]
    assert "nhận được, đủ thông tin" in anh.opens(kept(ward).log_id)
    assert anh.releases(kept(ward).log_id).status_code == 303
    assert ward.record(change["record"]).data == POND


def test_while_the_fault_is_still_there_nothing_moves(lan: Phone, ward: Ward, anh: Admin, monkeypatch) -> None:
    change = lan.change(set=POND)
    stumble_over(lan, change, monkeypatch)
    log_id = kept(ward).log_id
    with monkeypatch.context() as planted:
        planted.setattr(checks, "check", lambda *_: 1 / 0)
        answer = anh.releases(log_id)
    assert answer.status_code == 422 and "Trang gặp trục trặc khi nhận" in answer.text
    assert ward.records() == [] and anh.steps(log_id) == [] and anh.links("released") == []
    assert anh.releases(log_id).status_code == 303


def test_pressing_twice_releases_once(lan: Phone, ward: Ward, anh: Admin, monkeypatch) -> None:
    stumble_over(lan, lan.change(set=POND), monkeypatch)
    log_id = kept(ward).log_id
    assert anh.does("release", log_id, seen=0, whose="own").status_code == 303
    assert anh.does("release", log_id, seen=0, whose="own").status_code == 409
    assert anh.releases(log_id).status_code == 422
    assert [record.version for record in ward.records()] == [1]


def test_a_used_id_gets_another_one_and_overwrites_nothing(lan: Phone, hoa: Phone, ward: Ward, anh: Admin) -> None:
    first = lan.change(set=POND)
    second = {**first, "record": str(uuid4()), "set": {**POND, "name": "Hồ"}}
    third = {**hoa.change(set={**POND, "name": "Đầm"}), "id": first["id"]}
    lan.push(first, second)
    hoa.push(third)
    for change in [change for change in ward.log() if change.outcome == "quarantined"]:
        assert anh.releases(change.log_id).status_code == 303
        repaired, released = anh.steps(change.log_id)
        body = json.loads(repaired.body or b"")
        assert body["id"] != first["id"] and {**body, "id": first["id"]} == json.loads(change.body)
        assert released.outcome == "released"
    names = {record.id: (record.data["name"], record.author_id) for record in ward.records()}
    assert names == {
        first["record"]: ("Ao nhà văn hóa", lan.person.id),
        second["record"]: ("Hồ", lan.person.id),
        third["record"]: ("Đầm", hoa.person.id),
    }
    assert [r["outcome"] for r in lan.push(first, second)] == ["applied", "applied"]
    assert anh.finds() == []


def test_it_meets_the_record_as_it_is_now(lan: Phone, hoa: Phone, ward: Ward, anh: Admin, monkeypatch) -> None:
    """The merge is the same: what others wrote meanwhile is not overwritten, a conflict is a conflict."""
    pond = lan.record("hazard_site", **POND, risk="low")
    lan.sync()
    hoa.sync()
    stumble_over(lan, lan.change(pond, base=1, set={"name": "Ao ông Tư", "risk": "high", "depth": 2}), monkeypatch)
    hoa.edit(pond, name="Ao đình", risk="medium")
    hoa.sync()
    assert "cả hai đều được giữ" in anh.opens(kept(ward).log_id)
    anh.releases(kept(ward).log_id)
    record = ward.record(pond)
    assert record.data == {**POND, "name": "Ao đình", "risk": "high", "depth": 2}
    assert sorted(clash["field"] for clash in record.conflicts) == ["name", "risk"]


def test_what_waited_for_it_follows(lan: Phone, ward: Ward, anh: Admin, monkeypatch) -> None:
    change = lan.change(set=POND)
    stumble_over(lan, change, monkeypatch)
    edit = lan.change(change["record"], base=1, set={"risk": "high"})
    assert lan.push(edit)[0]["outcome"] == "held"
    anh.releases(kept(ward).log_id)
    assert ward.record(change["record"]).data == {**POND, "risk": "high"}
    assert lan.push(edit)[0]["outcome"] == "applied"
    assert sorted(fact["outcome"] for fact in anh.links("released")) == ["applied", "applied"]
    assert anh.finds() == []


def test_a_repair_may_name_another_record(lan: Phone, ward: Ward, anh: Admin) -> None:
    """The record's id was cut off on the way; the history and the chain say where it went."""
    change = lan.change(set=POND)
    lan.push(json.dumps({**change, "record": ""}))
    anh.repairs(kept(ward).log_id, change)
    assert anh.releases(kept(ward).log_id).status_code == 303
    assert ward.record(change["record"]).data == POND
    assert anh.finds() == []


def test_what_builds_on_something_that_is_not_here_waits_in_its_place(
    lan: Phone, ward: Ward, anh: Admin, monkeypatch
) -> None:
    change = lan.change(base=3, set=POND)
    lan.push(json.dumps({**change, "seq": "x"}))
    log_id = kept(ward).log_id
    anh.repairs(log_id, change)
    answer = anh.releases(log_id)
    assert answer.status_code == 422 and "sửa ô base thành 0" in answer.text
    assert kept(ward).outcome == "quarantined" and ward.records() == []
    anh.repairs(log_id, {**change, "base": 0})
    assert anh.releases(log_id).status_code == 303
    assert ward.record(change["record"]).data == POND


def test_a_kind_that_the_ward_has_learnt_meanwhile_is_taken(lan: Phone, ward: Ward, anh: Admin, monkeypatch) -> None:
    change = lan.change(set=POND)
    with monkeypatch.context() as old:
        old.setattr(registry, "_kinds", {code: kind for code, kind in registry.items() if code != "hazard_site"})
        lan.push(change)
        answer = anh.releases(kept(ward).log_id)
        assert answer.status_code == 422 and "Loại phiếu phường chưa biết" in answer.text
    assert "Chuyển được ngay" in anh.lists()
    assert anh.releases(kept(ward).log_id).status_code == 303
    assert ward.record(change["record"]).data == POND


def test_a_form_that_lacks_something_is_taken_as_such(lan: Phone, ward: Ward, anh: Admin, monkeypatch) -> None:
    change = lan.change(set={"type": "DN1", "name": "Ao"})
    stumble_over(lan, change, monkeypatch)
    page = anh.opens(kept(ward).log_id)
    assert "còn ô cần bổ sung" in page and "Địa chỉ, đường đến: Ô này cần có." in page
    anh.releases(kept(ward).log_id)
    assert ward.record(change["record"]).status == "needs_fixing"


def test_the_record_counts_from_when_it_came_in(lan: Phone, ward: Ward, anh: Admin, clock: Clock, monkeypatch) -> None:
    """Legal clocks run from the ward's receipt, not from an administrator's Monday."""
    change = lan.change(kind="violation_report", set={"state_now": "Khóc một mình", "danger_now": "yes"})
    stumble_over(lan, change, monkeypatch)
    clock.move(days=2)
    anh.client = Cast(anh.app).client("Anh")
    with anh.app.app_context(), transact():
        db.session.get_one(SignIn, Cast(anh.app).actor("Anh").sign_in).seen_at = clock.at
    anh.releases(kept(ward).log_id)
    record = ward.record(change["record"])
    assert (record.received_at, record.changed_at) == (MORNING, MORNING + timedelta(days=2))


# Rights: by the day of the change, and, where those are gone, by an explicit choice.


def employ(app: Flask, person_id: str, *periods: tuple[int, date, date | None]) -> None:
    """The person's work as a collaborator, all of it."""
    with app.app_context(), transact():
        db.session.query(Assignment).filter_by(person_id=person_id).delete()
        for unit, first, last in periods:
            db.session.add(
                Assignment(person_id=person_id, role="collaborator", unit_id=unit, valid_from=first, valid_to=last)
            )


TODAY = date(2026, 6, 3)


@pytest.mark.parametrize(
    ("written", "where"),
    [
        ("2026-06-02T16:00:00+07:00", GROUP_7),  # the day before the move
        ("2026-06-03T09:00:00+07:00", GROUP_2_VIET_HUNG),  # the day of arrival
        ("2026-06-09T09:00:00+07:00", GROUP_2_VIET_HUNG),  # a clock that is ahead
        ("1970-01-01T00:00:00+07:00", GROUP_2_VIET_HUNG),  # a clock that lost its battery
        ("2025-07-02T09:00:00+07:00", GROUP_2_VIET_HUNG),  # before the ward knew the person
        ("hôm qua", GROUP_2_VIET_HUNG),  # no clock at all
    ],
)
def test_the_rights_of_the_day_it_was_written_count_where_that_can_be_believed(
    app: Flask, lan: Phone, ward: Ward, anh: Admin, monkeypatch, written: str, where: int
) -> None:
    known_since(app, lan.person.id)
    change = lan.change(at=written, set=POND)
    stumble_over(lan, change, monkeypatch)
    yesterday = TODAY - timedelta(days=1)
    employ(app, lan.person.id, (GROUP_7, SINCE, yesterday), (GROUP_2_VIET_HUNG, TODAY, None))
    assert anh.releases(kept(ward).log_id).status_code == 303
    assert ward.record(change["record"]).group_id == where


def known_since(app: Flask, person_id: str) -> None:
    with app.app_context(), transact():
        db.session.get_one(Person, person_id).created_at = MORNING - timedelta(days=300)


def test_an_edit_from_before_the_move_reaches_the_old_ward(app: Flask, lan: Phone, ward: Ward, anh: Admin) -> None:
    """Out of reach on arrival, within it on the day it was written: no choice is needed."""
    known_since(app, lan.person.id)
    pond = lan.record("hazard_site", **POND)
    lan.sync()
    yesterday = TODAY - timedelta(days=1)
    employ(app, lan.person.id, (GROUP_7, SINCE, yesterday), (GROUP_2_VIET_HUNG, TODAY, None))
    (receipt,) = lan.push(lan.change(pond, base=1, at="2026-06-02T16:00:00+07:00", set={"risk": "high"}))
    assert receipt["problems"] == [{"code": "out_of_scope"}]
    assert kept(ward).ward_id == VIET_HUNG
    assert anh.releases(kept(ward).log_id).status_code == 303
    assert ward.record(pond).data["risk"] == "high"
    (released,), (again,) = anh.links("released"), anh.links("judged_again")
    assert released["filed"]["ward"] == PHUC_LOI
    assert (again["record"], again["version"]) == (pond, 2), "the chain of the record's ward has what was written"
    assert anh.finds() == []


def test_somebody_elses_record_stays_out_of_reach(lan: Phone, tuan: Phone, ward: Ward, anh: Admin) -> None:
    pond = lan.record("hazard_site", **POND)
    lan.sync()
    tuan.push(tuan.change(pond, base=1, set={"name": "Chiếm"}))
    answer = anh.releases(kept(ward).log_id)
    assert answer.status_code == 422 and "Ngoài phần việc được giao" in answer.text
    assert ward.record(pond).version == 1 and anh.steps(kept(ward).log_id) == []


def test_unless_the_administrator_says_whose_and_where(
    app: Flask, lan: Phone, hoa: Phone, tuan: Phone, ward: Ward, anh: Admin
) -> None:
    """What Tuấn noted in another ward's group is filed as Hoa's, whose group shares the pond."""
    pond = lan.record("hazard_site", **POND)
    lan.sync()
    tuan.push(tuan.change(pond, base=1, set={"risk": "high"}))
    answer = anh.releases(kept(ward).log_id, whose="chosen", unit=str(GROUP_7), phone="0912 000 003")
    assert answer.status_code == 303
    record = ward.record(pond)
    assert record.data["risk"] == "high" and record.writers["risk"][3] == hoa.person.id
    assert ward.history(pond)[-1].person_id == hoa.person.id
    released = anh.steps(ward.log()[-1].log_id)[-1]
    assert released.filed == {"person": hoa.person.id, "ward": PHUC_LOI, "groups": [GROUP_7]}
    assert ward.log()[-1].person_id == tuan.person.id, "the log says who sent it"
    assert {fact["filed"]["person"] for fact in anh.links("released")} == {hoa.person.id}
    hoa.sync()
    assert hoa.store[pond]["data"]["risk"] == "high"
    assert anh.finds() == []


def gone(app: Flask, lan: Phone, monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """What Lan sent on a day on which she had no work any more."""
    change = lan.change(set=POND)
    stumble_over(lan, change, monkeypatch)
    with app.app_context(), transact():
        identity.close_person(lan.person.id)
    employ(app, lan.person.id, (GROUP_7, SINCE, date(2026, 5, 1)))
    return change


def test_without_rights_it_needs_a_choice(app: Flask, lan: Phone, ward: Ward, anh: Admin, monkeypatch) -> None:
    change = gone(app, lan, monkeypatch)
    log_id = kept(ward).log_id
    assert "không được giao tổ nào" in anh.opens(log_id)
    answer = anh.releases(log_id)
    assert answer.status_code == 422 and "không còn được giao việc" in answer.text
    assert anh.releases(log_id, whose="chosen", unit=str(GROUP_12), phone="").status_code == 303
    record = ward.record(change["record"])
    assert (record.author_id, record.ward_id, record.group_id) == (lan.person.id, PHUC_LOI, GROUP_12)


def test_a_whole_ward_can_be_chosen(app: Flask, lan: Phone, ward: Ward, anh: Admin, monkeypatch) -> None:
    change = gone(app, lan, monkeypatch)
    assert anh.releases(kept(ward).log_id, whose="chosen", unit=str(VIET_HUNG)).status_code == 303
    record = ward.record(change["record"])
    assert (record.ward_id, record.group_id) == (VIET_HUNG, None)
    assert anh.finds() == []


@pytest.mark.parametrize(
    ("unit", "phone", "words"),
    [
        ("", "", ""),
        ("999", "", ""),
        ("1", "", "chọn một tổ hoặc một phường"),
        (str(GROUP_7), "0999999999", "không có cộng tác viên nào"),
        (str(GROUP_7), "không phải số", "không có cộng tác viên nào"),
        (str(GROUP_7), "0912000001", "không có cộng tác viên nào"),  # an officer
    ],
)
def test_a_choice_that_makes_no_sense_is_told_and_kept(
    app: Flask, lan: Phone, ward: Ward, anh: Admin, monkeypatch, unit: str, phone: str, words: str
) -> None:
    gone(app, lan, monkeypatch)
    answer = anh.releases(kept(ward).log_id, whose="chosen", unit=unit, phone=phone)
    assert answer.status_code in (404, 422)
    assert words in answer.text and ward.records() == []
    if phone:
        assert f'value="{phone}"' in answer.text


def test_an_administrator_files_nothing_outside_the_own_reach(
    app: Flask, cast: Cast, lan: Phone, ward: Ward, anh: Admin, monkeypatch
) -> None:
    gone(app, lan, monkeypatch)
    move(app, cast.anh, PHUC_LOI)
    log_id = kept(ward).log_id
    assert anh.releases(log_id, whose="chosen", unit=str(GROUP_2_VIET_HUNG)).status_code == 404
    answer = anh.releases(log_id, whose="chosen", unit=str(GROUP_7), phone="0912000009")
    assert answer.status_code == 422 and "không có cộng tác viên nào" in answer.text
    assert ward.records() == []


def test_a_withdrawal_that_came_too_late_is_not_forced(lan: Phone, ward: Ward, anh: Admin) -> None:
    pond = lan.record("hazard_site", **POND)
    lan.sync()
    ward.judges(pond, "accept")
    lan.push(lan.change(pond, base=2, delete=True, reason="Ghi nhầm"))
    answer = anh.releases(kept(ward).log_id)
    assert answer.status_code == 422 and "Xin rút mục mà phường đã xem" in answer.text
    assert ward.record(pond).status == "accepted"


def test_a_withdrawal_repaired_in_time_is(lan: Phone, ward: Ward, anh: Admin) -> None:
    pond = lan.record("hazard_site", **POND)
    lan.sync()
    change = lan.change(pond, base=1, delete=True, reason="Ghi nhầm")
    lan.push(json.dumps({**change, "reason": ""}))
    anh.repairs(kept(ward).log_id, change)
    assert anh.releases(kept(ward).log_id).status_code == 303
    assert ward.record(pond).status == "withdrawn"
    lan.sync()
    assert pond not in lan.store
    assert anh.finds() == []


def test_nothing_half_is_left_when_the_server_falls_over_on_the_way(
    app: Flask, lan: Phone, ward: Ward, anh: Admin, monkeypatch
) -> None:
    app.config["ANSWER_FAULTS"] = True
    stumble_over(lan, lan.change(set=POND), monkeypatch)
    log_id = kept(ward).log_id
    with monkeypatch.context() as planted:
        planted.setattr(service, "_step", lambda *_, **__: 1 / 0)
        assert anh.releases(log_id).status_code == 500
    assert (ward.records(), anh.links("released"), kept(ward).log_id) == ([], [], log_id)
    assert anh.releases(log_id).status_code == 303
