"""What the desk owns: Minh says who does it and by when, Lan's phone shows it, neither overwrites the other."""

import inspect
import json
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from marshmallow import Schema
from sqlalchemy import select

from app.db import db
from app.kinds import registry
from app.kinds.codes import YES_NO
from app.kinds.rules import faults
from app.kinds.vocabulary import Choice, Day, Kind, Moment, Number, Place, Text, Words, section
from app.kinds.vocabulary import Phone as PhoneNumber
from app.records import service as records
from app.records.audit import Audit
from app.records.models import Link
from app.review import rules
from app.sync import judge
from tests.cast import PEOPLE, Cast
from tests.desk.records import POND
from tests.phone import Phone
from tests.sync.ward import Ward

HERE = {"Sec-Fetch-Site": "same-origin"}
FIELDS = ("responsible", "due_on", "decided", "decided_note")
PLAN = {"responsible": "Công ty Thoát nước Hà Nội", "due_on": "2026-06-15", "decided": ["fence", "gear"]}


def fill(client: FlaskClient, record: str, seen: int = 1, ask: tuple[str, ...] = FIELDS, **typed: Any) -> Any:
    """Send the form as a browser does: every field that stood on it is asked."""
    data = {"seen": str(seen), "ask": list(ask), **{f"f-{name}": value for name, value in typed.items()}}
    return client.post(f"/desk/records/{record}/fields", data=data, headers=HERE)


def pane(page: str) -> str:
    """The part of a record's page that is the desk's."""
    return page[page.index('id="ward"') : page.index("</section>", page.index('id="ward"'))]


def test_minh_says_who_and_by_when_and_every_phone_of_the_group_shows_it(
    minh: FlaskClient, lan: Phone, hoa: Phone, pond: str
) -> None:
    hoa.sync()
    answer = fill(minh, pond, **PLAN)
    assert answer.status_code == 303
    page = minh.get(answer.location).text
    assert "Các máy trong tổ sẽ thấy" in page
    for words in ("Công ty Thoát nước Hà Nội", "15/06/2026", "Làm rào, sửa rào, Đặt phao, sào cứu hộ"):
        assert words in pane(page), words
    for phone in (lan, hoa):
        phone.sync()
        assert {name: phone.store[pond]["data"][name] for name in PLAN} == PLAN
        assert phone.store[pond]["version"] == 2
    assert lan.store[pond]["status"] == "received", "it is no verdict"


def test_the_form_is_drawn_from_the_declaration(minh: FlaskClient, pond: str) -> None:
    shown = pane(minh.get(f"/desk/records/{pond}").text)
    assert "ngày/tháng/năm" in shown and 'name="f-responsible"' in shown and "<textarea" in shown
    assert shown.count('name="f-decided"') == 13
    usual = shown[shown.index("Thường làm ở loại này") : shown.index("Việc khác:")]
    assert [code in usual for code in ("fence", "sign_warning", "gear", "traffic")] == [True, True, True, False]
    assert "Phường chưa ghi gì" in shown
    assert "responsible" not in minh.get(f"/desk/records/{pond}/return").text, "nobody is asked to mend the ward's part"


def test_it_is_a_version_and_a_link_like_a_verdict(app: Flask, minh: FlaskClient, ward: Ward, pond: str) -> None:
    fill(minh, pond, **PLAN)
    officer = PEOPLE["Minh"].id
    steps = ward.history(pond)
    assert [(step.version, step.what, step.person_id) for step in steps] == [
        (1, "created", PEOPLE["Lan"].id),
        (2, "filled", officer),
    ]
    with app.app_context():
        facts = [json.loads(link.facts) for link in db.session.scalars(select(Link).order_by(Link.no))]
        assert list(Audit().findings()) == []
    (linked,) = [fact for fact in facts if fact["what"] == "filled"]
    assert (linked["by"], linked["record"], linked["version"]) == (officer, pond, 2)
    assert linked["fields"] == sorted(FIELDS)
    assert "Thoát" not in json.dumps(linked, ensure_ascii=False), "no answer stands in the chain"
    page = minh.get(f"/desk/records/{pond}").text
    assert "Bản 2: phường ghi phần xử lý" in page and "Trần Văn Minh" in page


def test_a_version_that_was_not_seen_is_not_written_over(minh: FlaskClient, ward: Ward, lan: Phone, pond: str) -> None:
    lan.edit(pond, fence="none")
    lan.sync()
    answer = fill(minh, pond, **PLAN)
    assert answer.status_code == 409
    assert "responsible" not in ward.record(pond).data
    assert "Có bản mới hơn" in answer.text and "Rào chắn" in answer.text
    shown = pane(answer.text)
    assert 'value="Công ty Thoát nước Hà Nội"' in shown and 'value="2026-06-15"' in shown, "what was typed stays"
    assert 'name="seen" value="2"' in shown and "<details open>" in shown
    assert fill(minh, pond, seen=2, **PLAN).status_code == 303


def test_two_officers_cannot_both_be_right(minh: FlaskClient, ward: Ward, pond: str) -> None:
    assert fill(minh, pond, **PLAN).status_code == 303
    assert fill(minh, pond, responsible="UBND phường").status_code == 409
    assert ward.record(pond).data["responsible"] == PLAN["responsible"]


def test_a_phone_cannot_write_what_the_desk_owns(minh: FlaskClient, ward: Ward, lan: Phone, pond: str) -> None:
    fill(minh, pond, **PLAN)
    lan.sync()
    lan.edit(pond, due_on="2027-01-01", responsible=None, fence="broken")
    lan.sync()
    receipt = lan.receipt(pond)
    assert receipt["outcome"] == "applied"
    assert sorted((p["field"], p["code"]) for p in receipt["problems"]) == [
        ("due_on", "desk_owned"),
        ("responsible", "desk_owned"),
    ]
    data = ward.record(pond).data
    assert {name: data[name] for name in PLAN} == PLAN
    assert data["fence"] == "broken"
    assert {name: lan.store[pond]["data"][name] for name in PLAN} == PLAN, "the phone shows the ward's again"


def test_an_edit_made_meanwhile_never_conflicts(minh: FlaskClient, ward: Ward, lan: Phone, pond: str) -> None:
    lan.online = False
    lan.edit(pond, risk="low", description="Đã có rào tạm")
    fill(minh, pond, **PLAN)
    lan.online = True
    lan.sync()
    record = ward.record(pond)
    assert lan.receipt(pond)["outcome"] == "merged"
    assert record.conflicts == []
    assert (record.data["risk"], record.data["due_on"], record.version) == ("low", "2026-06-15", 3)
    assert lan.sees(pond)["due_on"] == "2026-06-15" and lan.sees(pond)["risk"] == "low"


def test_what_is_wrong_is_named_beside_its_field_and_nothing_is_written(
    minh: FlaskClient, ward: Ward, pond: str
) -> None:
    answer = fill(minh, pond, responsible="Ủy ban " * 20, due_on="15/13/2026", decided=["fence", "moat"])
    assert answer.status_code == 422
    shown = pane(answer.text)
    for words in ("Dài quá", "Ngày chưa đúng", "Chọn một mục trong danh sách"):
        assert words in shown, words
    assert shown.count('aria-invalid="true"') == 3
    assert ward.record(pond).version == 1


def test_a_day_may_be_typed_as_people_write_it(minh: FlaskClient, ward: Ward, pond: str) -> None:
    fill(minh, pond, due_on="5/6/2026")
    assert ward.record(pond).data["due_on"] == "2026-06-05"


def test_an_emptied_field_is_cleared_and_one_that_was_not_on_the_form_stays(
    minh: FlaskClient, ward: Ward, pond: str
) -> None:
    fill(minh, pond, **PLAN)
    assert fill(minh, pond, seen=2, ask=("responsible", "decided"), responsible=" ").status_code == 303
    data = ward.record(pond).data
    assert "responsible" not in data and "decided" not in data
    assert data["due_on"] == "2026-06-15"


def test_what_changes_nothing_makes_no_version(minh: FlaskClient, ward: Ward, pond: str) -> None:
    fill(minh, pond, **PLAN)
    assert fill(minh, pond, seen=2, **PLAN).status_code == 303
    assert ward.record(pond).version == 2


@pytest.mark.parametrize("name", ["risk", "name", "keeper", "no_such_field"])
def test_the_form_reaches_no_other_field(minh: FlaskClient, ward: Ward, pond: str, name: str) -> None:
    before = ward.record(pond).data
    assert fill(minh, pond, ask=(name,), **{name: "low"}).status_code in (303, 422)
    assert ward.record(pond).data == before


def test_only_an_officer_of_the_ward(app: Flask, cast: Cast, ward: Ward, pond: str) -> None:
    page = cast.client("Ha").get(f"/desk/records/{pond}").text
    assert "f-responsible" not in page
    for who in ("Ha", "Anh"):
        assert fill(cast.client(who), pond, **PLAN).status_code == 404
    tuan = Phone(app, cast.tuan)
    theirs = tuan.record("hazard_site", **POND)
    tuan.sync()
    assert fill(cast.client("Minh"), theirs, **PLAN).status_code == 404
    assert [ward.record(one).version for one in (pond, theirs)] == [1, 1]
    elsewhere = cast.client("Minh").post(
        f"/desk/records/{pond}/fields", data={"seen": "1"}, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert elsewhere.status_code == 403


def test_not_on_what_its_author_took_back(minh: FlaskClient, ward: Ward, lan: Phone, pond: str) -> None:
    lan.withdraw(pond, "Ghi nhầm")
    lan.sync()
    assert "f-responsible" not in minh.get(f"/desk/records/{pond}").text
    assert fill(minh, pond, seen=2, **PLAN).status_code == 422
    assert ward.record(pond).version == 2


def test_what_was_judged_stays_judged_and_a_verdict_keeps_it(
    minh: FlaskClient, ward: Ward, lan: Phone, pond: str
) -> None:
    ward.judges(pond, "accept")
    fill(minh, pond, seen=2, **PLAN)
    record = ward.record(pond)
    assert (record.status, record.data["due_on"]) == ("accepted", "2026-06-15")
    ward.judges(pond, "close", "Đã rào")
    assert ward.record(pond).data["due_on"] == "2026-06-15"
    lan.sync()
    assert (lan.store[pond]["status"], lan.store[pond]["data"]["due_on"]) == ("closed", "2026-06-15")


class Lamp(Schema):
    """A kind of one file, in which the desk owns a field of every sort it can draw."""

    where = Text(("Ở đâu", "Where"), required=True)
    seen_on = Day(("Ngày thấy", "Seen on"))
    cost = Number(("Chi phí (triệu đồng)", "Cost"), owner="desk", decimals=True)
    mended = Choice(("Đã sửa?", "Mended?"), YES_NO, owner="desk")
    call = PhoneNumber(("Gọi ai", "Whom to call"), owner="desk")
    visit_at = Moment(("Hẹn lúc", "Appointment"), owner="desk")


LAMP = Kind(
    code="lamp",
    form=1,
    label=Words("Đèn hỏng", "Broken lamp"),
    menu=Words("Đèn hỏng", "Broken lamps"),
    examples=Words("Đèn ngõ", "Lane lamps"),
    icon="hazard",
    schema=Lamp,
    sections=(
        section("what", ("Đèn", "Lamp"), "where", "seen_on"),
        section("ward", ("Phường", "Ward"), "cost", "mended", "call", "visit_at"),
    ),
    title=("where",),
    public=("where",),
    happened="seen_on",
    order=80,
)


def test_another_kind_with_fields_of_the_desk_is_its_own_file_and_nothing_else(
    minh: FlaskClient, ward: Ward, lan: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(registry._kinds, "lamp", LAMP)
    lamp = lan.record("lamp", where="Ngõ 30")
    lan.sync()
    asked = ("cost", "mended", "call", "visit_at")
    typed = {"cost": "1.234,5", "mended": "no", "call": "0912 000 001", "visit_at": "5/6/2026 8:30"}
    shown = pane(minh.get(f"/desk/records/{lamp}").text)
    assert all(f'name="f-{name}"' in shown for name in asked)
    assert fill(minh, lamp, ask=asked, **typed).status_code == 303
    lan.sync()
    kept = {"cost": 1234.5, "mended": "no", "call": "+84912000001", "visit_at": "2026-06-05T08:30"}
    assert {name: lan.store[lamp]["data"][name] for name in asked} == kept
    page = pane(minh.get(f"/desk/records/{lamp}").text)
    assert "05/06/2026 08:30" in page and "0912 000 001" in page and 'value="1234.5"' in page
    assert fill(minh, lamp, seen=2, ask=("cost",), cost="nhiều").status_code == 422


class Impossible(Schema):
    """What no kind may declare."""

    seen_on = Day(("Ngày", "Day"))
    spot = Place(("Vị trí", "Position"), owner="desk")
    must = Text(("Cần", "Needed"), owner="desk", required=True)
    gone = Text(("Cũ", "Old"), retired=True, required=True)
    odd = Choice(("Chọn", "Choose"), YES_NO, suggest=[(("eq", "nothing", "x"), ("maybe",))])


def test_what_a_desk_cannot_draw_or_a_phone_cannot_give_is_refused_at_the_start() -> None:
    parts = (section("one", ("Một", "One"), "seen_on", "spot", "must", "gone", "odd"),)
    words = Words("Thử", "Trial")
    kind = Kind("trial", 1, words, words, words, "list", Impossible, parts, ("must",), (), "seen_on", 1)
    assert sorted(faults([kind])) == [
        "trial: gone: needed, but no phone asks for it",
        "trial: must: needed, but no phone asks for it",
        "trial: odd: eq: no field nothing",
        "trial: odd: suggest: no option maybe",
        "trial: spot: owned by the desk, which cannot draw place",
    ]


_filled_in = records.rules.filled_in
PLANTED = {
    "a stale version is written over": (
        records,
        "write_desk_fields",
        lambda actor, record, seen, answers: _any_version(actor, record, answers),
        test_a_version_that_was_not_seen_is_not_written_over,
    ),
    "the second officer wins": (
        records,
        "write_desk_fields",
        lambda actor, record, seen, answers: _any_version(actor, record, answers),
        test_two_officers_cannot_both_be_right,
    ),
    "a phone overwrites the desk's": (
        judge,
        "_allowed",
        lambda k, r, change, s: (change.answers, []),
        test_a_phone_cannot_write_what_the_desk_owns,
    ),
    "the desk writes any field": (
        Kind,
        "desk_owned",
        property(lambda kind: tuple(kind.fields)),
        lambda minh, ward, pond: test_the_form_reaches_no_other_field(minh, ward, pond, "risk"),
    ),
    "the phones are not told": (
        records.ledger,
        "touch",
        lambda *_, **__: None,
        test_minh_says_who_and_by_when_and_every_phone_of_the_group_shows_it,
    ),
    "no link": (records.ledger, "note", lambda *_, **__: None, test_it_is_a_version_and_a_link_like_a_verdict),
    "a verdict is undone by it": (
        records.rules,
        "filled_in",
        lambda record, answers, by: {**_filled_in(record, answers, by), "status": "received"},
        test_what_was_judged_stays_judged_and_a_verdict_keeps_it,
    ),
}
_write = records.write_desk_fields


def _any_version(actor: Any, record_id: str, answers: Any) -> int:
    return _write(actor, record_id, records.queries.standing([record_id])[record_id]["version"], answers)


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_fault_is_seen(name: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    where, what, fault, test = PLANTED[name]
    needs: Callable[..., Any] = test
    given = {wanted: request.getfixturevalue(wanted) for wanted in inspect.signature(needs).parameters}
    monkeypatch.setattr(where, what, fault)
    with pytest.raises(Exception):  # noqa: B017  what a fault breaks differs; that it is noticed is the point
        needs(**given)


def test_pins_are_for_the_phones_fields(minh: FlaskClient, ward: Ward, pond: str) -> None:
    data = {"seen": "1", "verdict": "return", "pin-due_on": "on", "reason-due_on": "Hạn nào?"}
    assert minh.post(f"/desk/records/{pond}/verdict", data=data, headers=HERE).status_code == 422
    assert rules.possible(ward.record(pond).status)
