"""A day without signal. Read this first: it tells what the protocol is for.

Lan walks through tổ 7 with a phone that has no signal and a clock that is two days wrong. She
notes three places where children may get hurt, visits a family, and hears of a child who is
beaten. At the market there is signal for ten seconds, and the answer gets lost on its way.
"""

from datetime import timedelta

from flask import Flask

from tests.cast import Cast
from tests.conftest import Clock
from tests.phone import Phone
from tests.sync.ward import Ward


def test_a_day_offline(app: Flask, cast: Cast, ward: Ward, clock: Clock) -> None:
    lan, hoa, tuan = Phone(app, cast.lan), Phone(app, cast.hoa), Phone(app, cast.tuan)
    bo = lan.record("child", name="Nguyễn Văn Bo", address="số 5 ngõ 12", circumstances_kept=["m"])
    lan.sync()
    hoa.sync()
    assert hoa.sees(bo)["name"] == "Nguyễn Văn Bo", "the group's children are on every phone of the group"
    assert "circumstances_kept" not in hoa.sees(bo), "but not what its author and the ward keep to themselves"

    # Out of reach, two days ahead.
    lan.online, lan.wrong_by = False, timedelta(days=2)
    pond = lan.record("hazard_site", type="DN1", name="Ao sau nhà văn hóa", address="ngõ 12", risk="medium")
    wire = lan.record("hazard_site", type="DI1", name="Dây điện chùng", address="ngõ 5", risk="high")
    drain = lan.record("hazard_site", type="DN3", name="Cống hở", address="ngõ 7", risk="low")
    lan.edit(pond, risk="high", fence="none")
    visit = lan.record("child_visit", child=bo, visited_on="2026-06-03", state="concern")
    beaten = lan.record("violation_report", about="abused", state_now="Cháu bị bố đánh, đang khóc", danger_now="yes")
    assert lan.sync() is None
    assert len(lan.outbox) == 6
    assert lan.sees(pond)["risk"] == "high"

    # Ten seconds of signal: everything arrives, the answer does not.
    clock.move(hours=5)
    lan.online = True
    assert lan.sync(lose_answer=True) is None
    assert len(lan.outbox) == 6, "an entry leaves only by its receipt"

    # The next signal: the phone sends all of it again, and the ward says again what it said.
    answer = lan.sync()
    assert answer is not None
    assert lan.outbox == []
    assert [receipt["outcome"] for receipt in answer["receipts"]] == ["applied"] * 6
    assert len(ward.records()) == 6, "nothing doubled"
    assert len(ward.log()) == 7
    assert len(ward.history(pond)) == 2
    report = ward.record(beaten)
    assert report is not None
    assert report.urgency == 200, "the most urgent thing on the queue"
    assert report.received_at == clock.at, "the server's clock orders, the phone's is only shown"
    assert ward.history(beaten)[0].written_at == clock.at - timedelta(hours=5) + timedelta(days=2)

    # Minh sends the pond back, while Lan, without signal again, is already changing it.
    ward.judges(pond, "return", "Chụp thêm hàng rào", pins={"fence": "Rào ở phía nào?"})
    ward.judges(drain, "accept")
    lan.online = False
    lan.edit(pond, fence="broken", description="Rào tre, gãy một đoạn phía đường")

    # Hoa has walked past the same pond, and knows another name for it.
    hoa.sync()
    assert beaten not in hoa.store, "a report is its author's and the ward's"
    assert visit not in hoa.store
    hoa.edit(pond, name="Ao ông Tư", depth=2.5)
    hoa.sync()
    assert hoa.receipt(pond)["outcome"] == "applied"
    assert hoa.store[pond]["status"] == "answered"

    # Lan renames it too, not knowing of Hoa: one name is in force, and both are there to choose from.
    lan.edit(pond, name="Ao nhà văn hóa tổ 7")
    lan.online = True
    lan.sync()
    outcomes = [receipt["outcome"] for receipt in lan.heard[-1]["receipts"]]
    assert outcomes == ["merged", "conflict"]
    known = lan.store[pond]
    assert known["data"]["name"] == "Ao ông Tư"
    assert known["data"]["depth"] == 2.5
    assert known["data"]["description"] == "Rào tre, gãy một đoạn phía đường"
    assert [(c["field"], c["kept"], c["other"]) for c in known["conflicts"]] == [
        ("name", "Ao ông Tư", "Ao nhà văn hóa tổ 7")
    ]
    assert {known["conflicts"][0]["kept_name"], known["conflicts"][0]["other_name"]} == {"Nguyễn Thị Lan", "Đỗ Thị Hoa"}
    assert known["review"]["note"] == "Chụp thêm hàng rào", "a verdict and an edit never conflict"
    assert known["review"]["by"] == "Trần Văn Minh"
    assert lan.store[drain]["status"] == "accepted"
    assert lan.store[wire]["data"]["name"] == "Dây điện chùng"

    # In the evening everybody has the same, and a phone of another ward has none of it.
    for phone in (lan, hoa, tuan):
        phone.sync()
        assert phone.digest() == phone.asks_digest()
        assert phone.outbox == []
    assert lan.store[pond] == hoa.store[pond]
    for record_id, held in lan.store.items():
        stands = ward.record(record_id)
        assert stands is not None
        assert held["data"] == ({} if record_id == beaten else stands.data), "a finished report stays shut"
        assert held["status"] == stands.status
    assert set(hoa.store) == {bo, pond, wire, drain}
    assert tuan.store == {}

    # And not a byte of what either phone sent is missing from the ward's log.
    assert sorted(change.seq or 0 for change in ward.log() if change.device == lan.device) == list(range(1, 10))
    assert lan.heard[-1]["missing"] == []
