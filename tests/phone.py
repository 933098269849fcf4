"""A phone without a screen: the protocol's client, over the real wire.

It keeps what a phone keeps (device, seq, store, outbox, cursor, receipts, signing key) and speaks
through the application's own door, headers, cookies and gzip included. A test can take it offline,
lose an answer on the way back, send things twice or in another order, and turn its clock.
"""

import gzip
import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from flask import Flask
from werkzeug.test import TestResponse

from app import clock
from app.kinds import registry
from tests.cast import Cast, Someone
from tests.keys import Key, Sealer

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
Json = dict[str, Any]
MOST = 100  # changes in one request
KEPT = timedelta(days=30)  # how long receipted changes are kept, to be offered to a restored ward


@dataclass
class Entry:
    """One finished change, waiting for its receipt."""

    id: str
    record: str
    body: str

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.body.encode("utf-8", "surrogatepass")).hexdigest()

    @property
    def seq(self) -> int:
        return int(self.change["seq"])

    @property
    def change(self) -> Json:
        loaded: Json = json.loads(self.body)
        return loaded


@dataclass
class Phone:
    """The phone of one person. `wrong_by` turns its clock."""

    app: Flask
    person: Someone
    device: str = ""
    cursor: str | None = None
    epoch: str | None = None
    seq: int = 0
    online: bool = True
    wrong_by: timedelta = timedelta(0)
    limit: int = 500
    store: dict[str, Json] = field(default_factory=dict)
    outbox: list[Entry] = field(default_factory=list)
    receipts: dict[str, Json] = field(default_factory=dict)
    handed: dict[str, tuple[datetime, Entry]] = field(default_factory=dict)  # what was receipted, and when
    heard: list[Json] = field(default_factory=list)  # every answer that arrived
    witness: str | None = None  # the newest head of the ward's log chain
    alarmed: bool = False  # the ward knows of numbers that this phone never gave out
    sent: bytes = b""  # the last request, as it went
    key: Key | None = None  # made when it is first registered
    seals: Sealer | None = None  # once the ward has told to what
    shut: dict[str, Json] = field(default_factory=dict)  # what was sealed, by its text: sent again as it is

    def __post_init__(self) -> None:
        self.device = self.device or self.person.device or str(uuid4())
        self.client = Cast(self.app).client(self.person)

    # What the person does. Nothing here needs a signal.

    def record(self, kind: str, **answers: Any) -> str:
        """Fill in a new form; the record's id."""
        record_id = str(uuid4())
        self._write({"record": record_id, "kind": kind, "base": 0, "set": answers})
        return record_id

    def edit(self, record_id: str, **answers: Any) -> str:
        """Change answers of a record that the phone has; the change's id."""
        known = self.store.get(record_id)
        waiting = [entry.change for entry in self.outbox if entry.record == record_id]
        kind = known["kind"] if known else waiting[0]["kind"]
        return self._write(
            {"record": record_id, "kind": kind, "base": known["version"] if known else 0, "set": answers}
        )

    def withdraw(self, record_id: str, reason: str) -> str:
        """Take back an own record; the change's id."""
        known = self.store[record_id]
        change = {"record": record_id, "kind": known["kind"], "base": known["version"]}
        return self._write({**change, "delete": True, "reason": reason})

    def sees(self, record_id: str) -> Json:
        """The record's answers as the screen shows them: the ward's, with what still waits laid over."""
        answers = dict(self.store.get(record_id, {}).get("data", {}))
        for entry in self.outbox:
            if entry.record == record_id:
                answers |= entry.change.get("set", {})
        return {name: value for name, value in answers.items() if value is not None}

    def receipt(self, record_id: str) -> Json:
        """The latest receipt for a change of this record."""
        return [r for r in self.receipts.values() if r["record"] == record_id][-1]

    # What the phone does when there is a signal.

    def sync(self, *, lose_answer: bool = False, pages: int = 50) -> Json | None:
        """One pass: send everything, take everything. None without a signal or when the answer is lost."""
        answer: Json | None = None
        skip = 0
        for _ in range(pages):
            epoch, waiting = self.epoch, len(self.outbox)
            answer = self.round_trip(lose_answer=lose_answer, skip=skip)
            if answer is None:
                return None
            restored = epoch is not None and epoch != self.epoch
            # What was sent and not receipted stays, and is not sent twice in one pass.
            behind = max(waiting - skip - MOST, 0)
            skip = 0 if restored else skip + min(waiting - skip, MOST) - (waiting - len(self.outbox))
            if not restored and not behind and not answer["more"]:
                break
        self._forget_old()
        return answer

    def round_trip(self, *, lose_answer: bool = False, skip: int = 0) -> Json | None:
        """One request and its answer. The first `skip` entries of the outbox wait."""
        if not self.online:
            return None
        entries = self.outbox[skip : skip + MOST]
        waits = len(self.outbox) - len(entries)
        response = self.post(self.envelope([entry.body for entry in entries], issued=self.seq, unsent=waits))
        assert response.status_code == 200, response.text
        if lose_answer:
            return None
        answer: Json = response.get_json()
        self._take(answer, entries)
        return answer

    def envelope(self, bodies: list[str], **more: Any) -> Json:
        """A request that carries these change texts."""
        return {
            "device": self.device,
            "app": "test",
            "cursor": self.cursor,
            "limit": self.limit,
            "changes": [self.signed(body) for body in bodies],
            **({"key": self.key.public} if self.key and bodies else {}),
            **more,
        }

    def post(self, envelope: Any, path: str = "/api/v1/sync") -> TestResponse:
        """Send JSON, packed as a phone packs it."""
        return self.post_bytes(gzip.compress(json.dumps(envelope).encode()), path)

    def post_bytes(self, packed: bytes, path: str = "/api/v1/sync", **headers: str) -> TestResponse:
        """Send a packed body as it is."""
        self.sent = packed
        given = {
            "Content-Type": "application/json",
            "Content-Encoding": "gzip",
            "Sec-Fetch-Site": "same-origin",
            "User-Agent": "phone",
        }
        return self.client.post(path, data=packed, headers={**given, **headers})

    def learns_to_seal(self) -> Json:
        """Ask the ward to what it should seal, and do so from now on; what the ward told."""
        told: Json = self.client.get("/api/v1/me").get_json()["seal"]
        self.seals = Sealer(told)
        return told

    def signed(self, body: str) -> Json:
        """An entry of `changes`, sealed once the ward has told to what, signed once the phone has a key."""
        if self.seals:
            return self.shut.setdefault(body, self.seals.entry(body, self.person.id, self.device, self.key))
        return {"body": body, "sig": self.key.sign(body)} if self.key else {"body": body}

    def registers_key(self) -> TestResponse:
        """Make a key, if there is none, and give the ward its public half."""
        self.key = self.key or Key()
        sent = {"device": self.device, "person": self.person.id, "public_key": self.key.public}
        return self.post(sent, "/api/v1/device-key")

    def pass_or_hand_in(self) -> None:
        """One pass as a phone makes it: when the ward wants a sign-in, what waits is handed in without one."""
        if not self.online:
            return
        if self.post(self.envelope([])).status_code == 401:
            self.hand_in()
        else:
            self.sync()

    def hand_in(self, *, lose_answer: bool = False) -> None:
        """Hand in everything unsent, in parcels, without cookie; an entry leaves only by its receipt."""
        entries = self.outbox[:100]
        while entries:
            response = self.post_intake([self.signed(entry.body) for entry in entries])
            if response.status_code != 200 or lose_answer:
                return
            self._take_receipts(response.get_json()["receipts"], entries)
            entries = self.outbox[:100] if self.outbox[:100] != entries else []

    def post_intake(self, changes: list[Json], **more: Any) -> TestResponse:
        """Send changes to the write-only door as they are, from a browser in which nobody is signed in."""
        sent = {"device": self.device, "person": self.person.id, "app": "test", "changes": changes, **more}
        headers = {"Content-Type": "application/json", "Sec-Fetch-Site": "same-origin"}
        return self.app.test_client().post("/api/v1/intake", data=json.dumps(sent), headers=headers)

    def exports(self, **more: Any) -> bytes:
        """Everything unsent as the file that a person carries to the ward."""
        file = {
            "format": "to-am-unsent/1",
            "person": self.person.id,
            "device": self.device,
            "app": "test",
            "made": clock.now().isoformat(),
            "changes": [self.signed(entry.body) for entry in self.outbox],
        }
        return json.dumps({**file, **more}, ensure_ascii=False).encode()

    def push(self, *bodies: Json | str) -> list[Json]:
        """Send changes made by hand, outside the outbox; their receipts."""
        texts = [body if isinstance(body, str) else json.dumps(body, ensure_ascii=False) for body in bodies]
        response = self.post(self.envelope(texts))
        assert response.status_code == 200, response.text
        receipts: list[Json] = response.get_json()["receipts"]
        return receipts

    def change(self, record_id: str | None = None, kind: str = "hazard_site", **more: Any) -> Json:
        """A change's body with the next seq, not put into the outbox."""
        self.seq += 1
        at = (clock.now() + self.wrong_by).astimezone(HANOI)
        return {
            "id": str(uuid4()),
            "seq": self.seq,
            "record": record_id or str(uuid4()),
            "kind": kind,
            "form": 1,
            "base": 0,
            "at": at.isoformat(timespec="seconds"),
            **more,
        }

    def digest(self) -> Json:
        """The fingerprint of the read cache, made as the protocol says."""
        lines = sorted(f"{record['id']}:{record['version']}\n" for record in self.store.values())
        return {"count": len(lines), "digest": hashlib.sha256("".join(lines).encode()).hexdigest()}

    def asks_digest(self, seen: str | None = None) -> Json:
        """The ward's fingerprint of what this person should have; whether its chain has what was `seen`."""
        answer: Json = self.client.get("/api/v1/digest" + (f"?seen={seen}" if seen else "")).get_json()
        return answer

    def _write(self, parts: Json) -> str:
        change = self.change(parts.pop("record"), parts.pop("kind"), **parts)
        self.outbox.append(Entry(change["id"], change["record"], json.dumps(change, ensure_ascii=False)))
        return str(change["id"])

    def _take(self, answer: Json, entries: list[Entry]) -> None:
        self.heard.append(answer)
        if self.epoch is not None and self.epoch != answer["epoch"]:
            self._offer_again()
        if answer["reset"]:
            self.store.clear()
        self._take_receipts(answer["receipts"], entries)
        for record in answer["records"]:
            self.store[record["id"]] = record
        for record_id in answer["gone"]:
            self.store.pop(record_id, None)
        self.cursor, self.epoch = answer["cursor"], answer["epoch"]
        self.witness = answer.get("chain", self.witness)
        if answer.get("last", 0) > self.seq:
            self.seq, self.alarmed = answer["last"], True

    def _offer_again(self) -> None:
        """The ward's database was restored: everything that is still kept waits again, byte for byte."""
        self.outbox = sorted([*self.outbox, *(entry for _, entry in self.handed.values())], key=lambda one: one.seq)
        self.handed.clear()
        self.witness = None  # the history that it was seen in is gone

    def _forget_old(self) -> None:
        """Receipted changes are kept for 30 days."""
        limit = clock.now() + self.wrong_by - KEPT
        self.handed = {key: (got, entry) for key, (got, entry) in self.handed.items() if got >= limit}

    def _take_receipts(self, receipts: list[Json], entries: list[Entry]) -> None:
        by_hash = {receipt["sha256"]: receipt for receipt in receipts}
        for entry in entries:
            held = self.shut.get(entry.body, {}).get("body", entry.body)
            receipt = by_hash.get(Entry("", "", held).sha256)
            if receipt and receipt["id"] in (None, entry.id):
                self._acknowledge(entry, receipt)

    def _acknowledge(self, entry: Entry, receipt: Json) -> None:
        """The ward has it: the entry leaves the outbox, and what it said becomes the phone's own copy."""
        self.outbox.remove(entry)
        self.handed[entry.id] = (clock.now() + self.wrong_by, entry)
        self.receipts[entry.id] = {**receipt, "record": entry.record}
        change = entry.change
        if receipt["outcome"] not in ("applied", "needs_fixing") or "set" not in change:
            return
        empty = {"id": entry.record, "kind": change["kind"], "data": {}, "author": self.person.id, "conflicts": []}
        held = self.store.setdefault(entry.record, {**empty, "status": "received", "review": None, "version": 0})
        if receipt["version"] <= held["version"]:
            return  # offered again; what the phone has is newer
        data = held["data"] | change["set"]
        held["data"] = {name: value for name, value in data.items() if value is not None}
        if change["kind"] in registry and registry[change["kind"]].write_only:
            held["data"] = {}  # nobody opens it on a phone
        held["version"] = receipt["version"]
        known = [clash for clash in held["conflicts"] if clash["version"] <= change["base"]]
        settled = [clash for clash in known if clash["field"] in change["set"]]
        held["conflicts"] = [clash for clash in held["conflicts"] if clash not in settled]
        if receipt["outcome"] == "needs_fixing":
            held["status"] = "needs_fixing"
