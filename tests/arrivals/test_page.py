"""The desk's page of what has not arrived: who sees it, what it says, and closing a line."""

import json
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from app import clock as server_clock
from app.arrivals import rules
from app.db import db, transact
from app.identity.models import SignIn
from app.records.audit import Audit
from app.records.models import Link
from app.sync.models import Gap
from tests.arrivals.desk import lost, page, unsent
from tests.cast import Cast, Someone
from tests.phone import Phone

POND = {"type": "DN1", "name": "Ao nhà văn hóa", "address": "ngõ 12"}
HERE = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def minh(cast: Cast) -> FlaskClient:
    return cast.client("Minh")


@pytest.fixture
def gone(lan: Phone) -> Phone:
    """Lan's phone, from which the entries 2, 4 and 5 went lost."""
    for number in range(6):
        lan.record("hazard_site", **POND, depth=number)
    lan.outbox = [lan.outbox[0], lan.outbox[2], lan.outbox[5]]
    lan.sync()
    return lan


def comes_back(app: Flask, who: Someone) -> None:
    """The officer signs in again after the desk's own sign-in has run out."""
    with app.app_context(), transact():
        moment = server_clock.now()
        fresh = {"seen_at": moment, "expires_at": moment + timedelta(hours=8)}
        db.session.execute(update(SignIn).where(SignIn.person_id == who.id).values(fresh))


def close(officer: FlaskClient, phone: Phone, numbers: str, note: str, **more: str):
    form = {"person": phone.person.id, "device": phone.device, "numbers": numbers, "note": note, **more}
    return officer.post("/desk/arrivals/close", data=form, headers=HERE)


def test_nothing_is_missing(minh: FlaskClient, lan: Phone):
    lan.record("hazard_site", **POND)
    lan.sync()
    text = page(minh)
    assert "Mọi mục đã về đủ" in text
    assert 'class="count num"' not in text.split("Chưa về phường")[1][:80]


def test_lost_numbers_with_what_an_officer_needs_to_ask(minh: FlaskClient, gone: Phone, clock):
    text = page(minh)
    assert "Điện thoại của Lan: các mục số 2, 4–5 chưa về phường" in text
    assert "Nguyễn Thị Lan" in text
    assert "03/06/2026 09:12" in text
    assert (
        '<span class="count num">1</span>' in page(minh)
        and '<span class="count num">1</span>' in minh.get("/desk/").text
    )
    english = minh.get("/desk/arrivals?lang=en").text
    assert "Lan&#39;s phone: entries 2, 4–5 never arrived" in english
    assert "Ao nhà văn hóa" not in text, "what was written is nobody's business here"


def test_only_the_ward_itself_sees_it(app: Flask, cast: Cast, gone: Phone, tuan_lost: Phone):
    assert lost(cast.client("Minh")) == lost(cast.client("Ha")) == {"Lan": {2, 4, 5}}
    assert 'action="/desk/arrivals/close"' not in page(cast.client("Ha")), "a leader reads"
    assert close(cast.client("Minh"), tuan_lost, "1-1", "khác phường").status_code == 404
    assert close(cast.client("Ha"), gone, "2-2", "lãnh đạo").status_code == 404
    assert lost(cast.client("Minh")) == {"Lan": {2, 4, 5}}


@pytest.fixture
def tuan_lost(app: Flask, cast: Cast) -> Phone:
    """A phone of another ward that lost its first entry."""
    phone = Phone(app, cast.tuan)
    for _ in range(2):
        phone.record("hazard_site", **POND)
    del phone.outbox[0]
    phone.sync()
    return phone


def test_an_officer_closes_a_line_with_a_reason(app: Flask, minh: FlaskClient, gone: Phone, cast: Cast):
    answer = close(minh, gone, "2-2,4-5", " Chị Lan đã ghi lại, mục số 9. ")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/desk/arrivals?done=1")
    assert "Đã đóng." in minh.get("/desk/arrivals?done=1").text
    assert lost(minh) == {}
    with app.app_context():
        rows = list(db.session.scalars(select(Gap).order_by(Gap.seq)))
        assert [(row.seq, row.closed_by, row.note) for row in rows] == [
            (seq, cast.minh.id, "Chị Lan đã ghi lại, mục số 9.") for seq in (2, 4, 5)
        ]
        fact = json.loads(db.session.scalars(select(Link.facts).order_by(Link.no.desc())).first() or "")
        assert (fact["what"], fact["seqs"], fact["by"]) == ("gap_closed", "2-2,4-5", cast.minh.id)
        assert "ghi lại" not in str(fact)
        assert list(Audit().findings()) == []
    gone.cursor = None
    assert gone.sync()["missing"] == [], "what the ward has given up, the phone is not asked for"


def test_a_closed_number_that_comes_is_taken_as_usual(minh: FlaskClient, lan: Phone):
    for _ in range(3):
        lan.record("hazard_site", **POND)
    found = lan.outbox.pop(1)
    lan.sync()
    close(minh, lan, "2-2", "máy hỏng")
    lan.outbox.append(found)
    lan.sync()
    assert lan.receipt(found.record)["outcome"] == "applied"
    assert lost(minh) == {}


def test_only_what_the_officer_saw_is_closed(minh: FlaskClient, gone: Phone):
    close(minh, gone, "2-4", "đã hỏi")
    assert lost(minh) == {"Lan": {5}}


@pytest.mark.parametrize(("note", "code"), [("", "Cần"), ("  ", "Cần"), ("x" * 501, "dài")])
def test_a_reason_is_needed(minh: FlaskClient, gone: Phone, note: str, code: str):
    answer = close(minh, gone, "2-2,4-5", note)
    assert answer.status_code == 422
    assert "<details open>" in answer.text and 'aria-invalid="true"' in answer.text
    assert note.strip() in answer.text
    assert lost(minh) == {"Lan": {2, 4, 5}}


@pytest.mark.parametrize("numbers", ["", "2", "a-b", "5-2", "2-2,", "²-²", "1-99999999999", "1-1," * 200])
def test_numbers_that_no_form_of_ours_holds(minh: FlaskClient, gone: Phone, numbers: str):
    assert close(minh, gone, numbers, "thử").status_code == 422


def test_a_change_that_waits_for_more_than_a_day(app: Flask, cast: Cast, minh: FlaskClient, lan: Phone, clock):
    pond = lan.record("hazard_site", **POND)
    lan.sync()
    lan.push(lan.change(pond, base=5, set={"name": "Ao đã lấp"}), lan.change(base=2, set={"name": "Ao xa"}))
    clock.move(hours=23)
    comes_back(app, cast.minh)
    assert "Đã về nhưng chờ" not in page(minh)
    clock.move(hours=2)
    comes_back(app, cast.minh)
    text = page(minh)
    assert "Đã về nhưng chờ hơn một ngày" in text and '<span class="count num">2</span>' in text
    assert f'<a href="/desk/records/{pond}">Điểm nguy cơ</a>' in text
    assert "<td>chưa về</td>" in text
    assert "Ao đã lấp" not in text and "Ao xa" not in text
    lan.cursor = None
    lan.sync()


def test_phones_to_ask_about(app: Flask, minh: FlaskClient, cast: Cast, lan: Phone, clock):
    hoa = Phone(app, cast.hoa)
    for phone in (lan, hoa):
        phone.record("hazard_site", **POND)
        phone.sync()
    hoa.record("hazard_site", **POND)
    hoa.post(hoa.envelope([], issued=2, unsent=1, app="2026.06.03-abc"))
    assert unsent(minh) == {"Đỗ Thị Hoa": 1}
    assert "Im " not in page(minh)
    clock.move(days=3, hours=1)
    comes_back(app, cast.minh)
    hoa.sync()
    text = page(minh)
    assert "Im 3 ngày" in text and "Nguyễn Thị Lan" in text and "Đỗ Thị Hoa" not in text
    assert '<span class="count num">' not in text.split("Chưa về phường")[1][:80], "silence alone is no alarm"


def test_the_page_asks_no_more_for_more_phones(app: Flask, minh: FlaskClient, cast: Cast, statements):
    counts = []
    for round_ in range(2):
        for number in range(4):
            phone = Phone(app, cast.lan, device=f"phone-{round_}-{number}")
            for _ in range(3):
                phone.record("hazard_site", **POND)
            del phone.outbox[1]
            phone.push(phone.change(base=3, set=POND))
            phone.sync()
        with statements() as seen:
            minh.get("/desk/arrivals")
        counts.append(len(seen))
    assert counts[0] == counts[1]


def test_ranges_are_read_as_they_are_written() -> None:
    runs = rules.ranges([42, 38, 41, 40])
    assert (runs, rules.spoken(runs), rules.written(runs)) == ([(38, 38), (40, 42)], "38, 40–42", "38-38,40-42")
    assert rules.read(rules.written(runs)) == runs
    assert timedelta(days=1) == rules.WAITED_LONG
