"""R-13: the phone's storage runs full, in a real browser with a real quota.

Text goes on being saved out of the reserve, and so do receipts; what cannot be saved any more is said in words, stays
on the screen and leaves as a file; the app opens without signal; and when there is room again everything goes on.

Chromium remembers for half a minute how much room there was, so the quota stands from the first byte on, and photos
(of another database of the same origin, which has the same quota) take up what is left.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser.builds import CLIENT, Plant
from tests.browser.conftest import PHONE, is_seen
from tests.browser.releases import Holder, Releases
from tests.browser.sealed import inside
from tests.browser.test_pages import shows

LAN = "0912000007"
QUOTA = 6_000_000
# Takes pictures until there is no room for a small one; `on` says whether it goes on for ever, so that whatever room
# the browser finds while it tidies up its files is gone as well.
PHOTOS = """async (on) => {
  const db = await new Promise((open, fail) => {
    const asked = indexedDB.open("photos");
    asked.onupgradeneeded = () => asked.result.createObjectStore("all", { autoIncrement: true });
    asked.onsuccess = () => open(asked.result);
    asked.onerror = () => fail(asked.error);
  });
  const put = (size) => new Promise((tell) => {
    const noise = new Uint8Array(size);
    for (let at = 0; at < size; at += 65536) crypto.getRandomValues(noise.subarray(at, at + 65536));
    const tx = db.transaction("all", "readwrite");
    tx.objectStore("all").put(noise);
    tx.oncomplete = () => tell(true);
    tx.onabort = () => tell(false);
  });
  window.shooting = on;
  const shoot = async (size) => {
    while (size >= 64) if (!(await put(size))) size /= 2;
  };
  await shoot(262144);
  window.shot = (async () => {
    while (window.shooting) await shoot(2048);
    db.close();
  })();
}"""
STOP = "async () => { window.shooting = false; await window.shot }"
NO_PHOTOS = """() => new Promise((tell, fail) => {
  const asked = indexedDB.deleteDatabase("photos");
  asked.onsuccess = () => tell();
  asked.onerror = asked.onblocked = () => fail(new Error("still in use"));
})"""
RESERVE = """async () => {
  const done = (request) => new Promise((tell) => { request.onsuccess = () => tell(request.result); });
  const db = await done(indexedDB.open("to-am"));
  const lies = await done(db.transaction("facts").objectStore("facts").get("reserve"));
  db.close();
  return Boolean(lies);
}"""


class SmallPhone(Holder):
    """Lan's phone, on which there is little room."""

    def __init__(self, server: Releases, context: BrowserContext) -> None:
        super().__init__(server, context)
        self.camera = context.new_page()
        self.tools = context.new_cdp_session(self.page)
        self.tools.send("Storage.overrideQuotaForOrigin", {"origin": server.url, "quotaSize": QUOTA})

    def lays_by(self) -> None:
        """The reserve is there."""
        self.page.wait_for_function(RESERVE)

    def is_filled(self, *, on: bool = False) -> None:
        """Photos take up what room there is, and go `on` doing so."""
        self.camera.evaluate(PHOTOS, on)

    def gets_room(self) -> None:
        """The photos are gone."""
        self.camera.evaluate(STOP)
        self.camera.evaluate(NO_PHOTOS)

    def keeps(self) -> list[str]:
        """What lies here, unsent or sent."""
        found = self.looks()
        return [json.loads(entry["body"])["set"]["keeper"] for entry in (*found["sent"], *found["outbox"])]


def text_goes_on(lan: SmallPhone) -> list[str]:
    """What was saved: before, and out of the reserve."""
    lan.loses_signal()
    lan.records("Tủ trước khi đầy")
    saved = ["Tủ trước khi đầy"]
    for number in range(20):  # the browser, which tidies up its files, finds a little room of its own now and then
        lan.is_filled()
        saved.append(f"Tủ lúc máy đầy {number}")
        lan.records(saved[-1])
        if not lan.page.evaluate(RESERVE):
            break
    assert not lan.page.evaluate(RESERVE), "nothing was ever taken from the reserve"
    lan.opens("#/")
    expect(lan.page.get_by_text("Máy gần hết chỗ")).to_be_visible()
    assert lan.unsent() == saved
    return saved


def is_refused(lan: SmallPhone, saved: list[str]) -> str:
    """What there was no more room for. What the browser still found room for is among the saved."""
    lan.is_filled(on=True)
    full, done = (lan.page.get_by_text(text) for text in ("Máy đã đầy nên chưa lưu được", "Đã lưu trên máy này"))
    for number in range(20):
        name = f"Tủ không còn chỗ {number}"
        lan.fills(name)
        lan.goes_on()
        expect(full.or_(done)).to_be_visible()
        if full.is_visible():
            return name
        saved.append(name)
    raise AssertionError("there was always room")


def nothing_typed_is_lost(lan: SmallPhone) -> None:
    saved = text_goes_on(lan)
    refused = is_refused(lan, saved)
    expect(lan.page.get_by_label("Để ở đâu")).to_have_value(refused)
    assert lan.unsent() == saved
    shows(lan.page, "full-form")
    with lan.page.expect_download() as given:
        lan.page.get_by_role("button", name="Xuất ra tệp để giữ").click()
    file = json.loads(Path(given.value.path()).read_text(encoding="utf-8"))
    assert [json.loads(inside(lan.server, change))["set"]["keeper"] for change in file["changes"]] == saved
    assert [json.loads(inside(lan.server, draft))["draft"]["keeper"] for draft in file["drafts"]] == [refused]
    second = Holder(lan.server, lan.context)
    second.opens("#/sync")
    expect(second.page.get_by_text(f"{len(saved)} mục đang ở trên máy này")).to_be_visible()
    expect(second.page.get_by_role("link", name=saved[-1])).to_be_visible()
    shows(second.page, "full-sync")
    second.opens("#/")
    shows(second.page, "full-home")
    second.page.close()
    with lan.page.expect_response("**/api/v1/sync"):
        lan.finds_signal()
    assert sorted(lan.keeps()) == sorted(saved)
    expect(lan.page.get_by_label("Để ở đâu")).to_have_value(refused)
    lan.gets_room()
    lan.goes_on()
    lan.page.get_by_text("Đã lưu trên máy này").wait_for()
    for name in (*saved, refused):
        lan.sees_received(name)
    assert lan.unsent() == []
    lan.opens("#/")
    expect(lan.page.get_by_text("12 trẻ")).to_be_visible()
    lan.lays_by()
    expect(lan.page.get_by_text("hết chỗ")).to_have_count(0)


def receipts_come_in(lan: SmallPhone) -> None:
    lan.loses_signal()
    lan.records("Tủ gửi lúc máy đầy")
    lan.is_filled()
    lan.finds_signal()
    lan.sees_received("Tủ gửi lúc máy đầy")
    assert lan.unsent() == []


Scenario = Callable[[SmallPhone], object]
SCENARIOS: tuple[Scenario, ...] = (nothing_typed_is_lost, receipts_come_in)
ROOM = f"{CLIENT}/store/room.ts"
BUGS: dict[str, tuple[Scenario, Plant]] = {
    "the reserve is kept for later": (
        text_goes_on,
        Plant(ROOM, 'await dropPhoneFact("reserve");', "void dropPhoneFact;"),
    ),
    "room is made of what waits": (
        nothing_typed_is_lost,
        Plant(
            ROOM,
            'return write(["facts", "records"], async (tx) => {\n',
            'return write(["facts", "records", "outbox"], async (tx) => {\n'
            '    await tx.objectStore("outbox").clear();\n',
        ),
    ),
    "a form that was not saved is closed": (
        nothing_typed_is_lost,
        Plant(
            f"{CLIENT}/forms/working.ts",
            "    await keep(true).catch(() => undefined);\n    throw error;",
            "    await keep(true).catch(() => undefined);\n    working.value = null;\n    throw error;",
        ),
    ),
    "a full phone does not send": (
        nothing_typed_is_lost,
        Plant(f"{CLIENT}/sync/turn.ts", "if (!locked || !isFull(error)) throw error;", "void isFull; throw error;"),
    ),
    "receipts leave the reserve alone": (
        receipts_come_in,
        Plant(
            f"{CLIENT}/sync/synchronize.ts", "insist(receipts) : receipts()", "(void insist, receipts()) : receipts()"
        ),
    ),
}


@pytest.fixture
def small(releases: Releases, context: Callable[..., BrowserContext]) -> Callable[..., SmallPhone]:
    """Makes Lan's phone under the build with these plants, the reserve laid by."""

    def make(*plants: Plant, **look: Any) -> SmallPhone:
        releases.deploy(*plants)
        lan = SmallPhone(releases, context(PHONE, **look))
        lan.signs_in(LAN)
        lan.is_ready()
        lan.lays_by()
        lan.camera.goto(f"{releases.url}/healthz")
        return lan

    return make


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
def test_a_full_phone(scenario: Scenario, small: Callable[..., SmallPhone]) -> None:
    scenario(small())


@pytest.mark.parametrize("bug", BUGS)
def test_a_planted_bug_is_seen(bug: str, small: Callable[..., SmallPhone]) -> None:
    scenario, plant = BUGS[bug]
    lan = small(plant)
    lan.context.set_default_timeout(3_000)
    with is_seen(3_000):
        scenario(lan)
