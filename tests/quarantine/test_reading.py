"""What was kept aside, listed without a word of anybody's report, and opened with all of it."""

import json
import re
from uuid import uuid4

import pytest
from flask import Flask

from app.db import db, transact
from app.i18n import catalog
from app.identity.models import SignIn
from app.kinds import checks
from app.records.models import Change
from tests.cast import PHUC_LOI, Cast
from tests.phone import Phone
from tests.quarantine.conftest import Admin, kept
from tests.sync.test_scope import move
from tests.sync.ward import Ward

POND = {"type": "DN1", "name": "Ao nhà văn hóa", "address": "ngõ 12"}
SECRETS = ("Nguyễn Văn Bo", "Bà Tư", "+84912345678", "Khóc một mình")


def poison(lan: Phone) -> str:
    """A report with everything in it that nobody may read over an administrator's shoulder."""
    told = {"child_name": SECRETS[0], "informant_agrees": "yes", "informant_name": SECRETS[1]}
    more = {"informant_phone": SECRETS[2], "state_now": SECRETS[3]}
    return json.dumps(lan.change(kind="violation_report", form="một", set=told | more), ensure_ascii=False)


def test_the_list_says_why_who_with_which_phone_when_and_what_it_needs(app: Flask, lan: Phone, anh: Admin) -> None:
    with app.app_context(), transact():
        sign_in = db.session.get_one(SignIn, Cast(app).actor("Lan").sign_in)
        sign_in.label = "Mozilla/5.0 (Linux; Android 10; SM-A105F) AppleWebKit/537.36 Chrome/89 Mobile Safari/537.36"
    lan.push(lan.change(kind="no_such_kind", at="2026-06-02T16:20:00+07:00", set=POND))
    page = anh.lists()
    for words in (
        "Loại phiếu phường chưa biết",
        "no_such_kind",
        "Nguyễn Thị Lan",
        "SM-A105F · Chrome",
        "Phường Phúc Lợi",
        "03/06/2026 09:12",
        "đồng hồ máy: 02/06/2026 16:20",
        "Chờ bản mới của trang",
    ):
        assert words in page, words


def test_no_word_of_a_report_is_in_the_list_a_title_or_an_address(lan: Phone, ward: Ward, anh: Admin) -> None:
    lan.push(poison(lan))
    page = anh.lists() + anh.lists(state="all", reason="unreadable")
    assert "Báo vi phạm" in page
    opened = anh.opens(kept(ward).log_id)
    head = opened[: opened.index("</title>")]
    assert not [secret for secret in SECRETS if secret in page or secret in head]
    assert all(secret in opened for secret in SECRETS)


def test_a_report_that_arrived_torn_is_still_known_for_one(lan: Phone, anh: Admin) -> None:
    lan.push(poison(lan)[:-30])
    page = anh.lists()
    assert "Báo vi phạm" in page and "Khẩn cấp" in page and "đồng hồ máy: 03/06/2026" in page
    assert not [secret for secret in SECRETS if secret in page]


@pytest.mark.parametrize("kind", [["Nguyễn Văn Bo"], "Nguyễn Văn Bo", {"a": "Nguyễn Văn Bo"}, "x" * 500, None])
def test_not_even_where_it_stands_in_the_wrong_place(lan: Phone, anh: Admin, kind: object) -> None:
    lan.push(json.dumps(lan.change(kind=kind, at="Nguyễn Văn Bo ở tổ 7", set=POND)))  # type: ignore[arg-type]
    page = anh.lists()
    assert "không rõ loại phiếu" in page and "Văn Bo" not in page and "xxxx" not in page


def test_opening_is_noted_in_the_wards_chain_every_time(lan: Phone, ward: Ward, anh: Admin) -> None:
    lan.push(poison(lan))
    change = kept(ward)
    anh.lists()
    assert anh.links("read") == []
    anh.opens(change.log_id)
    anh.opens(change.log_id)
    anh.repairs(change.log_id, "{")  # refused, but it shows the text again
    read = anh.links("read")
    assert [(fact["log_id"], fact["by"]) for fact in read] == [(change.log_id, Cast(anh.app).anh.id)] * 3
    assert not [secret for secret in SECRETS if secret in json.dumps(read, ensure_ascii=False)]


def test_a_text_that_is_json_is_laid_out_and_anything_else_is_made_visible(lan: Phone, ward: Ward, anh: Admin) -> None:
    lan.push('{"id": "c-1", "set": {"name": "Ao \u202e đảo"}}', 'không phải JSON \x00 \u200b và "\ud83d"')
    first, second = (anh.opens(change.log_id) for change in ward.log())
    assert "  &#34;set&#34;: {" in first
    assert "Ao \\u202e đảo" in first and "\u202e" not in first
    assert "\\u0000 \\u200b và" in second and "\\ud83d" in second and "\x00" not in second


def test_two_answers_under_one_name_are_both_shown(lan: Phone, ward: Ward, anh: Admin) -> None:
    lan.push('{"seq": "x", "set": {"name": "Ao một"}, "set": {"name": "Ao hai"}}')
    page = anh.opens(kept(ward).log_id)
    assert page.index("Ao một") < page.index("Ao hai") < page.index("Nguyên văn")


def stumble(monkeypatch: pytest.MonkeyPatch) -> None:
    def stumbles(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(checks, "normalise", stumbles)


def test_every_reason_is_explained_in_both_languages(
    app: Flask, lan: Phone, hoa: Phone, tuan: Phone, ward: Ward, anh: Admin, monkeypatch: pytest.MonkeyPatch
) -> None:
    pond = lan.change(set=POND)
    lan.push(pond)
    lan.push("{", lan.change(kind="spaceship", set={}), {**pond, "set": {"name": "Hồ"}})
    tuan.push(tuan.change(pond["record"], base=1, set={"name": "Chiếm"}))
    ward.judges(pond["record"], "accept")
    lan.push(lan.change(pond["record"], base=2, delete=True, reason="Ghi nhầm"))
    with monkeypatch.context() as planted:
        stumble(planted)
        lan.push(lan.change(set=POND))
    changes = [change for change in ward.log() if change.outcome == "quarantined"]
    said = [change.receipt["problems"][0]["code"] for change in changes]
    assert sorted(said) == sorted(
        ["unreadable", "unknown_kind", "change_id_reused", "out_of_scope", "not_withdrawable", "our_fault"]
    )
    for change, code in zip(changes, said, strict=True):
        for lang in ("vi", "en"):
            page = anh.client.get(f"/desk/quarantine/{change.log_id}?lang={lang}").text
            for key in (f"desk.quarantine.why.{code}", f"desk.quarantine.do.{code}"):
                assert catalog(lang)[key] in page.replace("&#39;", "'"), key
    assert anh.listed(reason="our_fault", state="all") == [changes[-1].log_id]
    assert anh.listed() == [change.log_id for change in reversed(changes)]


def test_a_reason_that_the_page_has_no_words_for_is_shown_all_the_same(
    app: Flask, lan: Phone, ward: Ward, anh: Admin
) -> None:
    lan.push("{")
    with app.app_context(), transact():
        change = db.session.get_one(Change, kept(ward).log_id)
        change.receipt = {**change.receipt, "problems": [{"code": "of_a_later_version"}]}
    assert "Lý do khác" in anh.lists()
    assert "Lý do khác" in anh.opens(kept(ward).log_id)


def test_the_list_goes_on_page_by_page_and_loses_none(lan: Phone, ward: Ward, anh: Admin) -> None:
    for _ in range(3):
        lan.push(*[f"{{ {uuid4()}" for _ in range(40)])
    seen, before = [], None
    while True:
        page = anh.lists(**({"before": before} if before else {}))
        seen += [int(number) for number in re.findall(r'href="/desk/quarantine/(\d+)"', page)]
        following = re.search(r'rel="next" href="[^"]*before=(\d+)', page)
        if following is None:
            break
        before = following[1]
    assert seen == sorted((change.log_id for change in ward.log()), reverse=True)
    assert len(seen) == 120


def test_the_number_of_queries_does_not_grow(app: Flask, lan: Phone, hoa: Phone, anh: Admin, statements) -> None:
    lan.push("{")
    with statements() as few:
        anh.lists()
    lan.push(*[f"{{ {uuid4()}" for _ in range(30)])
    hoa.push(*[hoa.change(kind="spaceship", set={}) for _ in range(15)])
    with statements() as many:
        anh.lists()
    assert len(many) == len(few)


def test_only_the_wards_in_reach(app: Flask, lan: Phone, tuan: Phone, ward: Ward, cast: Cast, anh: Admin) -> None:
    """An administrator of phường Phúc Lợi alone does not learn that Việt Hưng has anything."""
    lan.push("{ của Lan")
    tuan.push("{ của Tuấn")
    ours, theirs = (change.log_id for change in ward.log())
    assert anh.listed() == [theirs, ours]
    move(app, cast.anh, PHUC_LOI)
    assert anh.listed() == anh.listed(state="all") == [ours]
    for verb in ("", "/repair", "/release", "/set_aside", "/aside", "/back"):
        path = f"/desk/quarantine/{theirs}{verb}"
        answer = anh.client.post(path, headers={"Sec-Fetch-Site": "same-origin"}) if verb else anh.client.get(path)
        assert answer.status_code == 404, verb
    assert anh.links("read") == []


def test_what_was_simply_taken_is_not_to_be_read_here(lan: Phone, ward: Ward, anh: Admin) -> None:
    lan.push(lan.change(set=POND))
    (change,) = ward.log()
    for log_id in (change.log_id, 999_999, 2**40, 0):
        assert anh.client.get(f"/desk/quarantine/{log_id}").status_code == 404


@pytest.mark.parametrize("who", ["Minh", "Ha"])
def test_nobody_else_at_the_desk(app: Flask, lan: Phone, ward: Ward, cast: Cast, who: str) -> None:
    lan.push("{")
    client = cast.client(who)
    for path in ("/desk/quarantine", f"/desk/quarantine/{kept(ward).log_id}"):
        assert client.get(path).status_code == 404
    assert "quarantine" not in client.get("/desk/").text


def test_the_navigation_says_how_many_wait(lan: Phone, anh: Admin) -> None:
    assert 'class="count num"' not in anh.client.get("/desk/people").text
    lan.push("{", "[")
    assert '<span class="count num">2</span>' in anh.client.get("/desk/people").text


def test_an_empty_list_says_so(anh: Admin) -> None:
    assert "Không giữ gì" in anh.lists()
    assert "Không có mục nào như vậy" in anh.lists(state="aside", reason="unsigned")
    assert "Không giữ gì" in anh.lists(state="burn", reason="x", before="y")
