"""The administrator keeps groups and the duty number."""

import pytest
from flask import Flask

from app.db import db
from app.units import queries
from app.units.models import Succession
from tests.cast import GROUP_2_VIET_HUNG, GROUP_3, GROUP_7, GROUP_12, PHUC_LOI, Cast

HERE = {"Sec-Fetch-Site": "same-origin"}


def test_the_list_shows_wards_and_their_groups(cast: Cast) -> None:
    page = cast.client("Anh").get("/desk/units").text
    assert "Phường Phúc Lợi" in page and "3, 7, 12" in page and "024 3875 0136" in page


def test_a_new_group_is_listed(cast: Cast) -> None:
    anh = cast.client("Anh")
    answer = anh.post(f"/desk/units/{PHUC_LOI}/groups", data={"name": " 14 "}, headers=HERE)
    assert answer.status_code == 302
    assert "Tổ 14" in anh.get(f"/desk/units/{PHUC_LOI}").text


@pytest.mark.parametrize(
    ("name", "says"), [("7", "Đã có rồi"), ("  ", "Ô này cần có"), ("x" * 41, "Dài quá"), ("a\x00", "ký tự lạ")]
)
def test_a_name_that_will_not_do_is_explained_beside_the_form(cast: Cast, name: str, says: str) -> None:
    answer = cast.client("Anh").post(f"/desk/units/{PHUC_LOI}/groups", data={"name": name}, headers=HERE)
    assert answer.status_code == 422
    assert says in answer.text


def test_a_group_is_renamed_and_stays_the_same_group(app: Flask, cast: Cast) -> None:
    cast.client("Anh").post(f"/desk/units/{GROUP_3}/rename", data={"name": "3A"}, headers=HERE)
    with app.app_context():
        assert queries.path(GROUP_3, "vi") == "tổ 3A, phường Phúc Lợi"


def test_a_group_is_closed_in_favour_of_another(app: Flask, cast: Cast) -> None:
    anh = cast.client("Anh")
    anh.post(f"/desk/units/{GROUP_3}/close", data={"later": str(GROUP_12)}, headers=HERE)
    with app.app_context():
        assert db.session.get(Succession, (GROUP_3, GROUP_12)) is not None
        assert GROUP_3 not in {unit.id for unit in queries.groups_of([PHUC_LOI])}
    assert "Tổ đã đóng" in anh.get(f"/desk/units/{PHUC_LOI}").text
    assert anh.post(f"/desk/units/{GROUP_3}/close", headers=HERE).status_code == 422


def test_a_group_with_people_stays_open(app: Flask, cast: Cast) -> None:
    answer = cast.client("Anh").post(f"/desk/units/{GROUP_7}/close", headers=HERE)
    assert answer.status_code == 422
    assert "Chuyển người sang tổ khác trước" in answer.text


def test_a_group_is_not_taken_over_by_another_wards(cast: Cast) -> None:
    answer = cast.client("Anh").post(
        f"/desk/units/{GROUP_3}/close", data={"later": str(GROUP_2_VIET_HUNG)}, headers=HERE
    )
    assert answer.status_code == 422


def test_the_duty_number_reaches_the_phones(cast: Cast) -> None:
    cast.client("Anh").post(f"/desk/units/{PHUC_LOI}/phone", data={"phone": "024 3875 9999"}, headers=HERE)
    assert cast.client("Lan").get("/api/v1/me").get_json()["person"]["ward"]["phone"] == "+842438759999"


def test_a_duty_number_that_is_none_is_refused(cast: Cast) -> None:
    answer = cast.client("Anh").post(f"/desk/units/{PHUC_LOI}/phone", data={"phone": "115"}, headers=HERE)
    assert answer.status_code == 422
    assert "Số điện thoại chưa đúng" in answer.text


@pytest.mark.parametrize("path", [f"/desk/units/{GROUP_7}", "/desk/units/999999"])
def test_what_is_no_ward_has_no_page(cast: Cast, path: str) -> None:
    assert cast.client("Anh").get(path).status_code == 404
