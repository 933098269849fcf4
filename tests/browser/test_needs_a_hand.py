"""What needs somebody's decision, in a real browser: what could not be taken, and what two phones wrote differently."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import DESK, PASSPHRASE, PHONE, Officer, Server, turning
from tests.browser.test_pages import LOOKS, faults, keep

HERE = {"Sec-Fetch-Site": "same-origin"}
LAN, HOA, ANH = "0912000007", "0912000003", "0912000000"
REPORT = {
    "danger_now": "no",
    "about": "at_risk",
    "risk_of": ["neglect"],
    "state_now": "Cháu ở nhà một mình cả ngày, tự nấu mì ăn. Hàng xóm nói mẹ cháu đi làm ca đêm.",
    "where": "Ngõ 46, cạnh quán nước bà Tư",
    "child_name": "Trần Gia Bảo",
    "child_age": 8,
}


class Sender:
    """A phone without a screen: its requests go through a real browser's own network and cookies."""

    def __init__(self, server: Server, place: BrowserContext, number: str) -> None:
        self.server, self.place, self.device, self.seq = server, place, str(uuid4()), 0
        proof = {"phone": number, "passphrase": PASSPHRASE, "device": self.device, "label": "Samsung A10"}
        assert place.request.post(f"{server.url}/api/v1/sign-in", data=proof, headers=HERE).status == 200

    def change(self, record: str | None = None, **more: Any) -> dict[str, Any]:
        self.seq += 1
        at = datetime.now(UTC).isoformat(timespec="seconds")
        named = {"id": str(uuid4()), "seq": self.seq, "record": record or str(uuid4())}
        return {**named, "kind": "hazard_site", "form": 1, "base": 0, "at": at, **more}

    def sends(self, *bodies: Any) -> list[str]:
        """Push; the outcomes."""
        texts = [body if isinstance(body, str) else json.dumps(body, ensure_ascii=False) for body in bodies]
        asked = {"device": self.device, "app": "t", "cursor": None, "changes": [{"body": text} for text in texts]}
        answer = self.place.request.post(f"{self.server.url}/api/v1/sync", data=asked, headers=HERE)
        return [receipt["outcome"] for receipt in answer.json()["receipts"]]


@pytest.fixture
def lan(server: Server, context: Callable[..., BrowserContext]) -> Sender:
    return Sender(server, context(PHONE), LAN)


@pytest.fixture
def hoa(server: Server, context: Callable[..., BrowserContext]) -> Sender:
    return Sender(server, context(PHONE), HOA)


def desk(server: Server, place: BrowserContext, number: str, language: str = "vi") -> Page:
    officer = Officer(server, place)
    officer.page.goto(f"{server.url}/?lang={language}")
    officer.signs_in(number)
    return officer.page


def kept_aside(lan: Sender, hoa: Sender) -> None:
    """One of each that a phone can bring about by itself."""
    pond = lan.change(set={"type": "DN2", "name": "Ao sau chợ", "address": "Ngõ 30"})
    lan.sends(pond)
    torn = json.dumps(lan.change(kind="violation_report", set=REPORT), ensure_ascii=False)
    lan.sends(
        torn[:-40],
        lan.change(kind="swimming_lesson", set={"where": "Bể bơi phường"}),
        {**pond, "set": {"type": "DN3", "name": "Hố ga đầu ngõ"}},
        lan.change(seq="bảy", set={"type": "DN2", "name": "Ao \u202eđảo ngược", "address": "Ngõ 12"}),
    )
    report = lan.change(kind="violation_report", set=REPORT)
    lan.sends(report)
    hoa.sends(hoa.change(report["record"], kind="violation_report", base=1, set={"state_now": "Đã có bà ngoại"}))


@pytest.mark.parametrize(("language", "scheme"), LOOKS)
def test_the_quarantine_is_fit_to_be_seen(
    server: Server, context: Callable[..., BrowserContext], lan: Sender, hoa: Sender, language: str, scheme: str
) -> None:
    kept_aside(lan, hoa)
    place = context(DESK, color_scheme=scheme, locale="en-GB" if language == "en" else "vi-VN")
    page, found = desk(server, place, ANH, language), {}

    def look(name: str) -> None:
        for width, height in ((1280, 800), (360, 740)):
            page.set_viewport_size({"width": width, "height": height})
            found[f"{name} at {width}"] = faults(page)
            keep(page, f"desk-quarantine-{name}-{width}-{language}-{scheme}")

    page.goto(f"{server.url}/desk/quarantine?state=aside&reason=unsigned")
    look("empty")
    page.goto(f"{server.url}/desk/quarantine")
    look("list")
    reasons = ("unreadable", "unknown_kind", "change_id_reused", "out_of_scope")
    for reason in reasons:
        page.goto(f"{server.url}/desk/quarantine?reason={reason}")
        with turning(page):
            page.locator(".queue tbody a").first.click()
        page.locator("pre.raw").first.wait_for()
        look(reason)
    for summary in page.locator("details > summary").all():
        summary.click()
    look("open")
    page.locator("#repaired").fill('{"id": "c-1",\n "seq" 1}')
    with turning(page):
        page.locator("#repair button").last.click()
    page.locator("[role=alert]").wait_for()
    look("refused")
    page.goto(f"{server.url}/desk/quarantine?reason=change_id_reused")
    with turning(page):
        page.locator(".queue tbody a").first.click()
    with turning(page):
        page.locator("#release .main").click()
    page.locator("[role=status]").wait_for()
    look("released")
    assert not [f"{name}: {row}" for name, rows in found.items() for row in rows]


@pytest.mark.parametrize("scripts", [True, False])
def test_a_poison_change_is_mended_and_moved_into_the_queue(
    server: Server, context: Callable[..., BrowserContext], lan: Sender, scripts: bool
) -> None:
    name = f"Ao cứu được {uuid4().hex[:6]}"
    poison = lan.change(seq="bảy", set={"type": "DN2", "name": name, "address": "Ngõ 12"})
    assert lan.sends(poison) == ["quarantined"]
    page = desk(server, context(DESK, java_script_enabled=scripts), ANH)
    page.goto(f"{server.url}/desk/quarantine")
    with turning(page):
        page.locator(".queue tbody a").first.click()
    typed = page.locator("#repaired").input_value()
    assert name in typed
    page.locator("#repaired").fill(typed.replace('"bảy"', "7,"))
    with turning(page):
        page.get_by_role("button", name="Kiểm tra và giữ bản sửa").click()
    expect(page.get_by_role("alert")).to_contain_text("Dòng 3")
    page.locator("#repaired").fill(page.locator("#repaired").input_value().replace("7,,", "7,"))
    with turning(page):
        page.get_by_role("button", name="Kiểm tra và giữ bản sửa").click()
    expect(page.get_by_text("nhận được, đủ thông tin.")).to_be_visible()
    with turning(page):
        page.get_by_role("button", name="Chuyển vào hàng việc").click()
    expect(page.get_by_role("status")).to_contain_text("Đã chuyển vào hàng việc")
    assert lan.sends(poison) == ["applied"], "asked again, the phone hears how it ended"
    officer = Officer(server, context(DESK))
    officer.signs_in()
    officer.page.goto(f"{server.url}/desk/?state=all")
    expect(officer.page.get_by_role("link", name=name)).to_be_visible()


def two_answers(lan: Sender, hoa: Sender) -> tuple[str, str]:
    """A pond of which both wrote the name, the risk and the place; the record's id and name."""
    name = f"Ao hai tên {uuid4().hex[:6]}"
    pond = lan.change(set={"type": "DN2", "name": name, "address": "Ngõ 12", "risk": "low"})
    record = pond["record"]
    spot = {"acc": 8, "how": "gps", "at": None}
    first = {"name": f"{name}, sau đình", "risk": "medium", "place": {"lat": 21.0437, "lon": 105.9259, **spot}}
    second = {"name": f"{name}, nhà ông Tư", "risk": "high", "place": {"lat": 21.0441, "lon": 105.9262, **spot}}
    assert lan.sends(pond) == ["applied"]
    assert hoa.sends(hoa.change(record, base=1, set=first)) == ["applied"]
    assert lan.sends(lan.change(record, base=1, set=second)) == ["conflict"]
    return record, name


@pytest.mark.parametrize(("language", "scheme"), LOOKS)
def test_the_choice_is_fit_to_be_seen(
    server: Server, context: Callable[..., BrowserContext], lan: Sender, hoa: Sender, language: str, scheme: str
) -> None:
    record, _ = two_answers(lan, hoa)
    place = context(DESK, color_scheme=scheme, locale="en-GB" if language == "en" else "vi-VN")
    page, found = desk(server, place, "0912000001", language), {}
    for step in ("before", "after"):
        page.goto(f"{server.url}/desk/records/{record}")
        if step == "after":
            with turning(page):
                page.locator(".sides button").nth(1).click()
            page.locator("[role=status]").wait_for()
        for width, height in ((1280, 800), (360, 740)):
            page.set_viewport_size({"width": width, "height": height})
            found[f"{step} at {width}"] = faults(page)
            keep(page, f"desk-choice-{step}-{width}-{language}-{scheme}")
    assert not [f"{name}: {row}" for name, rows in found.items() for row in rows]


@pytest.mark.parametrize("scripts", [True, False])
def test_the_officer_chooses_and_the_phones_hear_of_it(
    server: Server, context: Callable[..., BrowserContext], lan: Sender, hoa: Sender, scripts: bool
) -> None:
    record, name = two_answers(lan, hoa)
    page = desk(server, context(DESK, java_script_enabled=scripts), "0912000001")
    page.goto(f"{server.url}/desk/records/{record}")
    expect(page.get_by_text("Nguy hiểm hơn", exact=True)).to_have_count(1)
    with turning(page):
        page.get_by_role("button", name=f"Lấy giá trị này (Tên gọi chỗ này: {name}, nhà ông Tư)").click()
    expect(page.get_by_role("status")).to_contain_text("Đã chọn")
    expect(page.get_by_text("chọn giữa hai máy")).to_be_visible()
    asked = {"device": str(uuid4()), "app": "t", "cursor": None, "changes": []}
    answer = hoa.place.request.post(f"{server.url}/api/v1/sync", data=asked, headers=HERE).json()
    (heard,) = [one for one in answer["records"] if one["id"] == record]
    assert heard["data"]["name"] == f"{name}, nhà ông Tư"
    assert sorted(clash["field"] for clash in heard["conflicts"]) == ["place", "risk"]
