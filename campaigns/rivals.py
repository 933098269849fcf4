"""R-08: several people edit the same fields of the same records, none of them knowing of all the others.

    python -m campaigns.rivals                   20,000 records
    python -m campaigns.rivals --records 600     as in the test command

Four phones of two people, one phone shared by both, and an officer who now and then judges or chooses. What a phone
knew of a record is drawn at random; its changes arrive late, out of order, twice. Afterwards each value that was
written must be in force, or stand in `conflicts`, or have been overwritten by somebody who had seen it: that is asked
of the log's own texts and of nothing that the merge believes. Versions have no hole. And phones that know nothing of
each other must end with the same values, in whatever order they arrive.
"""

import itertools
import json
import random
import unicodedata
from dataclasses import dataclass, field
from typing import Any

from flask import Flask

from app.db import db, transact
from app.problems import Problem
from app.records.models import Record
from app.records.service import write_verdict
from app.review.choice import choose
from campaigns import oracle
from campaigns.day import some_id
from campaigns.place import Place, application, close, folder
from campaigns.planted import Patch, bug
from campaigns.planted import planted as planting
from campaigns.report import Report, command
from campaigns.stopped import stopped
from tests.cast import PEOPLE, Cast
from tests.phone import Entry, Json, Phone

LONG = 20_000
TOGETHER = 25  # records that one scene is played with
POND = {"type": "DN1", "name": "Ao nhà văn hóa", "address": "ngõ 12"}
VALUES: dict[str, list[Any]] = {
    "name": ["Ao đình", "Ao ông Tư", "Ao bà Tám", None],
    "risk": ["low", "medium", "high", None],
    "depth": [1, 2, 3.5],
    "keeper": ["Ban quản lý", "Ông Tư"],
}
DANGER = ["high", "medium", "low"]
PHONES = (("Lan", "lan-1"), ("Lan", "lan-2"), ("Hoa", "hoa-1"), ("Hoa", "lan-1"))


def run(seed: int, records: int = LONG, planted: str = "") -> Report:
    """Play scenes until this many records were fought over."""
    report = Report("R-08 several people edit the same fields (SQLite)", seed)
    chance = random.Random(seed)
    with folder() as where, stopped(), planting(planted):
        place = Place(where)
        while report.counts["records"] < records and not (planted and report.failures):
            place.renew()
            app = application(place.url)
            together = min(TOGETHER, records - report.counts["records"])
            scene = _Scene(app, chance, [some_id(chance) for _ in range(together)])
            scene.play()
            _strangers(report, app, chance)
            close(app)
            _judge(report, place, scene)
            report.counts["records"] += together
            report.counts["changes"] += len(scene.receipts)
    return report


@dataclass
class _Hand:
    """One person on one phone, and what waits there."""

    phone: Phone
    knew: dict[str, int] = field(default_factory=dict)
    waits: list[Json] = field(default_factory=list)


class _Scene:
    """Records, and everybody who writes in them."""

    def __init__(self, app: Flask, chance: random.Random, records: list[str]) -> None:
        self.app, self.chance, self.records = app, chance, records
        self.hands = [_Hand(Phone(app, PEOPLE[name], device=device)) for name, device in PHONES]
        self.version = dict.fromkeys(records, 1)
        self.kept: dict[str, Entry] = {}
        self.receipts: dict[str, Json] = {}

    def play(self) -> None:
        """Open the records, write and send in turns, and send what is left."""
        first = self.hands[0]
        first.waits = [first.phone.change(record, set=POND) for record in self.records]
        self._send(first, first.waits)
        for _ in range(self.chance.randrange(6, 14)):
            hand = self.chance.choice(self.hands)
            for record in self.records:
                if self.chance.random() < 0.5:
                    self._write(hand, record)
            if self.chance.random() < 0.7:
                self._send(hand, self.chance.sample(hand.waits, self.chance.randrange(len(hand.waits) + 1)))
            if self.chance.random() < 0.3:
                self._officer()
        for hand in self.chance.sample(self.hands, len(self.hands)):
            self.chance.shuffle(hand.waits)
            self._send(hand, hand.waits)

    def _write(self, hand: _Hand, record: str) -> None:
        known = self.chance.randint(hand.knew.get(record, 0), self.version[record])
        hand.knew[record] = known
        names = self.chance.sample(list(VALUES), self.chance.randint(1, 2))
        hand.waits.append(
            hand.phone.change(record, base=known, set={name: self.chance.choice(VALUES[name]) for name in names})
        )

    def _send(self, hand: _Hand, some: list[Json]) -> None:
        sent = list(some)
        if sent and self.chance.random() < 0.3:
            sent.append(self.chance.choice(sent))
        for first in range(0, len(sent), 100):
            texts = [json.dumps(change, ensure_ascii=False) for change in sent[first : first + 100]]
            for text, receipt in zip(texts, hand.phone.push(*texts), strict=True):
                change = json.loads(text)
                self.kept[change["id"]] = Entry(change["id"], change["record"], text)
                self.receipts[change["id"]] = receipt
                self.version[change["record"]] = max(self.version[change["record"]], receipt["version"])
        hand.waits = [change for change in hand.waits if change["id"] not in self.receipts]

    def _officer(self) -> None:
        """Minh judges one record as it stands, and chooses a value in others."""
        minh = Cast(self.app).actor("Minh")
        for record in self.chance.sample(self.records, min(4, len(self.records))):
            with self.app.app_context(), transact():
                found = db.session.get_one(Record, record)
                try:
                    if found.conflicts:
                        name = self.chance.choice(found.conflicts)["field"]
                        self.version[record] = choose(minh, record, found.version, name, self.chance.randrange(2))
                    elif self.chance.random() < 0.2:
                        self.version[record] = write_verdict(minh, record, found.version, "accept")
                except Problem:
                    continue


def _judge(report: Report, place: Place, scene: _Scene) -> None:
    look = place.look()
    for fault in oracle.audit(look, scene.kept, scene.receipts):
        report.fail(f"after {report.counts['records']} records", fault)
    for record in scene.records:
        wrote = written(look, record)
        data, conflicts = map(json.loads, _row(look, record))
        report.counts["conflicts left open"] += len(conflicts)
        for fault in vanished(wrote, data, conflicts):
            report.fail(f"record {record} after {report.counts['records']}", fault)
    look.close()


@dataclass(frozen=True)
class Written:
    """One value that somebody wrote into one field; `version` is the record's with it."""

    name: str
    value: Any
    who: tuple[str, str]  # device, person
    seq: int
    base: int
    version: int

    def has_seen(self, other: "Written") -> bool:
        """Whether its writer knew of the other value when writing this one."""
        return other.version <= self.base or (other.who == self.who and other.seq < self.seq)


def vanished(written: list[Written], data: Json, conflicts: list[Json]) -> list[str]:
    """The values that are nowhere, though nobody who had seen them wrote over them."""
    faults = []
    for one in written:
        shown = [data.get(one.name)]
        shown += [clash[side] for clash in conflicts if clash["field"] == one.name for side in ("kept", "other")]
        same = [other for other in written if other.name == one.name and _text(other.value) == _text(one.value)]
        over = [other for other in written if other.name == one.name and other is not one]
        if any(_text(value) == _text(one.value) for value in shown):
            continue
        # Whoever saw the same value, written by somebody else and in force already, saw this one.
        if not any(later.has_seen(seen) for later in over for seen in same if later is not seen):
            faults.append(f"{one.name} = {one.value!r} of version {one.version} is nowhere, and nobody had seen it")
    return faults


def written(look: Any, record: str) -> list[Written]:
    """Every value that the log says was written into a record, in the order of its versions."""
    wanted = (
        "SELECT c.body, c.device, c.person_id, v.version FROM change c"
        " JOIN record_version v ON v.change_log_id = c.log_id WHERE c.record_id = ? ORDER BY v.version"
    )
    found = []
    for body, device, person, version in look.execute(wanted, [record]):
        change = json.loads(bytes(body))
        found += [
            Written(name, _composed(value), (device, person), change["seq"], change["base"], version)
            for name, value in change.get("set", {}).items()
        ]
    return found


def _composed(value: Any) -> Any:
    """A text as it is stored: one spelling of each Vietnamese letter."""
    return unicodedata.normalize("NFC", value) if isinstance(value, str) else value


def _row(look: Any, record: str) -> Any:
    return look.execute("SELECT data, conflicts FROM record WHERE id = ?", [record]).fetchone()


def _strangers(report: Report, app: Flask, chance: random.Random) -> None:
    """Phones that know nothing of each other: the same values in the end, in each order of arrival."""
    count = chance.choice((2, 2, 3))
    hands = [Phone(app, PEOPLE[name], device=f"{device}-{some_id(chance)}") for name, device in PHONES[1 : count + 1]]
    sets = [{name: chance.choice(VALUES[name]) for name in chance.sample(list(VALUES), 2)} for _ in hands]
    ends = []
    for order in itertools.permutations(range(count)):
        record = some_id(chance)
        hands[0].push(hands[0].change(record, set=POND))
        for place in order:
            hands[place].push(hands[place].change(record, base=1, set=sets[place]))
        with app.app_context():
            found = db.session.get_one(Record, record)
            ends.append(_end(found.data, found.conflicts, sets))
    report.counts["orders of strangers"] += len(ends)
    if len(set(ends)) > 1:
        report.fail(f"strangers after {report.counts['records']} records", f"{sets} end as {sorted(set(ends))}")
    risks = [DANGER.index(given["risk"]) for given in sets if given.get("risk")]
    if risks and json.loads(ends[0])["risk in force"] != DANGER[min(risks)]:
        report.fail("strangers", f"{sets} end with the lesser danger in force: {ends[0]}")


def _end(data: Json, conflicts: list[Json], sets: list[Json]) -> str:
    values = {
        name: sorted(
            {_text(data.get(name))}
            | {_text(clash[side]) for clash in conflicts if clash["field"] == name for side in ("kept", "other")}
        )
        for name in {name for given in sets for name in given}
    }
    return json.dumps({**values, "risk in force": data.get("risk")}, sort_keys=True, ensure_ascii=False)


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def _merged(change_conflicts: Any) -> list[Patch]:
    """A bug in what is kept beside the values: `change_conflicts(before, after, change)` says what is kept instead."""
    from dataclasses import replace

    from app.sync import judge

    real: Any = judge.merge

    def merge(data: Any, writers: Any, version: int, conflicts: Any, change: Any, safety: Any) -> Any:
        after = real(data, writers, version, conflicts, change, safety)
        return replace(after, conflicts=change_conflicts(conflicts, after.conflicts, change))

    return [(judge, "merge", merge)]


@bug("R-08 the last one wins")
def _last_wins() -> list[Patch]:
    from app.sync import merge

    return [(merge, "is_known", lambda last, change: True)]


@bug("R-08 the other value is not kept")
def _loser_forgotten() -> list[Patch]:
    return _merged(lambda before, after, change: [clash for clash in after if clash in before])


@bug("R-08 a field keeps one conflict only")
def _one_conflict() -> list[Patch]:
    return _merged(lambda before, after, change: list({clash["field"]: clash for clash in after}.values()))


@bug("R-08 an edit settles conflicts that it had not seen")
def _settles_unseen() -> list[Patch]:
    return _merged(
        lambda before, after, change: [
            clash for clash in after if clash not in before or clash["field"] not in change.fields
        ]
    )


@bug("R-08 the lesser danger stays in force")
def _no_safety() -> list[Patch]:
    from app.sync import merge

    return [(merge, "_is_worse", lambda new, old, order: False)]


if __name__ == "__main__":
    command(run, __doc__, {"records": LONG})
