"""T3, somebody takes the phone out of her hand: a finished report stays shut, and one tap hides the app.

scenario            what must hold
stays shut          no word of a finished report is on any screen or in the copies here: while it waits, after the
                    ward has it, and on a new phone after a whole pull; its number, time and state are
hides now           from every screen; in under 300 ms on a phone four times slower than this machine; going back and
                    loading anew show a calendar; nothing that was typed is lost; a hidden page is covered
"""

import json
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.builds import CLIENT, Plant
from tests.browser.conftest import DRAWN, PHONE, is_seen, opens_if_locked
from tests.browser.releases import Holder, Releases
from tests.browser.test_pages import shows

LAN = "0912000007"
WORDS = ("Lò Thị Pủng", "bầm tím", "Gác xép", "bố dượng")
MOST = 300  # milliseconds
# How long after the tap the calendar is painted.
HIDES = """() => new Promise((tell) => {
  const from = performance.now();
  const look = () => document.querySelector(".month")
    ? requestAnimationFrame(() => tell(performance.now() - from)) : requestAnimationFrame(look);
  document.querySelector(".hide").click();
  look();
})"""
SCREENS = (
    "#/",
    "#/records",
    "#/records/here",
    "#/sync",
    "#/inbox",
    "#/me",
    "#/phone",
    "#/due",
    "#/list/child",
    "#/none",
)


def reports(phone: Holder) -> str:
    """A report with planted words; its id."""
    phone.opens("#/new/violation_report")
    phone.page.locator("#f-state_now").fill("Cháu Lò Thị Pủng bầm tím tay")
    phone.page.locator("#f-where").fill("Gác xép nhà bố dượng, ngõ 77")
    for _ in range(5):
        phone.goes_on()
    phone.page.get_by_text("Đã lưu trên máy này").wait_for()
    return phone.page.url.rsplit("/", 1)[1]


def told(page: Page) -> list[str]:
    """The planted words that the page holds anywhere."""
    html = page.content()
    return [word for word in WORDS if word in html]


def looks_everywhere(phone: Holder, report: str) -> None:
    for place in (*SCREENS, f"#/record/{report}", f"#/saved/{report}", f"#/edit/{report}"):
        phone.opens(place)
        phone.page.locator("h1").first.wait_for()
        assert told(phone.page) == [], place
    phone.opens(f"#/record/{report}")
    number = f"Báo vi phạm số {report.replace('-', '')[:6].upper()}"
    expect(phone.page.get_by_role("heading", name=number)).to_be_visible()
    expect(phone.page.get_by_text("không ai mở lại được")).to_be_visible()
    expect(phone.page.get_by_role("button", name="Rút lại mục này")).to_have_count(0)


def stays_shut(phone: Holder, another: Callable[[], Holder]) -> None:
    phone.signs_in(LAN)
    phone.is_ready()
    phone.loses_signal()
    report = reports(phone)
    looks_everywhere(phone, report)
    shows(phone.page, "report-shut")
    phone.finds_signal()
    expect(phone.page.get_by_text("Phường đã nhận lúc")).to_be_visible()
    looks_everywhere(phone, report)
    assert not [word for word in WORDS if word in json.dumps(phone.looks()["records"], ensure_ascii=False)]
    new = another()
    new.signs_in(LAN)
    new.is_ready()
    looks_everywhere(new, report)


def hides_now(phone: Holder, another: Callable[[], Holder]) -> None:
    del another
    phone.signs_in(LAN)
    phone.is_ready()
    for place in (*SCREENS, "#/new/violation_report", "#/sign-in"):
        phone.opens(place)
        expect(phone.page.get_by_role("button", name="Ẩn ngay")).to_be_visible()
    tools = phone.context.new_cdp_session(phone.page)
    tools.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    times = []
    for word in ("Tủ một", "Tủ hai", "Tủ ba"):
        phone.fills(word)
        times.append(phone.page.evaluate(HIDES))
        assert word not in phone.page.content()
        comes_back(phone)
        expect(phone.page.get_by_text(word)).to_be_visible()
    print("hidden after", [round(time) for time in times], "ms at a quarter of the speed")
    assert min(times) < MOST
    tools.send("Emulation.setCPUThrottlingRate", {"rate": 1})
    phone.fills("Tủ bốn")
    phone.page.locator(".hide").click()
    stays_hidden(phone.page)
    comes_back(phone)
    expect(phone.page.get_by_text("Tủ bốn")).to_be_visible()
    is_covered(phone.page)


def stays_hidden(page: Page) -> None:
    shows(page, "hidden")
    for way in (page.go_back, page.go_back, page.reload, page.go_back, page.go_forward):
        way()
        page.locator(".month").wait_for()
        page.evaluate(DRAWN)
        assert page.locator(".month").count() == 1
        assert "Tủ" not in page.content()
        assert page.title().startswith("tháng")


def comes_back(phone: Holder) -> None:
    for _ in range(3):
        phone.page.locator(".today").click()
    opens_if_locked(phone.page)
    phone.page.get_by_role("link", name="Điểm nguy cơ").first.wait_for()


def is_covered(page: Page) -> None:
    """Behind another app, as far as a page can be told so."""
    say = "(is) => { Object.defineProperty(document, 'hidden', {value: is, configurable: true});"
    say += " document.dispatchEvent(new Event('visibilitychange')); }"
    page.evaluate(say, True)
    expect(page.locator("main")).to_be_hidden()
    page.evaluate(say, False)
    expect(page.locator("main")).to_be_visible()


Scenario = Callable[[Holder, Callable[[], Holder]], None]
BUGS: dict[str, tuple[Scenario, Plant]] = {
    "finished reports are opened": (
        stays_shut,
        Plant(f"{CLIENT}/store/write-only.ts", "new Set(kinds.filter(asksWhoTold)", "new Set(kinds.slice(9)"),
    ),
    "hiding waits for the disk": (
        hides_now,
        Plant(f"{CLIENT}/hide.ts", "  remember(true);\n", "  setTimeout(() => remember(true), 400);\n"),
    ),
    "going back brings the form back": (
        hides_now,
        Plant(
            f"{CLIENT}/app.tsx",
            "if (hidden.value) return <Hidden />;",
            'if (hidden.value && route.name === "form") return <Hidden />;',
        ),
    ),
    "loading anew brings the app back": (
        hides_now,
        Plant(f"{CLIENT}/hide.ts", 'if (is) sessionStorage.setItem(NAME, "1");', "if (is) return;"),
    ),
    "the list of open apps shows the page": (
        hides_now,
        Plant(f"{CLIENT}/hide.ts", "cover(document.hidden)", "cover(false)"),
    ),
}


@pytest.fixture
def phone(releases: Releases, context: Callable[..., BrowserContext]) -> Callable[..., Callable[[], Holder]]:
    """Makes phones under the build with these plants."""

    def make(*plants: Plant) -> Callable[[], Holder]:
        releases.deploy(*plants)
        return lambda: Holder(releases, context(PHONE))

    return make


@pytest.mark.parametrize("scenario", [stays_shut, hides_now], ids=lambda scenario: scenario.__name__)
def test_a_phone_in_the_wrong_hands(scenario: Scenario, phone: Callable[..., Callable[[], Holder]]) -> None:
    made = phone()
    scenario(made(), made)


@pytest.mark.parametrize("bug", BUGS)
def test_a_planted_bug_is_seen(bug: str, phone: Callable[..., Callable[[], Holder]]) -> None:
    scenario, plant = BUGS[bug]
    made = phone(plant)
    planted = made()
    planted.context.set_default_timeout(4_000)
    with is_seen():
        scenario(planted, made)
