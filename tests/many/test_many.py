"""Many records accepted at once: looked at first, each on the version that was seen; what must be read is left out."""

import inspect
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.db import db
from app.many import rules
from app.records.audit import Audit
from app.records.models import Record
from tests.cast import PEOPLE, Cast
from tests.desk.records import BEATEN, POND, edit, make
from tests.phone import Phone
from tests.sync.ward import Ward

HERE = {"Sec-Fetch-Site": "same-origin"}
CLASH = {"field": "fence", "kept": "none", "other": "good", "kept_by": None, "other_by": None}


def tick(page: str) -> list[str]:
    """The boxes of a list, as a browser would send them all."""
    return re.findall(r'name="pick" value="([^"]+)"', page)


def send(client: FlaskClient, path: str, picks: list[str], **more: str) -> Any:
    return client.post(path, data={"pick": picks, **more}, headers=HERE)


def status(app: Flask, record: str) -> tuple[str, int]:
    with app.app_context():
        found = db.session.get_one(Record, record)
        return found.status, found.version


def test_ticked_lines_are_looked_at_then_accepted_and_the_phone_hears_it(
    app: Flask, minh: FlaskClient, lan: Phone, ward: Ward
) -> None:
    ponds = [lan.record("hazard_site", **POND | {"name": f"Ao số {n}", "address": "Ngõ 12"}) for n in range(3)]
    lan.sync()
    picks = tick(minh.get("/desk/?kind=hazard_site").text)
    assert sorted(picks) == sorted(f"{one}:1" for one in ponds)
    page = send(minh, "/desk/many", picks[:2], kind="hazard_site").text
    assert "2 mục chấp nhận được" in page and tick(page) == picks[:2]
    assert [status(app, one)[0] for one in ponds] == ["received"] * 3, "looking writes nothing"
    done = send(minh, "/desk/many/accept", tick(page), kind="hazard_site").text
    assert "Đã chấp nhận 2 mục" in done and 'href="/desk/?kind=hazard_site"' in done
    lan.sync()
    assert sorted(lan.store[one]["status"] for one in ponds) == ["accepted", "accepted", "received"]
    accepted = next(one for one in ponds if lan.store[one]["status"] == "accepted")
    assert [(step.what, step.person_id) for step in ward.history(accepted)][-1] == ("accept", PEOPLE["Minh"].id)
    with app.app_context():
        assert list(Audit().findings()) == []


def what_must_be_opened(app: Flask, minh: FlaskClient) -> None:
    """A report, a danger, a conflict, something incomplete, a newer version: none goes with the others."""
    with app.app_context():
        good = make()
        barred = {
            make("violation_report", BEATEN): "Báo vi phạm và trẻ đang nguy hiểm phải mở ra đọc",
            make("child_visit", {"state": "danger"}): "Báo vi phạm và trẻ đang nguy hiểm phải mở ra đọc",
            make(conflicts=[CLASH]): "Hai máy ghi khác nhau, cần chọn trước",
            make(status="needs_fixing", problems=[{"field": "address", "code": "required"}]): "Còn thiếu thông tin",
            make(status="accepted"): "Đã chấp nhận, hoặc người ghi đã rút",
            make(status="withdrawn"): "Đã chấp nhận, hoặc người ghi đã rút",
        }
        newer = make()
        edit(newer, {"risk": "low"})
    barred[newer] = "Có bản mới hơn bản đã hiện trong danh sách"
    picks = [f"{one}:1" for one in (good, *barred)]
    before = {one: status(app, one) for one in barred}
    for path in ("/desk/many", "/desk/many/accept"):
        page = send(minh, path, picks).text
        for one, words in barred.items():
            told = re.search(rf"/desk/records/{one}.*?<small>([^<]+)</small>", page, re.S)
            assert told and told[1].startswith(words), (path, words)
    assert status(app, good) == ("accepted", 2)
    assert {one: status(app, one) for one in barred} == before


def test_what_must_be_opened_is_not_accepted_with_others(app: Flask, minh: FlaskClient) -> None:
    what_must_be_opened(app, minh)


@pytest.mark.parametrize(
    "line",
    [
        'if record["version"] != seen:',
        'if after_verdict(record["status"], "accept") is None:',
        'if kind is None or kind.calls_first or record["urgency"] >= DANGER:',
        'if record["conflicts"]:',
    ],
)
def test_a_planted_fault_in_what_bars_is_seen(
    app: Flask, minh: FlaskClient, monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    source, faulty = inspect.getsource(rules.bar_to_accepting), dict[str, Any]()
    assert line in source
    exec(compile(source.replace(line, "if False:"), "planted", "exec"), dict(vars(rules)), faulty)
    monkeypatch.setattr(rules, "bar_to_accepting", faulty["bar_to_accepting"])
    with pytest.raises(AssertionError):
        what_must_be_opened(app, minh)


def test_only_the_officer_of_the_ward(app: Flask, cast: Cast, tuan: Phone) -> None:
    theirs = tuan.record("hazard_site", **POND, address="Ngõ 12")
    tuan.sync()
    for who in ("Ha", "Anh"):
        assert send(cast.client(who), "/desk/many/accept", [f"{theirs}:1"]).status_code == 404
    answer = send(cast.client("Minh"), "/desk/many/accept", [f"{theirs}:1", "nonsense", "x:y"])
    assert answer.status_code == 200 and "Đã chấp nhận 0 mục" in answer.text and theirs not in answer.text
    assert status(app, theirs) == ("received", 1)
    assert 'name="pick"' not in cast.client("Ha").get("/desk/").text


def test_nothing_ticked_says_so_and_a_page_can_be_ticked_without_script(app: Flask, minh: FlaskClient) -> None:
    with app.app_context():
        for _ in range(3):
            make()
    answer = send(minh, "/desk/many", [], kind="hazard_site")
    assert answer.status_code == 303
    assert "Chưa chọn dòng nào" in minh.get(answer.location).text
    page = minh.get("/desk/?state=waiting").text
    link = re.search(r'href="([^"]+pick=all[^"]*)"', page)
    assert (
        link
        and len(re.findall(r'name="pick" value="[^"]+" checked', minh.get(link[1].replace("&amp;", "&")).text)) == 3
    )
    assert " checked" not in page[page.index("<table") : page.index("</table>")]


def test_three_hundred_in_a_few_statements(
    app: Flask, minh: FlaskClient, statements: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    with app.app_context():
        made = [make(data=POND | {"name": f"Ao {n}"}) for n in range(41)]
    send(minh, "/desk/many/accept", [f"{made[40]}:1"])  # the ward's first link makes its row
    counts = []
    for some in (made[:5], made[5:40]):
        with statements() as seen:
            send(minh, "/desk/many/accept", [f"{one}:1" for one in some])
        counts.append(len(seen))
    for some in (made[:5], made[5:40]):
        task = {"what": "Kiểm tra lại", "to": "author", "due": "10/06/2026"}
        with statements() as seen:
            answer = minh.post("/desk/many/assign", data={"pick": [f"{one}:2" for one in some], **task}, headers=HERE)
        assert f"Đã giao việc cho {len(some)} mục" in answer.text
        counts.append(len(seen))
    assert counts[0] == counts[1] and counts[2] == counts[3], f"however many there are: {counts}"
    assert {status(app, one) for one in made} == {("accepted", 2), ("accepted", 3)}
    picks = [f"00000000-0000-4000-8000-{n:012d}:1" for n in range(500)]
    assert len(rules.picks(picks)) == rules.MOST
