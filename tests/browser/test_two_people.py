"""R-20 in the browser: two people on one phone, who come and go with work unsent.

scenario                     what must hold
each sends her own           leaving with unsent work says what stays; the next one sees nothing of it; both come back
                             to what they left, drafts too, and both send under their own names
two tabs of two people       the first one's tab has unsaved words when the other changes hands: they become her draft
a tab that heard nothing     it goes on saving for its own person under the other's sign-in: it is hers at the ward
"""

import json
import sqlite3
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser.builds import CLIENT, Plant
from tests.browser.conftest import PHONE, gives_her_code, is_seen
from tests.browser.releases import Holder, Releases
from tests.browser.sealed import inside
from tests.browser.test_pages import shows

LAN, HOA = "0912000007", "0912000003"
# Everybody's unsent work as it lies in this browser: {database: [what waits]}.
EVERYBODY = """async () => {
  const done = (request) => new Promise((tell) => { request.onsuccess = () => tell(request.result); });
  const found = {};
  for (const { name } of await indexedDB.databases()) {
    if (!name.startsWith("to-am-")) continue;
    const db = await done(indexedDB.open(name));
    const lies = await done(db.transaction("outbox").objectStore("outbox").getAll());
    found[name] = lies.map(({ body, sealed }) => ({ body, sealed }));
    db.close();
  }
  return found;
}"""


KEY_KNOWN = """async () => {
  const done = (request) => new Promise((tell) => { request.onsuccess = () => tell(request.result); });
  const name = (await indexedDB.databases()).map((one) => one.name).find((one) => one.startsWith("to-am-"));
  const db = await done(indexedDB.open(name));
  const known = await done(db.transaction("facts").objectStore("facts").get("keyKnown"));
  db.close();
  return Boolean(known);
}"""


class Shared(Holder):
    """One phone in a family or a culture house; `tag` tells what this test wrote from what others did."""

    def __init__(self, server: Releases, context: BrowserContext) -> None:
        super().__init__(server, context)
        self.tag = uuid4().hex[:4]

    def cuts_off(self) -> None:
        """What is recorded does not reach the ward; signing in does."""
        for door in ("sync", "intake"):
            self.context.route(f"**/api/v1/{door}", lambda route: route.abort())

    def lets_through(self) -> None:
        for door in ("sync", "intake"):
            self.context.unroute(f"**/api/v1/{door}")

    def leaves(self) -> None:
        self.opens("#/me")
        self.page.get_by_role("button", name="Thoát", exact=True).click()
        self.page.get_by_text("Dùng số điện thoại").wait_for()

    def unsent_of_all(self) -> list[list[str]]:
        """What waits here, person by person."""
        found: dict[str, list[dict[str, Any]]] = self.page.evaluate(EVERYBODY)
        return sorted(
            [json.loads(inside(self.server, one))["set"]["keeper"] for one in lies] for lies in found.values()
        )

    def authors(self) -> dict[str, str]:
        """Who wrote what, as the ward has it: {name of the record: name of the person}."""
        assert isinstance(self.server, Releases)
        with sqlite3.connect(self.server.folder / "browser.db") as database:
            rows = database.execute(
                "SELECT data, person.name FROM record JOIN person ON person.id = author_id WHERE kind = 'first_aid_box'"
            ).fetchall()
        database.close()
        named = {json.loads(data)["keeper"]: name for data, name in rows}
        return {name: who for name, who in named.items() if name.endswith(self.tag)}


def each_sends_her_own(phone: Shared) -> None:
    mine, draft, hers = (f"{name} {phone.tag}" for name in ("Tủ của Lan", "Nháp của Lan", "Tủ của Hoa"))
    phone.signs_in(LAN)
    phone.is_ready()
    phone.cuts_off()
    phone.records(mine)
    phone.fills(draft)
    phone.page.get_by_text("Nháp đã lưu lúc").wait_for()
    form = phone.page.url.split("/app/")[1]
    phone.opens("#/me")
    expect(
        phone.page.get_by_text("1 mục, 0 ảnh và 1 nháp chưa gửi vẫn ở trên máy này, trong phần của Nguyễn Thị Lan")
    ).to_be_visible()
    shows(phone.page, "leaving-with-unsent")
    phone.leaves()
    shows(phone.page, "left")
    phone.signs_in(HOA)
    expect(phone.page.get_by_text("Nguyễn Thị Lan")).to_have_count(0)
    expect(phone.page.get_by_text("Đang ghi dở")).to_have_count(0)
    for place in ("#/records", "#/sync", form):
        phone.opens(place)
        phone.page.locator("h1").first.wait_for()
        expect(phone.page.get_by_text("của Lan")).to_have_count(0)
    phone.records(hers)
    assert phone.unsent_of_all() == sorted([[mine], [hers]])
    phone.leaves()
    phone.signs_in(LAN)
    expect(phone.page.get_by_text(draft)).to_be_visible()
    phone.lets_through()
    phone.finds_signal()
    phone.sees_received(mine)
    assert phone.unsent_of_all() == sorted([[], [hers]])
    phone.leaves()
    phone.signs_in(HOA)
    phone.sees_received(hers)
    assert phone.unsent_of_all() == [[], []]
    assert phone.authors() == {mine: "Nguyễn Thị Lan", hers: "Đỗ Thị Hoa"}


def two_tabs_of_two_people(phone: Shared) -> None:
    typed = f"Tủ ghi dở {phone.tag}"
    phone.signs_in(LAN)
    phone.is_ready()
    phone.page.evaluate("() => { window.setTimeout = () => 0 }")  # no time for the draft to be written by itself
    phone.fills(typed)
    second = Shared(phone.server, phone.context)  # type: ignore[arg-type]
    second.leaves()
    # The first tab begins anew by itself, without her words in sight.
    phone.page.get_by_text("Dùng số điện thoại").wait_for()
    second.signs_in(HOA)
    phone.page.locator("[data-lock=shut]").wait_for()
    gives_her_code(phone.page)
    phone.page.get_by_role("link", name="Điểm nguy cơ").first.wait_for()
    expect(phone.page.get_by_text(typed)).to_have_count(0)
    second.leaves()
    second.signs_in(LAN)
    expect(second.page.get_by_text(typed)).to_be_visible()


def a_tab_that_heard_nothing(phone: Shared) -> None:
    late, hers = f"Tủ của thẻ cũ {phone.tag}", f"Tủ của thẻ mới {phone.tag}"
    phone.context.add_init_script("delete window.BroadcastChannel")
    phone.signs_in(LAN)
    phone.is_ready()
    phone.page.wait_for_function(KEY_KNOWN)
    second = Shared(phone.server, phone.context)  # type: ignore[arg-type]
    second.leaves()
    second.signs_in(HOA)
    phone.records(late)
    phone.page.get_by_text("Phường đã nhận lúc").wait_for()
    second.records(hers)
    second.sees_received(hers)
    second.leaves()
    second.signs_in(LAN)
    second.sees_received(late)
    assert phone.authors() == {late: "Nguyễn Thị Lan", hers: "Đỗ Thị Hoa"}


Scenario = Callable[[Shared], None]
SCENARIOS: tuple[Scenario, ...] = (each_sends_her_own, two_tabs_of_two_people, a_tab_that_heard_nothing)
STATE = f"{CLIENT}/state.ts"
BUGS: dict[str, tuple[Scenario, Plant]] = {
    "leaving empties the phone": (
        each_sends_her_own,
        Plant(
            STATE,
            '  await store.setPhoneFact("current", null);\n  await leave();\n',
            '  await store.setPhoneFact("current", null);\n  const name = `to-am-${session.value!.id}`;\n'
            "  await leave();\n  indexedDB.deleteDatabase(name);\n",
        ),
    ),
    "everybody's work lies together": (
        each_sends_her_own,
        Plant(
            f"{CLIENT}/store/database.ts",
            "(id: string): string => `${PHONE_NAME}-${id}`",
            "(id: string): string => (void id, `${PHONE_NAME}-all`)",
        ),
    ),
    "a tab that is turned away forgets its words": (
        two_tabs_of_two_people,
        Plant(STATE, "    await putAway();\n    history", "    history"),
    ),
    "work goes up under whoever is signed in": (
        a_tab_that_heard_nothing,
        Plant(
            f"{CLIENT}/sync/push.ts",
            'question: { device: device ?? "", person, app,',
            'question: { device: device ?? "", app,',
        ),
    ),
}


@pytest.fixture
def phone(releases: Releases, context: Callable[..., BrowserContext]) -> Callable[..., Shared]:
    """Makes the phone under the build with these plants."""

    def make(*plants: Plant) -> Shared:
        releases.deploy(*plants)
        return Shared(releases, context(PHONE))

    return make


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
def test_two_people_on_one_phone(scenario: Scenario, phone: Callable[..., Shared]) -> None:
    scenario(phone())


@pytest.mark.parametrize("bug", BUGS)
def test_a_planted_bug_is_seen(bug: str, phone: Callable[..., Shared]) -> None:
    scenario, plant = BUGS[bug]
    planted = phone(plant)
    planted.context.set_default_timeout(4_000)
    with is_seen():
        scenario(planted)
