"""An author takes back what nobody has judged yet; then it leaves every phone, and nothing of it is lost."""

import pytest

from tests.phone import Phone
from tests.sync.ward import Ward

POND = {"type": "DN1", "name": "Ao nhà văn hóa", "address": "ngõ 12"}


@pytest.fixture
def pond(lan: Phone, hoa: Phone) -> str:
    made = lan.record("hazard_site", **POND)
    lan.sync()
    hoa.sync()
    return made


def test_it_leaves_every_phone(lan: Phone, hoa: Phone, tuan: Phone, ward: Ward, pond: str):
    tuan.sync()
    lan.withdraw(pond, "Ghi nhầm chỗ")
    answer = lan.sync()
    assert answer["receipts"][0]["outcome"] == "applied"
    assert answer["gone"] == [pond]
    assert hoa.sync()["gone"] == [pond]
    assert tuan.sync()["gone"] == []
    assert lan.store == hoa.store == {}
    record = ward.record(pond)
    assert (record.status, record.version, record.data) == ("withdrawn", 2, POND)
    assert [version.what for version in ward.history(pond)] == ["created", "withdrawn"]
    assert ward.history(pond)[1].review["note"] == "Ghi nhầm chỗ"
    assert lan.digest() == lan.asks_digest()
    assert hoa.sync()["gone"] == [], "told once"


def test_a_report_that_is_withdrawn_is_nobody_elses_business(lan: Phone, hoa: Phone):
    report = lan.record("violation_report", state_now="Cháu khóc")
    lan.sync()
    lan.withdraw(report, "Nghe nhầm")
    assert lan.sync()["gone"] == [report]
    assert hoa.sync()["gone"] == []


def test_a_new_phone_hears_nothing_of_it(app, lan: Phone, hoa: Phone, pond: str):
    lan.withdraw(pond, "Nhầm")
    lan.sync()
    hoa.cursor = ""
    answer = hoa.sync()
    assert (answer["records"], answer["gone"], hoa.store) == ([], [], {})


def test_a_receipt_that_comes_again_does_not_bring_it_back(lan: Phone):
    pond = lan.record("hazard_site", **POND)
    written = lan.outbox[0].body
    lan.sync()
    lan.withdraw(pond, "Nhầm")
    lan.sync()
    # As after a restore: the new epoch's list is here, and what was sent in 30 days is offered again.
    answer = lan.post(lan.envelope([written])).get_json()
    assert answer["receipts"][0]["outcome"] == "applied"
    assert answer["gone"] == [pond]


def test_nor_where_the_list_starts_over(lan: Phone):
    pond = lan.record("hazard_site", **POND)
    written = lan.outbox[0].body
    lan.sync()
    lan.withdraw(pond, "Nhầm")
    lan.sync()
    answer = lan.post(lan.envelope([written], cursor="")).get_json()
    assert (answer["reset"], answer["records"], answer["gone"]) == (True, [], [pond])


def test_an_edit_that_the_withdrawal_overtook_does_not_bring_it_back(lan: Phone, pond: str):
    lan.edit(pond, name="Ao ông Tư")
    lan.withdraw(pond, "Nhầm")
    edit, withdrawal = lan.outbox
    lan.post(lan.envelope([withdrawal.body]))
    answer = lan.post(lan.envelope([edit.body], cursor="")).get_json()
    assert answer["receipts"][0]["outcome"] == "merged"
    assert (answer["records"], answer["gone"]) == ([], [pond])


@pytest.mark.parametrize("verdict", ["accept", "return", "close"])
def test_not_once_the_ward_has_judged_it(lan: Phone, ward: Ward, pond: str, verdict: str):
    ward.judges(pond, verdict, "Đã xem")
    lan.withdraw(pond, "Nhầm")
    lan.sync()
    receipt = lan.receipt(pond)
    assert (receipt["outcome"], receipt["version"]) == ("quarantined", 2)
    assert receipt["problems"] == [{"code": "not_withdrawable"}]
    assert ward.record(pond).status != "withdrawn"


def test_not_by_somebody_else(hoa: Phone, ward: Ward, pond: str):
    hoa.withdraw(pond, "Không đúng")
    hoa.sync()
    assert hoa.receipt(pond)["problems"] == [{"code": "not_withdrawable"}]
    assert ward.record(pond).status == "received"


def test_not_when_somebody_has_added_to_it_meanwhile(lan: Phone, hoa: Phone, ward: Ward, pond: str):
    hoa.edit(pond, risk="high")
    hoa.sync()
    lan.withdraw(pond, "Nhầm")
    lan.sync()
    assert lan.receipt(pond)["problems"] == [{"code": "not_withdrawable"}]
    assert lan.store[pond]["data"]["risk"] == "high"


def test_twice_is_once(lan: Phone, ward: Ward, pond: str):
    lan.push(lan.change(pond, base=1, delete=True, reason="Nhầm"))
    (receipt,) = lan.push(lan.change(pond, base=1, delete=True, reason="Nhầm thật"))
    assert (receipt["outcome"], receipt["version"]) == ("applied", 2)
    assert len(ward.history(pond)) == 2


@pytest.mark.parametrize("reason", [None, "", "  ", 5])
def test_it_needs_a_reason(lan: Phone, ward: Ward, pond: str, reason: object):
    (receipt,) = lan.push(lan.change(pond, base=1, delete=True, reason=reason))
    assert receipt["problems"] == [{"field": "reason", "code": "unreadable"}]
    assert ward.record(pond).status == "received"


def test_who_did_not_know_brings_it_back(lan: Phone, hoa: Phone, ward: Ward, pond: str):
    hoa.online = False
    hoa.edit(pond, risk="high")
    lan.withdraw(pond, "Nhầm")
    lan.sync()
    hoa.online = True
    hoa.sync()
    assert hoa.receipt(pond)["outcome"] == "merged"
    assert (ward.record(pond).status, ward.record(pond).data["risk"]) == ("received", "high")
    answer = lan.sync()
    assert [record["id"] for record in answer["records"]] == [pond]
    assert set(lan.store) == set(hoa.store) == {pond}


def test_an_older_entry_of_the_same_phone_does_not_bring_it_back(lan: Phone, ward: Ward, pond: str):
    late = lan.change(pond, base=1, set={"risk": "low"})
    lan.push(lan.change(pond, base=1, delete=True, reason="Nhầm"))
    (receipt,) = lan.push(late)
    assert receipt["outcome"] == "merged"
    assert ward.record(pond).status == "withdrawn"
    assert lan.sync()["records"] == []


def test_a_withdrawal_that_overtakes_its_record_waits_for_it(lan: Phone, ward: Ward):
    created = lan.change(set=POND)
    removed = lan.change(created["record"], base=0, delete=True, reason="Nhầm")
    assert lan.push(removed)[0]["outcome"] == "held"
    lan.push(created)
    assert ward.record(created["record"]).status == "withdrawn"
    assert lan.push(removed)[0]["outcome"] == "applied"
