"""The officer's keys: a list worked through without a mouse, and the pages that many records lead to."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext

from tests.browser.conftest import DESK, Officer, Phone, Server
from tests.browser.test_pages import faults, keep


def test_a_list_by_keyboard_alone(server: Server, context: Callable[..., BrowserContext], lan: Phone) -> None:
    """j j x j x a Enter, then a Enter; ? for help, r to return, Escape away."""
    for number in range(3):
        lan.records_a_pond(f"Ao bàn phím {number}")
    lan.opens("#/records")
    lan.page.locator("li", has_text="Ao bàn phím 2").get_by_text("Phường đã nhận").wait_for()
    officer = Officer(server, context(DESK))
    officer.signs_in()
    page = officer.page
    page.goto(f"{server.url}/desk/?kind=hazard_site&state=received&sort=newest")
    page.keyboard.press("?")
    assert page.locator("#keys").get_attribute("open") is not None
    page.keyboard.press("?")
    for key in "jxjx":
        page.keyboard.press(key)
    assert page.locator("input[name=pick]:checked").count() == 2
    page.keyboard.press("a")
    page.keyboard.press("Enter")
    page.get_by_role("heading", level=1, name="Chấp nhận nhiều mục").wait_for()
    found = {"look": faults(page)}
    keep(page, "desk-many-look")
    page.keyboard.press("a")
    page.keyboard.press("Enter")
    page.get_by_text("Đã chấp nhận 2 mục").wait_for()
    found["done"] = faults(page)
    page.goto(f"{server.url}/desk/?kind=hazard_site&state=received&sort=newest")
    page.keyboard.press("j")
    page.keyboard.press("r")
    page.wait_for_url("**/return")
    page.goto(f"{server.url}/desk/?state=waiting&pick=all")
    page.get_by_role("button", name="Giao việc").click()
    page.get_by_role("heading", level=1, name="Giao việc cho nhiều mục").wait_for()
    page.set_viewport_size({"width": 320, "height": 800})
    found["assign"] = faults(page)
    keep(page, "desk-many-assign")
    assert not [f"{name}: {row}" for name, rows in found.items() for row in rows]


@pytest.mark.parametrize("width", [360, 1280])
def test_what_the_desk_says_and_gives(server: Server, context: Callable[..., BrowserContext], width: int) -> None:
    """The forms beside a record, opened; at 200 % zoom of a narrow window too."""
    officer = Officer(server, context(DESK))
    officer.signs_in()
    page = officer.page
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"{server.url}/desk/?state=clocks")
    page.locator("table a[href*='/desk/records/']").first.click()
    page.wait_for_url("**/desk/records/*")
    page.locator("#comment-text").fill("Cảm ơn, phường đã nhận.")
    page.get_by_role("button", name="Gửi lời nhắn").click()
    page.get_by_text("Đã gửi.").wait_for()
    for summary in page.locator("#clocks details > summary, #task details > summary").all():
        summary.click()
    assert faults(page) == []
    keep(page, f"desk-record-forms-{width}")
