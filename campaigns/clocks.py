"""R-19: wrong clocks, on phones and on the server.

    python -m campaigns.clocks                   2,000 rounds
    python -m campaigns.clocks --rounds 80       as in the test command

Phones years ahead or behind, before 1970, jumping backwards, fourteen hours east or twelve west, in a leap second,
with a time that is none at all; the server's clock steps backwards and forwards meanwhile. Nothing may be lost, the
order is that of arrival, every phone is given everything, and the desk's pages can be read.
"""

import json
import random
import re
from datetime import timedelta
from typing import Any

from flask import Flask

from app.db import db, transact
from app.records.models import Record
from app.records.service import write_verdict
from campaigns import day, oracle
from campaigns.place import Place, application, close, folder
from campaigns.planted import Patch, bug
from campaigns.planted import planted as planting
from campaigns.report import Report, command
from campaigns.stopped import Stopped, stopped
from tests.cast import PEOPLE, Cast
from tests.phone import Entry, Json, Phone

LONG = 2000
PER_DATABASE = 40
FORMAT = "%Y-%m-%dT%H:%M:%S"
AT = (
    "0001-01-01T00:00:00+14:00",
    "0001-01-01T00:00:00Z",
    "1582-10-10T12:00:00+07:00",
    "1901-12-13T20:45:51Z",
    "1969-12-31T23:59:59Z",
    "1970-01-01T07:00:00+07:00",
    "2000-02-29T12:00:00+07:00",
    "2016-12-31T23:59:60Z",
    "2017-01-01T06:59:60+07:00",
    "2025-03-30T02:30:00+01:00",
    "2026-02-29T10:00:00+07:00",
    "2026-06-03T24:00:00+07:00",
    "2026-06-03T09:12:44+14:00",
    "2026-06-03T09:12:44-12:00",
    "2026-06-03T09:12:44",
    "2026-06-03T09:12:44.123456789+07:00",
    "20260603T091244Z",
    "2026-W23-3T09:12:44+07:00",
    "2026-06-03",
    "2038-01-19T03:14:08Z",
    "2106-02-07T06:28:16Z",
    "9999-12-31T23:59:59Z",
    "9999-12-31T23:59:59-12:00",
    "+12026-06-03T09:12:44Z",
    "03/06/2026 09:12",
    "9:12 SA 3/6/2569",
    "NaN",
    "",
)
DAYS = ("0001-01-01", "1969-12-31", "2031-01-01", "9999-12-31", "2026-02-30")
STEPS = (-900.0, -48.0, -7.0, -1.0, -0.01, 0.0, 0.01, 1.0, 24.0, 100.0)  # hours that the server's clock moves
_NEGATIVE = re.compile(r"(?<![\d-])-\d+ (phút|giờ|ngày)")


def run(seed: int, rounds: int = LONG, planted: str = "") -> Report:
    """So many pushes with whatever clocks."""
    report = Report("R-19 wrong clocks (SQLite)", seed)
    chance = random.Random(seed)
    with folder() as where, planting(planted), stopped() as clock:
        place, began = Place(where), clock.at
        while report.counts["rounds"] < rounds and not (planted and report.failures):
            place.renew()
            clock.at = began
            app = application(place.url)
            scene = _Scene(report, app, clock, chance)
            for _ in range(min(PER_DATABASE, rounds - report.counts["rounds"])):
                report.counts["rounds"] += 1
                scene.round()
            clock.at = began - timedelta(days=40)  # the desk looks at what came from its future, too
            scene.ends()
            close(app)
            look = place.look()
            for fault in oracle.audit(look, scene.kept, scene.receipts):
                report.fail(f"after round {report.counts['rounds']}", fault)
            look.close()
    return report


class _Scene:
    """Two phones that agree on everything but the time."""

    def __init__(self, report: Report, app: Flask, clock: Stopped, chance: random.Random) -> None:
        self.report, self.app, self.clock, self.chance = report, app, clock, chance
        self.phones = [Phone(app, PEOPLE["Lan"]), Phone(app, PEOPLE["Hoa"])]
        self.kept: dict[str, Entry] = {}
        self.receipts: dict[str, Json] = {}
        self.latest: dict[str, str] = {}  # record -> the name that arrived last
        self._since = clock.at

    def round(self) -> None:
        """The clocks jump, one phone takes what there is, writes, and sends."""
        self._jump()
        phone = self.chance.choice(self.phones)
        phone.sync()
        changes = [self._new(phone)]
        for record in self.chance.sample(sorted(phone.store), min(3, len(phone.store))):
            name = f"{self.chance.choice(day.NAMES)} {self.chance.randrange(10**6)}"
            version = phone.store[record]["version"]
            changes.append(phone.change(record, base=version, at=self._at(), set={"name": name}))
        for change, receipt in zip(changes, phone.push(*changes), strict=True):
            self.kept[change["id"]] = Entry(change["id"], change["record"], json.dumps(change, ensure_ascii=False))
            self.receipts[change["id"]] = receipt
            if receipt["outcome"] == "quarantined":
                self.report.fail(f"at {change['at']!r}", f"quarantined: {receipt['problems']}")
            self.latest[change["record"]] = change["set"]["name"]
        if self.chance.random() < 0.2:
            self._officer()

    def ends(self) -> None:
        """Everybody takes what there is; the desk looks at all of it."""
        for phone in self.phones:
            phone.sync()
            if phone.digest() != phone.asks_digest():
                self.report.fail("the feed", "a phone was not given everything")
            for record, name in self.latest.items():
                if phone.store.get(record, {"data": {}})["data"].get("name") != name:
                    self.report.fail("the order", f"{record} is not as it arrived last")
        minh = Cast(self.app).client("Minh")
        some = self.chance.sample(sorted(self.latest), min(25, len(self.latest)))
        for page in ("/desk/", "/desk/arrivals", *(f"/desk/records/{record}" for record in some)):
            answer = minh.get(page)
            self.report.counts["pages"] += 1
            if answer.status_code != 200:
                self.report.fail(page, f"answered {answer.status_code}")
            if found := _NEGATIVE.search(answer.text):
                self.report.fail(page, f"says {found[0]!r}")

    def _new(self, phone: Phone) -> Json:
        given = {"type": "DN1", "name": self.chance.choice(day.NAMES), "address": "ngõ 12"}
        if self.chance.random() < 0.3:
            given["seen_on"] = self.chance.choice(DAYS)
        return phone.change(at=self._at(), set=given)

    def _at(self) -> str:
        """A text, or a moment that is off by anything up to thirty years, in any zone."""
        if self.chance.random() < 0.5:
            return self.chance.choice(AT)
        off = self.chance.choice((-30, -1, 1, 30)) * self.chance.random() * 365 * 24
        zone = self.chance.choice(("+07:00", "Z", "+14:00", "-12:00", "+05:45"))
        moved = Stopped(self.clock.at)
        moved.move(hours=off)
        return moved.at.strftime(FORMAT) + zone

    def _jump(self) -> None:
        step = self.chance.choice(STEPS)
        after = Stopped(self.clock.at)
        after.move(hours=step)
        # A sign-in lasts thirty days from when it was last used; that is not what is tried here.
        if abs((after.at - self._since).days) < 25:
            self.clock.at = after.at
            self.report.counts["server went back"] += step < 0

    def _officer(self) -> None:
        record = self.chance.choice(sorted(self.latest))
        with self.app.app_context(), transact():
            found = db.session.get(Record, record)
            if found and found.status in ("received", "answered", "needs_fixing"):
                write_verdict(Cast(self.app).actor("Minh"), record, found.version, "return", "Xem lại giúp.")


@bug("R-19 the later clock wins")
def _by_the_clock() -> list[Patch]:
    from app.sync import merge

    return [(merge, "is_late", lambda last, change: str(last[4]) > change.at)]


@bug("R-19 a time that cannot be read spoils the change")
def _refuses() -> list[Patch]:
    from datetime import datetime

    from app.sync import envelopes

    def written_at(self: Any) -> Any:
        return datetime.fromisoformat(self.at)

    return [(envelopes.ChangeBody, "written_at", property(written_at))]


@bug("R-19 the feed goes by the server's clock")
def _feed_by_clock() -> list[Patch]:
    from app.records import queries

    real: Any = queries.feed
    told: dict[str, Any] = {}

    def feed(actor: Any, above: int, *more: Any) -> Any:
        found = [row for row in real(actor, above, *more) if not above or row["changed_at"] >= told[actor.id]]
        told[actor.id] = max([row["changed_at"] for row in found] + ([told[actor.id]] if actor.id in told else []))
        return found

    return [(queries, "feed", feed)]


@bug("R-19 waiting times below nothing are shown")
def _below_nothing() -> list[Patch]:
    from app.review import shown

    def waited(since: Any, now: Any) -> str:
        return f"{int((now - since).total_seconds() // 86400)} ngày"

    return [(shown, "waited", waited)]


if __name__ == "__main__":
    command(run, __doc__, {"rounds": LONG})
