"""Every page, both languages, light and dark: axe finds nothing, nothing is cut off; pictures are kept to look at.

Words have no colours and colours no words, so two looks show what four would.
"""

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser import reach
from tests.browser.conftest import ARGS, DESK, PASSPHRASE, PHONE, ROOT, SCREENS, Officer, Phone, Server, turning

AXE = (ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
LOOKS = [("vi", "light"), ("en", "dark")]
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PHONE_PAGES = {
    "home": "#/",
    "hazard": "#/new/hazard_site",
    "violation": "#/new/violation_report",
    "visit": "#/new/child_visit",
    "child": "#/new/child",
    "records": "#/records",
    "children": "#/list/child",
    "inbox": "#/inbox",
    "due": "#/due",
    "sync": "#/sync",
    "me": "#/me",
}


# Whatever was fading has faded: half-way between two colours nothing can be read.
STILL = """() => Promise.allSettled(document.getAnimations()
  .filter((one) => one.effect.getComputedTiming().endTime !== Infinity).map((one) => one.finished))"""


def faults(page: Page) -> list[str]:
    """What axe finds, and whether the page scrolls sideways."""
    # A sticky dock covers what lies behind it only until somebody scrolls: look at the whole page at once.
    size = page.viewport_size or {"width": 360, "height": 740}
    page.set_viewport_size({"width": size["width"], "height": 4000})
    page.evaluate(STILL)
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE)
    found = page.evaluate("(tags) => axe.run(document, {runOnly: tags, resultTypes: ['violations']})", TAGS)
    wide = page.evaluate("() => document.documentElement.scrollWidth - innerWidth")
    page.set_viewport_size(size)
    rows = [f"{one['id']}: {one['nodes'][0]['html'][:160]}" for one in found["violations"]]
    return rows + ([f"{wide} px wider than the window"] if wide > 1 else [])


def keep(page: Page, name: str) -> None:
    SCREENS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENS / f"{name}.png", full_page=True)


def shows(page: Page, name: str) -> None:
    """A phone's screen that only a certain state brings up: nothing wrong with it, light and dark; pictures kept."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert faults(page) == [], f"{name}, {scheme}"
        keep(page, f"phone-{name}-vi-{scheme}")
    page.emulate_media(color_scheme=None)


def speak(page: Page, language: str) -> None:
    if language == "en":
        page.get_by_text("English").click()
        page.locator("html[lang=en]").wait_for()


@pytest.mark.parametrize(("language", "scheme"), LOOKS)
def test_phone_pages(server: Server, context: Callable[..., BrowserContext], language: str, scheme: str) -> None:
    phone = Phone(server, context(PHONE, color_scheme=scheme))
    phone.opens()
    phone.page.get_by_text("Mã phường cấp").first.wait_for()
    found = {"sign-in": faults(phone.page)}
    keep(phone.page, f"phone-sign-in-{language}-{scheme}")
    phone.signs_in("0912000007")
    phone.is_ready()
    phone.opens("#/me")
    speak(phone.page, language)
    for name, place in PHONE_PAGES.items():
        phone.opens(place)
        phone.page.locator("h1").first.wait_for()
        found[name] = faults(phone.page)
        keep(phone.page, f"phone-{name}-{language}-{scheme}")
    phone.opens("#/records")
    phone.page.locator("main li a").first.click()
    phone.page.wait_for_url("**/#/record/**")
    phone.page.get_by_role("heading", level=1, name="Đã ghi", exact=True).or_(
        phone.page.get_by_role("heading", level=1, name="Recorded", exact=True)
    ).wait_for(state="hidden")
    found["record"] = faults(phone.page)
    keep(phone.page, f"phone-record-{language}-{scheme}")
    assert not [f"{name}: {row}" for name, rows in found.items() for row in rows]


def a_phone_loses_work(url: str) -> None:
    """Another phone of Hoa's says that it gave out five numbers and has one entry left; nothing of it arrived."""
    here = {"Content-Type": "application/json", "Sec-Fetch-Site": "same-origin"}
    who = {"phone": "0912000003", "passphrase": PASSPHRASE, "device": "0b8d4c52-3f64-4d0e-9a7b-6f1d2c3b4a59"}
    with urlopen(Request(f"{url}/api/v1/sign-in", json.dumps(who).encode(), here)) as answer:
        cookie = answer.headers["Set-Cookie"].split(";")[0]
    said = {"device": who["device"], "app": "bản cũ", "issued": 5, "unsent": 1}
    urlopen(Request(f"{url}/api/v1/sync", json.dumps(said).encode(), {**here, "Cookie": cookie})).close()


def desk_pages(page: Page, url: str, who: str) -> dict[str, str]:
    if who == "admin":
        page.goto(f"{url}/desk/people")
        person = page.locator("main a[href*='/desk/people/']:not([href$=new])").first.get_attribute("href")
        page.goto(f"{url}/desk/units")
        ward = page.locator("tr", has_text="00136").locator("a").first.get_attribute("href")
        page.goto(f"{url}/desk/people/codes")
        group = page.locator("#unit option", has_text="7,").first.get_attribute("value")
        return {
            "codes": f"/desk/people/codes?unit={group}",
            "change": f"{ward}/change",
            "quarantine": "/desk/quarantine",
            "people": "/desk/people",
            "person": person or "",
            "new": "/desk/people/new",
            "units": "/desk/units",
            "unit": ward or "",
            "handover": "/desk/handover",
            "log": "/desk/log",
            "tokens": "/desk/tokens",
            "token": "/desk/tokens/new",
        }
    a_phone_loses_work(url)
    page.goto(f"{url}/desk/rechecks")
    site = page.locator("table a[href*='/desk/records/']").first.get_attribute("href") or ""
    page.goto(f"{url}/desk/?state=all")
    record = page.locator("table a[href*='/desk/records/']").first.get_attribute("href") or ""
    violation = page.locator("table a[href*='/desk/records/']").last.get_attribute("href") or ""
    return {
        "queue": "/desk/",
        "all": "/desk/?state=all&risk=high&sort=newest&days=365",
        "empty": "/desk/?state=duplicate",
        "map": "/desk/map",
        "arrivals": "/desk/arrivals",
        "rechecks": "/desk/rechecks",
        "overview": "/desk/overview?weeks=13",
        "behind": "/desk/overview/rows?weeks=26&indicator=hazards&cell=open",
        "export": "/desk/export/queue?kind=child&state=all",
        "site": site,
        "print": f"{site}/print",
        "record": record,
        "other": violation,
        "return": f"{record}/return",
        "duplicate": f"{record}/duplicate",
        "missing": "/desk/records/none",
        "handover": "/desk/handover",
    }


def administers(page: Page, url: str, pages: dict[str, str]) -> dict[str, Callable[[], None]]:
    """Pages that only a form brings up, each with the way to it. Nobody agrees to a change here."""

    def sheet() -> None:
        page.goto(url + pages["codes"])
        for person in page.locator("form[method=post] input[type=checkbox]").all():
            person.check()  # those who have a phone by now as well
        page.locator("form[method=post] button.main").last.click()
        page.locator(".code-card").first.wait_for()

    def preview() -> None:
        page.goto(url + pages["change"])
        merge = page.locator("details", has=page.locator("#into"))
        merge.locator("summary").click()
        for box in merge.locator("input[type=checkbox]").all()[:2]:
            box.check()
        merge.locator("button.main").click()
        page.locator("input[name=seen]").wait_for(state="attached")

    return {"sheet": sheet, "preview": preview}


@pytest.mark.parametrize(("language", "scheme"), LOOKS)
@pytest.mark.parametrize(("who", "number"), [("officer", "0912000001"), ("admin", "0912000000")])
def test_desk_pages(
    server: Server, context: Callable[..., BrowserContext], who: str, number: str, language: str, scheme: str
) -> None:
    place = context(DESK, color_scheme=scheme, locale="en-GB" if language == "en" else "vi-VN")
    officer = Officer(server, place)
    officer.page.goto(f"{server.url}/?lang={language}")
    found = {"landing": faults(officer.page)}
    keep(officer.page, f"desk-landing-{language}-{scheme}")
    officer.page.goto(f"{server.url}/desk/sign-in")
    found["sign-in"] = faults(officer.page)
    keep(officer.page, f"desk-sign-in-{language}-{scheme}")
    officer.signs_in(number)
    pages = desk_pages(officer.page, server.url, who)
    ways: dict[str, Callable[[], object]] = {
        name: partial(officer.page.goto, server.url + path) for name, path in pages.items()
    }
    if who == "admin":
        ways |= administers(officer.page, server.url, pages)
    for name, way in ways.items():
        officer.page.set_viewport_size({"width": 1280, "height": 800})
        way()
        assert officer.page.locator("html").get_attribute("lang") == language
        for width in (1280, 320):
            officer.page.set_viewport_size({"width": width, "height": 800})
            found[f"{name} at {width}"] = faults(officer.page)
            keep(officer.page, f"desk-{name}-{width}-{language}-{scheme}")
        found[f"{name}, larger"] = reach.fits(officer.page)
        found[f"{name}, pressed"] = reach.can_be_pressed(officer.page)
        found[f"{name}, seen"] = reach.is_covered(officer.page)
    assert not [f"{name}: {row}" for name, rows in found.items() for row in rows]


PLANTED = {
    '<p class="large">x</p>': "too wide at 640",
    '<p class="tight">Hạn kiểm tra</p>': "cut off: <p class=",
    '<button class="small">x</button>': "10 by 10 px: <button",
    '<a class="btn main" href="/">Chấp nhận</a>': "px: <a class=",
    '<a class="bare" href="/">Ao</a>': "focus is not seen: <a class=",
    '<button tabindex="-1">x</button>': "tabindex -1: <button",
    '<p class="long">x</p><button>Lưu ghi chú</button><p class="bar">x</p>': "covered: <button",
}
PLAIN = """<style>
  * { margin: 0; outline: 3px solid blue } button { width: 30px; height: 30px }
  .small { width: 10px; height: 10px; padding: 0 }
  .large { width: 700px } .tight { width: 7rem; overflow: hidden; white-space: nowrap }
  .btn { display: block; height: 30px } .bare { outline: 0 }
  .long { height: 700px } .bar { position: sticky; bottom: 0; height: 200px; background: white }</style>"""


@pytest.mark.parametrize(("piece", "said"), PLANTED.items())
def test_a_planted_fault_of_a_page_is_found(context: Callable[..., BrowserContext], piece: str, said: str) -> None:
    page = context(DESK).new_page()
    page.set_content(f'<html lang="vi"><body>{PLAIN}<button>Lọc</button></body></html>')
    assert reach.fits(page) + reach.can_be_pressed(page) + reach.is_covered(page) == []
    page.set_content(f'<html lang="vi"><body>{PLAIN}{piece}</body></html>')
    [found] = reach.fits(page) + reach.can_be_pressed(page) + reach.is_covered(page)
    assert said in found


def test_the_desk_works_without_script(server: Server, context: Callable[..., BrowserContext], lan: Phone) -> None:
    lan.records_a_pond("Ao thử không script")
    lan.opens("#/records")
    lan.page.locator("li", has_text="Ao thử không script").get_by_text("Phường đã nhận").wait_for()
    officer = Officer(server, context(DESK, java_script_enabled=False))
    officer.signs_in()
    officer.opens("Ao thử không script")
    officer.presses("Chấp nhận")
    officer.page.goto(f"{server.url}/desk/?state=accepted")
    assert officer.page.get_by_role("link", name="Ao thử không script").count() == 1
    # On a small screen the pages fold away, and come out without a script too.
    officer.page.set_viewport_size({"width": 360, "height": 740})
    away = officer.page.get_by_role("link", name="Tổng quan", exact=True)
    assert not away.is_visible()
    officer.page.get_by_role("link", name="Các trang").click()
    with turning(officer.page, url="**/desk/overview"):
        away.click()
    assert not away.is_visible()


def test_the_app_can_be_installed(server: Server, chromium: Browser, tmp_path: Path) -> None:
    # A profile on the disk: in a private window the browser refuses to install anything.
    profile = chromium.browser_type.launch_persistent_context(tmp_path, executable_path="/usr/bin/chromium", args=ARGS)
    page = profile.new_page()
    page.goto(f"{server.url}/app/")
    page.evaluate("async () => { await navigator.serviceWorker.ready }")
    tools = profile.new_cdp_session(page)
    errors = tools.send("Page.getInstallabilityErrors")["installabilityErrors"]
    manifest = tools.send("Page.getAppManifest")
    profile.close()
    assert errors == []
    assert manifest["errors"] == []
    assert '"purpose":"maskable"' in manifest["data"].replace(" ", "")
