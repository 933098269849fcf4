"""Codes for a whole group on a sheet, and roles that begin and end by themselves."""

import re
from datetime import date

import pytest
from flask import Flask

from app.db import db, transact
from app.identity import queries, rules, service
from app.identity.models import Person
from app.problems import Problem
from tests.cast import GROUP_2_VIET_HUNG, GROUP_3, GROUP_7, PHUC_LOI, Cast
from tests.conftest import Clock
from tests.phone import Phone

HERE = {"Sec-Fetch-Site": "same-origin"}
SHEET = "/desk/people/codes"
CODE = re.compile(r"\b[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}\b")


def signs_in(app: Flask, code: str, device: str) -> int:
    body = {"code": code, "device": device, "label": ""}
    return app.test_client().post("/api/v1/sign-in", json=body, headers=HERE).status_code


def test_a_sheet_for_a_group_opens_every_phone_of_it_once(app: Flask, cast: Cast) -> None:
    anh = cast.client("Anh")
    chosen = anh.get(f"{SHEET}?unit={GROUP_7}").text
    assert "Nguyễn Thị Lan" in chosen and "Đỗ Thị Hoa" in chosen and "Lê Quốc Tuấn" not in chosen
    new = "Bùi Thị Mừng, 0912 000 055\n\n  Đặng Thị Ngọc Ánh 0912000056 \n"
    sent = {"unit": GROUP_7, "person": [cast.lan.id, cast.hoa.id, cast.tuan.id], "new": new}
    answer = anh.post(SHEET, data=sent, headers=HERE)
    assert answer.status_code == 200 and answer.headers["Cache-Control"] == "no-store"
    cards = re.findall(r"<h2>([^<]+)</h2>.*?<p class=\"code num\">([^<]+)</p>", answer.text, re.DOTALL)
    assert [name for name, _ in cards] == ["Đặng Thị Ngọc Ánh", "Đỗ Thị Hoa", "Nguyễn Thị Lan", "Bùi Thị Mừng"]
    assert answer.text.count('class="segno"') == 4 and "06/06/2026 09:12" in answer.text and "style=" not in answer.text
    for number, (_, code) in enumerate(cards):
        device = f"c0000000-0000-4000-8000-00000000000{number}"
        assert CODE.fullmatch(code) and signs_in(app, code, device) == 200
        assert signs_in(app, code, device) == 401, "once"
    assert "code num" not in anh.get(f"{SHEET}?unit={GROUP_7}").text
    assert "<title>Phiếu mã đăng nhập" in answer.text


def test_who_has_no_phone_is_ticked_already(app: Flask, cast: Cast) -> None:
    with app.app_context(), transact():
        made = service.create_person("Bùi Thị Mừng", "0912000055", "collaborator", GROUP_7).id
    page = cast.client("Anh").get(f"{SHEET}?unit={PHUC_LOI}").text
    ticked = re.findall(r'value="([0-9a-f-]{36})" checked', page)
    assert ticked == [made]


def test_lines_that_will_not_do_are_named_and_nothing_is_made(app: Flask, cast: Cast) -> None:
    new = "Bùi Thị Mừng, 0912 000 055\nNguyễn Thị Lan, 0912 000 007\nkhông có số\n, 0912000058"
    answer = cast.client("Anh").post(SHEET, data={"unit": GROUP_7, "person": [cast.lan.id], "new": new}, headers=HERE)
    assert answer.status_code == 422
    assert "Dòng 2: Đã có rồi" in answer.text and "Dòng 3: Ô này cần có" in answer.text and "Dòng 4:" in answer.text
    assert "Dòng 1" not in answer.text and "Bùi Thị Mừng" in answer.text and "code num" not in answer.text
    with app.app_context():
        assert not db.session.scalars(db.select(Person).where(Person.phone == "+84912000055")).first()


@pytest.mark.parametrize("sent", [{}, {"person": ["x"]}, {"new": "\n ,\n"}, {"new": "A B, 0912000058\n" * 61}])
def test_too_few_or_too_many(cast: Cast, sent: dict[str, object]) -> None:
    assert cast.client("Anh").post(SHEET, data={"unit": GROUP_7, **sent}, headers=HERE).status_code == 422


def test_a_unit_out_of_reach_has_no_sheet(app: Flask, cast: Cast) -> None:
    with app.app_context(), transact():
        service.assign(cast.ha.id, "admin", PHUC_LOI)
    ha = cast.client("Ha")
    assert ha.get(f"{SHEET}?unit={GROUP_2_VIET_HUNG}").status_code == 404
    sent = {"unit": GROUP_2_VIET_HUNG, "person": [cast.tuan.id]}
    assert ha.post(SHEET, data=sent, headers=HERE).status_code == 404


@pytest.mark.parametrize(
    ("line", "read"),
    [
        ("Nguyễn Thị Lan, 0912 000 007", ("Nguyễn Thị Lan", "0912 000 007")),
        ("Đỗ Thị Hoa\t+84 912.000.003", ("Đỗ Thị Hoa", "+84 912.000.003")),
        ("Tổ trưởng tổ 7; 0912000009", ("Tổ trưởng tổ 7", "0912000009")),
        ("Lê Quốc Tuấn – 0912-000-009", ("Lê Quốc Tuấn", "0912-000-009")),
        ("chỉ có tên", ("chỉ có tên", "")),
    ],
)
def test_how_a_line_is_read(line: str, read: tuple[str, str]) -> None:
    assert rules.read_people(line) == [read]


def test_rights_begin_and_end_by_themselves(app: Flask, cast: Cast, clock: Clock) -> None:
    anh, lan = cast.client("Anh"), cast.client("Lan")
    where = f"/desk/people/{cast.lan.id}/assign"
    sent = {"role": "collaborator", "unit": str(GROUP_3), "first": "2026-06-05", "last": "2026-06-06"}
    assert anh.post(where, data=sent, headers=HERE).status_code == 303
    groups = []
    for _ in range(5):
        groups.append([group["name"] for group in lan.get("/api/v1/me").get_json()["person"]["groups"]])
        clock.move(days=1)
    assert groups == [["7"], ["7"], ["7", "3"], ["7", "3"], ["7"]]


def test_the_last_day_of_the_only_role_shuts_the_door_and_strands_nothing(app: Flask, cast: Cast, clock: Clock) -> None:
    anh = cast.client("Anh")
    sent = {"role": "collaborator", "unit": str(GROUP_7), "last": "2026-06-04"}
    assert anh.post(f"/desk/people/{cast.lan.id}/assign", data=sent, headers=HERE).status_code == 303
    phone = Phone(app, cast.lan)
    phone.registers_key()
    clock.move(days=1)
    assert phone.client.get("/api/v1/me").status_code == 200
    clock.move(days=1)
    assert phone.client.get("/api/v1/me").get_json(force=True)["why"] == "rights_gone"
    phone.record("child", name="Bùi Thị Ngọc Ân")
    phone.hand_in()
    assert not phone.outbox, "what was recorded still arrives"


def test_another_ward_from_a_day_on(app: Flask, cast: Cast, clock: Clock) -> None:
    with app.app_context():
        with transact():
            service.assign(cast.lan.id, "collaborator", GROUP_2_VIET_HUNG, date(2026, 6, 10))
        held = {item.unit_id: (item.valid_from, item.valid_to) for item in queries.assignments(cast.lan.id)}
    assert held[GROUP_7][1] == date(2026, 6, 9) and held[GROUP_2_VIET_HUNG] == (date(2026, 6, 10), None)
    assert "Sẽ bắt đầu 10/06/2026" in cast.client("Anh").get(f"/desk/people/{cast.lan.id}").text


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        ({"first": "2026-06-02"}, "Ngày này đã qua"),
        ({"first": "2026-06-05", "last": "2026-06-04"}, "Ngày cuối không thể trước"),
        ({"last": "mai"}, "Ngày chưa đúng"),
    ],
)
def test_days_that_make_no_sense(cast: Cast, sent: dict[str, str], says: str) -> None:
    asked = {"role": "collaborator", "unit": str(GROUP_3), **sent}
    answer = cast.client("Anh").post(f"/desk/people/{cast.lan.id}/assign", data=asked, headers=HERE)
    assert answer.status_code == 422 and says in answer.text


def test_somebody_who_begins_later_has_not_left(app: Flask, cast: Cast) -> None:
    with app.app_context(), transact():
        made = service.create_person("Bùi Thị Mừng", "0912000055", "collaborator", GROUP_7).id
        service.assign(made, "collaborator", GROUP_7, date(2026, 6, 3), date(2026, 6, 3))
        service.assign(made, "officer", PHUC_LOI, date(2026, 6, 9))
    assert "Bùi Thị Mừng" in cast.client("Anh").get("/desk/people").text


def test_phones_show_what_they_have_not_sent(app: Flask, cast: Cast, clock: Clock) -> None:
    phone = Phone(app, cast.lan)
    phone.post({**phone.envelope([]), "issued": 4, "unsent": 4})
    anh = cast.client("Anh")
    page = anh.get("/desk/people?state=unsent").text
    assert "Nguyễn Thị Lan" in page and "còn 4 mục chưa gửi" in page and "Đỗ Thị Hoa" not in page
    assert "còn 4 mục chưa gửi" in anh.get(f"/desk/people/{cast.lan.id}").text


def test_an_unfit_role_says_so_in_the_service_too(app: Flask, cast: Cast) -> None:
    with app.app_context(), pytest.raises(Problem), transact():
        service.assign(cast.lan.id, "officer", GROUP_7, date(2026, 6, 9))
