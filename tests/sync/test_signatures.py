"""A phone that told the ward its key signs what it sends. What it did not sign is kept, and somebody looks at it."""

from collections.abc import Callable

import pytest
from flask import Flask

from app.db import db, transact
from app.identity import keys, signatures
from app.quarantine import service as quarantine
from app.sync.models import Gap
from tests.cast import Cast
from tests.intake.office import Office
from tests.keys import Key
from tests.phone import Json, Phone
from tests.sync.ward import Ward

POND = {"type": "DN1", "name": "Ao đình làng", "risk": "high", "address": "ngõ 12"}


@pytest.fixture
def lan(app: Flask, cast: Cast) -> Phone:
    """Lan's phone, with a key that the ward knows."""
    return keyed(Phone(app, cast.lan))


def keyed(phone: Phone) -> Phone:
    """The phone after it has told the ward its key."""
    assert phone.registers_key().status_code == 204
    return phone


def sent(phone: Phone, *changes: Json, **more: object) -> list[tuple[str, str]]:
    """What becomes of entries sent as they are: outcome, and the first problem's code."""
    answer = phone.post({**phone.envelope([]), "changes": list(changes), **more})
    assert answer.status_code == 200, answer.text
    return [became(receipt) for receipt in answer.get_json()["receipts"]]


def became(receipt: Json) -> tuple[str, str]:
    return receipt["outcome"], (receipt["problems"] or [{"code": ""}])[0]["code"]


def body_of(phone: Phone) -> str:
    """A finished change that is not sent yet."""
    phone.record("hazard_site", **POND)
    return phone.outbox.pop().body


def test_what_is_signed_is_taken_and_its_signature_is_kept(lan: Phone, ward: Ward) -> None:
    body = body_of(lan)
    entry = lan.signed(body)
    assert sent(lan, entry) == [("applied", "")]
    (kept,) = ward.log()
    assert (kept.body, kept.sig) == (body.encode(), entry["sig"])
    assert signatures.verify(lan.key.public if lan.key else "", kept.sig, kept.body)


def test_unsigned_from_a_phone_with_a_key_is_kept_aside(lan: Phone, ward: Ward) -> None:
    body = body_of(lan)
    assert sent(lan, {"body": body}) == [("quarantined", "unsigned")]
    assert ward.kept(body) and not ward.records()


def test_badly_signed_is_kept_aside_and_the_others_go_by(lan: Phone, ward: Ward) -> None:
    first, second = body_of(lan), body_of(lan)
    swapped = {"body": first, "sig": lan.signed(second)["sig"]}
    assert sent(lan, swapped, lan.signed(second)) == [("quarantined", "bad_signature"), ("applied", "")]
    assert ward.kept(first)


def test_a_phone_of_before_there_were_keys_goes_on(app: Flask, cast: Cast) -> None:
    phone = Phone(app, cast.lan)
    assert sent(phone, {"body": body_of(phone)}) == [("applied", "")]
    # Signed by a key that has not arrived yet: the sign-in is all that there is to go by.
    assert sent(phone, {"body": (body := body_of(phone)), "sig": Key().sign(body)}) == [("applied", "")]


def test_another_phone_of_the_same_person_cannot_send_what_this_one_signed(app: Flask, lan: Phone, cast: Cast) -> None:
    other = keyed(Phone(app, cast.lan, device="c0000000-0000-4000-8000-000000000077"))
    assert sent(other, lan.signed(body_of(lan))) == [("quarantined", "bad_signature")]


def test_another_persons_sign_in_cannot_send_it_either(app: Flask, lan: Phone, cast: Cast) -> None:
    hoa = keyed(Phone(app, cast.hoa))
    assert sent(hoa, lan.signed(body_of(lan))) == [("quarantined", "bad_signature")]
    assert sent(hoa, lan.signed(body_of(lan)), device=lan.device, key=hoa.key.public if hoa.key else "") == [
        ("quarantined", "bad_signature")
    ]


def test_what_a_revoked_key_signed_is_kept_aside_under_a_new_sign_in(app: Flask, lan: Phone) -> None:
    """Whoever had the phone while it was lost wrote that."""
    old, body = lan.key, body_of(lan)
    written = lan.signed(body)
    office = Office(app)
    office.revokes(lan.person)
    office.lets_in_again(lan.person)
    lan.key = None
    keyed(lan)
    assert sent(lan, written, lan.signed(body_of(lan))) == [("quarantined", "phone_revoked"), ("applied", "")]
    assert old is not None and lan.registers_key().status_code == 204
    lan.key = old
    assert lan.registers_key().status_code == 409


def test_a_ward_that_lost_the_key_learns_it_with_the_next_request(app: Flask, lan: Phone) -> None:
    """It was restored to a time at which the phone had another one."""
    lan.key = Key()
    body = body_of(lan)
    assert sent(lan, lan.signed(body), key=lan.key.public) == [("applied", "")]
    lan.cursor = None
    lan.sync()
    assert lan.registers_key().status_code == 204


@pytest.mark.parametrize("key", ["", "A", "x" * 87, "đ", 7, ["k"]])
def test_a_key_that_is_none_changes_nothing(lan: Phone, key: object) -> None:
    envelope = {**lan.envelope([]), "changes": [lan.signed(body_of(lan))], "key": key}
    answer = lan.post(envelope)
    if isinstance(key, str) and key.isascii():
        assert became(answer.get_json()["receipts"][0]) == ("applied", "")
    else:
        assert (answer.status_code, answer.get_json()["fields"][0]["field"]) == (422, "key")


def test_an_administrator_releases_what_was_not_signed(app: Flask, cast: Cast, lan: Phone, ward: Ward) -> None:
    body = body_of(lan)
    sent(lan, {"body": body}, lan.signed(body_of(lan)), issued=lan.seq, unsent=0)
    (kept, _) = ward.log()
    assert [gap.seq for gap in gaps(app)] == [kept.seq]  # it may be made up: the number still is to come
    with app.app_context(), transact():
        quarantine.read(cast.actor("Anh"), kept.log_id)
        assert quarantine.release(cast.actor("Anh"), kept.log_id, 0, None) == "applied"
    assert len(ward.records()) == 2 and gaps(app) == []
    assert sent(lan, {"body": body}) == [("applied", "")]


def gaps(app: Flask) -> list[Gap]:
    """The numbers that did not arrive."""
    with app.app_context():
        found = list(db.session.scalars(db.select(Gap).where(Gap.filled_at.is_(None))))
        db.session.expunge_all()
        return found


def test_the_same_again_gets_the_same_receipt_whatever_its_signature(lan: Phone, ward: Ward) -> None:
    body = body_of(lan)
    assert sent(lan, lan.signed(body)) == sent(lan, {"body": body}) == [("applied", "")]
    assert len(ward.log()) == 1


def test_a_pass_that_sends_nothing_looks_no_key_up(lan: Phone, statements: Callable) -> None:
    lan.sync()
    with statements() as seen:
        lan.sync()
    assert not [one for one in seen if "device_key" in one]


def _keys(**whose: str) -> list[signatures.Key]:
    found = db.session.scalars(db.select(keys.DeviceKey).filter_by(**whose))
    return [signatures.Key(key.public_key, key.revoked_at is not None) for key in found]


_trusted, _fault = keys.trusted, signatures.fault
PLANTED = {
    "nobody looks at signatures": (
        keys,
        "trusted",
        lambda *_: [],
        test_unsigned_from_a_phone_with_a_key_is_kept_aside,
    ),
    "any signature will do": (
        signatures,
        "verify",
        lambda *_: True,
        test_badly_signed_is_kept_aside_and_the_others_go_by,
    ),
    "the keys of all of a person's phones count": (
        keys,
        "of_device",
        lambda person, _: _keys(person_id=person),
        test_another_phone_of_the_same_person_cannot_send_what_this_one_signed,
    ),
    "the keys of everybody on a phone count": (
        keys,
        "of_device",
        lambda _, device: _keys(device=device),
        test_another_persons_sign_in_cannot_send_it_either,
    ),
    "a revoked key counts": (
        signatures,
        "fault",
        lambda known, *more: _fault([signatures.Key(key.public_key, False) for key in known], *more),
        test_what_a_revoked_key_signed_is_kept_aside_under_a_new_sign_in,
    ),
    "a named key is not learnt": (
        keys,
        "trusted",
        lambda actor, device, named: _trusted(actor, device, None),
        test_a_ward_that_lost_the_key_learns_it_with_the_next_request,
    ),
    "a phone without a key is not heard": (
        keys,
        "trusted",
        lambda *_: [signatures.Key(Key().public, False)],
        test_a_phone_of_before_there_were_keys_goes_on,
    ),
}


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_fault_is_seen(
    name: str, app: Flask, cast: Cast, ward: Ward, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    module, what, instead, test = PLANTED[name]
    given = {"app": app, "cast": cast, "ward": ward}
    wanted = [one for one in test.__code__.co_varnames[: test.__code__.co_argcount] if one not in given]
    given |= {one: request.getfixturevalue(one) for one in wanted}
    monkeypatch.setattr(module, what, instead)
    with pytest.raises((AssertionError, ValueError)):
        test(**{one: given[one] for one in test.__code__.co_varnames[: test.__code__.co_argcount]})
