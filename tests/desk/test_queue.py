"""The queue: what is most urgent stands first, filters, pages, search without marks, and no names anywhere."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from app.at_rest import sealing
from app.db import db, transact
from app.records.models import Record
from tests.cast import GROUP_2_VIET_HUNG, GROUP_3, VIET_HUNG
from tests.conftest import MORNING
from tests.desk.records import BEATEN, DUC, POND, edit, make

HERE = {"Sec-Fetch-Site": "same-origin"}


def titles(page: str) -> list[str]:
    """The titles of the rows, in order."""
    return re.findall(r'<a href="/desk/records/[^"]+">([^<]+)</a><br>', page)


@contextmanager
def counted(app: Flask) -> Iterator[list[str]]:
    """The SQL statements that run meanwhile."""
    seen: list[str] = []

    def note(connection: object, cursor: object, statement: str, *_: object) -> None:
        seen.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


def hazard(name: str, risk: str, hours: float, **more: object) -> str:
    data = POND | {"name": name, "risk": risk}
    return make(data=data, received=MORNING - timedelta(hours=hours), **more)  # type: ignore[arg-type]


def test_dangers_first_then_high_risks_then_the_oldest(app: Flask, minh: FlaskClient) -> None:
    with app.app_context():
        hazard("Mới, vừa", "medium", 1)
        hazard("Cũ, thấp", "low", 9)
        hazard("Cao, mới", "high", 2)
        hazard("Cao, cũ", "high", 30)
        make("violation_report", BEATEN)
    page = minh.get("/desk/").text
    assert [title.split(" · ")[0] for title in titles(page)] == [
        "Trẻ bị xâm hại",
        "Cao, cũ",
        "Cao, mới",
        "Cũ, thấp",
        "Mới, vừa",
    ]
    assert (
        page.index("Đang nguy hiểm</th>") < page.index("Nguy cơ cao</th>") < page.index("Còn lại, cũ nhất trước</th>")
    )


def test_the_first_view_is_what_waits(app: Flask, minh: FlaskClient) -> None:
    with app.app_context():
        for status in ("received", "needs_fixing", "answered", "returned", "accepted", "closed", "withdrawn"):
            hazard(status, "low", 1, status=status)
    assert {title.split(" · ")[0] for title in titles(minh.get("/desk/").text)} == {
        "received",
        "needs_fixing",
        "answered",
    }
    assert titles(minh.get("/desk/?state=accepted").text) == ["accepted · Hồ, ao, đầm"]
    assert len(titles(minh.get("/desk/?state=all").text)) == 7


def test_filters_stand_in_the_address(app: Flask, minh: FlaskClient) -> None:
    with app.app_context():
        hazard("Tổ bảy", "low", 1)
        hazard("Tổ ba", "low", 1, group=GROUP_3, by="Hoa")
        make("child", DUC | {"poverty": "poor"})
    assert titles(minh.get(f"/desk/?group={GROUP_3}").text) == ["Tổ ba · Hồ, ao, đầm"]
    assert titles(minh.get("/desk/?kind=child&state=all").text) == ["Hộ nghèo"]


@pytest.mark.parametrize(
    "query", ["state=none", "kind=none", "group=x", "group=99999999999999", "after=x", "after=1.2.3"]
)
def test_nonsense_in_the_address_is_ignored(minh: FlaskClient, query: str) -> None:
    assert minh.get(f"/desk/?{query}").status_code == 200


def test_tiles_count_and_open_their_list(app: Flask, minh: FlaskClient) -> None:
    clash = {"field": "fence", "kept": "none", "other": "good", "kept_by": None, "other_by": None}
    with app.app_context():
        make("violation_report", BEATEN)
        hazard("Cao", "high", 1)
        hazard("Thiếu", "low", 1, status="needs_fixing", problems=[{"field": "address", "code": "required"}])
        hazard("Khác", "low", 1, conflicts=[clash])
        edit(hazard("Sửa", "low", 5), {"risk": "medium"})
    page = minh.get("/desk/").text
    for view in ("danger", "high", "needs_fixing", "answered", "conflicts"):
        assert re.search(rf'href="/desk/\?state={view}"[^>]*><b class="num">.*?</svg>1</b>', page), view
        assert len(titles(minh.get(f"/desk/?state={view}").text)) == 1, view


def test_pages_of_fifty_follow_each_other_without_a_gap(app: Flask, minh: FlaskClient) -> None:
    with app.app_context():
        for number in range(120):
            hazard(f"Ao {number}", "high" if number % 3 == 0 else "low", number // 4)
    address, seen = "/desk/", []
    for size in (50, 50, 20):
        page = minh.get(address).text
        assert len(titles(page)) == size
        seen += titles(page)
        following = re.search(r'rel="next" href="([^"]+)"', page)
        address = following[1].replace("&amp;", "&") if following else ""
    assert address == "" and len(set(seen)) == 120


@pytest.mark.parametrize("urgent", [0, 49, 50, 51, 101])
def test_the_order_holds_where_urgent_ones_end_at_the_edge_of_a_page(
    app: Flask, minh: FlaskClient, urgent: int
) -> None:
    """Several came in the same minute, so that the id decides."""
    with app.app_context():
        made = [
            (-200 if number < urgent and number % 3 == 0 else -60 if number < urgent else 0, -hours, record_id)
            for number in range(urgent + 53)
            for hours in (number // 4,)
            for record_id in (_one(number, urgent, hours),)
        ]
    seen, address = [], "/desk/"
    while address:
        page = minh.get(address).text
        seen += re.findall(r'<a href="/desk/records/([^"]+)">', page)
        following = re.search(r'rel="next" href="([^"]+)"', page)
        address = following[1].replace("&amp;", "&") if following else ""
    assert seen == [record_id for _, _, record_id in sorted(made)]


def _one(number: int, urgent: int, hours: int) -> str:
    if number < urgent and number % 3 == 0:
        return make("violation_report", BEATEN, received=MORNING - timedelta(hours=hours))
    return hazard(f"Ao {number}", "high" if number < urgent else "low", hours)


def test_what_is_done_with_stands_latest_first(app: Flask, minh: FlaskClient) -> None:
    with app.app_context():
        for number in range(60):
            hazard(f"Ao {number}", "high" if number % 2 else "low", number, status="accepted")
    page = minh.get("/desk/?state=all").text
    following = re.search(r'rel="next" href="([^"]+)"', page)
    assert following
    rest = minh.get(following[1].replace("&amp;", "&")).text
    assert [title.split(" · ")[0] for title in titles(page) + titles(rest)] == [f"Ao {n}" for n in reversed(range(60))]
    assert "Còn lại" not in page


def test_search_needs_no_marks_and_sorts_children_by_given_name(app: Flask, minh: FlaskClient) -> None:
    with app.app_context():
        duc = make("child", DUC | {"poverty": "poor"})
        an = make("child", DUC | {"name": "Trần Đức An", "poverty": "near_poor"})
        make("child", DUC | {"name": "Lê Thị Hoa"})
        pond = hazard("Ao ông Đức", "low", 1)
    answer = minh.post("/desk/search", data={"q": "duc"}, headers=HERE)
    assert re.findall(r'href="/desk/records/([^"]+)"', answer.text) == [an, duc, pond]
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Không tìm thấy" in minh.post("/desk/search", data={"q": "%_"}, headers=HERE).text
    assert minh.post("/desk/search", data={"q": ""}, headers=HERE).status_code == 200
    assert minh.get("/desk/search?q=duc").status_code == 405


def test_no_name_of_a_child_or_informant_is_on_the_queue_or_among_results(app: Flask, minh: FlaskClient) -> None:
    report = BEATEN | {"child_name": "Trần Gia Bảo", "informant_agrees": "yes", "informant_name": "Bà Tư"}
    with app.app_context():
        duc = make("child", DUC)
        make("child_visit", {"child": duc, "visited_on": "2026-06-02", "state": "concern"}, parent=duc)
        make("violation_report", report)
    pages = [minh.get("/desk/?state=all").text, minh.post("/desk/search", data={"q": "bao"}, headers=HERE).text]
    pages.append(minh.post("/desk/search", data={"q": "duc"}, headers=HERE).text)
    for page in pages:
        assert not re.search("Nguyễn Minh Đức|Gia Bảo|Bà Tư", page)


def test_another_ward_is_not_there(app: Flask, minh: FlaskClient) -> None:
    with app.app_context():
        hazard("Việt Hưng", "high", 1, ward=VIET_HUNG, group=GROUP_2_VIET_HUNG, by="Tuan")
    assert titles(minh.get("/desk/?state=all").text) == []
    assert "Không còn việc nào chờ" in minh.get("/desk/").text


def test_the_number_of_queries_does_not_grow(app: Flask, minh: FlaskClient) -> None:
    with app.app_context():
        for number in range(5):
            hazard(f"Ao {number}", "low", number)
    with counted(app) as few:
        minh.get("/desk/")
    with app.app_context():
        for number in range(195):
            hazard(f"Ao {number}", "high", number, by="Hoa", group=GROUP_3)
    app.extensions.pop("rechecks")  # as on the first look of a day
    with counted(app) as many:
        minh.get("/desk/")
    assert len(many) <= len(few) <= 22, many
    with counted(app) as again:
        minh.get("/desk/")
    with counted(app) as listed:
        minh.get("/desk/?state=all")
    assert len(listed) <= 12, listed
    assert len(again) <= 19, again


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_every_word_of_the_filters_is_there(minh: FlaskClient, lang: str) -> None:
    for view in ("waiting", "danger", "withdrawn", "all"):
        assert minh.get(f"/desk/?state={view}&lang={lang}").status_code == 200


def test_a_word_is_not_found_in_what_is_blinded(app: Flask, minh: FlaskClient) -> None:
    """The letters of a blinded word are not words: two of them would be found in many children."""
    folded = "nguyen minh duc"
    with app.app_context():
        child = make("child", DUC)
        with transact():
            db.session.get_one(Record, child).search = stored = sealing.index("child", folded)
        runs = [run for token in stored.split() for run in re.findall("[a-z]{2,}", token.lower())]
        piece = next(run for run in runs if not any(word.startswith(run) for word in folded.split()))

    def found(words: str) -> int:
        return len(titles(minh.post("/desk/search", data={"q": words}, headers=HERE).text))

    assert (found("Đức"), found("minh ngu"), found(piece)) == (1, 1, 0)
