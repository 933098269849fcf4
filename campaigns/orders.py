"""R-07: one phone's changes arrive in every order, each as often as the line likes, some of them long after.

    python -m campaigns.orders                   every order of six changes, three stories
    python -m campaigns.orders --changes 4       every order of the first four, as in the test command

A phone without signal has written several changes of one record, which its requests then carry in any order: one
each, or cut into two requests. While one is missing the ward says so and the desk sees the gap. Whatever the order,
in the end the record is what the phone shows: of each answer the last that was written, no conflict with oneself,
withdrawn when that was the last thing done. Then everything comes once more, and nothing happens.
"""

import itertools
import random
from typing import Any

from flask import Flask

from app.db import db
from app.records.models import Record
from app.sync.models import Gap
from campaigns import oracle
from campaigns.day import some_id
from campaigns.place import Place, application, close, folder
from campaigns.planted import Patch, bug
from campaigns.planted import planted as planting
from campaigns.report import Report, command
from campaigns.stopped import stopped
from tests.cast import PEOPLE
from tests.phone import Entry, Json, Phone

LONG = 6
PER_DATABASE = 120
POND = {"type": "DN1", "name": "Ao nhà văn hóa", "address": "ngõ 12", "risk": "low"}
WITHDRAWN = {"delete": True, "reason": "ghi nhầm"}
Story = list[Json]
EDITS: Story = [
    {"set": POND},
    {"set": {"name": "Ao ông Tư", "depth": 2}},
    {"set": {"risk": "high"}},
    {"set": {"name": None, "risk": "medium"}},
    {"set": {"name": "Ao bà Tám", "depth": 3}},
    {"set": {"risk": "low", "description": "Nước sâu"}},
]
STORIES: dict[str, Story] = {
    "edits": EDITS,
    "withdrawn in the end": [*EDITS[:-1], WITHDRAWN],
    "withdrawn, then written on": [*EDITS[:2], WITHDRAWN, *EDITS[2:-1]],
}


def run(seed: int, changes: int = LONG, planted: str = "") -> Report:
    """Every order of so many changes of each story, the last of them always among them."""
    report = Report("R-07 one phone's changes in every order, late and again (SQLite)", seed)
    chance = random.Random(seed)
    with folder() as where, stopped(), planting(planted):
        place = Place(where)
        for name, story in STORIES.items():
            told = [*story[: changes - 1], story[-1]] if changes < len(story) else story
            orders = list(itertools.permutations(range(len(told))))
            for start in range(0, len(orders), PER_DATABASE):
                if not (planted and report.failures):
                    _part(report, place, chance, name, told, orders[start : start + PER_DATABASE])
    return report


def _part(report: Report, place: Place, chance: random.Random, name: str, story: Story, orders: list[Any]) -> None:
    place.renew()
    app = application(place.url)
    kept: dict[Any, Entry] = {}
    receipts: dict[Any, Json] = {}
    wanted = _in_order(app, chance, story)
    for order in orders:
        report.counts["orders"] += 1
        scene = _Scene(app, chance, story)
        if fault := scene.arrives(order) or scene.ends(wanted):
            report.fail(f"{name}, {order}", fault)
        kept |= {entry.id: entry for entry in scene.entries}
        receipts |= scene.receipts
        report.counts["receipts"] += len(scene.receipts)
        report.counts["held meanwhile"] += scene.held
    close(app)
    look = place.look()
    for fault in oracle.audit(look, kept, receipts):
        report.fail(name, fault)
    look.close()


def _in_order(app: Flask, chance: random.Random, story: Story) -> Json:
    scene = _Scene(app, chance, story)
    scene.arrives(tuple(range(len(story))))
    return scene.state()


class _Scene:
    """One record, and the phone that wrote it."""

    def __init__(self, app: Flask, chance: random.Random, story: Story) -> None:
        self.app, self.chance = app, chance
        self.phone = Phone(app, PEOPLE["Lan"], device=some_id(chance))
        self.record = some_id(chance)
        for step in story:
            self.phone._write({"record": self.record, "kind": "hazard_site", "base": 0, **step})
        self.entries = list(self.phone.outbox)
        self.receipts: dict[str, Json] = {}
        self.held = 0

    def arrives(self, order: tuple[int, ...]) -> str:
        """Send in this order; what is wrong on the way."""
        sent: list[int] = []
        cuts = range(1, len(order) + 1) if self.chance.random() < 0.7 else (self.chance.randrange(1, len(order)),)
        for cut in (*cuts, len(order)):
            fresh = order[len(sent) : cut]
            again = self.chance.sample(sent, min(len(sent), self.chance.randrange(2)))
            sent += fresh
            if fault := self._push([*fresh, *again]) or self._missing(sent):
                return fault
        return ""

    def ends(self, wanted: Json) -> str:
        """Whether it ended as in order; and once more, everything."""
        before = self.state()
        if before != wanted:
            return f"ended as {before} instead of {wanted}"
        fault = self._push(self.chance.sample(range(len(self.entries)), len(self.entries)))
        if fault or self.state() != before:
            return fault or "sent once more, it is another"
        waits = [entry.seq for entry in self.entries if self.receipts[entry.id]["outcome"] == "held"]
        return f"{waits} still wait" if waits else self._missing(range(len(self.entries)))

    def state(self) -> Json:
        """The record as the ward has it."""
        with self.app.app_context():
            found = db.session.get(Record, self.record)
            if found is None:
                return {}
            return {name: getattr(found, name) for name in ("data", "status", "conflicts", "problems")}

    def _push(self, places: Any) -> str:
        some = [self.entries[place] for place in places]
        for entry, receipt in zip(some, self.phone.push(*[entry.body for entry in some]), strict=True):
            before = self.receipts.get(entry.id)
            if before and before["outcome"] != "held" and before != receipt:
                return f"change {entry.seq} got {receipt} after {before}"
            if receipt["outcome"] == "quarantined":
                return f"change {entry.seq} was kept aside: {receipt['problems']}"
            self.held += receipt["outcome"] == "held" and before is None
            self.receipts[entry.id] = receipt
        return ""

    def _missing(self, sent: Any) -> str:
        """Below the highest number that came, the desk sees exactly those that did not."""
        top = max(sent, default=-1)
        wanted = [place + 1 for place in range(top) if place not in sent]
        asked = db.select(Gap.seq).where(Gap.device == self.phone.device, Gap.filled_at.is_(None)).order_by(Gap.seq)
        with self.app.app_context():
            shown = list(db.session.scalars(asked))
        return "" if shown == wanted else f"{wanted} are missing, the desk sees {shown}"


@bug("R-07 a phone's own later writing does not stay")
def _own_order() -> list[Patch]:
    from app.sync import merge

    return [(merge, "is_late", lambda last, change: False)]


@bug("R-07 what was written before a withdrawal brings the record back")
def _comes_back() -> list[Patch]:
    from app.sync import judge

    return [(judge, "_overtaken", lambda record, change, sender: False)]


@bug("R-07 what overtook its record waits for ever")
def _never_released() -> list[Patch]:
    from app.sync import log

    return [(log, "held", lambda ids: {})]


@bug("R-07 a gap stays when its number comes")
def _stays_open() -> list[Patch]:
    from app.sync import devices

    return [(devices, "_fill", lambda contact, known, arrived: False)]


if __name__ == "__main__":
    command(run, __doc__, {"changes": LONG})
