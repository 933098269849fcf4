"""Tasks: the desk gives one, the phone shows it, and both see how far it has come."""

from datetime import date
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.records.audit import Audit
from app.tasks import rules
from tests.cast import GROUP_7, PEOPLE, Cast
from tests.conftest import Clock
from tests.desk.records import DUC, POND, wait
from tests.phone import Phone
from tests.sync.ward import Ward
from tests.today.test_today import lines, numbers

HERE = {"Sec-Fetch-Site": "same-origin"}
LOOK = "Kiểm tra lại điểm này, chụp phía hàng rào"


def give(client: FlaskClient, record: str, to: str = "Lan", what: str = LOOK, due: str = "10/6/2026") -> Any:
    given = {"to": PEOPLE[to].id, "what": what, "due": due}
    return client.post(f"/desk/records/{record}/task", data=given, headers=HERE)


def pane(page: str) -> str:
    return page[page.index('id="task"') : page.index("</section>", page.index('id="task"'))]


def shown(client: FlaskClient, record: str) -> str:
    return pane(client.get(f"/desk/records/{record}").text)


def test_a_task_reaches_the_phone_of_whoever_has_it_and_no_other(
    app: Flask, minh: FlaskClient, ward: Ward, lan: Phone, hoa: Phone, pond: str
) -> None:
    hoa.sync()
    assert give(minh, pond, "Hoa").status_code == 303
    for phone in (lan, hoa):
        phone.sync()
    asked = {"note": LOOK, "by": "Trần Văn Minh", "at": "2026-06-03T02:12:44Z", "due": "2026-06-10"}
    assert hoa.store[pond]["said"] == [asked]
    assert "said" not in lan.store[pond]
    assert [(step.what, step.person_id) for step in ward.history(pond)][-1] == ("task", PEOPLE["Minh"].id)
    page = shown(minh, pond)
    for words in (LOOK, "Giao cho Đỗ Thị Hoa", "trước ngày 10/06/2026", "Đang chờ làm"):
        assert words in page, words
    with app.app_context():
        assert list(Audit().findings()) == []


def test_it_is_answered_by_an_edit_or_by_a_record_about_it(
    app: Flask, minh: FlaskClient, lan: Phone, hoa: Phone, clock: Clock
) -> None:
    ponds = [lan.record("hazard_site", **POND | {"name": f"Ao {n}"}) for n in range(3)]
    lan.sync()
    hoa.sync()
    for one in ponds:
        give(minh, one, "Hoa")
    wait(app, clock, hours=1)
    hoa.sync()
    hoa.edit(ponds[0], fence="broken")
    hoa.record("hazard_check", site=ponds[1], checked_on="2026-06-03", found="dangerous")
    hoa.sync()
    lan.edit(ponds[2], fence="good")
    lan.sync()
    assert ["Đã có trả lời" in shown(minh, one) for one in ponds] == [True, True, False], (
        "another's word answers nothing"
    )
    assert lines(minh, "/desk/?state=tasks") == 3
    assert lines(minh, "/desk/?state=tasks_answered") == 2
    wait(app, clock, days=8)
    page = minh.get("/desk/?state=tasks_late").text
    assert page.count('name="pick"') == 1 and "Đỗ Thị Hoa quá hạn 10/06/2026" in page
    assert "Quá hạn" in shown(minh, ponds[2])


@pytest.mark.parametrize(("how", "words"), [("done", "Đã xong"), ("dropped", "Đã thôi")])
def test_the_desk_ends_it_and_the_phone_forgets_it(
    minh: FlaskClient, ward: Ward, lan: Phone, pond: str, how: str, words: str
) -> None:
    give(minh, pond)
    minh.post(f"/desk/records/{pond}/task", data={"end": how}, headers=HERE)
    lan.sync()
    assert "said" not in lan.store[pond]
    assert words in shown(minh, pond) and lines(minh, "/desk/?state=tasks") == 0
    again = minh.post(f"/desk/records/{pond}/task", data={"end": how}, headers=HERE)
    assert again.status_code == 422 and len(ward.history(pond)) == 3


def test_another_task_takes_the_place_of_the_first(minh: FlaskClient, lan: Phone, hoa: Phone, pond: str) -> None:
    give(minh, pond)
    give(minh, pond, "Hoa", "Đặt biển cấm", "")
    lan.sync()
    hoa.sync()
    assert "said" not in lan.store[pond]
    assert hoa.store[pond]["said"][0]["due"] == "", "asked without a day"


def test_an_officer_has_a_list_of_his_own(app: Flask, cast: Cast, minh: FlaskClient, pond: str) -> None:
    give(minh, pond, "Ha", "Duyệt kế hoạch làm rào")
    mine = {who: numbers(cast.client(who).get("/desk/").text)["việc giao cho tôi"] for who in ("Minh", "Ha")}
    assert [number for _, number in mine.values()] == [0, 1]
    assert "Phạm Thu Hà" in cast.client("Ha").get(mine["Ha"][0]).text


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"what": " "}, "what"),
        ({"what": "a" * 201}, "what"),
        ({"due": "31/2/2026"}, "due"),
        ({"due": "2/6/2026"}, "due"),
        ({"due": "3/6/2028"}, "due"),
        ({"to": "Tuan"}, "to"),
        ({"to": "Anh"}, "to"),
    ],
)
def test_what_cannot_be_is_asked_again(
    minh: FlaskClient, ward: Ward, pond: str, given: dict[str, str], field: str
) -> None:
    answer = give(minh, pond, **given)
    assert answer.status_code == 422
    page = pane(answer.text)
    assert 'aria-invalid="true"' in page and f'id="task-{field}"' in page and "<details open>" in page
    assert len(ward.history(pond)) == 1


def test_what_only_its_author_carries_goes_to_nobody_else(minh: FlaskClient, lan: Phone) -> None:
    child = lan.record("child", **DUC)
    visit = lan.record("child_visit", child=child, visited_on="2026-06-02", state="safe")
    lan.sync()
    assert give(minh, visit, "Hoa").status_code == 422, "Hoa does not carry Lan's visits"
    assert give(minh, visit, "Lan").status_code == 303
    assert give(minh, child, "Hoa").status_code == 303


def test_only_the_wards_officer(app: Flask, cast: Cast, ward: Ward, lan: Phone, pond: str) -> None:
    for who in ("Ha", "Anh", "Lan"):
        assert give(cast.client(who), pond).status_code in (302, 404), who
    tuan = Phone(app, cast.tuan)
    theirs = tuan.record("hazard_site", **POND)
    tuan.sync()
    assert give(cast.client("Minh"), theirs, "Tuan").status_code == 404
    lan.withdraw(pond, "Ghi nhầm")
    lan.sync()
    assert give(cast.client("Minh"), pond).status_code == 422


def test_one_task_about_many(minh: FlaskClient, lan: Phone, hoa: Phone) -> None:
    own = lan.record("hazard_site", **POND)
    lan.sync()
    hers = hoa.record("hazard_site", **POND | {"name": "Ao đình"})
    hoa.sync()
    picks = [f"{own}:1", f"{hers}:1"]
    form = minh.post("/desk/many", data={"pick": picks, "do": "assign", "kind": "hazard_site"}, headers=HERE).text
    assert "2 mục đã chọn" in form and form.count('name="pick"') == 2
    given = {"pick": picks, "what": LOOK, "to": "author", "due": "10/6/2026", "kind": "hazard_site"}
    assert minh.post("/desk/many/assign", data={**given, "due": "x"}, headers=HERE).status_code == 422
    assert "Đã giao việc cho 2 mục" in minh.post("/desk/many/assign", data=given, headers=HERE).text
    for phone, record in ((lan, own), (hoa, hers)):
        phone.sync()
        assert phone.store[record]["said"][0]["due"] == "2026-06-10"
    assert lines(minh, f"/desk/?state=tasks&group={GROUP_7}") == 2


@pytest.mark.parametrize(
    ("task", "answered", "standing"),
    [
        ({"due": None}, False, "open"),
        ({"due": "2026-06-03"}, False, "open"),
        ({"due": "2026-06-02"}, False, "overdue"),
        ({"due": "2026-06-02"}, True, "answered"),
        ({"due": "2026-06-02", "ended": "done"}, False, "done"),
        ({"due": None, "ended": "dropped"}, True, "dropped"),
        ({}, False, "open"),
    ],
)
def test_how_far_a_task_is(task: dict[str, Any], answered: bool, standing: str) -> None:
    assert rules.standing(task, date(2026, 6, 3), answered=answered) == standing
