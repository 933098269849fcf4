"""The administrator wishes, looks, and agrees; nothing happens before that, and nothing else than was shown."""

import re
from datetime import date
from html import unescape
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.db import db, transact
from app.identity import service as people
from app.identity.sessions import hash_token
from app.machine.models import MachineToken
from app.step_up.rules import safe_next
from app.units import queries as units
from app.units.models import Unit
from tests.cast import GROUP_3, GROUP_7, GROUP_12, PEOPLE, PHUC_LOI, VIET_HUNG, Cast
from tests.conftest import MORNING
from tests.exports.desk import with_step_up
from tests.phone import Phone

HERE = {"Sec-Fetch-Site": "same-origin"}
CHANGE = f"/desk/units/{PHUC_LOI}/change"
MERGE = {"wish": "merge", "group": [GROUP_7, GROUP_3], "into": GROUP_12, "name": "", "day": "2026-06-03"}
SPLIT = {"wish": "split", "group": GROUP_7, "names": "7A\n7B\n", "day": "2026-06-03"}


@pytest.fixture
def anh(app: Flask, cast: Cast) -> FlaskClient:
    """The administrator, in a ward where Lan has written two things."""
    lan = Phone(app, cast.lan)
    lan.record("child", name="Bùi Thị Ngọc Ân")
    lan.record("hazard_site", name="Ao sau đình")
    lan.sync()
    return cast.client("Anh")


def posts(client: FlaskClient, data: dict[str, object], where: str = CHANGE) -> TestResponse:
    return client.post(where, data=data, headers=HERE)


def fields_of(page: str) -> dict[str, object]:
    """What the preview's form sends when it is agreed to, its selects as they stand."""
    found: dict[str, list[str]] = {}
    for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page):
        found.setdefault(name, []).append(unescape(value))
    for name, options in re.findall(r'<select class="in" name="([^"]+)".*?>(.*?)</select>', page, re.DOTALL):
        found[name] = re.findall(r'value="([^"]+)" selected', options)
    return {**found, "go": "yes"}


def names(app: Flask) -> list[str]:
    with app.app_context():
        return [group.name for group in units.groups_of([PHUC_LOI])]


def test_a_merger_is_shown_before_it_is_done(app: Flask, anh: FlaskClient) -> None:
    page = posts(anh, MERGE).text
    assert "Nguyễn Thị Lan" in page and "Đỗ Thị Hoa" in page and "Phiếu (2)" in page
    assert "Bùi Thị Ngọc Ân" not in page and "Ao sau đình" not in page, "an administrator reads no case"
    assert names(app) == ["3", "7", "12"]
    answer = posts(anh, fields_of(page))
    assert answer.status_code == 303
    assert names(app) == ["12"]
    assert "Đã thực hiện" in anh.get(answer.headers["Location"]).text


def test_a_split_asks_who_goes_where(app: Flask, anh: FlaskClient, cast: Cast) -> None:
    page = posts(anh, SPLIT).text
    assert page.count('value="part-1" selected') == 2
    wished = {**fields_of(page), f"person.{cast.hoa.id}": "part-2"}
    again = posts(anh, wished)
    assert again.status_code == 409 and "bản xem trước mới" in again.text, "it is shown once more before it is done"
    assert names(app) == ["3", "7", "12"]
    assert posts(anh, fields_of(again.text)).status_code == 303
    assert cast.client("Hoa").get("/api/v1/me").get_json()["person"]["groups"][0]["name"] == "7B"
    assert cast.client("Lan").get("/api/v1/me").get_json()["person"]["groups"][0]["name"] == "7A"


def test_what_came_meanwhile_is_shown_first(app: Flask, anh: FlaskClient, cast: Cast) -> None:
    page = posts(anh, MERGE).text
    hoa = Phone(app, cast.hoa)
    hoa.record("child", name="Trần Gia Bảo")
    hoa.sync()
    again = posts(anh, fields_of(page))
    assert again.status_code == 409 and "Phiếu (3)" in again.text
    assert posts(anh, fields_of(again.text)).status_code == 303


def test_before_its_day_it_can_only_be_looked_at(app: Flask, anh: FlaskClient) -> None:
    page = posts(anh, {**MERGE, "day": "2026-07-01"}).text
    assert "Chưa đến ngày 01/07/2026" in page and 'name="go"' not in page
    assert posts(anh, fields_of(page)).status_code == 422
    assert names(app) == ["3", "7", "12"]


def test_a_group_and_the_ward_are_renamed(app: Flask, anh: FlaskClient) -> None:
    page = posts(anh, {"wish": "rename", "group": GROUP_7, "name": "Đoàn Kết", "day": "2026-06-03"}).text
    posts(anh, fields_of(page))
    assert names(app) == ["3", "12", "Đoàn Kết"]
    page = posts(anh, {"wish": "rename", "group": PHUC_LOI, "name": "Phúc Lợi Mới", "day": "2026-06-03"})
    assert page.status_code == 422, "a group that began today cannot end today"


def test_a_ward_goes_to_another_and_to_a_new_one(app: Flask, anh: FlaskClient) -> None:
    wish = {"wish": "ward", "main": VIET_HUNG, f"to.{GROUP_12}": "new", "name": "Sài Đồng", "code": "00142"}
    page = posts(anh, {**wish, "day": "2026-06-03"}).text
    assert "Tổ 12, phường Sài Đồng" in page and "Trần Văn Minh" in page
    assert posts(anh, fields_of(page)).status_code == 303
    with app.app_context():
        wards = {ward.name: [group.name for group in units.groups_of([ward.id])] for ward in units.wards_under(1)}
    assert wards == {"Việt Hưng": ["2", "3", "7"], "Sài Đồng": ["12"]}


def test_a_ward_that_the_official_list_has_ended_is_pointed_at(app: Flask, anh: FlaskClient) -> None:
    with app.app_context(), transact():
        db.session.get_one(Unit, PHUC_LOI).valid_to = date(2026, 6, 2)
    assert CHANGE in anh.get("/desk/units").text
    page = posts(anh, {"wish": "ward", "main": VIET_HUNG, "day": "2026-06-03"}).text
    assert posts(anh, fields_of(page)).status_code == 303
    assert CHANGE not in anh.get("/desk/units").text


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"day": ""}, "Ngày chưa đúng"),
        ({"group": []}, "Chọn ít nhất hai"),
        ({"group": [GROUP_12]}, "Chọn ít nhất hai"),
        ({"into": "new"}, "Ô này cần có"),
        ({"into": "new", "name": "12"}, "Đã có rồi"),
        ({"into": VIET_HUNG}, "Ô này cần có"),
        ({"day": "2025-07-01"}, "Ngày cuối không thể trước"),
        ({**SPLIT, "names": "7A"}, "Chọn ít nhất hai"),
        ({"wish": "ward", "main": ""}, "Ô này cần có"),
    ],
)
def test_what_will_not_do_is_said(anh: FlaskClient, change: dict[str, object], says: str) -> None:
    answer = posts(anh, {**MERGE, **change})
    assert answer.status_code == 422 and says in answer.text


def test_a_wards_administrator_changes_its_groups_alone(app: Flask, cast: Cast) -> None:
    with app.app_context(), transact():
        people.assign(cast.ha.id, "admin", PHUC_LOI)
    ha = cast.client("Ha")
    assert ha.get(f"/desk/units/{VIET_HUNG}/change").status_code == 404
    assert "Chuyển cả phường" not in ha.get(CHANGE).text
    assert posts(ha, {"wish": "ward", "main": "new", "day": "2026-06-03"}).status_code == 404
    assert posts(ha, {"wish": "rename", "group": PHUC_LOI, "name": "x", "day": "2026-06-03"}).status_code == 422
    assert posts(ha, fields_of(posts(ha, MERGE).text)).status_code == 303
    assert names(app) == ["12"]


def a_token(app: Flask, **more: Any) -> str:
    """A token for Phúc Lợi's hazards, and its text."""
    text = f"ta_{len(more)}-only-for-tests"
    who = PEOPLE["Anh"].id
    given = {
        "name": "Bản đồ",
        "kinds": ["hazard_site"],
        "depth": "open",
        "agreed_by": who,
        "agreed_at": MORNING,
        **more,
    }
    with app.app_context(), transact():
        token = MachineToken(token_hash=hash_token(text), unit_id=PHUC_LOI, made_by=who, made_at=MORNING, **given)
        token.last_day = date(2026, 12, 31)
        db.session.add(token)
    return text


def reads(app: Flask, text: str, kind: str = "hazard_site") -> TestResponse:
    client = app.test_client()
    return client.get(f"/api/v1/data/{kind}", headers={"Authorization": f"Bearer {text}"})


AWAY = {"wish": "ward", "main": VIET_HUNG, "day": "2026-06-03"}


def test_programs_are_told_that_their_ward_is_over(app: Flask, anh: FlaskClient) -> None:
    text = a_token(app)
    assert len(reads(app, text).get_json()["records"]) == 1
    page = posts(anh, AWAY).text
    assert "Thẻ của phần mềm khác (1)" in page and "Bản đồ" in page
    assert posts(anh, fields_of(page)).status_code == 303
    answer = reads(app, text)
    told = answer.get_json()
    assert (answer.status_code, told["code"]) == (410, "unit_over") and "Việt Hưng" in told["now"][0]
    assert "cấp thẻ mới" in anh.get("/desk/tokens").text


def test_programs_follow_when_the_administrator_says_so(app: Flask, anh: FlaskClient) -> None:
    text, children = a_token(app), a_token(app, name="trẻ", kinds=["child"])
    assert reads(app, children, "child").status_code == 200
    page = posts(anh, AWAY).text
    assert posts(anh, {**fields_of(page), "tokens": "follow"}).status_code == 303
    assert len(reads(app, text).get_json()["records"]) == 1
    assert reads(app, children, "child").status_code == 401, "the new ward's leader has not agreed"
    with app.app_context():
        assert {token.unit_id for token in db.session.query(MachineToken)} == {VIET_HUNG}


def test_the_wish_is_still_there_after_the_proof(app: Flask, anh: FlaskClient) -> None:
    with_step_up(app)
    page = anh.get(where_it_stands(posts(anh, {**SPLIT, "names": "7 Đông\n7 Tây"}))).text
    split = page.split('name="wish" value="split"')[1].split("</form>")[0]
    assert "7 Đông\n7 Tây</textarea>" in split and f'value="{GROUP_7}" selected' in split
    page = anh.get(where_it_stands(posts(anh, {**MERGE, "day": "2026-06-02"}))).text
    assert f'value="{GROUP_7}" checked' in page and f'value="{GROUP_3}" checked' in page and "2026-06-02" in page


def where_it_stands(asked: TestResponse) -> str:
    """Where the question leads back to, for whoever wants to change the wish instead of going on with it."""
    assert asked.status_code == 403
    on = unescape(asked.text.split('name="stands" value="')[1].split('"')[0])
    assert safe_next(on) == on
    return on
