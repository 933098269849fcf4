"""A phone registers the public half of its key while it is signed in; revoking the phone revokes its keys."""

import pytest
from flask import Flask

from app.db import db, transact
from app.identity import keys, service
from app.identity.models import DeviceKey, SignIn
from tests.cast import Cast
from tests.conftest import Clock
from tests.keys import Key
from tests.phone import Phone

HERE = {"Sec-Fetch-Site": "same-origin"}


def registered(app: Flask, phone: Phone) -> list[tuple[str, bool]]:
    with app.app_context():
        found = keys.of_device(phone.person.id, phone.device)
        return [(key.public_key, key.is_revoked) for key in found]


def test_registering_twice_is_registering_once(app: Flask, lan: Phone) -> None:
    assert [lan.registers_key().status_code, lan.registers_key().status_code] == [204, 204]
    assert lan.key and registered(app, lan) == [(lan.key.public, False)]


def test_a_phone_keeps_its_earlier_keys(app: Flask, lan: Phone) -> None:
    lan.registers_key()
    first, lan.key = lan.key, None
    lan.registers_key()
    assert first and lan.key
    assert {public for public, _ in registered(app, lan)} == {first.public, lan.key.public}


def test_nobody_registers_without_a_sign_in_or_for_somebody_else(app: Flask, lan: Phone, cast: Cast) -> None:
    sent = {"device": lan.device, "public_key": Key().public}
    assert app.test_client().post("/api/v1/device-key", json=sent, headers=HERE).status_code == 401
    hoas = cast.client("Hoa").post("/api/v1/device-key", json={**sent, "person": cast.lan.id}, headers=HERE)
    assert hoas.status_code == 401, "another tab's key would become hers"
    assert registered(app, lan) == []


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({}, "device"),
        ({"device": "a b", "public_key": Key().public}, "device"),
        ({"device": "d"}, "public_key"),
        ({"device": "d", "public_key": "BNo"}, "public_key"),
        ({"device": "d", "public_key": 7}, "public_key"),
        ({"device": "d", "public_key": "\ud800"}, "public_key"),
    ],
)
def test_what_is_no_key_is_refused_by_name(lan: Phone, sent: dict[str, object], field: str) -> None:
    answer = lan.post(sent, "/api/v1/device-key")
    assert (answer.status_code, answer.get_json()["fields"][0]["field"]) == (422, field)
    assert lan.post([], "/api/v1/device-key").status_code == 422


@pytest.mark.parametrize("how", ["this phone", "all phones", "the person leaves"])
def test_revoking_a_phone_revokes_its_keys_for_good(app: Flask, lan: Phone, cast: Cast, how: str) -> None:
    hoa = Phone(app, cast.hoa)
    lan.registers_key()
    hoa.registers_key()
    with app.app_context(), transact():
        if how == "the person leaves":
            service.close_person(cast.lan.id)
        else:
            service.revoke(cast.lan.id, cast.actor("Lan").sign_in if how == "this phone" else None)
    assert [revoked for _, revoked in registered(app, lan)] == [True]
    assert [revoked for _, revoked in registered(app, hoa)] == [False]


def test_a_revoked_key_is_not_taken_again_but_a_new_one_is(app: Flask, lan: Phone, cast: Cast, clock: Clock) -> None:
    lan.registers_key()
    with app.app_context(), transact():
        service.revoke(cast.lan.id, cast.actor("Lan").sign_in)
    signs_in_again(app, cast)
    answer = lan.registers_key()
    assert (answer.status_code, answer.get_json()["code"]) == (409, "key_revoked")
    lan.key = None
    assert lan.registers_key().status_code == 204
    assert sorted(revoked for _, revoked in registered(app, lan)) == [False, True]


def test_a_phone_that_signed_in_under_another_id_is_revoked_with_its_keys(app: Flask, cast: Cast) -> None:
    phone = Phone(app, cast.lan, device="e0000000-0000-4000-8000-000000000001")
    assert phone.device != cast.lan.device
    phone.registers_key()
    phone.key = None
    phone.registers_key()
    with app.app_context(), transact():
        service.revoke(cast.lan.id, cast.actor("Lan").sign_in)
    assert [revoked for _, revoked in registered(app, phone)] == [True, True]


def test_signing_out_revokes_no_key(app: Flask, lan: Phone) -> None:
    lan.registers_key()
    lan.client.post("/api/v1/sign-out", headers=HERE)
    assert [revoked for _, revoked in registered(app, lan)] == [False]


def signs_in_again(app: Flask, cast: Cast) -> None:
    """The ward gave Lan a code: her sign-in counts again."""
    with app.app_context(), transact():
        db.session.get_one(SignIn, cast.actor("Lan").sign_in).revoked_at = None
        assert db.session.query(DeviceKey).count() == 1
