"""The administrator's pages of people, and how far an administrator reaches."""

import re

import pytest
from flask import Flask

from app.db import db, transact
from app.identity import queries, service
from app.identity.models import Person, SignIn
from tests.cast import CITY, GROUP_2_VIET_HUNG, GROUP_3, GROUP_7, PHUC_LOI, VIET_HUNG, Cast
from tests.conftest import Clock

HERE = {"Sec-Fetch-Site": "same-origin"}
MUNG = {"name": "Bùi Thị Mừng", "phone": "0912 000 055", "role": "collaborator", "unit": str(GROUP_3)}


def made(app: Flask, name: str, phone: str, role: str, unit: int) -> str:
    with app.app_context(), transact():
        return service.create_person(name, phone, role, unit).id


def test_people_are_listed_by_given_name(cast: Cast) -> None:
    page = cast.client("Anh").get("/desk/people").text
    names = re.findall(r'<a href="/desk/people/[0-9a-f-]{36}">([^<]+)</a>', page)
    assert names == ["Vũ Đức Anh", "Phạm Thu Hà", "Đỗ Thị Hoa", "Nguyễn Thị Lan", "Trần Văn Minh", "Lê Quốc Tuấn"]
    assert "Tổ 7, phường Phúc Lợi" in page


def test_who_has_not_called_for_three_days_is_quiet(app: Flask, cast: Cast, clock: Clock) -> None:
    clock.move(days=4)
    with app.app_context(), transact():
        code = service.issue_code(cast.anh.id, None)
    anh = app.test_client()
    anh.post("/desk/sign-in", data={"way": "code", "code": code, "new_passphrase": "mưa rào tháng sáu"}, headers=HERE)
    page = anh.get("/desk/people?state=quiet").text
    assert "Nguyễn Thị Lan" in page and "Vũ Đức Anh</a>" not in page


def test_somebody_new_is_invited(app: Flask, cast: Cast) -> None:
    anh = cast.client("Anh")
    assert "Mời người" in anh.get("/desk/people/new").text
    answer = anh.post("/desk/people", data=MUNG, headers=HERE)
    assert answer.status_code == 303
    page = anh.get(answer.headers["Location"]).text
    assert "Bùi Thị Mừng" in page and "0912 000 055" in page and "Tổ 3, phường Phúc Lợi" in page


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"name": " "}, "Ô này cần có"),
        ({"name": "x" * 101}, "Dài quá"),
        ({"phone": "115"}, "Số điện thoại chưa đúng"),
        ({"phone": "0912000007"}, "Đã có rồi"),
        ({"unit": ""}, "Ô này cần có"),
        ({"unit": "²"}, "Ô này cần có"),
        ({"unit": str(PHUC_LOI)}, "Vai trò này không giao ở nơi đó"),
        ({"role": "officer"}, "Vai trò này không giao ở nơi đó"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(cast: Cast, change: dict[str, str], says: str) -> None:
    answer = cast.client("Anh").post("/desk/people", data=MUNG | change, headers=HERE)
    assert answer.status_code == 422
    assert says in answer.text


def test_a_code_is_shown_once_with_a_picture(cast: Cast) -> None:
    anh = cast.client("Anh")
    page = anh.post(f"/desk/people/{cast.lan.id}/code", headers=HERE).text
    code = re.search(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}\b", page)
    assert code is not None
    assert f"https://localhost/app/#/sign-in?code={code[0]}" in page
    assert 'class="segno"' in page and "style=" not in page
    assert code[0] not in anh.get(f"/desk/people/{cast.lan.id}").text
    phone = cast.app.test_client()
    body = {"code": code[0], "device": "c0000000-0000-4000-8000-000000000009", "label": ""}
    assert phone.post("/api/v1/sign-in", json=body, headers=HERE).status_code == 200


def test_an_officers_code_leads_to_the_desk(cast: Cast) -> None:
    page = cast.client("Anh").post(f"/desk/people/{cast.minh.id}/code", headers=HERE).text
    assert "https://localhost/desk/sign-in" in page and "segno" not in page


def test_one_phone_is_revoked_and_the_other_stays(app: Flask, cast: Cast) -> None:
    with app.app_context(), transact():
        code = service.issue_code(cast.lan.id, None)
    second = app.test_client()
    body = {"code": code, "device": "c0000000-0000-4000-8000-000000000009", "label": "Máy thứ hai"}
    second.post("/api/v1/sign-in", json=body, headers=HERE)
    anh = cast.client("Anh")
    page = anh.get(f"/desk/people/{cast.lan.id}").text
    assert "Máy thứ hai" in page
    with app.app_context():
        first = next(row for row in queries.sign_ins(cast.lan.id) if row.device == cast.lan.device)
        handle = first.token_hash[:16]
    assert handle in page
    anh.post(f"/desk/people/{cast.lan.id}/revoke", data={"sign_in": handle}, headers=HERE)
    assert cast.client("Lan").get("/api/v1/me").status_code == 401
    assert second.get("/api/v1/me").status_code == 200
    anh.post(f"/desk/people/{cast.lan.id}/revoke", data={"sign_in": "all"}, headers=HERE)
    assert second.get("/api/v1/me").status_code == 401


def test_another_persons_phone_is_not_revoked_by_mistake(app: Flask, cast: Cast) -> None:
    with app.app_context():
        handle = next(iter(queries.sign_ins(cast.hoa.id))).token_hash[:16]
    answer = cast.client("Anh").post(f"/desk/people/{cast.lan.id}/revoke", data={"sign_in": handle}, headers=HERE)
    assert answer.status_code == 404
    assert cast.client("Hoa").get("/api/v1/me").status_code == 200


def test_another_group_of_the_ward_is_added_and_taken_away(cast: Cast) -> None:
    anh, lan = cast.client("Anh"), cast.client("Lan")
    where = f"/desk/people/{cast.lan.id}/assign"
    anh.post(where, data={"role": "collaborator", "unit": str(GROUP_3)}, headers=HERE)
    assert [group["name"] for group in lan.get("/api/v1/me").get_json()["person"]["groups"]] == ["7", "3"]
    anh.post(where, data={"end": "yes", "unit": str(GROUP_7)}, headers=HERE)
    assert [group["name"] for group in lan.get("/api/v1/me").get_json()["person"]["groups"]] == ["3"]
    assert anh.post(where, data={"end": "yes", "unit": str(GROUP_3)}, headers=HERE).status_code == 422


def test_moving_to_another_ward_ends_the_work_in_the_first(cast: Cast) -> None:
    cast.client("Anh").post(
        f"/desk/people/{cast.lan.id}/assign",
        data={"role": "collaborator", "unit": str(GROUP_2_VIET_HUNG)},
        headers=HERE,
    )
    person = cast.client("Lan").get("/api/v1/me").get_json()["person"]
    assert person["ward"]["name"] == "Việt Hưng"
    assert [group["name"] for group in person["groups"]] == ["2"]


def test_a_new_role_shuts_the_old_door(cast: Cast) -> None:
    cast.client("Anh").post(
        f"/desk/people/{cast.lan.id}/assign", data={"role": "leader", "unit": str(PHUC_LOI)}, headers=HERE
    )
    assert cast.client("Lan").get("/api/v1/me").status_code == 401


def test_leaving_asks_once_more_and_then_ends_everything(app: Flask, cast: Cast) -> None:
    anh = cast.client("Anh")
    assert anh.post(f"/desk/people/{cast.lan.id}/close", headers=HERE).status_code == 422
    assert cast.client("Lan").get("/api/v1/me").status_code == 200
    assert anh.post(f"/desk/people/{cast.lan.id}/close", data={"sure": "yes"}, headers=HERE).status_code == 303
    assert cast.client("Lan").get("/api/v1/me").status_code == 401
    assert "Nguyễn Thị Lan" not in anh.get("/desk/people").text
    assert "Nguyễn Thị Lan" in anh.get("/desk/people?state=gone").text
    assert "Đã nghỉ" in anh.get(f"/desk/people/{cast.lan.id}").text
    assert anh.post(f"/desk/people/{cast.lan.id}/code", headers=HERE).status_code == 422


@pytest.mark.parametrize("verb", ["assign", "close"])
def test_an_administrator_does_not_close_or_move_herself(cast: Cast, verb: str) -> None:
    sent = {"sure": "yes", "role": "leader", "unit": str(PHUC_LOI)}
    answer = cast.client("Anh").post(f"/desk/people/{cast.anh.id}/{verb}", data=sent, headers=HERE)
    assert answer.status_code == 422
    assert cast.client("Anh").get("/desk/people").status_code == 200


@pytest.fixture
def ward_admin(app: Flask, cast: Cast) -> None:
    """Hà administers phường Phúc Lợi only."""
    with app.app_context(), transact():
        service.assign(cast.ha.id, "admin", PHUC_LOI)


def test_a_wards_administrator_sees_only_the_ward(cast: Cast, ward_admin: None) -> None:
    page = cast.client("Ha").get("/desk/people").text
    assert "Nguyễn Thị Lan" in page and "Lê Quốc Tuấn" not in page and "Vũ Đức Anh" not in page


@pytest.mark.parametrize("who", ["Tuan", "Anh"])
def test_people_elsewhere_or_above_do_not_exist_for_her(cast: Cast, ward_admin: None, who: str) -> None:
    ha, person = cast.client("Ha"), cast[who]
    assert ha.get(f"/desk/people/{person.id}").status_code == 404
    for verb in ("code", "revoke", "assign", "close"):
        sent = {"sure": "yes", "sign_in": "all", "role": "collaborator", "unit": str(GROUP_3)}
        assert ha.post(f"/desk/people/{person.id}/{verb}", data=sent, headers=HERE).status_code == 404, verb
    assert cast.client(who).get("/desk/people" if who == "Anh" else "/api/v1/me").status_code == 200


@pytest.mark.parametrize("unit", [CITY, VIET_HUNG, GROUP_2_VIET_HUNG, 999999])
def test_she_gives_no_work_outside_the_ward(cast: Cast, ward_admin: None, unit: int) -> None:
    ha = cast.client("Ha")
    for role in ("collaborator", "officer", "admin"):
        sent = MUNG | {"role": role, "unit": str(unit)}
        assert ha.post("/desk/people", data=sent, headers=HERE).status_code == 404
        assert ha.post(f"/desk/people/{cast.lan.id}/assign", data=sent, headers=HERE).status_code == 404


@pytest.mark.parametrize("path", [f"/desk/units/{VIET_HUNG}", f"/desk/units/{CITY}"])
def test_units_elsewhere_do_not_exist_for_her(cast: Cast, ward_admin: None, path: str) -> None:
    assert cast.client("Ha").get(path).status_code == 404
    assert cast.client("Ha").post(f"{path}/phone", data={"phone": ""}, headers=HERE).status_code == 404


def test_who_moved_away_cannot_be_taken_over_from_the_old_ward(app: Flask, cast: Cast, ward_admin: None) -> None:
    with app.app_context(), transact():
        service.assign(cast.lan.id, "collaborator", GROUP_2_VIET_HUNG)
    ha = cast.client("Ha")
    assert ha.post(f"/desk/people/{cast.lan.id}/code", headers=HERE).status_code == 404
    assert "Nguyễn Thị Lan" not in ha.get("/desk/people?state=gone").text


def test_the_list_asks_the_same_number_of_questions_for_any_number_of_people(app: Flask, cast: Cast) -> None:
    def questions() -> int:
        asked: list[str] = []
        with app.app_context():
            engine = db.engine
        listen = lambda *a: asked.append(a[2])  # noqa: E731
        db.event.listen(engine, "before_cursor_execute", listen)
        cast.client("Anh").get("/desk/people")
        db.event.remove(engine, "before_cursor_execute", listen)
        return len(asked)

    before = questions()
    for number in range(12):
        made(app, f"Nguyễn Văn {number}", f"09130000{number:02}", "collaborator", GROUP_7)
    assert questions() == before


def test_one_select_finds_the_person_behind_a_request(app: Flask, cast: Cast) -> None:
    asked: list[str] = []
    with app.app_context():
        engine = db.engine
    db.event.listen(engine, "before_cursor_execute", lambda *a: asked.append(a[2]))
    with app.app_context():
        token_hash = db.session.scalars(db.select(SignIn.token_hash).where(SignIn.person_id == cast.lan.id)).one()
        asked.clear()
        assert queries.find_actor(token_hash, "phone") is not None
    assert len([text for text in asked if text.startswith("SELECT")]) == 1


def test_names_never_reach_the_address(app: Flask, cast: Cast) -> None:
    with app.app_context():
        assert all(len(person.id) == 36 for person in db.session.scalars(db.select(Person)))
