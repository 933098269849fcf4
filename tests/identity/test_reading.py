"""The ward's half of what a phone reads with, and a cut-off phone's word that it let go of its own."""

import json
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.db import transact
from app.identity import service
from tests.cast import Cast
from tests.keys import Key
from tests.phone import Phone

HERE = {"Sec-Fetch-Site": "same-origin"}
LOCK = '{"kind":"pin","memory":19456,"passes":2,"salt":"AA==","iv":"AA==","key":"AA=="}'


def asks(phone: Phone, **more: Any) -> TestResponse:
    return phone.client.post("/api/v1/reading", json={"device": phone.device, **more}, headers=HERE)


def tells(app: Flask, phone: Phone, key: Key | None = None, **more: Any) -> TestResponse:
    """The report as a phone without a sign-in sends it."""
    body = json.dumps({"device": phone.device, "person": phone.person.id, "at": "x", "lock": LOCK, **more})
    signing = key or phone.key
    assert signing
    sent = {"body": body, "sig": signing.sign(body)}
    return app.test_client().post("/api/v1/wiped", json=sent, headers=HERE)


def is_cut_off(app: Flask, phone: Phone) -> None:
    with app.app_context(), transact():
        service.revoke(phone.person.id)


def test_each_phone_of_each_person_has_a_half_of_its_own(app: Flask, lan: Phone, hoa: Phone) -> None:
    said = asks(lan).json
    assert said and said["hours"] == 72 and len(bytes.fromhex(said["half"])) == 32
    assert asks(lan).json == said, "the same as long as the phone is trusted: nothing has to be fetched twice"
    other = Phone(app, lan.person, device="0b8d4c52-3f64-4d0e-9a7b-6f1d2c3b4a59")
    halves = [said["half"], asks(other).json["half"], asks(hoa, device=lan.device).json["half"]]  # type: ignore[index]
    assert len(set(halves)) == 3
    assert asks(lan, person=hoa.person.id).status_code == 401, "another tab's person"


def test_a_phone_that_was_cut_off_gets_no_half(app: Flask, lan: Phone) -> None:
    lan.registers_key()
    is_cut_off(app, lan)
    assert asks(lan).status_code == 401


def test_its_report_is_on_the_desk_and_its_lock_comes_back_with_a_new_sign_in(
    app: Flask, cast: Cast, lan: Phone
) -> None:
    lan.registers_key()
    desk = cast.client("Anh")
    page = f"/desk/people/{lan.person.id}"
    is_cut_off(app, lan)
    assert "Máy báo đã hủy khóa đọc" not in desk.get(page).text
    assert tells(app, lan).status_code == 204
    assert tells(app, lan, lock=None).status_code == 204, "said again, it takes nothing back"
    assert "Máy báo đã hủy khóa đọc" in desk.get(page).text
    with app.app_context(), transact():
        codes = [service.issue_code(lan.person.id, None)]
    answer = app.test_client().post("/api/v1/sign-in", json={"code": codes[0], "device": lan.device}, headers=HERE)
    assert answer.json and answer.json["lock"] == LOCK
    with app.app_context(), transact():
        code = service.issue_code(lan.person.id, None)
    elsewhere = {"code": code, "device": "0b8d4c52-3f64-4d0e-9a7b-6f1d2c3b4a59"}
    other = app.test_client().post("/api/v1/sign-in", json=elsewhere, headers=HERE)
    assert other.json and "lock" not in other.json, "a lock is of no use on another phone"


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"device": "0b8d4c52-3f64-4d0e-9a7b-6f1d2c3b4a59"}, 401),
        ({"device": 7}, 422),
        ({"person": 7}, 422),
        ({"lock": "ổ" * 10}, 422),
        ({"lock": "x" * 2_001}, 422),
    ],
)
def test_a_report_of_nobody_is_refused(app: Flask, lan: Phone, more: dict[str, Any], status: int) -> None:
    lan.registers_key()
    assert tells(app, lan, **more).status_code == status


def test_a_report_that_somebody_else_signed_is_refused(app: Flask, cast: Cast, lan: Phone) -> None:
    lan.registers_key()
    is_cut_off(app, lan)
    assert tells(app, lan, key=Key()).status_code == 401
    assert "Máy báo đã hủy khóa đọc" not in cast.client("Anh").get(f"/desk/people/{lan.person.id}").text
