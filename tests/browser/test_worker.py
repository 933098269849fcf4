"""Background Sync: no page is open, the app is locked, signal comes back. The service worker sends alone.

what                      what must hold
a gateway answers         nothing leaves the phone, and the browser is told that it was in vain
the ward answers          the record is acknowledged, with its receipt on the phone, and the photo follows
the app is opened         with the code: what was sent meanwhile is in its lists, received, once
"""

import io
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import BrowserContext, Page, Worker, expect

from tests.browser.builds import CLIENT, Plant
from tests.browser.conftest import PHONE, is_seen, opens_if_locked
from tests.browser.releases import LOOK, Holder, Releases

LAN = "0912000007"
# Hears when a pass of the worker's is over: its request has ended, and the turn is free again.
LISTEN = """() => {
  const real = self.fetch;
  self.over = new Promise((tell) => {
    self.fetch = async (...given) => {
      try { return await real(...given); } finally { if (String(given[0]).endsWith("/api/v1/sync")) setTimeout(tell); }
    };
  });
}"""
IS_OVER = """async () => {
  await self.over;
  const name = (await indexedDB.databases()).map((one) => one.name).find((one) => one.startsWith("to-am-"));
  await navigator.locks.request(`sync ${name.slice(6)}`, () => undefined);
}"""
KEPT = f"async () => (await ({LOOK})()).photos.every((row) => row.kept)"


class Closed:
    """A phone on which no page of the app is open."""

    def __init__(self, phone: Holder) -> None:
        self.server, self.context = phone.server, phone.context
        phone.page.close()
        self.context.set_offline(False)
        self.aside: Page = self.context.new_page()
        self.aside.goto(f"{self.server.url}/healthz")
        self.devtools = self.context.new_cdp_session(self.aside)
        self.found: list[dict[str, Any]] = []
        self.devtools.on("ServiceWorker.workerRegistrationUpdated", self._hear)
        self.devtools.send("ServiceWorker.enable")

    def _hear(self, event: dict[str, Any]) -> None:
        self.found += [one for one in event["registrations"] if not one["isDeleted"]]

    @property
    def worker(self) -> Worker:
        return self.context.service_workers[-1]

    def gets_signal(self) -> None:
        """The browser says so to the worker; what it does then is over when this returns."""
        while not self.found:
            self.aside.evaluate("() => new Promise((next) => setTimeout(next))")
        self.worker.evaluate(LISTEN)
        event = {"origin": self.server.url, "registrationId": self.found[-1]["registrationId"]}
        self.devtools.send("ServiceWorker.dispatchSyncEvent", {**event, "tag": "outbox", "lastChance": False})
        self.worker.evaluate(IS_OVER)

    def looks(self) -> dict[str, Any]:
        found: dict[str, Any] = self.aside.evaluate(LOOK)
        return found


def picture() -> bytes:
    out = io.BytesIO()
    Image.effect_noise((640, 480), 60).convert("RGB").save(out, "JPEG")
    return out.getvalue()


def works_without_signal(phone: Holder) -> None:
    """A pond with a photo, and a report."""
    phone.signs_in(LAN)
    phone.is_ready()
    phone.loses_signal()
    phone.opens("#/new/hazard_site")
    phone.page.get_by_label("Loại điểm nguy cơ").select_option("DN2")
    phone.page.get_by_label("Tên gọi chỗ này").fill("Ao gửi một mình")
    phone.page.get_by_label("Địa chỉ").fill("Ngõ 12")
    phone.goes_on()
    photo = {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": picture()}
    phone.page.locator("input[type=file][multiple]").set_input_files([photo])  # type: ignore[list-item]
    phone.page.get_by_text("Ảnh đã nằm trên máy này").wait_for()
    for _ in range(3):
        phone.goes_on()
    phone.page.get_by_text("Đã lưu trên máy này").wait_for()
    phone.opens("#/new/violation_report")
    phone.page.locator("#f-state_now").fill("Bé vẫn ở đó")
    for _ in range(5):
        phone.goes_on()
    phone.page.get_by_text("Đã lưu trên máy này").wait_for()


def sends_alone(phone: Holder, releases: Releases, *plants: Plant) -> None:
    works_without_signal(phone)
    releases.deploy(*plants, ails="no sync")
    closed = Closed(phone)
    closed.gets_signal()
    assert len(closed.looks()["outbox"]) == 2
    releases.deploy(*plants)
    closed.gets_signal()
    found = closed.looks()
    assert sorted(entry["kind"] for entry in found["sent"]) == ["hazard_site", "violation_report"]
    assert found["outbox"] == []
    assert all(entry["receipt"]["outcome"] in ("applied", "needs_fixing") for entry in found["sent"])
    closed.aside.wait_for_function(KEPT)
    closed.aside.close()
    phone.page = phone.context.new_page()
    phone.page.goto(f"{phone.server.url}/app/#/records")
    opens_if_locked(phone.page)
    pond = phone.page.locator("li", has_text="Ao gửi một mình")
    expect(pond).to_have_count(1)
    expect(pond.get_by_text("Phường đã nhận")).to_be_visible()


@pytest.fixture
def lan(releases: Releases, context: Callable[..., BrowserContext]) -> Callable[..., Holder]:
    def make(*plants: Plant) -> Holder:
        releases.deploy(*plants)
        return Holder(releases, context(PHONE))

    return make


def test_the_worker_sends_alone(lan: Callable[..., Holder], releases: Releases) -> None:
    sends_alone(lan(), releases)


DROPS = Plant(
    f"{CLIENT}/sync/synchronize.ts",
    "      this.pass.trips += 1;\n",
    '      this.pass.trips += 1;\n      await write(["outbox"], async (tx) => {\n'
    '        for (const { seq } of parcel.batch) await tx.objectStore("outbox").delete(seq);\n      }, person);\n',
)
ONLY_WAKES = Plant("service_worker/sw.ts", "  await sender!.sendAlone(BUILD);\n", "")


@pytest.mark.parametrize("plant", [DROPS], ids=["an entry leaves when it is sent"])
def test_a_planted_bug_is_seen(lan: Callable[..., Holder], releases: Releases, plant: Plant) -> None:
    phone = lan(plant)
    with is_seen():
        sends_alone(phone, releases, plant)
    releases.deploy()
