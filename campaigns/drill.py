"""R-22, the drill: yesterday's backup comes back, and twenty phones bring back today.

    python -m campaigns.drill                               400 drills on SQLite
    python -m campaigns.drill --drills 40 --on postgresql   the same on a PostgreSQL of its own

Twenty phones of two wards and an officer work for a day; `flask backup make` writes an encrypted backup; they work
for another day, with lost answers, dead zones and fields that two of them fill in at once. Then the server is
destroyed, and `flask restore` brings the backup into an empty place. When the phones have sent again: every change
that ever got a receipt is in the log once, with its bytes; every record is there, each answer in force or standing
open beside the one that is; no queue is left after 200 rounds, no number is missing, every phone holds what the ward
says it should, and of the verdicts exactly those of the lost day are gone, which the restore says. `flask doctor`
compares with the backup, `flask verify` walks the chains.
"""

import json
import random
import shutil
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask_migrate import stamp
from sqlalchemy import update

from app.backup import sealing
from app.db import db, transact
from app.i18n import t
from app.identity.models import SignIn
from campaigns import day, drill_answers, drill_bugs, oracle
from campaigns.crowd import crowd
from campaigns.drill_answers import Keeping
from campaigns.pg_place import PgPlace, place_on
from campaigns.place import Place, application, close, folder
from campaigns.planted import planted as planting
from campaigns.report import Report, command
from campaigns.stopped import Stopped, stopped
from tests.cast import GROUP_2_VIET_HUNG, GROUP_3, GROUP_7, GROUP_12, PEOPLE, Cast, join
from tests.phone import Json

LONG = 400
PHONES = 20
STEPS = 160  # things that people do in a day
MOST_ROUNDS = 200
GROUPS = (GROUP_7, GROUP_7, GROUP_3, GROUP_12, GROUP_2_VIET_HUNG)
CONTESTED: dict[str, list[Any]] = {
    "name": ["Ao đình", "Ao ông Tư", "Ao bà Tám", "Ao cá Bác Hồ", None],
    "depth": [1, 2, 3.5, 4],
    "keeper": ["Ban quản lý", "Ông Tư", "Hợp tác xã"],
}
_JUDGED = "SELECT record_id, version, what FROM record_version WHERE what IN ('accept', 'return', 'close')"


def run(seed: int, drills: int = LONG, planted: str = "", on: str = "", steps: int = STEPS) -> Report:
    """Hold this many drills; `steps` are what people do in one day."""
    report = Report(f"R-22 restore yesterday, {PHONES} phones bring back today ({on or 'sqlite'})", seed)
    with folder() as where, stopped() as clock, planting(planted), place_on(on, where) as place:
        _hold(report, place, clock, drills, steps)
    return report


def _hold(report: Report, place: Place | PgPlace, clock: Stopped, drills: int, steps: int) -> None:
    for number in range(drills):
        place.renew()
        case = f"{report.seed}-{number}"
        _Drill(report, place, clock, case, steps).hold()
        report.counts["drills"] += 1


@dataclass(frozen=True)
class _State:
    """What a database held at one moment."""

    records: dict[str, Json]
    judged: set[tuple[Any, ...]]
    changes: set[str]
    settled: set[tuple[str, str]]


class _Drill:
    """One drill, from a fresh ward to the last phone's last receipt."""

    def __init__(self, report: Report, place: Place | PgPlace, clock: Stopped, case: str, steps: int) -> None:
        self.report, self.place, self.clock, self.case, self.steps = report, place, clock, case, steps
        self.chance = random.Random(case)
        identity = sealing.new_identity()
        self.keyfile = place.folder / "key.txt"
        self.keyfile.write_text(str(identity))
        self.settings = {"backup_keys": str(identity.to_public()), "backup_folder": str(place.folder / "backups")}
        self.app = application(place.url, **self.settings)
        people = crowd(PHONES, GROUPS)
        with self.app.app_context():
            stamp()
            join(people, clock.at)
        self.phones = [Keeping(self.app, person) for person in people]
        self.minh = Cast(self.app).client("Minh")

    def hold(self) -> None:
        """The drill."""
        self._day()
        self._command("backup", "make")
        (path,) = (self.place.folder / "backups").glob("*.age")
        then = self._state()
        self.clock.move(hours=10)
        self._day()
        lost = self._state()
        self._destroy()
        self._work(self.steps // 4, online=False)
        self.clock.move(hours=5)
        said = self._command("restore", str(path), "--key", str(self.keyfile), "--lang", "en", may_warn=True)
        if t("backup.restored.lost", "en").split("{made}")[1] not in said:
            self._fail("the restore does not say what it cannot bring back")
        if self.minh.get("/desk/").status_code == 200:
            self._fail("the officer is still signed in after the restore")
        seen = [(phone, phone.witness) for phone in self.phones if phone.witness]
        self._heal()
        self._judge(then, lost)
        self._ask_witnesses(then, seen)
        self._tools(path)
        close(self.app)
        shutil.rmtree(path.parent)

    def _day(self) -> None:
        """Everybody works; at its end most have sent."""
        self._desk_opens()
        self._work(self.steps, online=True)
        for phone in self.chance.sample(self.phones, PHONES * 3 // 4):
            phone.sync()

    def _work(self, steps: int, *, online: bool) -> None:
        for _ in range(steps):
            self.clock.move(minutes=self.chance.uniform(0, 3))
            phone = self.chance.choice(self.phones)
            hazards = sorted(key for key, record in phone.store.items() if record["kind"] == "hazard_site")
            if hazards and self.chance.random() < 0.5:
                # A group's phones carry the same records: here they meet.
                name = self.chance.choice(list(CONTESTED))
                phone.edit(self.chance.choice(hazards[:2]), **{name: self.chance.choice(CONTESTED[name])})
            else:
                day.does_something(phone, self.chance)
            if online and self.chance.random() < 0.4:
                phone.sync(lose_answer=self.chance.random() < 0.15)
            if online and self.chance.random() < 0.12:
                self._officer()

    def _officer(self) -> None:
        """Minh chooses a value where two stand, or judges a record; both through the desk's own forms."""
        records = self._records("SELECT id, version, conflicts, status FROM record WHERE ward_id = 2")
        if not records:
            return
        one = self.chance.choice([row for row in records if row[2] != "[]"] or records)
        path, seen = f"/desk/records/{one[0]}", {"seen": str(one[1])}
        if one[2] != "[]" and self.chance.random() < 0.6:
            name = json.loads(one[2])[0]["field"]
            form = {"field": name, "choice": str(self.chance.randrange(2))}
            self._form(f"{path}/choice", {**seen, **form}, "choices")
        else:
            verdict = self.chance.choice(["accept", "return"])
            self._form(f"{path}/verdict", {**seen, "verdict": verdict, "note": "Nhờ chụp thêm"}, "verdicts")

    def _desk_opens(self) -> None:
        """Minh signs in, as every morning."""
        signs_in = {"seen_at": self.clock.at, "expires_at": self.clock.at + timedelta(days=1)}
        with self.app.app_context(), transact():
            db.session.execute(update(SignIn).where(SignIn.person_id == PEOPLE["Minh"].id).values(signs_in))

    def _form(self, path: str, form: dict[str, str], what: str) -> None:
        answer = self.minh.post(path, data=form, headers={"Sec-Fetch-Site": "same-origin"})
        self.report.counts[what] += answer.status_code == 303

    def _destroy(self) -> None:
        """The machine is gone, with its disk. What phones noted of it stays with them."""
        close(self.app)
        self.place.empty()
        self.app = application(self.place.url, **self.settings)
        self.minh = Cast(self.app).client("Minh")
        for phone in self.phones:
            phone.turns_to(self.app)

    def _heal(self) -> None:
        """Phones come back in any order, some losing answers on the way, until nothing waits anywhere."""
        rounds = 0
        while rounds < MOST_ROUNDS:
            rounds += 1
            for phone in self.chance.sample(self.phones, PHONES):
                if rounds > 3 or self.chance.random() < 0.6:
                    phone.sync(lose_answer=rounds <= 3 and self.chance.random() < 0.2)
            if rounds > 3 and not any(phone.outbox for phone in self.phones):
                break
        for phone in self.phones:
            phone.sync()
        self.report.counts["most rounds"] = max(self.report.counts["most rounds"], rounds)

    def _judge(self, then: _State, lost: _State) -> None:
        here = self._state()
        look = self.place.look()
        for phone in self.phones:
            there = oracle.receipts_there(look, phone.kept, phone.acknowledged)
            for fault in [*drill_answers.left_over(phone), *there]:
                self._fail(fault)
        everybody, receipts = drill_answers.everything(self.phones)
        for fault in oracle.audit(look, everybody, receipts, restored=True):
            self._fail(fault)
        for row in look.execute("SELECT change_id FROM change WHERE outcome = 'held'").fetchall():
            self._fail(f"change {row[0]} still waits for something")
        look.close()
        self._compare(lost, here)
        if here.judged != then.judged:
            self._fail(f"of {len(then.judged)} verdicts in the backup {len(here.judged & then.judged)} are there")
        counts = self.report.counts
        counts["changes"] += len(everybody)
        counts["receipts of the lost day"] += len(lost.changes - then.changes)
        counts["verdicts of the lost day, gone"] += len(lost.judged - here.judged)
        counts["records"] += len(here.records)

    def _compare(self, lost: _State, here: _State) -> None:
        """Every record is back; each answer stands, or somebody who had it on the screen wrote over it."""
        settled = self._settled_at_the_desk() | lost.settled
        for record_id, written in drill_answers.writings(self.phones).items():
            after = here.records.get(record_id)
            if after is None:
                self._fail(f"record {record_id} did not come back")
            elif after["status"] == "withdrawn" or lost.records.get(record_id, {}).get("status") == "withdrawn":
                self._compare_withdrawn(record_id)
            else:
                for one in written:
                    self.report.counts["answers compared"] += 1
                    if (record_id, one.name) not in settled and not drill_answers.stands(one, written, after):
                        self._fail(f"record {record_id}: {one} is nowhere, and nobody had seen it; {written}, {after}")
                self.report.counts["conflicts for people"] += len(after["conflicts"])

    def _settled_at_the_desk(self) -> set[tuple[str, str]]:
        """The fields in which the officer, who saw all of them, chose one of several values."""
        bodies = self._records("SELECT body FROM change WHERE device LIKE 'desk:%'")
        changes = [json.loads(bytes(row[0])) for row in bodies]
        return {(change["record"], name) for change in changes for name in change["set"]}

    def _compare_withdrawn(self, record_id: str) -> None:
        """A withdrawal meets whatever came in another order; it may only be there when its author asked for it."""
        self.report.counts["withdrawn before or after"] += 1
        if not drill_answers.somebody_withdrew(self.phones, record_id):
            self._fail(f"record {record_id} is withdrawn, and nobody withdrew it")

    def _ask_witnesses(self, then: _State, seen: list[tuple[Keeping, str]]) -> None:
        """What a phone saw of the chain is known when the backup had it, and unknown when it was of the lost day."""
        for phone, witness in seen:
            wanted = "SELECT count(*) FROM link WHERE ward_id = ? AND no = ? AND hash = ?"
            no, _, hashed = witness.partition(":")
            ward = 3 if phone.person.unit == GROUP_2_VIET_HUNG else 2
            there = self._records(wanted, [ward, int(no), hashed])[0][0] or not int(no)
            told = phone.asks_digest(witness)["chain"]
            self.report.counts[f"witnesses {told}"] += 1
            if (told == "known") != bool(there):
                self._fail(f"a witness of link {no} is {told}")
            if phone.witness == witness and not there:
                self._fail(f"the phone of {phone.person.name} still waits for link {no} of the lost chain")

    def _tools(self, path: Path) -> None:
        """What an administrator would run."""
        self._command("verify")
        said = self._command("doctor", "--full", "--against", str(path), "--json", may_warn=True)
        findings = {one["check"]: one for one in json.loads(said)}
        for check in ("integrity", "chain", "against", "gaps", "held", "schema"):
            if findings[check]["state"] != "ok":
                self._fail(f"doctor says of {check}: {findings[check]}")
        if findings["against"]["word"] != "restored":
            self._fail("doctor does not see that the database was restored")

    def _command(self, *words: str, may_warn: bool = False) -> str:
        result = self.app.test_cli_runner().invoke(args=list(words))
        usual = (0, 1) if may_warn else (0,)
        if result.exit_code not in usual or (result.exception and not isinstance(result.exception, SystemExit)):
            said = f"{' '.join(words[:2])} ended with {result.exit_code}: {result.output[-900:]}"
            raise RuntimeError(f"{self.case}: {said}")
        return str(result.output)

    def _state(self) -> _State:
        rows = self._records("SELECT id, data, conflicts, status FROM record")
        records = {
            row[0]: {"data": json.loads(row[1]), "conflicts": json.loads(row[2]), "status": row[3]} for row in rows
        }
        changes = {row[0] for row in self._records("SELECT change_id FROM change")}
        judged = {tuple(row) for row in self._records(_JUDGED)}
        return _State(records, judged, changes, self._settled_at_the_desk())

    def _records(self, query: str, values: Any = ()) -> list[Any]:
        look = self.place.look()
        try:
            return list(look.execute(query, values).fetchall())
        finally:
            look.close()

    def _fail(self, what: str) -> None:
        self.report.fail(self.case, what)


assert drill_bugs  # imported for the bugs that it enters

if __name__ == "__main__":
    command(run, __doc__, {"drills": LONG}, variants="on")
