"""What a phone's numbers tell: what never came, what was lost, and the chain that it witnesses."""

import pytest
from sqlalchemy import select

from app.db import db
from app.sync.models import DeviceState, Gap
from app.sync.numbering import MOST_NEW
from tests.phone import Phone
from tests.sync.ward import Ward

POND = {"type": "DN1", "name": "Ao nhà văn hóa", "address": "ngõ 12"}


def gaps(phone: Phone) -> dict[int, bool]:
    """The rows of this phone: number -> whether it came after all."""
    with phone.app.app_context():
        rows = db.session.scalars(select(Gap).where(Gap.device == phone.device).order_by(Gap.seq))
        return {row.seq: row.filled_at is not None for row in rows}


def state(phone: Phone) -> DeviceState | None:
    with phone.app.app_context():
        found = db.session.get(DeviceState, (phone.person.id, phone.device))
        db.session.expunge_all()
        return found


def numbers(phone: Phone) -> tuple[int, ...]:
    found = state(phone)
    assert found is not None
    return found.highest, found.contiguous, found.looked, found.issued, found.unsent


def write(phone: Phone, times: int) -> None:
    for number in range(times):
        phone.record("hazard_site", **POND, depth=number)


def test_a_phone_that_sends_everything_leaves_no_gap(lan: Phone):
    write(lan, 120)
    lan.sync()
    lan.sync()
    assert (gaps(lan), numbers(lan)) == ({}, (120, 120, 120, 120, 0))
    write(lan, 3)
    lan.sync()
    assert (gaps(lan), numbers(lan)) == ({}, (123, 123, 123, 123, 0))


def test_an_entry_that_is_gone_from_the_middle_is_noticed_and_filled_when_it_comes(lan: Phone):
    write(lan, 4)
    gone = lan.outbox.pop(1)
    answer = lan.sync()
    assert (answer["missing"], gaps(lan)) == ([2], {2: False})
    assert numbers(lan)[:3] == (4, 1, 4)
    lan.outbox.append(gone)
    lan.sync()
    assert (gaps(lan), numbers(lan)) == ({2: True}, (4, 4, 4, 4, 0))
    lan.cursor = None
    assert lan.sync()["missing"] == []


def test_a_tail_that_is_gone_is_noticed_also_by_a_pass_without_changes(lan: Phone, clock):
    write(lan, 2)
    lan.sync()
    write(lan, 2)
    lan.outbox.clear()
    clock.move(hours=1)
    answer = lan.round_trip()
    assert "last" not in answer
    assert (gaps(lan), numbers(lan)) == ({3: False, 4: False}, (2, 2, 4, 4, 0))
    assert state(lan).last_seen == clock.at


def test_what_waits_on_the_phone_is_not_lost(lan: Phone):
    write(lan, 6)
    bodies = [entry.body for entry in lan.outbox]
    lan.post(lan.envelope([bodies[4]], issued=6, unsent=5))
    assert gaps(lan) == dict.fromkeys([1, 2, 3, 4], False), "rows, so that the phone can be told"
    lan.post(lan.envelope(bodies[:4], issued=6, unsent=1))
    assert gaps(lan) == dict.fromkeys([1, 2, 3, 4], True)
    assert numbers(lan) == (5, 5, 5, 6, 1)


def test_a_tail_is_noticed_while_another_entry_cannot_be_sent(lan: Phone):
    write(lan, 3)
    first, poison, _ = (entry.body for entry in lan.outbox)
    lan.post(lan.envelope([first], issued=2, unsent=1))
    assert gaps(lan) == {}
    lan.post(lan.envelope([], issued=3, unsent=1))
    assert gaps(lan) == {2: False, 3: False}, "one of the two is lost, and nobody can say which"
    lan.post(lan.envelope([poison], issued=3, unsent=0))
    assert gaps(lan) == {2: True, 3: False}


def test_the_last_number_tells_a_phone_that_it_fell_back(lan: Phone):
    write(lan, 7)
    lan.sync()
    write(lan, 3)
    lan.post(lan.envelope([], issued=10, unsent=3))
    lan.seq, lan.outbox = 5, []
    write(lan, 1)
    answer = lan.round_trip()
    assert (answer["last"], lan.alarmed, lan.seq) == (10, True, 10)
    assert answer["receipts"][0]["outcome"] == "applied", "its new work is taken all the same"
    write(lan, 1)
    lan.sync()
    assert gaps(lan) == {8: False, 9: False, 10: False}
    assert numbers(lan)[3:] == (11, 0)


def test_new_work_under_old_numbers_does_not_hide_the_loss(lan: Phone):
    write(lan, 7)
    lan.sync()
    write(lan, 3)
    lan.post(lan.envelope([], issued=10, unsent=3))
    lan.seq, lan.outbox = 5, []
    write(lan, 4)
    lan.sync()
    assert gaps(lan) == {8: False, 9: False, 10: False}
    write(lan, 1)
    lan.sync()
    assert (gaps(lan), numbers(lan)[:2]) == ({8: False, 9: False, 10: False}, (11, 7))


def test_a_phone_that_fell_back_is_told_so_by_an_idle_pass_too(lan: Phone):
    write(lan, 4)
    lan.sync()
    lan.seq = 2
    answer = lan.sync()
    assert (answer["last"], lan.seq, lan.alarmed) == (4, 4, True)
    lan.sync()
    assert gaps(lan) == {}, "nothing of it was lost"


def test_a_late_request_is_not_believed_about_the_phone(lan: Phone):
    write(lan, 3)
    late = lan.envelope([entry.body for entry in lan.outbox[:2]], issued=2, unsent=0)
    lan.post(lan.envelope([lan.outbox[2].body], issued=3, unsent=2))
    answer = lan.post(late).get_json()
    assert (answer["last"], answer["missing"]) == (3, [])
    assert gaps(lan) == {1: True, 2: True}
    lan.sync()
    assert numbers(lan) == (3, 3, 3, 3, 0)


def test_two_people_on_one_phone_are_numbered_each_by_themselves(lan: Phone, hoa: Phone):
    hoa.device = lan.device
    write(lan, 2)
    write(hoa, 3)
    lan.sync()
    hoa.sync()
    assert (numbers(lan), numbers(hoa)) == ((2, 2, 2, 2, 0), (3, 3, 3, 3, 0))
    assert lan.sync()["missing"] == []


def test_a_wild_number_costs_a_bounded_number_of_rows(lan: Phone, statements):
    lan.push(lan.change(set=POND, seq=2**31 - 1))
    assert len(gaps(lan)) == MOST_NEW
    lan.seq = 0
    write(lan, 3)
    with statements() as seen:
        lan.sync()
    assert len(gaps(lan)) == 2 * MOST_NEW
    assert len(seen) < 60


def test_a_change_sent_twice_with_other_words_is_no_fall_back(lan: Phone):
    change = lan.change(set=POND)
    lan.push(change)
    lan.post(lan.envelope([], issued=4, unsent=3))
    assert lan.push({**change, "set": {**POND, "name": "Ao ông Tư"}})[0]["outcome"] == "quarantined"
    assert gaps(lan) == {}


def test_saying_the_same_again_writes_nothing(lan: Phone, statements):
    write(lan, 2)
    lan.sync()
    lan.sync()
    with statements() as seen:
        lan.sync()
    assert len([text for text in seen if "BEGIN" not in text and "sign_in" not in text]) == 1
    assert len(lan.client.post("/api/v1/sync", json=lan.envelope([], issued=2, unsent=0)).data) <= 250


@pytest.mark.parametrize("member", ["issued", "unsent"])
@pytest.mark.parametrize("value", [-1, 2**31, 1.5, "3", True, [], {}])
def test_numbers_that_are_none_are_refused(lan: Phone, member: str, value: object):
    answer = lan.post(lan.envelope([], **{member: value}))
    assert (answer.status_code, answer.get_json()["fields"]) == (422, [{"field": member, "code": "unreadable"}])


def test_the_chain_is_told_and_a_witness_can_ask_for_it(lan: Phone, tuan: Phone, ward: Ward):
    answer = lan.round_trip()
    assert (answer["last"], answer["chain"]) == (0, "0:" + "0" * 64)
    assert lan.asks_digest(answer["chain"])["chain"] == "known"
    write(lan, 2)
    lan.sync()
    first = lan.witness
    assert first.startswith("2:")
    ward.judges(next(iter(lan.store)), "accept")
    write(lan, 1)
    lan.sync()
    assert lan.witness.startswith("4:")
    for seen in (first, lan.witness):
        assert lan.asks_digest(seen)["chain"] == "known"
    for seen in ("3" + first[1:], "9:" + "0" * 64, "2", "2:xyz", "-1:" + "0" * 64, "9" * 30 + ":" + "0" * 64):
        assert lan.asks_digest(seen)["chain"] == "unknown"
    assert tuan.asks_digest(first)["chain"] == "unknown", "another ward's chain"
    assert "chain" not in lan.asks_digest()
