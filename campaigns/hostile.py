"""R-10: JSONTestSuite and the Big List of Naughty Strings wherever a phone or a hand can put text.

    python -m campaigns.hostile                  every text in every place
    python -m campaigns.hostile --every 8        as in the test command: each place gets every eighth

As a change's body, as an answer, as a field's name, as each member of a change and of the envelope, as the bytes of
the request, as a sign-in, as a search. Never a fault of ours; every body inside a good envelope is stored byte for
byte and gets its receipt; the good change beside it is taken; what phones are then given can be read; every page of
the desk that shows it shows it as text; no line of the log holds any of it.
"""

import gzip
import json
import random
from contextlib import suppress
from typing import Any

from flask import Flask

from campaigns import corpus, oracle
from campaigns.alive import alive
from campaigns.day import some_id
from campaigns.listening import Heard, listening
from campaigns.place import Place, application, close, folder
from campaigns.planted import Patch, bug
from campaigns.planted import planted as planting
from campaigns.report import Report, command
from campaigns.stopped import stopped
from tests.cast import PEOPLE, Cast
from tests.phone import Entry, Json, Phone

LONG = 1
POND = {"type": "DN1", "name": "Ao nhà văn hóa", "address": "ngõ 12"}
FIELDS = ("name", "address", "description", "risk", "signs", "depth", "seen_on", "place", "near_school", "keeper")
MEMBERS = ("id", "seq", "record", "kind", "form", "base", "at", "set", "delete", "reason")
ENVELOPE = ("device", "person", "app", "cursor", "limit", "changes", "issued", "unsent")
SAME_SITE = {"Sec-Fetch-Site": "same-origin"}
PER_REQUEST = 40
MOST_BYTES = 200_000
TOO_LARGE = 260_000  # of one change: the whole request may have 262,144 bytes
RECORDS_LOOKED_AT = 60


def run(seed: int, every: int = LONG, planted: str = "") -> Report:
    """Put every so-manieth text in every place."""
    report = Report("R-10 hostile texts in every place (SQLite)", seed)
    sizes = len(corpus.json_suite()), len(corpus.naughty()), len(corpus.OURS)
    report.figures["texts"] = "{} of JSONTestSuite, {} naughty strings, {} of our own".format(*sizes)
    with folder() as where, stopped(), planting(planted), listening() as heard:
        place = Place(where)
        app = application(place.url)
        ward = _Ward(report, app, random.Random(seed), every)
        for act in (ward.bodies, ward.answers, ward.members, ward.envelopes, ward.doors, ward.desk, ward.phones):
            act()
            if planted:
                _look(report, place, ward, heard)
            if report.failures and planted:
                break
        close(app)
        _look(report, place, ward, heard)
        report.counts["log lines"] = heard.lines
    return report


def _look(report: Report, place: Place, ward: "_Ward", heard: Heard) -> None:
    look = place.look()
    for fault in oracle.audit(look, ward.kept, ward.receipts):
        report.fail("the database", fault)
    look.close()
    for text in ward.texts:
        if _is_telling(text) and text in heard.text:
            report.fail("the log", f"holds {text!r}")


class _Ward:
    """A phone that sends whatever it is told, and the desk that has to show it."""

    def __init__(self, report: Report, app: Flask, chance: random.Random, every: int) -> None:
        self.report, self.app, self.chance, self.every = report, app, chance, every
        self.lan = Phone(app, PEOPLE["Lan"])
        self.suite = [text for _, text in corpus.json_suite()]
        self.texts = [*self.suite, *corpus.naughty(), *corpus.OURS]
        self.kept: dict[str, Entry] = {}
        self.receipts: dict[str, Json] = {}
        self._turn = 0

    def bodies(self) -> None:
        """Each text as the whole body of a change."""
        self._push("as a body", [*self._some(self.texts), *corpus.OURS])

    def answers(self) -> None:
        """Each text as an answer, as the name of one, and JSON as the answer's JSON."""
        bodies = []
        for place, text in enumerate(self._some(self.texts)):
            field = FIELDS[place % len(FIELDS)]
            bodies.append(json.dumps(self.lan.change(some_id(self.chance), set={**POND, field: text})))
            bodies.append(json.dumps(self.lan.change(some_id(self.chance), set={**POND, text: [text, {text: text}]})))
        for place, text in enumerate(self._some(self.suite)):
            whole = json.dumps(self.lan.change(some_id(self.chance), set={**POND, FIELDS[place % len(FIELDS)]: "HERE"}))
            bodies.append(whole.replace('"HERE"', text))
        self._push("as an answer", bodies)

    def members(self) -> None:
        """Each text as each member of a change, as text and as bare JSON."""
        bodies = []
        for place, text in enumerate(self._some(self.texts)):
            change = self.lan.change(some_id(self.chance), set=POND)
            bodies.append(json.dumps({**change, MEMBERS[place % len(MEMBERS)]: text}))
        for place, text in enumerate(self._some(self.suite)):
            change = self.lan.change(some_id(self.chance), set=POND)
            bodies.append(json.dumps({**change, MEMBERS[place % len(MEMBERS)]: "HERE"}).replace('"HERE"', text))
        self._push("as a member", bodies)

    def envelopes(self) -> None:
        """Each text as each member of the envelope, and as all of its bytes, packed and plain."""
        for place, text in enumerate(self._some(self.texts)):
            member = ENVELOPE[place % len(ENVELOPE)]
            sent = json.dumps({**self.lan.envelope([]), member: text})
            self._said(f"as {member}", self.lan.post_bytes(gzip.compress(sent.encode())))
            entry = {"body": "{}", "sig": text}
            self._said("as a signature", self.lan.post({**self.lan.envelope([]), "changes": [entry]}))
        raw = [text.encode("utf-8", "surrogatepass") for text in self._some(self.texts)]
        for bytes_ in [*raw, *corpus.BYTES.values()]:
            self._said("as a packed request", self.lan.post_bytes(gzip.compress(bytes_)))
            self._said("as a plain request", self.lan.post_bytes(bytes_, **{"Content-Encoding": ""}))
            self._said("as gzip", self.lan.post_bytes(bytes_))

    def doors(self) -> None:
        """Each text at the other doors: sign-in, codes, intake, keys, the digest's witness, a cookie."""
        phone, minh = Cast(self.app).client("Lan"), Cast(self.app).client("Minh")
        for place, hostile in enumerate(self._some(self.texts)):
            text = hostile.encode("utf-8", "replace").decode()  # no address and no form can hold half a character
            given = [{"phone": text, "passphrase": text, "device": text, "label": text}, {"code": text, "device": text}]
            for path in ("/api/v1/sign-in", "/api/v1/intake", "/api/v1/device-key"):
                answer = self.app.test_client().post(path, json=given[place % 2] | {"person": text}, headers=SAME_SITE)
                self._said(f"at {path}", answer)
            self._said("as a witness", phone.get("/api/v1/digest", query_string={"seen": text}))
            self._said("as a search", minh.post("/desk/search", data={"q": text}, headers=SAME_SITE))
            self._said("as a filter", minh.get("/desk/", query_string={"kind": text, "group": text, "after": text}))
            self._said("as a record", minh.get("/desk/records/" + text.replace("/", "").replace("?", "") or "x"))

    def desk(self) -> None:
        """Every page of the desk that may show some of it, as text and nothing else."""
        with self.app.app_context():
            pages = [str(rule) for rule in self.app.url_map.iter_rules() if str(rule).startswith("/desk")]
        plain = [page for page in pages if "<" not in page and page not in ("/desk/sign-out",)]
        known = {receipt["record"] for receipt in self.lan.receipts.values()} | set(self._record_ids())
        some = self.chance.sample(sorted(known), min(len(known), RECORDS_LOOKED_AT * 6 // self.every))
        shown = [f"/desk/records/{record}{more}" for record in some for more in ("", "/return")]
        for who in ("Minh", "Ha", "Anh"):
            client = Cast(self.app).client(who)
            for page in plain if who != "Minh" else [*plain, *shown]:
                answer = client.get(page, headers={"Accept-Language": "vi"})
                if answer.status_code == 405:
                    continue
                self._said(f"{page} for {who}", answer)
                for fault in alive(answer.text):
                    self.report.fail(f"{page} for {who}", fault)

    def phones(self) -> None:
        """What the phone is given back can be read, all of it."""
        fresh = Phone(self.app, PEOPLE["Lan"], device="fresh", limit=100)
        try:
            fresh.sync()
            if fresh.digest() != fresh.asks_digest():
                self.report.fail("a fresh phone", "was not given everything")
        except (AssertionError, ValueError) as error:
            self.report.fail("a fresh phone", str(error)[:300])
        self.report.counts["records"] = len(fresh.store)

    def _record_ids(self) -> list[str]:
        found = []
        for entry in self.kept.values():
            receipt = self.receipts[entry.body]
            if receipt["version"] and receipt["outcome"] != "held":
                found.append(json.loads(entry.body)["record"])
        return found

    def _some(self, texts: list[str]) -> list[str]:
        """Every so-manieth, each time beginning with another."""
        self._turn += 1
        return texts[self._turn % self.every :: self.every]

    def _push(self, where: str, bodies: list[str]) -> None:
        self.report.counts["too large for any request"] += sum(len(json.dumps(body)) > TOO_LARGE for body in bodies)
        bodies = [body for body in bodies if len(json.dumps(body)) <= TOO_LARGE]
        while bodies:
            count = 1
            while count < min(len(bodies), PER_REQUEST) and len(json.dumps(bodies[: count + 1])) < MOST_BYTES:
                count += 1
            batch, bodies = bodies[:count], bodies[count:]
            good = json.dumps(self.lan.change(some_id(self.chance), set=POND))
            answer = self.lan.post(self.lan.envelope([*batch, good]))
            if answer.status_code != 200:
                self.report.fail(where, f"the envelope was answered {answer.status_code}: {answer.text[:200]}")
                continue
            self._receipts(where, [*batch, good], answer.get_json()["receipts"])

    def _receipts(self, where: str, bodies: list[str], receipts: list[Json]) -> None:
        self.report.counts["changes sent"] += len(bodies)
        if receipts[-1]["outcome"] != "applied":
            self.report.fail(where, f"the good change beside it is {receipts[-1]}")
        for body, receipt in zip(bodies, receipts, strict=True):
            entry = Entry(receipt["id"] or receipt["sha256"], "", body)
            if receipt["sha256"] != entry.sha256:
                self.report.fail(where, f"the receipt does not name its bytes: {body[:100]!r}")
            if any(problem["code"] == "our_fault" for problem in receipt["problems"]):
                self.report.fail(where, f"we stumbled over {body[:200]!r}")
            self.kept[body], self.receipts[body] = entry, receipt

    def _said(self, where: str, answer: Any) -> None:
        self.report.counts["other requests"] += 1
        if answer.status_code >= 500:
            self.report.fail(where, f"answered {answer.status_code}: {answer.text[:200]}")


def _is_telling(text: str) -> bool:
    """Whether a text is so much itself that it is not found in a log by chance."""
    return len(text) >= 12 and not text.replace("_", "").isalnum()


@bug("R-10 a body is stored as the JSON that it was read as")
def _canonical() -> list[Patch]:
    from app.sync import log

    real: Any = log._row

    def row(*given: Any) -> Any:
        made = real(*given)
        with suppress(ValueError, RecursionError):
            made["body"] = json.dumps(json.loads(made["body"])).encode()
        return made

    return [(log, "_row", row)]


@bug("R-10 a body is taken to be good Unicode")
def _strict() -> list[Patch]:
    from app.sync import log

    def entry(sent: Any) -> Any:
        sent.body.encode()
        return real(sent)

    real: Any = log._entry
    return [(log, "_entry", entry)]


@bug("R-10 the desk shows text as HTML")
def _no_escape() -> list[Patch]:
    from flask import Flask as App

    return [(App, "select_jinja_autoescape", lambda self, name: False)]


@bug("R-10 the log tells what could not be read")
def _tells() -> list[Patch]:
    import logging

    from app.sync import log

    real: Any = log.read_change

    def read_change(value: Any) -> Any:
        try:
            return real(value)
        except Exception:
            logging.getLogger("app.sync").warning("cannot read %s", value)
            raise

    return [(log, "read_change", read_change)]


@bug("R-10 nesting is followed as deep as it goes")
def _recursive() -> list[Patch]:
    from app import http

    def read_json(limit: int) -> Any:
        return json.loads(http.read_body(limit))

    from app.sync import api

    return [(api, "read_json", read_json)]


if __name__ == "__main__":
    command(run, __doc__, {"every": LONG})
