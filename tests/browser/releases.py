"""A server on which builds are released one after the other, and what a test needs to look into a phone."""

import json
import os
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.builds import Builds, Plant
from tests.browser.conftest import FIFTH_KIND, Phone, Server, opens_if_locked
from tests.browser.sealed import inside

# The person whose database lies here, as raw as the browser keeps it: {store: [values]}, the version beside it.
LOOK = """async () => {
  const done = (request) => new Promise((tell, fail) => {
    request.onsuccess = () => tell(request.result);
    request.onerror = () => fail(request.error);
  });
  const name = (await indexedDB.databases()).map((one) => one.name).find((one) => one.startsWith("to-am-"));
  if (!name) return null;
  const db = await done(indexedDB.open(name));
  const found = { version: db.version };
  for (const store of db.objectStoreNames) {
    const here = db.transaction(store).objectStore(store);
    const keys = await done(here.getAllKeys());
    const values = await done(here.getAll());
    const facts = keys.map((key, i) => [key, key === "deviceKey" ? "key" : values[i]]);
    found[store] = store === "facts" ? Object.fromEntries(facts) : values;
  }
  db.close();
  return found;
}"""


class Releases(Server):
    """The server over a build that can be changed while it runs."""

    app = "tests.browser.deployed:application"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        (folder / "kinds").mkdir()
        (folder / "kinds" / "first_aid_box.py").write_text(FIFTH_KIND, encoding="utf-8")
        self.folder = folder
        self.builds = Builds(folder / "builds")
        self.says = folder / "deployed"
        self.env["TO_AM_TEST_DEPLOYED"] = str(self.says)

    def deploy(self, *plants: Plant, ails: str = "") -> None:
        """From now on this build is what the server has."""
        told = self.says.with_suffix(".new")
        told.write_text(f"{self.builds.of(*plants)}\n{ails}", encoding="utf-8")
        os.replace(told, self.says)


class Holder(Phone):
    """Lan's phone in these tests: the shortest form, the store as it lies, and the app's own updates."""

    def fills(self, name: str) -> None:
        """Open a new form and write in it, without saving."""
        self.opens("#/new/first_aid_box")
        self.page.get_by_label("Để ở đâu").fill(name)

    def records(self, name: str) -> None:
        self.fills(name)
        self.goes_on()
        self.page.get_by_text("Đã lưu trên máy này").wait_for()

    def looks(self) -> dict[str, Any]:
        """What lies in the person's database; what is sealed with what the ward finds inside."""
        found: dict[str, Any] = self.page.evaluate(LOOK)
        for store in ("outbox", "sent"):
            for entry in (found or {}).get(store, ()):
                entry["body"] = inside(self.server, entry)
        return found

    def drafts(self) -> list[str]:
        """The names of what is half written, as the home screen has them: in the store they are closed up."""
        self.opens("#/")
        rows = self.page.locator("main a.task", has_text="Đang ghi dở").all_inner_texts()
        return [row.split("Đang ghi dở")[1].rsplit(" · ", 1)[0].strip() for row in rows]

    def unsent(self) -> list[str]:
        """The names of the records that wait."""
        return [named(entry["body"]) for entry in self.looks()["outbox"]]

    def sees_received(self, name: str) -> None:
        self.opens("#/records")
        expect(self.page.locator("li", has_text=name).get_by_text("Phường đã nhận")).to_be_visible()

    def asks_for_updates(self) -> None:
        self.page.evaluate(UPDATE)

    def updates(self) -> None:
        """The person agrees to the new version that waits."""
        self.opens("#/")
        with self.page.expect_navigation():
            self.page.get_by_role("button", name="Cập nhật").click()
        opens_if_locked(self.page)
        home = self.page.get_by_text("Tủ thuốc").first
        home.or_(self.page.locator("[data-lock]")).first.wait_for()
        opens_if_locked(self.page)  # where the page was loaded a second time: another tab took the new version too
        home.wait_for()


UPDATE = """async () => {
  await (await navigator.serviceWorker.getRegistration("/app/")).update().catch(() => undefined);
}"""


def named(body: str) -> str:
    """The name in a change's body."""
    change: dict[str, Any] = json.loads(body)
    return str(change["set"].get("keeper") or change["set"].get("name"))


def is_newer(page: Page) -> None:
    """The later release is what the page shows."""
    expect(page.locator("main[data-release=newer]")).to_be_visible()
