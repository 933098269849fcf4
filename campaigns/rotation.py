"""K-01: keys change while phones push, and whatever changes them is killed with signal 9, again and again.

    python -m campaigns.rotation                     200 kills
    python -m campaigns.rotation --kills 20          as in the test command
    python -m campaigns.rotation --on postgresql     three workers on PostgreSQL

Three phones, one of which seals, write of children and push without a pause to a real server. Meanwhile `flask keys
new`, `flask keys reseal` and `flask seal rotate --now` run one after the other, each killed at a random moment, until
they have come to their end between two kills. No push may fail, nothing receipted may change, and what phones are told
to seal to must open. In the end the old generations are taken out of the key file: everything must still be readable,
the chains hold, and a fresh phone be given every record. Where a command is when it is killed, the machine decides.
"""

import os
import random
import signal
import threading
import time
from http.client import HTTPException
from pathlib import Path
from typing import Any

from app.at_rest import keys, service
from app.db import db, transact
from app.records.audit import Audit
from app.seals import service as seals
from app.seals.models import SealKey
from campaigns import oracle
from campaigns.line import Caller
from campaigns.pg_place import PgPlace, place_on
from campaigns.place import Place, folder
from campaigns.planted import Patch, bug
from campaigns.report import Report, command
from campaigns.server import WORDS, Server, Warm, warm
from tests.cast import PEOPLE
from tests.phone import Phone

LONG = 200
PER_DATABASE = 40
MOST_RUNS = 20  # of a command that is left alone, until nothing is under an old key
AT_ONCE = 10  # rows in a transaction
PHONES = (("Lan", "lan-1"), ("Lan", "lan-2"), ("Hoa", "hoa-1"))


def run(seed: int, kills: int = LONG, planted: str = "", on: str = "") -> Report:
    """Kill what changes the keys this many times."""
    what = "PostgreSQL, gunicorn, 3 workers" if on == "postgresql" else "SQLite, gunicorn as in README"
    report = Report(f"K-01 rotation of keys killed half-way while phones push ({what})", seed)
    chance = random.Random(seed)
    with folder() as where:
        file = where / "data-keys"
        keys.make(file)
        with place_on(on, where, keys=file) as place, warm(place) as zygote:
            while report.counts["kills"] < kills and not (planted and report.failures):
                _Database(report, chance, place, zygote, planted, file).lives(kills)
    return report


def before_a_command() -> None:
    """In the process of a command: small transactions, so that there are many places to be killed at."""
    service.AT_ONCE = AT_ONCE


class _Database:
    """One database, its key file, its server and its phones."""

    def __init__(
        self, report: Report, chance: random.Random, place: Place | PgPlace, zygote: Warm, planted: str, file: Path
    ) -> None:
        self.report, self.chance, self.place, self.zygote, self.planted = report, chance, place, zygote, planted
        self.file, self.log = file, place.folder / "commands.log"
        place.renew()
        with place.app() as app, app.app_context(), transact():
            seals.ensure_keys()
            seals.mark_safe(seals.unsafe())
        words = [*WORDS, "--workers", "3"] if isinstance(place, PgPlace) else WORDS
        self.server = Server(zygote, place.folder, bugs="campaigns.rotation", words=words)
        self.lasts = 0.1  # seconds that a command takes when it is left alone, as seen last

    def lives(self, kills: int) -> None:
        """Change keys under load, with kills, then look at everything."""
        self.server.start()
        enough = threading.Event()
        lives = [_Life(name, device, self.server.port, self.chance.getrandbits(32), enough) for name, device in PHONES]
        for life in lives:
            life.start()
        try:
            self._runs("keys", "reseal", kill=False)  # to see how long it takes
            last = min(kills, self.report.counts["kills"] + PER_DATABASE)
            while self.report.counts["kills"] < last and not any(life.faults for life in lives):
                self._rotates()
                self._seals_anew(kill=self.chance.random() < 0.7)
            self._seals_anew(kill=False)
        except keys.NoKey as error:
            self.report.fail(f"kill {self.report.counts['kills']}", f"no key opens a row: {error}")
        finally:
            enough.set()
            for life in lives:
                life.join(60)
            self.server.kill()
        self._looks(lives)

    def _rotates(self) -> None:
        """A new generation; rows are brought under it by a command that is killed, until one gets through."""
        before = set(keys.read(self.file).generations)
        self._runs("keys", "new", kill=self.chance.random() < 0.3)
        now = keys.read(self.file).generations
        if not before <= set(now):
            self.report.fail(f"kill {self.report.counts['kills']}", "an old generation is gone from the key file")
        self.report.counts["new generations"] += len(now) - len(before)
        for _ in range(self.chance.randrange(1, 5)):
            self._runs("keys", "reseal", kill=True)
            self.report.counts["rows were left under an old key"] += any(self._left().values())
        if self.chance.random() < 0.5:
            self._runs("keys", "reseal", kill=False)
            self.report.counts["came to an end"] += 1

    def _seals_anew(self, *, kill: bool) -> None:
        """A new key for phones to seal to. After a kill there is one more or as many, and what phones are told fits."""
        before, _ = self._seal_keys()
        self._runs("seal", "rotate", "--now", kill=kill)
        after, told = self._seal_keys()
        self.report.counts["new keys to seal to"] += after - before
        if after - before not in (0, 1) or not told:
            self.report.fail(f"kill {self.report.counts['kills']}", f"{before} keys to seal to became {after}")

    def _runs(self, *words: str, kill: bool) -> None:
        asked = {"words": [*words], "log": str(self.log), "bugs": "campaigns.rotation", "bug": self.planted}
        begin = time.monotonic()
        pid = self.zygote.ask({"run": asked})["pid"]
        if kill:
            self.report.counts["kills"] += 1
            threading.Event().wait(self.chance.uniform(0, self.lasts * 1.2))
            os.killpg(pid, signal.SIGKILL) if _is_leader(pid) else os.kill(pid, signal.SIGKILL)
        code = self.zygote.ask({"reap": pid})["code"]
        self.report.counts["killed before the end"] += code == -signal.SIGKILL
        if code == 0 and words[1] == "reseal":
            self.lasts = time.monotonic() - begin
        if code not in (0, -signal.SIGKILL):
            said = self.log.read_text()[-400:]
            self.report.fail(f"kill {self.report.counts['kills']}", f"{' '.join(words)} ended with {code}: {said}")

    def _left(self) -> dict[str, int]:
        with self.place.app() as app, app.app_context():
            return service.left()

    def _seal_keys(self) -> tuple[int, bool]:
        with self.place.app() as app, app.app_context():
            found = list(db.session.scalars(db.select(SealKey.private)))
            return len(found), seals.told() is not None

    def _looks(self, lives: "list[_Life]") -> None:
        """Everything comes under the newest key, the others are thrown away, and all is as the phones know it."""
        for life in lives:
            for fault in life.faults:
                self.report.fail(f"kill {self.report.counts['kills']}", fault)
            self.report.counts["changes"] += len(life.phone.kept)
            self.report.counts["receipts"] += len(life.phone.acknowledged)
        try:
            self._leaves_nothing()
            self._reads(lives)
        except Exception as error:
            self.report.fail("in the end", f"{type(error).__name__}: {str(error)[:300]}")

    def _leaves_nothing(self) -> None:
        """Everything under the newest key, and no other key in the file."""
        runs = 0
        while any(self._left().values()) and runs < MOST_RUNS:
            self._runs("keys", "reseal", kill=False)
            runs += 1
        if any(left := self._left().values()):
            self.report.fail("in the end", f"under an old key are {sum(left)} rows")
        self.file.write_text(self.file.read_text().splitlines()[0] + "\n")

    def _reads(self, lives: "list[_Life]") -> None:
        look = self.place.look()
        for life in lives:
            got = life.phone.acknowledged
            if life.seals:  # its receipts name the sealed texts, the log what was in them
                got = {key: {**receipt, "sha256": life.phone.kept[key].sha256} for key, receipt in got.items()}
            for fault in oracle.audit(look, life.phone.kept, got):
                self.report.fail("the database", fault)
        look.close()
        with self.place.app() as app:
            with app.app_context():
                for finding in Audit().findings():
                    self.report.fail("the chain", finding.words)
            fresh = Phone(app, PEOPLE["Lan"], device="fresh")
            fresh.sync()
            if fresh.digest() != {name: fresh.asks_digest()[name] for name in ("count", "digest")}:
                self.report.fail("the feed", "a fresh phone was not given everything")


def _is_leader(pid: int) -> bool:
    try:
        return os.getpgid(pid) == pid
    except ProcessLookupError:
        return False


class _Life(threading.Thread):
    """A phone that writes of children and pushes until it is told that it is enough. No push may fail."""

    def __init__(self, name: str, device: str, port: int, seed: int, enough: threading.Event) -> None:
        super().__init__(daemon=True)
        self.phone = Caller(None, PEOPLE[name], device=device, port=port)  # type: ignore[arg-type]
        self.seals = name == "Hoa"
        self.chance, self.enough = random.Random(seed), enough
        self.faults: list[str] = []

    def run(self) -> None:
        try:
            if self.seals:
                self.phone.registers_key()
                self.phone.learns_to_seal()
            first = self.phone.seals
            while not self.enough.is_set():
                if self.seals and self.chance.random() < 0.3:
                    self.phone.learns_to_seal()
                for _ in range(self.chance.randrange(1, 4)):
                    self._writes()
                self._pushes()
                self.enough.wait(self.chance.uniform(0, 0.1))
            if self.seals:  # what was sealed to the first key opens as long as there is a ward
                self.phone.seals = first
                self._writes()
            self._pushes()
        except Exception as error:
            self.faults.append(f"{type(error).__name__}: {str(error)[:300]}")
        finally:
            self.phone.client.close()

    def _writes(self) -> None:
        phone, children = self.phone, [one for one in self.phone.store.values() if one["kind"] == "child"]
        if children and self.chance.random() < 0.5:
            phone.edit(self.chance.choice(children)["id"], note=f"hay sang nhà bà, lần {self.chance.randrange(999)}")
        elif self.chance.random() < 0.2:
            phone.record("violation_report", about="abused", state_now="Cháu bị đánh", danger_now="no")
        else:
            phone.record("child", name="Nguyễn Văn Đức", noted_on="2026-06-01")

    def _pushes(self) -> None:
        try:
            answer: Any = self.phone.round_trip()
        except (OSError, HTTPException) as error:
            self.faults.append(f"a push broke: {error!r}")
            return
        if any(one["outcome"] == "quarantined" for one in answer["receipts"]):
            self.faults.append("a change was kept aside: its seal does not open")


@bug("K-01 a row is written as it was read before a push")
def _stale() -> list[Patch]:
    real: Any = service._held

    def held(ids: list[str]) -> list[Any]:
        rows = real(ids)
        db.session.commit()
        time.sleep(0.05)
        return list(rows)

    return [(service, "_held", held)]


@bug("K-01 a new generation takes the place of the old ones")
def _replaces() -> list[Patch]:
    def add(path: Path) -> str:
        line = keys.new_line()
        path.write_text(f"{line}\n", encoding="ascii")
        return line.split()[0]

    return [(keys, "add", add)]


@bug("K-01 a table is forgotten")
def _forgets() -> list[Patch]:
    return [(service, "_versions", lambda after: (0, None))]


@bug("K-01 the key before goes with its successor")
def _drops() -> list[Patch]:
    real: Any = seals.rotate

    def rotate() -> SealKey:
        db.session.execute(db.delete(SealKey).where(SealKey.use == "seal"))
        made: SealKey = real()
        return made

    return [(seals, "rotate", rotate)]


if __name__ == "__main__":
    command(run, __doc__, {"kills": LONG}, variants="on")
