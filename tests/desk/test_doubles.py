"""One child written down twice: suggested, merged by reference, shown together, and taken back without a loss."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.db import db
from app.records.audit import Audit
from app.records.models import Record
from app.review import rules
from app.review.rules import Face
from tests.desk.records import DUC, POND
from tests.phone import Phone
from tests.sync.ward import Ward

HERE = {"Sec-Fetch-Site": "same-origin"}
DAY = "2026-06-01"


def face(title: str, born: str = "", day: str = "", mother: str = "", lat: float | None = None) -> Face:
    place = {"lat": lat, "lon": 105.9183} if lat is not None else None
    return Face(title, place, {"born": born, "mother": mother}, day)


@pytest.mark.parametrize(
    ("here", "there", "likely"),
    [
        (face("Nguyễn Minh Đức", "2015-04-17"), face("NGUYEN MINH DUC", "2015-04-17"), True),
        (face("Nguyễn Minh Đức", "2015"), face("Nguyễn Minh Đức", "2015-04-17"), True),
        (face("Nguyễn Minh Đức"), face("Nguyễn Minh Đức"), True),
        (face("Nguyễn Minh Đức", "2015-04-17"), face("Nguyễn Minh Đức", "2012-01-02"), False),
        (
            face("Bé Đức", "2015-04-17", mother="Trần Thị Hà"),
            face("Nguyễn Minh Đức", "2015-04-17", mother="Trần thị Hà"),
            False,
        ),
        (face("Minh Đức", "2015-04-17"), face("Nguyễn Minh Đức", "2015-04-17"), True),
        (face("Trần Gia Bảo", "2015-04-17"), face("Nguyễn Minh Đức", "2015-04-17"), False),
    ],
)
def test_names_without_marks_and_the_day_of_birth(here: Face, there: Face, likely: bool) -> None:
    assert (rules.twin_score(here, there) >= rules.LIKELY) is likely
    assert rules.twin_score(here, there) == rules.twin_score(there, here)


def test_nearness_in_place_and_time_counts_only_beside_a_likeness() -> None:
    assert rules.twin_score(face("Ao đình", day=DAY), face("Cống ngõ 3", day=DAY)) == 0
    alone = rules.twin_score(face("Ao đình"), face("Ao đình"))
    days = [
        rules.twin_score(face("Ao đình", day=DAY), face("Ao đình", day=day))
        for day in (DAY, "2026-06-04", "2026-06-20")
    ]
    assert days[0] > days[1] > days[2] == alone
    near = rules.twin_score(face("Ao đình", lat=21.04), face("Cống", lat=21.0401))
    assert 0 < near < 1


@pytest.fixture
def twins(lan: Phone, hoa: Phone) -> tuple[str, str]:
    """Lan and Hoa have written down the same child; each has visited her own."""
    first = lan.record("child", **DUC)
    lan.record("child_visit", child=first, visited_on="2026-05-02", state="safe", again_on="2026-05-20")
    lan.sync()
    second = hoa.record("child", **DUC | {"name": "NGUYỄN MINH ĐỨC", "born": "2015-04-17"})
    hoa.record("child_visit", child=second, visited_on="2026-06-01", state="concern", danger_now="no")
    hoa.sync()
    return first, second


def merge(minh: FlaskClient, ward: Ward, double: str, kept: str) -> Any:
    seen = ward.record(double)
    assert seen is not None
    given = {"seen": str(seen.version), "verdict": "duplicate", "original": kept}
    return minh.post(f"/desk/records/{double}/verdict", data=given, headers=HERE)


def related(page: str) -> int:
    """How many records stand under this one."""
    return page.count('<li class="row">', page.index("Liên quan"))


def test_it_is_suggested_and_both_are_seen_side_by_side(minh: FlaskClient, twins: tuple[str, str]) -> None:
    first, second = twins
    page = minh.get(f"/desk/records/{second}").text
    assert 'id="near"' in page and f"/desk/records/{second}/duplicate?original={first}" in page
    beside = minh.get(f"/desk/records/{second}/duplicate?original={first}").text
    assert "Hai mục khác nhau ở đâu" in beside and "17/04/2015" in beside and 'id="beside"' in beside


def test_merged_they_are_one_child_and_nothing_of_either_is_lost(
    app: Flask, minh: FlaskClient, ward: Ward, twins: tuple[str, str]
) -> None:
    first, second = twins
    assert minh.get("/desk/?state=visits").text.count('name="pick"') == 1
    assert merge(minh, ward, second, first).status_code == 303
    page = minh.get(f"/desk/records/{first}").text
    assert related(page) == 2, "the visits of both"
    assert "Ghi trùng" in page and f"/desk/records/{second}" in page
    assert minh.get("/desk/?state=visits").text.count('name="pick"') == 0, "Hoa was there after Lan's plan"
    for one in twins:
        assert ward.history(one)[0].what == "created"
    with app.app_context():
        assert db.session.get_one(Record, second).data["born"] == "2015-04-17"
        assert list(Audit().findings()) == []


@pytest.mark.parametrize("before", [None, "accept", "return"])
def test_undone_it_stands_as_it_stood(
    app: Flask, minh: FlaskClient, ward: Ward, hoa: Phone, twins: tuple[str, str], before: str | None
) -> None:
    first, second = twins
    if before:
        ward.judges(second, before, "Xem lại")
    was = ward.record(second)
    merge(minh, ward, second, first)
    assert minh.post(f"/desk/records/{second}/undo", headers=HERE).status_code == 303
    now = ward.record(second)
    assert was is not None and now is not None
    assert (now.status, now.review, now.data, now.original_id) == (was.status, was.review, was.data, None)
    assert [step.what for step in ward.history(second)][-2:] == ["duplicate", "undone"]
    assert related(minh.get(f"/desk/records/{first}").text) == 1
    hoa.sync()
    assert hoa.store[second]["status"] == was.status
    assert minh.post(f"/desk/records/{second}/undo", headers=HERE).status_code == 422
    with app.app_context():
        assert list(Audit().findings()) == []


def test_a_duplicate_that_its_author_edits_is_looked_at_again(
    minh: FlaskClient, ward: Ward, hoa: Phone, twins: tuple[str, str]
) -> None:
    first, second = twins
    merge(minh, ward, second, first)
    hoa.sync()
    hoa.edit(second, address="số 7 ngõ 12")
    hoa.sync()
    assert minh.post(f"/desk/records/{second}/undo", headers=HERE).status_code == 422
    assert "Ghi trùng" not in minh.get(f"/desk/records/{first}").text


def test_a_record_on_paper_names_nobody_who_told_us(minh: FlaskClient, lan: Phone, pond: str) -> None:
    told = {"informant_agrees": "yes", "informant_name": "Bà Tư", "informant_phone": "0912345678"}
    report = lan.record("violation_report", about="abused", state_now="Bị đánh ở nhà", **told)
    lan.sync()
    page = minh.get(f"/desk/records/{report}/print").text
    assert "Bị đánh ở nhà" in page and "Bà Tư" not in page and "0912345678" not in page and "<script" not in page
    pond_page = minh.get(f"/desk/records/{pond}/print").text
    assert POND["name"] in pond_page and "Trần Văn Minh" in pond_page
