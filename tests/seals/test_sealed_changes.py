"""Sealed changes over the wire: opened before they are judged; what does not open is kept, and released later."""

import base64
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete

from app.db import db, transact
from app.identity.signatures import verify
from app.intake import handover
from app.intake.files import read_file
from app.quarantine import service as quarantine
from app.records.audit import Audit
from app.seals import rules, service
from app.seals.models import SealKey
from app.sync import envelopes, log
from tests.cast import Cast
from tests.intake.office import Office
from tests.keys import base64url
from tests.phone import Json, Phone
from tests.seals.conftest import ready
from tests.sync.ward import Ward

REPORT = {"state_now": "ok", "story": "Bé Đức bị đánh, cô giáo kể", "place_text": "ngõ 12"}
POND = {"type": "DN1", "name": "Ao đình làng", "risk": "high", "address": "ngõ 12"}


def sent(phone: Phone, *changes: Json, **more: Any) -> list[Json]:
    """The receipts for entries sent as they are."""
    answer = phone.post({**phone.envelope([]), "changes": list(changes), **more})
    assert answer.status_code == 200, answer.text
    receipts: list[Json] = answer.get_json()["receipts"]
    return receipts


def became(receipt: Json) -> tuple[str, str]:
    return receipt["outcome"], (receipt["problems"] or [{"code": ""}])[0]["code"]


def written(phone: Phone, **answers: Any) -> str:
    """A finished change that is not sent yet."""
    phone.record("hazard_site", **(POND | answers))
    return phone.outbox.pop().body


@contextmanager
def without_keys(app: Flask) -> Iterator[None]:
    """A server from which the ward's keys are gone for a while."""
    with app.app_context():
        rows = [dict(row._mapping) for row in db.session.execute(db.select(SealKey.__table__))]
        with transact():
            db.session.execute(delete(SealKey))
    yield
    with app.app_context(), transact():
        db.session.execute(db.insert(SealKey), rows)


def test_a_sealed_change_is_taken_as_if_it_had_come_open(lan: Phone, ward: Ward) -> None:
    record = lan.record("hazard_site", **POND)
    body = lan.outbox[0].body
    lan.sync()
    assert lan.outbox == [] and lan.receipt(record)["outcome"] == "applied"
    assert b"dinh" not in lan.sent and "đình" not in lan.sent.decode("latin-1")
    (kept,) = ward.log()
    assert (kept.body, kept.sig) == (body.encode(), lan.shut[body]["sig"])
    found = ward.record(record)
    assert found is not None and found.data["name"] == POND["name"]
    # What the phone has, it is not sent again.
    assert lan.heard[-1]["records"] == []


def test_the_receipt_is_for_the_very_text_that_the_phone_holds(lan: Phone, ward: Ward) -> None:
    entry = lan.signed(written(lan))
    (receipt,) = sent(lan, entry)
    assert receipt["sha256"] == rules.Seal(entry["body"], entry["key"], entry["head"]).sha256
    assert receipt == sent(lan, entry)[0], "the same again"
    assert len(ward.log()) == 1


def test_sealed_anew_it_is_the_same_change(app: Flask, lan: Phone, ward: Ward) -> None:
    """The answer was lost, and meanwhile the phone sealed it, or sealed it to a newer key."""
    body = written(lan)
    open_ = {"body": body, "sig": lan.key.sign(body) if lan.key else None}
    first = sent(lan, lan.signed(body))[0]
    lan.shut.clear()
    again = sent(lan, lan.signed(body))[0]
    plain = sent(lan, open_)[0]
    assert first["sha256"] != again["sha256"] != plain["sha256"]
    assert {(one["id"], one["outcome"], one["version"]) for one in (first, again, plain)} == {
        (json.loads(body)["id"], "applied", 1)
    }
    assert len(ward.log()) == 1


def test_every_bit_of_an_envelope_counts(app: Flask, lan: Phone, ward: Ward) -> None:
    """Flipped in text, key, head or signature: never judged. In the small, without the wire, for every single bit."""
    entry = lan.signed(written(lan))
    with app.app_context():
        (key,) = db.session.scalars(db.select(SealKey).filter_by(use="seal"))
        private = rules.private_key(key.private)
    raw = base64.urlsafe_b64decode(entry["body"] + "=" * (-len(entry["body"]) % 4))
    good = rules.Seal(entry["body"], entry["key"], entry["head"])
    assert rules.open_seal(good, private, 100_000)
    flips = 0
    for bit in range(len(raw) * 8):
        flipped = bytearray(raw)
        flipped[bit // 8] ^= 1 << bit % 8
        with pytest.raises(rules.CannotOpen):
            rules.open_seal(rules.Seal(base64url(bytes(flipped)), good.key, good.head), private, 100_000)
        flips += 1
    for part in ("key", "head"):
        text = entry[part].encode()
        for bit in range(len(text) * 8):
            flipped = bytearray(text)
            flipped[bit // 8] ^= 1 << bit % 8
            changed = {"key": good.key, "head": good.head, part: bytes(flipped).decode("latin-1")}
            with pytest.raises(rules.CannotOpen):
                rules.open_seal(rules.Seal(good.text, **changed), private, 100_000)
            flips += 1
    assert flips > 3000
    spelled = [
        good.text + "=",
        good.text + "A",
        good.text[:-1],
        " " + good.text,
        "",
        "đ",
        good.text.replace("_", "/") + "+",
    ]
    for text in spelled:
        with pytest.raises(rules.CannotOpen):
            rules.open_seal(rules.Seal(text, good.key, good.head), private, 100_000)


def test_what_does_not_open_is_kept_with_its_reason_and_harms_no_other(lan: Phone, ward: Ward) -> None:
    good, bad = lan.signed(written(lan)), dict(lan.signed(written(lan)))
    bad["body"] = bad["body"][:-4] + ("AAAA" if bad["body"][-4:] != "AAAA" else "BBBB")
    receipts = sent(lan, bad, good)
    assert [became(one) for one in receipts] == [("quarantined", "cannot_open"), ("applied", "")]
    assert receipts[0]["id"] is None
    assert receipts[0]["sha256"] == rules.Seal(bad["body"], bad["key"], bad["head"]).sha256
    kept = ward.log()[0]
    told = json.loads(bad["head"])
    assert (kept.seq, kept.record_id) == (told["seq"], told["record"])
    assert rules.read_kept(kept.body.decode()) == rules.Seal(bad["body"], bad["key"], bad["head"])


def test_damaged_on_its_way_and_whole_the_next_time(lan: Phone, ward: Ward) -> None:
    """The phone keeps what was receipted in other bytes; the damaged copy does not use up the change's id."""
    lan.record("hazard_site", **POND)
    entry = lan.signed(lan.outbox[0].body)
    damaged = {**entry, "body": "A" + entry["body"][1:]}
    (receipt,) = sent(lan, damaged)
    lan._take_receipts([receipt], list(lan.outbox))
    assert len(lan.outbox) == 1
    lan.sync()
    assert lan.outbox == [] and len(ward.records()) == 1


def test_a_head_that_tells_of_another_change_does_not_open(lan: Phone) -> None:
    body = written(lan)
    assert lan.seals
    for name, other in {"record": "x", "kind": "child", "seq": 99, "id": "y", "at": "2020"}.items():
        head = json.dumps({**json.loads(lan.signed(body)["head"]), name: other})
        entry = {"body": lan.seals.seal(body, head), "key": lan.seals.key_id, "head": head}
        assert became(sent(lan, entry)[0]) == ("quarantined", "cannot_open"), name


def test_another_session_or_another_phone_proves_nothing(app: Flask, cast: Cast, lan: Phone, hoa: Phone) -> None:
    other = ready(Phone(app, cast.lan, device="c0000000-0000-4000-8000-000000000077"))
    entry = lan.signed(written(lan))
    assert became(sent(hoa, entry)[0]) == ("quarantined", "bad_signature")
    assert became(sent(other, lan.signed(written(lan)))[0]) == ("quarantined", "bad_signature")
    swapped = {**lan.signed(written(lan)), "sig": entry["sig"]}
    assert became(sent(lan, swapped)[0]) == ("quarantined", "bad_signature")
    unsigned = {name: value for name, value in lan.signed(written(lan)).items() if name != "sig"}
    assert became(sent(lan, unsigned)[0]) == ("quarantined", "unsigned")


def test_what_is_signed_names_the_phone(app: Flask, cast: Cast, lan: Phone) -> None:
    """A key that somebody copied to another phone, and registered there, signs nothing for it that was signed here."""
    assert became(sent(lan, lan.signed(written(lan)))[0]) == ("applied", "")
    other = Phone(app, cast.lan, device="c0000000-0000-4000-8000-000000000078", key=lan.key)
    assert other.registers_key().status_code == 204
    assert became(sent(other, lan.signed(written(lan)))[0]) == ("quarantined", "bad_signature")


def test_what_was_sealed_opens_when_its_key_comes_back(app: Flask, cast: Cast, lan: Phone, ward: Ward) -> None:
    lan.record("hazard_site", **POND)
    with without_keys(app):
        lan.sync()
        (kept,) = ward.log()
        assert (kept.outcome, lan.outbox) == ("quarantined", [])
    with app.app_context(), transact():
        assert "Ao đình làng" in quarantine.standing_text(quarantine.read(cast.actor("Anh"), kept.log_id))[0]
        assert quarantine.release(cast.actor("Anh"), kept.log_id, 0, None) == "applied"
    # Offered again, as after a restore: it is not taken a second time.
    (entry,) = [one for _, one in lan.handed.values()]
    assert became(sent(lan, lan.signed(entry.body))[0]) == ("applied", "")
    assert len(ward.log()) == len(ward.records()) == 1
    with app.app_context():
        assert list(Audit().findings()) == []


def test_keys_rotate_and_old_seals_go_on_opening(app: Flask, lan: Phone, ward: Ward, clock: Any) -> None:
    old = lan.signed(written(lan))
    clock.move(minutes=1)
    with app.app_context(), transact():
        new = service.rotate().id
    assert lan.learns_to_seal()["list"].count(old["key"]), "no backup has the new one yet"
    with app.app_context(), transact():
        service.mark_safe([new])
    told = lan.learns_to_seal()
    assert json.loads(told["list"])["key"]["id"] == new != old["key"]
    assert [became(one)[0] for one in sent(lan, old, lan.signed(written(lan)))] == ["applied", "applied"]


def test_an_older_phone_and_a_newer_ward(app: Flask, cast: Cast, lan: Phone) -> None:
    hoa = Phone(app, cast.hoa)
    hoa.record("hazard_site", **POND)
    hoa.sync()
    assert hoa.outbox == []


def test_a_ward_without_keys_tells_none(app: Flask, cast: Cast) -> None:
    phone = Phone(app, cast.lan)
    assert phone.client.get("/api/v1/me").get_json()["seal"] is None
    assert phone.client.get("/api/v1/kit").get_json()["seal"] is None


def test_what_phones_are_told_is_signed_and_stands_for_a_month(app: Flask, lan: Phone, clock: Any) -> None:
    told = lan.learns_to_seal()
    signature = base64.urlsafe_b64decode(told["sig"] + "==")
    assert len(signature) == 64
    assert verify(told["identity"], told["sig"], told["list"].encode())
    listed = json.loads(told["list"])
    assert (listed["made"], listed["until"]) == ("2026-06-01", "2026-09-29")
    etag = lan.client.get("/api/v1/kit").headers["ETag"]
    clock.move(days=5)
    assert lan.learns_to_seal() == told and lan.client.get("/api/v1/kit").headers["ETag"] == etag


def test_handed_in_without_a_sign_in(app: Flask, lan: Phone, ward: Ward) -> None:
    record = lan.record("violation_report", **REPORT)
    Office(app).lets_expire(lan.person)
    lan.hand_in()
    assert lan.outbox == [] and ward.record(record) is not None


def test_a_sealed_packet_is_taken_at_the_desk(app: Flask, cast: Cast, lan: Phone, ward: Ward) -> None:
    lan.record("violation_report", **REPORT)
    lan.record("hazard_site", **POND)
    raw = lan.exports(format="to-am-unsent/2")
    assert "đánh".encode() not in raw and "Ao đình".encode() not in raw
    with app.app_context():
        file = read_file(raw)
        look = handover.look(cast.actor("Minh"), file)
        assert (look.judged, look.aside, dict(look.kinds)) == (2, (), {"violation_report": 1, "hazard_site": 1})
        receipts = handover.take(cast.actor("Minh"), file)
        assert receipts == handover.take(cast.actor("Minh"), file) == handover.receipts_for(file)
    lan._take_receipts(receipts, list(lan.outbox))
    assert lan.outbox == [] and len(ward.records()) == 2


def test_plain_files_of_older_phones_are_taken(app: Flask, cast: Cast, lan: Phone, ward: Ward) -> None:
    lan.seals = None
    lan.record("hazard_site", **POND)
    with app.app_context():
        handover.take(cast.actor("Minh"), read_file(lan.exports()))
    assert [change.outcome for change in ward.log()] == ["applied"]


@pytest.mark.parametrize("part", ["key", "head"])
def test_half_an_envelope_is_refused_whole(lan: Phone, part: str) -> None:
    entry = {**lan.signed(written(lan)), part: 7}
    answer = lan.post({**lan.envelope([]), "changes": [entry]})
    if part == "head":
        assert answer.get_json()["fields"] == [{"field": "changes.0.head", "code": "unreadable"}]
    else:
        assert answer.get_json()["fields"] == [{"field": "changes.0.key", "code": "unreadable"}]


def test_what_is_inside_may_be_no_change_at_all(lan: Phone, ward: Ward) -> None:
    assert lan.seals
    for body in ("{}", "null", "[1]", "không phải JSON", "9" * 5000, "[" * 100_000):
        entry = {"body": lan.seals.seal(body, "{}"), "key": lan.seals.key_id, "head": "{}"}
        assert became(sent(lan, entry)[0])[0] == "quarantined"


def test_a_bomb_does_not_open(lan: Phone) -> None:
    assert lan.seals
    entry = {"body": lan.seals.seal(" " * 5_000_000, "{}"), "key": lan.seals.key_id, "head": "{}"}
    assert became(sent(lan, entry)[0]) == ("quarantined", "cannot_open")


def _opens_anything(seal: rules.Seal, private: Any, most: int) -> str:
    return json.dumps({**seal.told, "form": 1, "base": 0, "set": POND})


_info, _first = rules.info, dict[str, bytes]()
_text, _devices = envelopes.signed_text, dict[str, str]()
PLANTED: dict[str, tuple[Any, str, Any, Callable[..., None]]] = {
    "the head is not bound": (
        rules,
        "info",
        lambda key, head: _first.setdefault("info", _info(key, head)),
        test_every_bit_of_an_envelope_counts,
    ),
    "what does not open is judged by its head": (
        rules,
        "open_seal",
        _opens_anything,
        test_what_does_not_open_is_kept_with_its_reason_and_harms_no_other,
    ),
    "the receipt is for what is inside": (
        log.Entry,
        "told",
        lambda self, receipt: receipt,
        test_the_receipt_is_for_the_very_text_that_the_phone_holds,
    ),
    "a damaged copy uses up the id": (
        log,
        "_unproven",
        lambda seal: log.heading(seal.told),
        test_damaged_on_its_way_and_whole_the_next_time,
    ),
    "another's head will do": (
        rules,
        "_is_of",
        lambda *_: True,
        test_a_head_that_tells_of_another_change_does_not_open,
    ),
    "the signature is not over the phone": (
        envelopes,
        "signed_text",
        lambda person, device, change, body: _text(person, _devices.setdefault("first", device), change, body),
        test_what_is_signed_names_the_phone,
    ),
    "what came shut is taken again": (
        log.Entry,
        "shut",
        property(lambda self: None),
        test_what_was_sealed_opens_when_its_key_comes_back,
    ),
    "a key is told before a backup has it": (
        service.queries,
        "current",
        lambda use: db.session.scalars(
            db.select(SealKey).filter_by(use=use).order_by(SealKey.made_at.desc(), SealKey.safe_at.is_(None).desc())
        ).first(),
        test_keys_rotate_and_old_seals_go_on_opening,
    ),
    "a bomb is inflated whole": (
        rules,
        "_inflated",
        lambda inside, most: b" " * len(inside),
        test_a_bomb_does_not_open,
    ),
}


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_fault_is_seen(name: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    module, what, instead, test = PLANTED[name]
    names = test.__code__.co_varnames[: test.__code__.co_argcount]
    given = {one: request.getfixturevalue(one) for one in names}
    monkeypatch.setattr(module, what, instead)
    with pytest.raises((AssertionError, KeyError, ValueError, pytest.fail.Exception)):
        test(**given)
