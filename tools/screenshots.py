"""Takes the pictures that browsers show when they offer to install the app. Run by hand: `make run`, then this.

They are of the demo ward: no real person is in them.
"""

import sys
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

OUT = Path(__file__).parents[1] / "static" / "icons"
PASSPHRASE = "nang am hien nha 7"
CODE = "258036"
HERE: dict[str, Any] = {"locale": "vi-VN", "timezone_id": "Asia/Ho_Chi_Minh"}


def phone_pages(browser: Browser, server: str) -> None:
    """The home and a form, on a small phone."""
    touch: dict[str, Any] = {"is_mobile": True, "has_touch": True, "device_scale_factor": 2}
    place = browser.new_context(viewport={"width": 360, "height": 740}, **touch, **HERE)
    page = place.new_page()
    page.goto(f"{server}/app/")
    page.get_by_text("Dùng số điện thoại").click()
    page.locator("input.in").nth(0).fill("0912000007")
    page.locator("input.in").nth(1).fill(PASSPHRASE)
    page.get_by_role("button", name="Vào", exact=True).click()
    page.locator("#new-code").fill(CODE)
    page.locator("#new-code-again").fill(CODE)
    page.get_by_role("button", name="Đặt mã", exact=True).click()
    page.get_by_text("Điểm nguy cơ").first.wait_for()
    page.reload()
    page.locator("#lock").fill(CODE)
    page.get_by_text("Điểm nguy cơ").first.wait_for()
    take(page, "screen-home.png")
    page.goto(f"{server}/app/#/new/hazard_site")
    page.locator(".dock .main").wait_for()
    take(page, "screen-form.png")
    place.close()


def desk_page(browser: Browser, server: str) -> None:
    """The ward's queue, on a PC."""
    place = browser.new_context(viewport={"width": 1280, "height": 800}, **HERE)
    page = place.new_page()
    page.goto(f"{server}/desk/sign-in")
    page.locator("[name=phone]").fill("0912000001")
    page.locator("[name=passphrase]").fill(PASSPHRASE)
    page.locator("main form button").first.click()
    page.wait_for_url("**/desk/")
    take(page, "screen-desk.png")
    place.close()


def take(page: Page, name: str) -> None:
    """Write what is in the window once nothing moves any more."""
    page.wait_for_load_state("networkidle")
    page.evaluate("document.activeElement?.blur()")
    page.screenshot(path=OUT / name, animations="disabled")


def main(server: str) -> None:
    """Write every picture."""
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"])
        phone_pages(browser, server)
        desk_page(browser, server)
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "http://localhost:8000")
