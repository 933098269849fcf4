"""R-14: twelve ways in which a new version meets an old one. Each is shown to fail on a bug planted for it.

scenario                              what must hold
waits while a form is open            no new worker takes over, not a letter is lost
update without signal                 what was downloaded is the whole new version
two tabs with two versions            the old tab's unsaved words become a draft before the new store opens
old page, new worker                  a part that the old page had not loaded yet is still there
new server, old client                work goes up from a phone that does not tell its numbers
old server, new client                work goes up to a server that does not tell them, without an alarm
the store is held by another tab      it says so, and goes on by itself when the tab closes
killed while updating                 after the restart everything is there, in either version
back to the version before            the old app says so, exports, deletes nothing; forward again it is all there
update with unsent work               it is there afterwards and goes up
the worker's script is gone           the version on the phone goes on, without signal too
storage of a version never seen       it says so, exports, changes nothing
"""

import json
import random
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Download, Error, Playwright, expect

from tests.browser.builds import CLIENT, NEWER, NEWER_STORE, WORKER, Plant
from tests.browser.conftest import PATIENCE, PHONE, is_seen, opens_if_locked
from tests.browser.killable import Killable
from tests.browser.releases import Holder, Releases, is_newer
from tests.browser.sealed import inside

LAN = "0912000007"
NOT_AHEAD = Plant(
    f"{CLIENT}/main.tsx",
    "start().then(() => whenIdle(() => void fetchLater()), tellTrouble);",
    "void whenIdle; void fetchLater; start().catch(tellTrouble);",
)
NO_NUMBERS = Plant(f"{CLIENT}/sync/push.ts", "issued: issued ?? 0, unsent, ...(key", "...(key")


# A tab that keeps the store open and never makes way; and the store as some later version might leave it.
HOLD = """async () => {
  const name = (await indexedDB.databases()).map((one) => one.name).find((one) => one.startsWith("to-am-"));
  await new Promise((open) => {
    indexedDB.open(name).onsuccess = (event) => open(window.held = event.target);
  });
}"""
MAKE_IT_99 = """async () => {
  const name = (await indexedDB.databases()).map((one) => one.name).find((one) => one.startsWith("to-am-"));
  await new Promise((done) => {
    const asked = indexedDB.open(name, 99);
    asked.onupgradeneeded = () => asked.result.createObjectStore("sealed").put("x", "y");
    asked.onsuccess = () => done(asked.result.close());
  });
}"""


@dataclass(frozen=True)
class World:
    """The server, phones, and the two releases of one scenario."""

    releases: Releases
    phone: Callable[[], BrowserContext]
    play: Playwright
    folder: Path
    old: tuple[Plant, ...] = ()
    new: tuple[Plant, ...] = (NEWER,)
    ails: str = ""
    timeout: int = PATIENCE

    def lan(self) -> Holder:
        """Lan's phone under the older release."""
        self.releases.deploy(*self.old, ails=self.ails)
        return self.signed_in()

    def signed_in(self) -> Holder:
        """Lan's phone under what is released now, ready for work without signal."""
        lan = Holder(self.releases, self.phone())
        try:
            lan.signs_in(LAN)
        except Error as error:
            raise RuntimeError("no phone to try anything with") from error
        lan.context.set_default_timeout(self.timeout)
        lan.is_ready()
        return lan

    def update_waits(self, lan: Holder) -> None:
        """The newer release comes out, and the phone has downloaded it."""
        self.releases.deploy(*self.new)
        lan.asks_for_updates()
        expect(lan.page.get_by_text("Có bản mới")).to_be_visible()


def keeps_to_itself(context: BrowserContext) -> None:
    """What is recorded does not reach the server."""
    context.route("**/api/v1/sync", lambda route: route.abort())


def waits_while_a_form_is_open(world: World) -> None:
    lan = world.lan()
    lan.fills("Tủ lúc cập nhật")
    lan.page.evaluate("() => { window.still = true }")
    world.update_waits(lan)
    assert lan.page.get_by_role("button", name="Cập nhật").count() == 0
    state = "async () => Boolean((await navigator.serviceWorker.getRegistration('/app/')).waiting && window.still)"
    assert lan.page.evaluate(state)
    expect(lan.page.get_by_label("Để ở đâu")).to_have_value("Tủ lúc cập nhật")
    lan.updates()
    is_newer(lan.page)
    expect(lan.page.get_by_text("Tủ lúc cập nhật")).to_be_visible()


def update_without_signal(world: World) -> None:
    lan = world.lan()
    world.update_waits(lan)
    lan.loses_signal()
    lan.updates()
    is_newer(lan.page)
    lan.opens("#/sync")
    expect(lan.page.get_by_role("heading", name="Gửi và nhận", exact=True)).to_be_visible()


def two_tabs_with_two_versions(world: World) -> None:
    lan = world.lan()
    lan.page.evaluate("() => { window.setTimeout = () => 0 }")  # no time for the draft to be written
    lan.fills("Tủ ở thẻ cũ")
    second = Holder(world.releases, lan.context)
    second.opens()
    world.update_waits(second)
    second.updates()
    is_newer(second.page)
    expect(lan.page.get_by_text("Bản mới hơn")).to_be_visible()
    expect(lan.page.get_by_label("Để ở đâu")).to_have_value("Tủ ở thẻ cũ")
    second.records("Tủ ở thẻ mới")
    lan.opens("#/")
    lan.reloads()
    is_newer(lan.page)
    expect(lan.page.get_by_text("Tủ ở thẻ cũ")).to_be_visible()


def old_page_new_worker(world: World) -> None:
    lan = world.lan()
    second = Holder(world.releases, lan.context)
    second.opens()
    world.update_waits(second)
    second.updates()
    # Only the worker's shelves are left, as after some days.
    lan.context.new_cdp_session(lan.page).send("Network.clearBrowserCache")
    lan.opens("#/records")
    expect(lan.page.get_by_role("heading", name="Đã ghi")).to_be_visible()
    lan.opens("#/")
    expect(lan.page.locator("main[data-release=newer]")).to_have_count(0)


def new_server_old_client(world: World) -> None:
    lan = world.lan()
    lan.loses_signal()
    lan.records("Tủ từ máy cũ")
    lan.finds_signal()
    lan.sees_received("Tủ từ máy cũ")
    assert lan.unsent() == []


def old_server_new_client(world: World) -> None:
    world.releases.deploy(*world.old, ails="old")
    lan = Holder(world.releases, world.phone())
    lan.context.set_default_timeout(max(world.timeout, 8_000))
    lan.signs_in(LAN)  # what is wrong with an older server may show here already
    lan.is_ready()
    lan.records("Tủ gửi máy cũ")
    lan.sees_received("Tủ gửi máy cũ")
    facts = lan.looks()["facts"]
    assert (facts["seq"], facts.get("alarms", []), facts.get("witness")) == (1, [], None)


def held_by_another_tab(world: World) -> None:
    lan = world.lan()
    keeps_to_itself(lan.context)
    lan.records("Tủ trong kho cũ")
    holder = lan.context.new_page()
    holder.goto(f"{world.releases.url}/healthz")
    holder.evaluate(HOLD)
    lan.opens("#/")
    world.update_waits(lan)
    with lan.page.expect_navigation():
        lan.page.get_by_role("button", name="Cập nhật").click()
    expect(lan.page.get_by_text("Tổ Ấm đang mở ở một thẻ khác")).to_be_visible()
    holder.close()
    lan.page.locator("[data-lock]").wait_for()
    opens_if_locked(lan.page)
    is_newer(lan.page)
    assert lan.unsent() == ["Tủ trong kho cũ"]


def killed_while_updating(world: World) -> None:
    chance = random.Random(14)
    prepared = world.folder / "prepared"
    world.releases.deploy(*world.old)
    at_home = Killable(world.play, prepared)
    lan = on(world, at_home)
    lan.signs_in(LAN)
    lan.is_ready()
    keeps_to_itself(at_home.context)
    lan.records("Tủ giữa chừng")
    at_home.kill()
    at_home.forget()
    world.releases.deploy(*world.new)
    for trial in range(2):
        profile = world.folder / f"trial-{trial}"
        shutil.copytree(prepared, profile, ignore=shutil.ignore_patterns("Singleton*"))
        one_kill(world, Killable(world.play, profile), chance.uniform(0, 0.5))


def on(world: World, killable: Killable) -> Holder:
    page = killable.starts()
    holder = Holder(world.releases, killable.context)
    page.close()
    killable.context.set_default_timeout(world.timeout)
    return holder


def one_kill(world: World, killable: Killable, after: float) -> None:
    """Kill in the middle of an update; then everything must be there, and the update must come through."""
    try:
        lan = on(world, killable)
        keeps_to_itself(killable.context)
        lan.opens()
        lan.page.get_by_text("Có bản mới").wait_for()
        lan.page.evaluate("() => void setTimeout(() => document.querySelector('.say.news .btn').click(), 0)")
        lan.page.wait_for_timeout(after * 1000)
        killable.kill()
        killable.forget()
        lan = on(world, killable)
        keeps_to_itself(killable.context)
        lan.opens()
        lan.page.get_by_text("Tủ thuốc").first.wait_for()
        assert lan.unsent() == ["Tủ giữa chừng"]
        if not lan.page.locator("main[data-release=newer]").count():
            lan.page.get_by_text("Có bản mới").wait_for()
            lan.updates()
        is_newer(lan.page)
        assert lan.unsent() == ["Tủ giữa chừng"]
    finally:
        killable.kill()
        killable.forget()


def exported(lan: Holder) -> list[str]:
    """What is inside the file that the page hands over."""
    with lan.page.expect_download() as given:
        lan.page.get_by_role("button", name="Xuất tệp").click()
    download: Download = given.value
    file = json.loads(Path(download.path()).read_text(encoding="utf-8"))
    assert file["format"] == "to-am-unsent/2"
    return [json.loads(inside(lan.server, change))["set"]["keeper"] for change in file["changes"]]


def back_to_the_version_before(world: World) -> None:
    world.releases.deploy(*world.new)
    lan = world.signed_in()
    keeps_to_itself(lan.context)
    lan.records("Tủ của bản mới")
    lan.opens("#/")
    world.releases.deploy(*world.old)
    lan.asks_for_updates()
    expect(lan.page.get_by_text("Có bản mới")).to_be_visible()
    with lan.page.expect_navigation():
        lan.page.get_by_role("button", name="Cập nhật").click()
    expect(lan.page.get_by_text("Máy này đã dùng bản Tổ Ấm mới hơn")).to_be_visible()
    assert exported(lan) == ["Tủ của bản mới"]
    world.releases.deploy(*world.new)
    lan.asks_for_updates()
    with lan.page.expect_navigation():
        lan.page.get_by_role("button", name="Cập nhật").click()
    opens_if_locked(lan.page)
    is_newer(lan.page)
    assert lan.unsent() == ["Tủ của bản mới"]


def update_with_unsent_work(world: World) -> None:
    lan = world.lan()
    keeps_to_itself(lan.context)
    lan.records("Tủ chờ gửi")
    lan.opens("#/")
    world.update_waits(lan)
    lan.updates()
    is_newer(lan.page)
    assert lan.unsent() == ["Tủ chờ gửi"]
    lan.context.unroute("**/api/v1/sync")
    lan.finds_signal()
    lan.sees_received("Tủ chờ gửi")


def the_workers_script_is_gone(world: World) -> None:
    lan = world.lan()
    for ails in ("no worker", "html worker"):
        world.releases.deploy(*world.old, ails=ails)
        lan.page.evaluate("() => document.dispatchEvent(new Event('visibilitychange'))")
        lan.asks_for_updates()
    lan.loses_signal()
    lan.reloads()
    lan.records("Tủ không cần mạng")


def storage_of_a_version_never_seen(world: World) -> None:
    lan = world.lan()
    keeps_to_itself(lan.context)
    lan.records("Tủ trong kho lạ")
    lan.page.goto(f"{world.releases.url}/healthz")
    lan.page.evaluate(MAKE_IT_99)
    lan.opens()
    expect(lan.page.get_by_text("Máy này đã dùng bản Tổ Ấm mới hơn")).to_be_visible()
    assert exported(lan) == ["Tủ trong kho lạ"]
    found = lan.looks()
    assert (found["version"], found["sealed"], len(found["outbox"])) == (99, ["x"], 1)


STORE = (NEWER, NEWER_STORE)
CLEARS = replace(NEWER_STORE, instead=NEWER_STORE.instead + '  (_, tx) => void tx.objectStore("outbox").clear(),\n')
TAKES_OVER = Plant(WORKER, "event.waitUntil(fill());", "event.waitUntil(fill().then(() => self.skipWaiting()));")
STARTS_ANEW = Plant(
    f"{CLIENT}/store/connection.ts",
    "throw error instanceof DOMException",
    'if (error instanceof DOMException && error.name === "VersionError") {\n'
    "        indexedDB.deleteDatabase(this.name);\n        return this.open();\n      }\n"
    "      throw error instanceof DOMException",
)
OPENS = "      return await openDB<S>("
MAKES_ANEW = Plant(
    f"{CLIENT}/store/connection.ts",
    OPENS,
    f"      if (this.steps.length > 2) indexedDB.deleteDatabase(this.name);\n{OPENS}",
)
SCENARIOS: dict[str, tuple[Callable[[World], None], dict[str, object], dict[str, object]]] = {
    "waits while a form is open": (
        waits_while_a_form_is_open,
        {},
        {"new": (NEWER, TAKES_OVER)},
    ),
    "update without signal": (
        update_without_signal,
        {},
        {"new": (NEWER, Plant(WORKER, "  await cache.addAll([...shelf]);\n", ""))},
    ),
    "two tabs with two versions": (
        two_tabs_with_two_versions,
        {"new": STORE},
        {"old": (Plant(f"{CLIENT}/store/connection.ts", "await watch.handOver().catch(() => undefined);", ""),)},
    ),
    "old page, new worker": (
        old_page_new_worker,
        {"old": (NOT_AHEAD,)},
        {"new": (NEWER, Plant(WORKER, "names.slice(0, -1)", "names"))},
    ),
    "new server, old client": (new_server_old_client, {"old": (NO_NUMBERS,)}, {"ails": "demands"}),
    "old server, new client": (
        old_server_new_client,
        {},
        {"old": (Plant(f"{CLIENT}/store/place.ts", "if (last === undefined || last <= seq)", "if (last! <= seq)"),)},
    ),
    "the store is held by another tab": (
        held_by_another_tab,
        {"new": STORE},
        {"new": (*STORE, Plant(f"{CLIENT}/store/connection.ts", "blocked: () => watch.blocked(true),", ""))},
    ),
    "killed while updating": (
        killed_while_updating,
        {"new": STORE},
        {"new": (*STORE, MAKES_ANEW)},
    ),
    "back to the version before": (back_to_the_version_before, {"new": STORE}, {"old": (STARTS_ANEW,)}),
    "update with unsent work": (update_with_unsent_work, {"new": STORE}, {"new": (NEWER, CLEARS)}),
    "the worker's script is gone": (
        the_workers_script_is_gone,
        {},
        {
            "old": (
                Plant(
                    f"{CLIENT}/app-update.ts",
                    "registration.update().catch(() => undefined)",
                    "registration.update().catch(() => registration.unregister())",
                ),
            )
        },
    ),
    "storage of a version never seen": (
        storage_of_a_version_never_seen,
        {},
        {"old": (Plant(f"{CLIENT}/store/rescue.ts", "indexedDB.open(name);", "indexedDB.open(name, 2);"),)},
    ),
}


@pytest.fixture
def world(releases: Releases, context: Callable[..., BrowserContext], play: Playwright, tmp_path: Path) -> World:
    return World(releases, lambda: context(PHONE), play, tmp_path)


@pytest.mark.parametrize("name", SCENARIOS)
def test_an_update(name: str, world: World) -> None:
    run, releases, _ = SCENARIOS[name]
    run(replace(world, **releases))


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_planted_bug_is_seen(name: str, world: World) -> None:
    run, releases, planted = SCENARIOS[name]
    with is_seen(3_000):
        run(replace(world, **{**releases, **planted}, timeout=3_000))
