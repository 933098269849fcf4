"""The world of R-01: one server, three phones of two people in two wards, and everything that can befall them.

Whatever leaves the server as a receipt is a promise, kept in `told` even when the answer is lost on its way. What a
person may see and write is said here a second time, in other words than the program's.
"""

import copy
import json
import os
import random
import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from sqlalchemy import event, update

from app.backup import restore, rules
from app.db import db, transact
from app.identity import service as identity
from app.identity.models import SignIn
from app.problems import Problem
from app.records.service import write_verdict
from app.review.choice import choose
from campaigns.machine_phone import Handset
from campaigns.place import Place, application, close
from campaigns.stopped import Stopped
from tests.cast import GROUP_2_VIET_HUNG, GROUP_3, GROUP_7, PEOPLE, WARD_OF, Cast
from tests.keys import Key
from tests.phone import Entry, Json

OWNERS = ("Lan", "Lan", "Tuan")  # of the three phones
HOMES = {"Lan": GROUP_7, "Tuan": GROUP_2_VIET_HUNG}
GROUPS = (GROUP_7, GROUP_3, GROUP_2_VIET_HUNG)
OFFICERS_WARD = WARD_OF[GROUP_7]
SHARED = ("hazard_site", "child")
RESTRICTED = {"child": ("circumstances_kept",), "violation_report": ("state_now", "story")}


class Wrong(AssertionError):
    """Something that must never be."""


@dataclass
class Facts:
    """What changes with the database, and goes back with it."""

    homes: dict[str, int] = field(default_factory=lambda: {PEOPLE[name].id: unit for name, unit in HOMES.items()})
    keys: set[str] = field(default_factory=set)
    revoked: set[str] = field(default_factory=set)


class World:
    """Everything, over one database that `begin` puts back as it was. Use inside `steered`."""

    def __init__(self, place: Place, clock: Stopped) -> None:
        self.place, self.clock, self.counts = place, clock, Counter[str]()
        self.chance = random.Random(0)
        self.app = application(place.url)
        with self.app.app_context():
            event.listen(db.engine, "connect", _hurry)
        self._morning = clock.at
        self.look = place.look()
        self._kept = {name: place.path.with_name(f"{name}.db") for name in ("beginning", "backup")}
        self._forget()
        self.phones = [self._handset(number) for number in range(len(OWNERS))]
        for phone in self.phones:
            self.signs_in(phone)
            phone.record("hazard_site", type="DN1", name="Ao đình", address="ngõ 12", risk="low")
            phone.sync()
        self.phones[0].sync()
        self._first = [_belongings(phone) for phone in self.phones]
        self._first_keys = set(self.facts.keys)
        self._copy(self._kept["beginning"])

    def begin(self) -> None:
        """A new morning: one record of each phone is there, everybody is signed in."""
        self.chance = random.Random(0)
        self.clock.at = self._morning + timedelta(hours=1)
        self._put(self._kept["beginning"])
        self._forget()
        self.facts.keys |= self._first_keys
        self.phones = [self._handset(number) for number in range(len(OWNERS))]
        for phone, (cookie, had) in zip(self.phones, self._first, strict=True):
            phone.client.set_cookie("__Host-phone", cookie, domain="localhost", secure=True, httponly=True)
            vars(phone).update(copy.deepcopy(had))

    # What the people and the ward do.

    def signs_in(self, phone: Handset) -> None:
        """With a fresh code from the administrator, and with a key that counts."""
        self.counts["sign-ins"] += 1
        with self.app.app_context(), transact():
            code = identity.issue_code(phone.person.id, None)
        sent = json.dumps({"code": code, "device": phone.device}).encode()
        _good(phone.post_bytes(sent, "/api/v1/sign-in"), 200)
        phone.key = phone.key if phone.key and phone.key.public not in self.facts.revoked else Key()
        named = {"device": phone.device, "person": phone.person.id, "public_key": phone.key.public}
        _good(phone.post_bytes(json.dumps(named).encode(), "/api/v1/device-key"), 204)
        self.facts.keys.add(phone.key.public)
        phone.is_signed_out = False

    def signs_out(self, name: str, *, trusted: bool) -> None:
        """All sign-ins of a person end: the ward revoked them with the keys or, `trusted`, they ran out."""
        person = PEOPLE[name].id
        with self.app.app_context(), transact():
            if trusted:
                ended = {"expires_at": self.clock.at - timedelta(minutes=1)}
                db.session.execute(update(SignIn).where(SignIn.person_id == person).values(ended))
                return
            identity.revoke(person)
        keys = {phone.key.public for phone in self.phones if phone.person.id == person and phone.key}
        self.facts.revoked |= self.facts.keys & keys

    def moves(self, name: str, unit: int) -> None:
        """A person works at another group from now on."""
        person = PEOPLE[name].id
        left = self.facts.homes[person]
        with self.app.app_context(), transact():
            identity.assign(person, "collaborator", unit)
            if left != unit:
                with suppress(Problem):  # in another ward it ended by itself
                    identity.unassign(person, left)
        self.facts.homes[person] = unit

    def judges(self, record: str, version: int, verdict: str) -> None:
        """The officer gives a verdict on what he has seen."""
        note = "Nhờ xem lại chỗ này" if verdict != "accept" else ""
        with self.app.app_context(), suppress(Problem), transact():
            write_verdict(Cast(self.app).actor("Minh"), record, version, verdict, note)
            self.counts["verdicts"] += 1

    def chooses(self, record: str, version: int, name: str, number: int) -> None:
        """The officer takes one of the values that stand open."""
        with self.app.app_context(), suppress(Problem), transact():
            choose(Cast(self.app).actor("Minh"), record, version, name, number)
            self.counts["choices at the desk"] += 1

    def backs_up(self) -> None:
        """Keep the database as it is."""
        self._copy(self._kept["backup"])
        self._facts_of_backup = copy.deepcopy(self.facts)

    def restores(self) -> None:
        """Bring back the latest backup, or the beginning, by the statements of the command `restore`."""
        self.counts["restores"] += 1
        self.clock.move(hours=2)  # no two restores in one hour
        kept = self._kept["backup" if self._facts_of_backup else "beginning"]
        self._put(kept)
        tables = ("setting", "sign_in", "sign_in_code")
        manifest: Any = SimpleNamespace(database="sqlite", tables=tables, made="", data_sha256="")
        with self.app.app_context():
            with transact():
                for statement in restore._afterwards(manifest, False):
                    db.session.execute(db.text(statement))
            restore._begin_again(manifest)
        self.facts = copy.deepcopy(self._facts_of_backup) or Facts(keys=set(self._first_keys))
        self.told, self.kept, self.witnesses, self.by_intake = {}, {}, {}, {}
        self.places = {}
        (self.judged,) = self.look.execute("SELECT coalesce(max(log_id), 0) FROM change").fetchone()
        self.floors.append(rules.life(self.clock.at) * 1000)

    # What everybody but the program knows.

    def may_carry(self, person: str, row: Any) -> bool:
        """Whether a record may be on this person's phone."""
        group = self.facts.homes[person]
        if row["ward_id"] != WARD_OF[group] or row["status"] == "withdrawn":
            return False
        return row["author_id"] == person or (row["kind"] in SHARED and row["group_id"] == group)

    def may_write(self, person: str, row: Any) -> bool:
        """Whether this person may change a record."""
        return self.may_carry(person, {**row, "status": ""})

    def rows(self, query: str, *given: Any) -> list[Json]:
        """What the database holds, past the program."""
        found = self.look.execute(query, given)
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found]

    def _forget(self) -> None:
        self.facts = Facts()
        self._facts_of_backup: Facts | None = None
        self.told: dict[tuple[str, str], tuple[str, Json]] = {}  # (person, sha256) -> body, receipt of this life
        self.kept: dict[tuple[str, str], Entry] = {}
        self.witnesses: dict[int, str] = {}  # ward -> the newest head of its chain that left the server
        self.garbled: set[str] = set()  # hashes of texts under an id that was used before
        self.by_intake: dict[str, str] = {}  # hash -> why it is kept aside, of what came without a sign-in
        self.places: dict[str, Any] = {}  # record -> ward and author, which never change
        # Log entries up to here were looked at.
        (self.judged,) = self.look.execute("SELECT coalesce(max(log_id), 0) FROM change").fetchone()
        self.floors = [0]
        self.seen_version = -1

    def _handset(self, number: int) -> Handset:
        device = f"c0000000-0000-4000-8000-{number + 1:012d}"
        return Handset(self.app, PEOPLE[OWNERS[number]], device=device, hears=self._hears)

    def _hears(
        self, phone: Handset, changes: list[Json], answer: Any, intake: bool = False, key: str | None = None
    ) -> None:
        """Every answer that leaves the server, whether or not it arrives. `key`: the one that the request named."""
        self.counts["requests"] += 1
        if answer.status_code == 401:
            return
        _good(answer, 200)
        said = answer.get_json()
        person = phone.person.id
        for change, receipt in zip(changes, said["receipts"], strict=True):
            self._promised(phone, change["body"], receipt, intake)
            if key in self.facts.revoked:  # an old request, under a sign-in that came after the revocation
                self.by_intake.setdefault(receipt["sha256"], "phone_revoked")
        if key and key not in self.facts.revoked:
            self.facts.keys.add(key)
        for record in said.get("records", ()):
            self._may_leave(person, record)
        if said.get("chain"):
            self.witnesses[WARD_OF[self.facts.homes[person]]] = said["chain"]

    def _promised(self, phone: Handset, body: str, receipt: Json, intake: bool) -> None:
        entry = Entry(str(receipt["id"]), "", body)
        key = (phone.person.id, entry.sha256)
        before = self.told.get(key)
        if receipt["sha256"] != entry.sha256:
            raise Wrong(f"the receipt of {entry.id} is for other bytes")
        if before and before[1]["outcome"] != "held" and before[1] != receipt:
            raise Wrong(f"{entry.id} got {receipt} after {before[1]}")
        self.counts["receipts"] += 1
        self.counts["receipts again"] += before is not None
        self.told[key], self.kept[key] = (body, receipt), entry
        if intake and phone.key:
            key = phone.key.public
            wanted = "" if key in self.facts.keys else "bad_signature"
            self.by_intake.setdefault(entry.sha256, "phone_revoked" if key in self.facts.revoked else wanted)

    def _may_leave(self, person: str, record: Json) -> None:
        unit = None if record["unit"] is None else int(record["unit"])
        (ward,) = self.look.execute("SELECT ward_id FROM record WHERE id = ?", [record["id"]]).fetchone()
        named = {"kind": record["kind"], "author_id": record["author"], "group_id": unit, "ward_id": ward}
        if not self.may_carry(person, {**named, "status": record["status"]}):
            raise Wrong(f"{record['kind']} {record['id']} of ward {ward}, group {unit} was sent to {person}")
        if record["author"] != person and set(RESTRICTED.get(record["kind"], ())) & set(record["data"]):
            raise Wrong(f"restricted answers of {record['id']} were sent to {person}")

    def _copy(self, target: Path) -> None:
        with _closed(self):
            shutil.copyfile(self.place.path, target)

    def _put(self, saved: Path) -> None:
        with _closed(self):
            self.place.renew(saved)


@contextmanager
def steered(world: World) -> Iterator[World]:
    """Ids and codes out of the world's own chance, so that a run can be played once more."""
    with patch.object(os, "urandom", lambda count: world.chance.randbytes(count)):
        yield world


@contextmanager
def _closed(world: World) -> Iterator[None]:
    """With the database in one file, and nobody at it."""
    close(world.app)
    world.look.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    world.look.close()
    yield
    world.look = world.place.look()
    world.seen_version = -1


def _belongings(phone: Handset) -> tuple[str, Json]:
    """The cookie of a phone, and everything that it keeps."""
    found = phone.client.get_cookie("__Host-phone", domain="localhost")
    assert found is not None
    kept = {"seq", "cursor", "epoch", "store", "outbox", "receipts", "handed", "witness", "key", "written"}
    return str(found.value), {name: value for name, value in vars(phone).items() if name in kept}


def _good(answer: Any, status: int) -> None:
    if answer.status_code != status:
        raise Wrong(f"answered {answer.status_code} {answer.text[:300]}")


def _hurry(connection: Any, _: Any) -> None:
    # Nothing here measures a disk; what a commit is worth is tried elsewhere.
    connection.execute("PRAGMA synchronous=OFF")
