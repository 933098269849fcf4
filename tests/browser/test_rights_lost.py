"""R-15 in the browser: what a collaborator may do changes while she is out without signal.

Nothing of hers is lost (docs/sync-protocol.md §7 says what becomes of it), she is told what happened and what to do,
the lists of the old scope leave the phone, and what she wrote stays until the ward has it.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser.builds import CLIENT, Plant
from tests.browser.conftest import DESK, PHONE, gives_her_code, is_seen
from tests.browser.office import Hired, Office
from tests.browser.releases import Holder, Releases
from tests.browser.test_pages import shows

NAME = "Bùi Thị Nga"
WRITTEN, DRAFT, LATER = "Tủ ghi ngoài đường", "Tủ ghi dở ngoài đường", "Tủ ghi sau đó"


class Nga(Holder):
    """Nga's phone."""

    def signs_in_with(self, code: str) -> None:
        self.opens("#/sign-in")
        self.page.get_by_role("button", name="Dùng mã phường cấp").click()
        self.page.locator("#code").fill(code)
        self.page.get_by_role("button", name="Vào", exact=True).click()
        gives_her_code(self.page)
        self.page.wait_for_url("**/app/#/")
        self.is_ready()
        expect(self.page.get_by_text("12 trẻ")).to_be_visible()

    def carries(self) -> int:
        """How many records of the ward lie here."""
        return len(self.looks()["records"])

    def handed_in(self) -> dict[str, list[str]]:
        """What the ward kept aside: {name: why}."""
        sent = self.looks()["sent"]
        return {
            json.loads(entry["body"])["set"]["keeper"]: [problem["code"] for problem in entry["receipt"]["problems"]]
            for entry in sent
        }


@dataclass(frozen=True)
class Day:
    """Nga out in tổ 7 without signal, and the office."""

    office: Office
    hired: Hired
    nga: Nga

    def is_out(self, *, with_work: bool = True) -> None:
        """She has lost signal, with a draft, and as a rule with something that waits."""
        self.nga.loses_signal()
        if with_work:
            self.nga.records(WRITTEN)
        self.nga.fills(DRAFT)
        self.nga.page.get_by_text("Nháp đã lưu lúc").wait_for()
        self.nga.opens("#/")

    def is_told(self, what: str, what_to_do: str) -> None:
        """She reads it at home, and what to do where it leads."""
        self.nga.finds_signal()
        self.nga.page.locator("a.strip", has_text=what).click()
        expect(self.nga.page.get_by_role("heading", name=what)).to_be_visible()
        expect(self.nga.page.get_by_text(what_to_do)).to_be_visible()

    def goes_on_recording(self, why: str) -> None:
        """What she still writes is handed in as well, and her draft is where it was."""
        self.nga.records(LATER)
        self.nga.page.get_by_text("Phường đã nhận").first.wait_for()
        assert self.nga.unsent() == []
        assert self.nga.handed_in()[LATER] == [why]
        assert self.nga.drafts() == [DRAFT]


def another_group(day: Day) -> None:
    day.is_out()
    day.office.moves(day.hired.id)
    day.nga.finds_signal()
    told = day.nga.page.get_by_text("Phường đã chuyển việc ghi sang tổ 12, Phúc Lợi")
    expect(told).to_be_visible()
    expect(day.nga.page.get_by_text(f"{NAME} · tổ 12")).to_be_visible()
    expect(day.nga.page.get_by_text("12 trẻ")).to_have_count(0)
    shows(day.nga.page, "moved")
    assert day.nga.handed_in() == {WRITTEN: []}
    assert day.nga.unsent() == [] and day.nga.drafts() == [DRAFT]
    day.nga.page.get_by_role("button", name="Đã hiểu").first.click()
    expect(told).to_have_count(0)
    day.nga.reloads()
    expect(day.nga.page.get_by_text(f"{NAME} · tổ 12")).to_be_visible()
    expect(told).to_have_count(0)
    day.nga.sees_received(WRITTEN)


def the_phone_is_cut_off(day: Day) -> None:
    day.is_out()
    day.office.cuts_off(day.hired.id)
    day.is_told("Phường đã ngắt máy này", "xin phường mã mới rồi đăng nhập lại")
    expect(day.nga.page.get_by_text("Không mất gì: những gì đã ghi, phường đã nhận.")).to_be_visible()
    assert day.nga.handed_in() == {WRITTEN: ["phone_revoked"]}
    assert day.nga.carries() == 0 and day.nga.unsent() == []
    shows(day.nga.page, "cut-off")
    day.goes_on_recording("phone_revoked")
    day.nga.opens("#/records")
    expect(day.nga.page.locator("li", has_text=WRITTEN).get_by_text("Phường đã nhận, chờ người xem")).to_be_visible()
    day.nga.signs_in_with(day.office.gives_a_code(day.hired.id))
    expect(day.nga.page.get_by_text("Phường đã ngắt máy này")).to_have_count(0)
    assert day.nga.carries() > 0 and day.nga.drafts() == [DRAFT]


def she_leaves(day: Day) -> None:
    """Nothing of hers waits, so nothing is handed in: she hears it all the same."""
    day.is_out(with_work=False)
    day.office.closes(day.hired.id)
    day.is_told("Phường đã thôi giao việc ghi", "Nếu nhầm, gọi phường.")
    assert day.nga.carries() == 0
    shows(day.nga.page, "left-the-work")
    day.goes_on_recording("rights_gone")


def the_work_in_the_group_ends(day: Day) -> None:
    day.is_out()
    day.office.takes_to_the_desk(day.hired.id)
    day.is_told("Phường đã thôi giao việc ghi", "Nếu nhầm, gọi phường.")
    assert day.nga.handed_in() == {WRITTEN: ["rights_gone"]}
    day.goes_on_recording("rights_gone")


Scenario = Callable[[Day], None]
WAYS: tuple[Scenario, ...] = (another_group, the_phone_is_cut_off, she_leaves, the_work_in_the_group_ends)
HAND_IN = f"{CLIENT}/sync/hand-in.ts"
GOES = 'await tx.objectStore("records").clear();\n    await putFacts(tx, { ended'
BUGS: dict[str, tuple[Scenario, Plant]] = {
    "the lists stay readable": (she_leaves, Plant(HAND_IN, GOES, "await putFacts(tx, { ended")),
    "what waits goes with the lists": (
        the_phone_is_cut_off,
        Plant(
            HAND_IN,
            'await write(["facts", "records"], async (tx) => {\n',
            'await write(["facts", "records", "outbox"], async (tx) => {\n'
            '    await tx.objectStore("outbox").clear();\n',
        ),
    ),
    "nobody is told of the other group": (
        another_group,
        Plant(f"{CLIENT}/sync/pass.ts", "steps.kit(reset)", "steps.kit(false && reset)"),
    ),
}


@pytest.fixture
def day(releases: Releases, context: Callable[..., BrowserContext]) -> Callable[..., Day]:
    """Makes a day under the build with these plants."""

    def make(*plants: Plant, **look: Any) -> Day:
        releases.deploy(*plants)
        office = Office(releases, context(DESK))
        hired = office.hires(NAME)
        nga = Nga(releases, context(PHONE, **look))
        with nga.page.expect_response("**/api/v1/device-key"):
            nga.signs_in_with(hired.code)
        return Day(office, hired, nga)

    return make


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_nothing_is_lost_and_she_is_told(way: Scenario, day: Callable[..., Day]) -> None:
    way(day())


@pytest.mark.parametrize("bug", BUGS)
def test_a_planted_bug_is_seen(bug: str, day: Callable[..., Day]) -> None:
    way, plant = BUGS[bug]
    planted = day(plant)
    planted.nga.context.set_default_timeout(3_000)
    with is_seen(3_000):
        way(planted)
