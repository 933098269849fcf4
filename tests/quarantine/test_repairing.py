"""An administrator mends a text: beside the original, checked by the wire's own reader, nothing typed is lost."""

import gzip
import hashlib
import html
import json

import pytest
from flask import Flask

from app.db import db, transact
from app.quarantine.models import Repair
from app.records.models import Change
from app.sync.envelopes import MOST_BYTES
from tests.phone import Phone
from tests.quarantine.conftest import Admin, kept
from tests.sync.ward import Ward

POND = {"type": "DN1", "name": "Ao nhà văn hóa", "address": "ngõ 12"}


@pytest.fixture
def poison(lan: Phone) -> str:
    """A change that no reader takes: its number came out as text."""
    text = json.dumps(lan.change(seq="bốn mươi", set=POND), ensure_ascii=False)
    lan.push(text)
    return text


def mended(text: str, **more: object) -> dict[str, object]:
    return {**json.loads(text), "seq": 1, **more}


def test_a_repair_is_kept_beside_the_original(ward: Ward, anh: Admin, poison: str) -> None:
    change = kept(ward)
    answer = anh.repairs(change.log_id, mended(poison), note="seq là chữ")
    assert answer.status_code == 303
    page = anh.client.get(answer.location).text
    assert "Đã giữ bản sửa" in page and "Nội dung đã sửa" in page and "“seq là chữ”" in page
    assert "bốn mươi" in page, "the original is shown too"
    after = kept(ward)
    assert (after.body, after.sha256, after.receipt) == (change.body, change.sha256, change.receipt)
    (step,) = anh.steps(change.log_id)
    assert (step.outcome, step.reason, json.loads(step.body or b"")) == ("repaired", "unreadable", mended(poison))
    assert anh.listed() == [change.log_id], "it still waits"
    assert "Chuyển được ngay" in anh.lists()


def test_a_repair_stands_in_the_chain_by_its_fingerprint(ward: Ward, anh: Admin, poison: str) -> None:
    text = json.dumps(mended(poison), ensure_ascii=False)
    anh.repairs(kept(ward).log_id, text)
    (fact,) = anh.links("repaired")
    assert fact["sha256"] == hashlib.sha256(text.encode()).hexdigest()
    assert fact["log_id"] == kept(ward).log_id and "Ao nhà" not in json.dumps(fact, ensure_ascii=False)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ('{"id": "c-1" "seq": 1}', "Dòng 1, cột 14: thiếu dấu phẩy"),
        ('{\n  "id": "c-1",\n  "seq" 1\n}', "Dòng 3, cột 9: thiếu dấu hai chấm"),
        ('{"id": "c-1", "seq": 1,}', "cần tên ô trong ngoặc kép"),
        ('{"id": "c-1', "chữ mở ngoặc kép mà chưa đóng"),
        ('{"id": bé}', "chữ chưa đặt trong ngoặc kép"),
        ('{"id": "xuống\ndòng"}', "có dấu xuống dòng"),
        ('{"id": "c:\\x"}', "dấu gạch chéo ngược"),
        ("{} {}", "còn chữ thừa"),
        ('{"depth": NaN}', "Có số không đọc được"),
        ("[" * 5000, "Lồng quá nhiều tầng"),
        ("", "thiếu giá trị"),
        ("null", "trong một cặp ngoặc nhọn"),
        ("[]", "trong một cặp ngoặc nhọn"),
        ('"Ao nhà"', "trong một cặp ngoặc nhọn"),
    ],
)
def test_what_is_no_json_is_told_with_its_place(ward: Ward, anh: Admin, poison: str, wrong: str, words: str) -> None:
    answer = anh.repairs(kept(ward).log_id, wrong, note="Chữ đã gõ")
    assert answer.status_code == 422
    page = html.unescape(answer.text)
    assert words in page
    assert wrong in page and "Chữ đã gõ" in page, "nothing typed is lost"
    assert anh.steps(kept(ward).log_id) == []


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("id", "có dấu cách"),
        ("seq", "1"),
        ("record", None),
        ("kind", 5),
        ("form", 1.5),
        ("base", -1),
        ("at", 20260603),
        ("delete", "yes"),
        ("set", [1]),
    ],
)
def test_every_member_that_the_wire_would_refuse_is_named(
    ward: Ward, anh: Admin, poison: str, member: str, value: object
) -> None:
    answer = anh.repairs(kept(ward).log_id, mended(poison, **{member: value}))
    assert answer.status_code == 422
    assert f"Ô {member}:" in html.unescape(answer.text)
    assert anh.steps(kept(ward).log_id) == []


def test_a_withdrawal_needs_its_reason(ward: Ward, anh: Admin, poison: str) -> None:
    change = mended(poison, delete=True)
    del change["set"]
    assert "Ô reason" in html.unescape(anh.repairs(kept(ward).log_id, change).text)


def test_more_than_a_request_may_carry_is_refused(ward: Ward, anh: Admin, poison: str) -> None:
    answer = anh.repairs(kept(ward).log_id, mended(poison, set={"name": "ă" * MOST_BYTES}))
    assert answer.status_code == 413 or "Dài quá 256 kB" in answer.text
    answer = anh.repairs(kept(ward).log_id, mended(poison, set={"name": "a" * MOST_BYTES}))
    assert answer.status_code == 422 and "Dài quá 256 kB" in answer.text


def test_the_largest_text_that_a_phone_can_send_can_be_mended(lan: Phone, ward: Ward, anh: Admin) -> None:
    """Vietnamese letters take up to three bytes, which a form must not make nine."""
    story = "ễ" * 85_000
    text = json.dumps(lan.change(kind="violation_report", seq="x", set={"story": story}), ensure_ascii=False)
    lan.post_bytes(gzip.compress(json.dumps(lan.envelope([text]), ensure_ascii=False).encode()))
    data = {"seen": "0", "text": json.dumps(mended(text), ensure_ascii=False, indent=2), "note": ""}
    answer = anh.client.post(
        f"/desk/quarantine/{kept(ward).log_id}/repair",
        data=data,
        headers={"Sec-Fetch-Site": "same-origin"},
        content_type="multipart/form-data",
    )
    assert answer.status_code == 303


def test_the_id_of_another_change_is_refused(lan: Phone, ward: Ward, anh: Admin, poison: str) -> None:
    taken = lan.change(set=POND)
    lan.push(taken)
    answer = anh.repairs(kept(ward).log_id, mended(poison, id=taken["id"]))
    assert answer.status_code == 422 and "số này đã có ở một nội dung khác" in answer.text
    assert anh.repairs(kept(ward).log_id, mended(poison)).status_code == 303, "its own is its own"


def test_what_the_browser_makes_of_line_ends_does_no_harm(ward: Ward, anh: Admin, poison: str) -> None:
    text = json.dumps(mended(poison), ensure_ascii=False, indent=2).replace("\n", "\r\n")
    assert anh.repairs(kept(ward).log_id, text).status_code == 303
    assert b"\r" not in (anh.steps(kept(ward).log_id)[0].body or b"")


def test_two_administrators_do_not_overwrite_each_other(app: Flask, ward: Ward, anh: Admin, poison: str) -> None:
    log_id = kept(ward).log_id
    anh.repairs(log_id, mended(poison, set={"type": "DN2"}))
    answer = anh.does("repair", log_id, seen=0, text="bản của người thứ hai", note="")
    assert answer.status_code == 409
    assert "có người vừa xử lý" in answer.text and "bản của người thứ hai" in answer.text
    assert f'name="seen" value="{anh.latest(log_id)}"' in answer.text
    assert len(anh.steps(log_id)) == 1
    for verb in ("release", "aside", "back"):
        assert anh.does(verb, log_id, seen=0, note="Vì sao", whose="own").status_code == 409, verb


def test_the_latest_repair_counts_and_the_earlier_ones_stay(ward: Ward, anh: Admin, poison: str) -> None:
    log_id = kept(ward).log_id
    anh.repairs(log_id, mended(poison, set={**POND, "name": "Ao một"}))
    anh.repairs(log_id, mended(poison, set={**POND, "name": "Ao hai"}))
    assert [step.outcome for step in anh.steps(log_id)] == ["repaired", "repaired"]
    anh.releases(log_id)
    assert ward.records()[0].data["name"] == "Ao hai"


def test_setting_aside_needs_a_reason_and_deletes_nothing(ward: Ward, anh: Admin, poison: str) -> None:
    change = kept(ward)
    answer = anh.does("aside", change.log_id, note="  ")
    assert answer.status_code == 422 and "ghi lý do" in answer.text
    assert anh.does("aside", change.log_id, note="dài " * 200).status_code == 422
    assert anh.does("aside", change.log_id, note="Máy thử, không phải việc thật").status_code == 303
    assert anh.listed() == [] and anh.listed(state="aside") == anh.listed(state="all") == [change.log_id]
    assert "Máy thử, không phải việc thật" in anh.opens(change.log_id)
    assert kept(ward).body == change.body and kept(ward).receipt == change.receipt
    (fact,) = anh.links("set_aside")
    assert fact["log_id"] == change.log_id and "Máy thử" not in json.dumps(fact, ensure_ascii=False)


def test_what_was_set_aside_can_come_back_or_be_moved_after_all(ward: Ward, anh: Admin, poison: str) -> None:
    log_id = kept(ward).log_id
    anh.does("aside", log_id, note="Chưa rõ")
    assert anh.does("back", log_id).status_code == 303
    assert anh.listed() == [log_id] and [fact["log_id"] for fact in anh.links("brought_back")] == [log_id]
    anh.does("aside", log_id, note="Chưa rõ")
    anh.repairs(log_id, mended(poison))
    assert anh.listed() == [log_id], "a repair brings it back as well"
    anh.does("aside", log_id, note="Chưa rõ")
    assert anh.releases(log_id).status_code == 303
    assert len(ward.records()) == 1 and anh.listed(state="released") == [log_id]


def test_a_button_pressed_from_another_site_does_nothing(ward: Ward, anh: Admin, poison: str) -> None:
    log_id = kept(ward).log_id
    for verb in ("repair", "release", "aside", "back"):
        answer = anh.client.post(f"/desk/quarantine/{log_id}/{verb}", headers={"Sec-Fetch-Site": "cross-site"})
        assert answer.status_code == 403
    assert anh.steps(log_id) == []


def test_the_steps_survive_what_the_database_is_asked(app: Flask, ward: Ward, anh: Admin, poison: str) -> None:
    """The log row cannot go while a repair stands on it."""
    anh.repairs(kept(ward).log_id, mended(poison))
    with app.app_context(), pytest.raises(Exception, match=r"FOREIGN KEY|violates foreign key"), transact():
        db.session.delete(db.session.get_one(Change, kept(ward).log_id))
        db.session.flush()
    with app.app_context():
        assert db.session.query(Repair).count() == 1
