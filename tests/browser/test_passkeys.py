"""A passkey in real Chromium: made, shown instead of passphrase and proof, refused; and what the pages look like."""

from collections.abc import Callable
from typing import Any, Literal

from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.authenticator import Authenticator
from tests.browser.conftest import DESK, PASSPHRASE, Officer, Server, turning
from tests.browser.test_pages import faults, keep

HA = "0912000002"
LOOKS: tuple[tuple[int, int, Literal["dark", "light"]], ...] = ((360, 740, "dark"), (1280, 800, "light"))


def looks(page: Page, name: str, found: dict[str, Any]) -> None:
    """A page, small and dark and then large and light: nothing wrong with it; pictures kept."""
    for width, height, scheme in LOOKS:
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=scheme)
        found[f"{name} {width} {scheme}"] = faults(page)
        keep(page, f"desk-{name}-{width}-vi-{scheme}")


def test_ha_signs_in_with_a_passkey(server: Server, context: Callable[..., BrowserContext]) -> None:
    officer, found = Officer(server, context(DESK)), dict[str, Any]()
    page = officer.page
    device = Authenticator(page)
    officer.signs_in(HA)
    page.goto(f"{server.url}/desk/me")
    page.get_by_role("link", name="Thêm khóa truy cập").click()
    page.get_by_label("Tên để nhớ").fill("Máy của chị Hà")
    expect(page.get_by_text("Máy chưa xác nhận xong")).to_be_hidden()
    looks(page, "passkey-add", found)
    officer.presses("Tạo khóa truy cập")
    expect(page.locator("ol li")).to_have_count(10)
    page.goto(f"{server.url}/desk/me")
    expect(page.get_by_role("cell", name="Máy của chị Hà")).to_be_visible()
    looks(page, "me", found)

    # Before a report: with a reason, without the passphrase.
    page.goto(f"{server.url}/desk/confirm?purpose=rights&about=x&next=/desk/readings")
    page.get_by_role("button", name="Dùng khóa truy cập").click()
    assert page.evaluate("document.activeElement.id") == "reason"
    page.locator("#reason").fill("Đưa máy cho người khác")
    looks(page, "confirm-passkey", found)
    with turning(page, url="**/desk/readings"):
        page.get_by_role("button", name="Dùng khóa truy cập").click()

    # The device does not know who that is; then it does.
    page.goto(f"{server.url}/desk/me")
    officer.presses("Đăng xuất")
    looks(page, "sign-in-passkey", found)
    device.knows_its_owner(False)
    officer.presses("Vào bằng khóa truy cập")
    expect(page.get_by_text("Máy chưa xác nhận xong")).to_be_visible()
    looks(page, "passkey", found)
    device.knows_its_owner(True)
    with turning(page, url="**/desk/"):
        page.get_by_role("button", name="Dùng khóa truy cập").click()

    # After the passphrase it stands in for the code.
    officer.presses("Đăng xuất")
    page.locator("#phone").fill(HA)
    page.locator("#passphrase").fill(PASSPHRASE)
    with turning(page, url="**/desk/sign-in/code"):
        page.locator("main button").first.click()
    looks(page, "second-step-passkey", found)
    with turning(page, url="**/desk/"):
        page.get_by_role("button", name="Dùng khóa truy cập").click()
    # Without script nothing of it is there, and the rest is.
    plain = context(DESK, java_script_enabled=False).new_page()
    plain.goto(f"{server.url}/desk/sign-in")
    expect(plain.locator("#phone")).to_be_visible()
    expect(plain.get_by_text("khóa truy cập")).to_be_hidden()
    assert not [f"{name}: {row}" for name, rows in found.items() for row in rows]
