"""R-04: the power goes while phones push; the disk keeps what was synced and any part of the rest.

    python -m campaigns.power                    30,000 cuts
    python -m campaigns.power --cuts 2000        as in the test command

The real program runs over SQLite on a recording file system (apsw, of the same SQLite version as the program's own
pysqlite3). Each run of it is cut at a hundred random points. What each cut may leave of the disk is laid out and opened
by pysqlite3: the file must be whole, and every change whose receipt the phone had by then must be in it, with its
bytes. Now and then the program itself starts on what is left, the phones send everything again, and all must heal.
"""

import random
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from unittest.mock import patch

import apsw
import pysqlite3.dbapi2 as sqlite
from flask import Flask

from campaigns import day, oracle
from campaigns.apsw_sqlite import Driver
from campaigns.disk import Platter, Recorder, Step, spread
from campaigns.opened import opened
from campaigns.place import Place, application, close, folder
from campaigns.planted import Patch, bug, writes_behind
from campaigns.planted import planted as planting
from campaigns.report import Report, command
from tests.cast import PEOPLE
from tests.phone import Entry, Json, Phone

LONG = 30_000
CUTS_PER_RUN = 100
PUSHES = (15, 45)
HEALED_EVERY = 50
CHECKPOINT_EVERY = (40, 200, 1000)  # pages; SQLite's own is 1000
INSTEAD: dict[str, str] = {}


@dataclass
class Film:
    """One run of the program: every step of the disk, and when which receipt had reached its phone."""

    steps: list[Step]
    sent: dict[str, dict[str, Entry]] = field(default_factory=dict)  # by person
    told: list[tuple[int, str, Json]] = field(default_factory=list)  # (steps so far, change, receipt)

    @property
    def kept(self) -> dict[str, Entry]:
        """Everything that was ever written."""
        return {change_id: entry for entries in self.sent.values() for change_id, entry in entries.items()}

    def acknowledged(self, at: int) -> dict[str, Json]:
        """What the phones had receipts for when the power went at this step."""
        return {change_id: receipt for step, change_id, receipt in self.told if step <= at}


def run(seed: int, cuts: int = LONG, planted: str = "") -> Report:
    """Cut the power this many times."""
    report = Report("R-04 simulated power cut", seed)
    report.figures["SQLite"] = f"{apsw.sqlite_lib_version()} recorded, {sqlite.sqlite_version} reads what is left"
    chance = random.Random(seed)
    with folder() as where, planting(planted):
        stage = Stage(where)
        while report.counts["cuts"] < cuts and not (planted and report.failures):
            film = stage.film(chance.getrandbits(32))
            report.counts["runs"] += 1
            report.counts["disk steps"] += len(film.steps)
            report.counts["syncs"] += sum(step.what == "sync" for step in film.steps)
            report.counts["receipts"] += len(film.told)
            _cut(report, film, stage, min(CUTS_PER_RUN, cuts - report.counts["cuts"]), chance)
    return report


class Stage:
    """The program over a disk that is filmed, and again over what a cut left of it."""

    def __init__(self, where: Path) -> None:
        self.place = Place(where)
        self.left = where / "cut" / self.place.path.name
        self.left.parent.mkdir()
        self._driver = Driver(INSTEAD)
        with patch("app.engine_options", lambda *_: {"module": self._driver, "hide_parameters": True}):
            self._filmed = application(self.place.url)
        self._healed = application(f"sqlite:///{self.left}")

    def film(self, seed: int) -> Film:
        """Let the program work and record the disk under it."""
        self.place.renew()
        chance = random.Random(seed)
        disk = Recorder(f"recorder-{seed}")
        disk.steps.append(Step("write", self.place.path.name, 0, self.place.path.read_bytes()))
        disk.steps.append(Step("sync", self.place.path.name))
        self._driver.turn_to(disk.name, [f"PRAGMA wal_autocheckpoint={chance.choice(CHECKPOINT_EVERY)}"])
        film = Film(disk.steps)
        _work(self._filmed, film, chance)
        film.steps = list(disk.steps)  # what closing would still write is not filmed
        close(self._filmed)
        disk.unregister()
        return film

    def heal(self, film: Film, acknowledged: dict[str, Json]) -> list[str]:
        """The program starts on what is left and is sent everything again."""
        receipts: dict[str, Json] = {}
        for name, entries in film.sent.items():
            phone, mine = Phone(self._healed, PEOPLE[name]), [entry.body for entry in entries.values()]
            for first in range(0, len(mine), 50):
                receipts |= {receipt["id"]: receipt for receipt in phone.push(*mine[first : first + 50])}
        close(self._healed)
        faults = [
            f"sent again, {change_id} got {receipts[change_id]} after {receipt}"
            for change_id, receipt in acknowledged.items()
            if receipt["outcome"] != "held" and receipts[change_id] != oracle.as_sent(receipt)
        ]
        return faults + _look(self.left, film, receipts)


def _work(app: Flask, film: Film, chance: random.Random) -> None:
    """Two phones write and push, for a while; the film learns what was written and which receipt came when."""
    phones = {name: Phone(app, PEOPLE[name]) for name in ("Lan", "Hoa")}
    film.sent = {name: {} for name in phones}
    for _ in range(chance.randrange(*PUSHES)):
        name, phone = chance.choice(list(phones.items()))
        for _ in range(chance.randrange(1, 9)):
            day.does_something(phone, chance)
        film.sent[name] |= {entry.id: entry for entry in phone.outbox}
        before = set(phone.receipts)
        phone.round_trip(lose_answer=chance.random() < 0.1)
        fresh = {change_id: receipt for change_id, receipt in phone.receipts.items() if change_id not in before}
        film.told += [(len(film.steps), change_id, receipt) for change_id, receipt in fresh.items()]


def _cut(report: Report, film: Film, stage: Stage, cuts: int, chance: random.Random) -> None:
    """Cut one film at random points, from its beginning to its end."""
    platters: dict[str, Platter] = {}
    name, done = stage.left.name, 0
    for at in sorted(chance.randrange(2, len(film.steps) + 1) for _ in range(cuts)):
        for step in film.steps[done:at]:
            platters.setdefault(step.file, Platter()).takes(step)
        done = at
        report.counts["cuts"] += 1
        report.counts["cuts with unsynced writes"] += any(platter.since for platter in platters.values())
        left = {file: platter.after_a_cut(chance) for file, platter in platters.items()}
        spread({file: data for file, data in left.items() if data is not None}, stage.left.parent, name, chance)
        case = f"run {report.counts['runs']}, cut at step {at} of {len(film.steps)}"
        sees = film.acknowledged(at)
        faults = _look(stage.left, film, sees)
        if not faults and report.counts["cuts"] % HEALED_EVERY == 0:
            report.counts["started again and healed"] += 1
            faults = stage.heal(film, sees)
        if faults:
            report.fail(case, f"{faults[0]} (and {len(faults) - 1} more)")


def _look(path: Path, film: Film, acknowledged: dict[str, Json]) -> list[str]:
    look = sqlite.connect(str(path))
    look.row_factory = lambda _, row: opened(row)
    try:
        look.execute("PRAGMA synchronous=OFF")
        return oracle.audit(look, film.kept, acknowledged)
    except sqlite.Error as error:
        return [f"the database does not open: {error}"]
    finally:
        look.close()


def _says(instead: dict[str, str]) -> list[Patch]:
    return [(sys.modules[__name__], "INSTEAD", instead)]


@bug("R-04 synchronous=NORMAL")
def _normal() -> list[Patch]:
    return _says({"PRAGMA synchronous=FULL": "PRAGMA synchronous=NORMAL"})


@bug("R-04 synchronous=OFF")
def _off() -> list[Patch]:
    return _says({"PRAGMA synchronous=FULL": "PRAGMA synchronous=OFF"})


@bug("R-04 the journal is kept in memory")
def _journal() -> list[Patch]:
    return _says({"PRAGMA journal_mode=WAL": "PRAGMA journal_mode=MEMORY"})


@bug("R-04 the answer goes out before the commit")
def _answers_first() -> list[Patch]:
    waiting: list[Callable[[], None]] = []

    def later(does: Callable[[], None]) -> None:
        waiting.append(does)
        if len(waiting) > 1:
            waiting.pop(0)()

    return writes_behind(later)


if __name__ == "__main__":
    command(run, __doc__, {"cuts": LONG})
