"""R-12: the whole browser is killed with signal 9 around a save, and started again over the same profile.

    python -m campaigns.browser_kill                  500 kills
    python -m campaigns.browser_kill --kills 30       as in the test command

Lan writes a form, its draft is kept, she presses save, and a moment before or after the press every process of the
browser is gone; the moments close in on the save, early after one that came too late and later after one that came
too early. Now and then the ward can be reached meanwhile. After every restart: what said
"saved" is there, nothing is there by half or twice, a form that was not saved is there as a draft, numbers have no
hole, and no alarm is raised. At the end of each profile everything goes up, once. What it cannot show is a power cut:
what a killed process had handed to the system is written all the same.
"""

import json
import random
import sqlite3
import tempfile
import threading
from collections import Counter
from pathlib import Path
from typing import Any

from playwright.sync_api import Error, Playwright, expect, sync_playwright

from campaigns.report import Report, command
from tests.browser.builds import CLIENT, Plant
from tests.browser.killable import Killable
from tests.browser.releases import Holder, Releases, named

LONG = 500
PER_PROFILE = 25
SOONEST, LATEST = 0.01, 0.6
LAN = "0912000007"

_COMMIT = "(change: Record<string, unknown>, draft: string | null, spec?: FormSpec): Promise<OutboxEntry> {\n"
_LAY = (
    "function layDown(change: Record<string, unknown>, draft: string | null, ready: Ready | null, "
    "photos?: Map<string, PhotoShut>): Promise<OutboxEntry> {\n"
)
_RECORDS = f"{CLIENT}/store/records.ts"
BUGS: dict[str, tuple[Plant, ...]] = {
    "": (),
    "R-12 the draft goes before the record comes": (
        Plant(
            _RECORDS,
            _LAY,
            f"async {_LAY}"
            '  if (draft) await write(["drafts"], (tx) => tx.objectStore("drafts").delete(draft));\n'
            "  await new Promise((later) => setTimeout(later, 90));\n",
        ),
    ),
    "R-12 saved is said from memory": (
        Plant(
            _RECORDS,
            f"export async function commit{_COMMIT}",
            f"export async function commit{_COMMIT}"
            "  const { record, kind, at } = change as { record: string; kind: string; at: string };\n"
            '  pretended = { seq: 0, id: "", record, kind, at, body: JSON.stringify(change) };\n'
            "  setTimeout(() => void really(change, draft, spec), 150);\n"
            "  return pretended;\n}\n"
            "let pretended: OutboxEntry | null = null;\n"
            f"async function really{_COMMIT}",
        ),
        Plant(
            _RECORDS,
            "view(id, known ?? null, await withOwns(outbox), await",
            "view(id, known ?? null, outbox.length || !pretended ? await withOwns(outbox) : [pretended], await",
        ),
    ),
    "R-12 the mark runs ahead": (
        Plant(
            _RECORDS,
            _LAY,
            f"async {_LAY}"
            '  const seq = Number((await use((db) => db.get("facts", "seq"))) ?? 0) + 1;\n'
            "  await mark(chosen()!, { device: await device(), seq });\n"
            "  await new Promise((later) => setTimeout(later, 90));\n",
        ),
    ),
}
# Tells the outside at once what the screen says is saved.
SAYS = """new MutationObserver(() => {
  const name = document.querySelector(".saved strong")?.textContent;
  if (name && name !== window.told) window.said(window.told = name);
}).observe(document, { childList: true, subtree: true, characterData: true })"""


def run(seed: int, kills: int = LONG, planted: str = "") -> Report:
    """Kill the browser this many times, over a server of its own."""
    with tempfile.TemporaryDirectory() as name, sync_playwright() as play:
        releases = Releases(Path(name))
        for words in ("setup", "demo"):
            releases.command(words)
        releases.deploy()
        releases.start()
        try:
            return lives(Kills(releases, play, Path(name) / "profiles"), seed, kills, planted)
        finally:
            releases.stop()


class Kills:
    """What the campaign stands on: a server, the driver, and a place for profiles."""

    def __init__(self, releases: Releases, play: Playwright, folder: Path) -> None:
        self.releases, self.play, self.folder = releases, play, folder
        self.latest = 0.15


def lives(ground: Kills, seed: int, kills: int, planted: str = "") -> Report:
    """As many lives of a browser, over as many profiles as that takes."""
    report = Report("R-12 kill -9 of the browser around a save (Chromium, its profile on the disk)", seed)
    chance = random.Random(seed)
    plants = BUGS[planted]
    while report.counts["kills"] < kills and not (planted and report.failures):
        one = _Profile(ground, report, chance, plants, f"{seed}-{report.counts['profiles']}")
        report.counts["profiles"] += 1
        one.live(min(PER_PROFILE, kills - report.counts["kills"]), stop=bool(planted))
    report.not_run.append("power cuts of the phone, and browsers other than Chromium")
    return report


class _Profile:
    """One phone's profile, from its sign-in to the day when everything has gone up."""

    def __init__(
        self, ground: Kills, report: Report, chance: random.Random, plants: tuple[Plant, ...], name: str
    ) -> None:
        self.ground, self.report, self.chance, self.plants, self.name = ground, report, chance, plants, name
        self.killable = Killable(ground.play, ground.folder / name)
        self.said: list[str] = []
        self.last = ""

    def live(self, kills: int, *, stop: bool) -> None:
        """Sign in, be killed this often, and send."""
        try:
            self._sign_in()
            for _ in range(kills):
                self._save_and_die()
                if stop and self.report.failures:
                    return
            self._send()
        finally:
            self.killable.kill()
            self.killable.forget()

    def _open(self) -> Holder:
        page = self.killable.starts()
        context = self.killable.context
        context.expose_binding("said", lambda _, name: self.said.append(str(name)))
        context.add_init_script(SAYS)
        lan = Holder(self.ground.releases, context)
        page.close()
        return lan

    def _sign_in(self) -> None:
        self.ground.releases.deploy(*self.plants)
        lan = self._open()
        lan.signs_in(LAN)
        lan.is_ready()
        self.killable.close()

    def _die(self) -> None:
        self.killable.kill()
        self.killable.forget()

    def _save_and_die(self) -> None:
        reached = self.chance.random() < 0.25
        self.ground.releases.deploy(*self.plants, ails="" if reached else "no sync")
        lan = self._open()
        lan.opens()
        lan.page.locator("h1").wait_for()
        before = len(self.report.failures)
        lies = lan.looks()
        shown = lan.drafts()
        if lies is None:
            self.report.fail(self.last or "the sign-in", f"no store: {lan.page.locator('body').inner_text()[:200]!r}")
            return
        self._look(lies, shown)
        if len(self.report.failures) > before:
            return
        self.last = f"Tủ {self.name} số {self.report.counts['kills']}"
        lan.fills(self.last)
        lan.page.evaluate("() => dispatchEvent(new Event('pagehide'))")
        lan.page.get_by_text("Nháp đã lưu lúc").wait_for(state="attached")  # a page that is left is covered
        self._press_and_die(lan, self.chance.uniform(0, self.ground.latest))
        self.report.counts["kills"] += 1
        self.report.counts["said saved before the kill"] += self.last in self.said

    def _press_and_die(self, lan: Holder, after: float) -> None:
        """Press save; so many seconds later, whatever the browser does then, it is gone."""
        due = threading.Timer(after, self.killable.strike)
        due.start()
        try:
            lan.page.evaluate("() => void setTimeout(() => document.querySelector('.dock .main').click(), 0)")
            lan.page.wait_for_timeout(5_000)
        except Error:
            pass  # it is gone
        due.join()
        self._die()

    def _look(self, lies: dict[str, Any], shown: list[str]) -> None:
        """Everything that lies in the store after a kill; `shown` are the drafts that the app offers."""
        case = self.last or "the sign-in"
        entries = [*lies["outbox"], *lies["sent"]]
        changes = [json.loads(entry["body"]) for entry in entries]
        names = Counter(named(entry["body"]) for entry in entries)
        drafts = Counter(shown)
        for name in self.said:
            if not names[name]:
                self.report.fail(case, f"said saved and is gone: {name}")
        for name, times in names.items():
            if times > 1:
                self.report.fail(case, f"{times} times: {name}")
        for change in changes:
            if not (change["set"].get("keeper") and change["set"].get("checked_on")):
                self.report.fail(case, f"only half of number {change['seq']}")
        seqs = sorted(change["seq"] for change in changes)
        if seqs != list(range(1, len(seqs) + 1)) or lies["facts"].get("seq", 0) != len(seqs):
            self.report.fail(case, f"numbers {seqs}, the last one {lies['facts'].get('seq')}")
        if self.last and names[self.last] + drafts[self.last] != 1:
            self.report.fail(case, f"{names[self.last]} records and {drafts[self.last]} drafts of what was typed")
        if lies["facts"].get("alarms"):
            self.report.fail(case, f"an alarm without a loss: {lies['facts']['alarms']}")
        if self.last:
            self.report.counts["saved" if names[self.last] else "kept as a draft"] += 1
            closer = self.ground.latest * (0.7 if names[self.last] else 1.5)
            self.ground.latest = min(max(closer, SOONEST), LATEST)

    def _send(self) -> None:
        """Everything goes up, once."""
        self.ground.releases.deploy(*self.plants)
        lan = self._open()
        lan.opens()
        expect(lan.page.get_by_text("Phường đã nhận hết")).to_be_visible(timeout=60_000)
        lies = lan.looks()
        self._look(lies, lan.drafts())
        if lies["outbox"]:
            self.report.fail(self.name, f"{len(lies['outbox'])} changes did not go up")
        at_ward = self._at_ward()
        mine = {named(entry["body"]) for entry in lies["sent"]}
        for name in mine:
            if at_ward[name] != 1:
                self.report.fail(self.name, f"{at_ward[name]} times at the ward: {name}")
        self.report.counts["records at the ward"] += len(mine)

    def _at_ward(self) -> Counter[str]:
        with sqlite3.connect(self.ground.releases.folder / "browser.db") as database:
            rows = database.execute("SELECT data FROM record WHERE kind = 'first_aid_box'").fetchall()
        database.close()
        return Counter(json.loads(data).get("keeper") for (data,) in rows)


if __name__ == "__main__":
    command(run, __doc__, {"kills": LONG})
