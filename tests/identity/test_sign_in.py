"""Signing in by code and by passphrase, at both doors: what works, what is refused, and what slows down whom."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.db import db, transact
from app.identity import service
from app.identity.models import FailedSignIn, SignIn, SignInCode
from tests.cast import PEOPLE, Cast, Someone
from tests.conftest import Clock

HERE = {"Sec-Fetch-Site": "same-origin"}
DEVICE = "c0000000-0000-4000-8000-000000000001"
PASSPHRASE = "nang am hien nha 7"


@pytest.fixture
def known(app: Flask) -> None:
    """Lan and Minh have passphrases."""
    with app.app_context(), transact():
        service.set_passphrase(PEOPLE["Lan"].id, PASSPHRASE)
        service.set_passphrase(PEOPLE["Minh"].id, PASSPHRASE)


def code_for(app: Flask, person: Someone) -> str:
    with app.app_context(), transact():
        return service.issue_code(person.id, None)


def phone_sign_in(client: FlaskClient, address: str = "203.0.113.1", **sent: Any) -> TestResponse:
    body = {"device": DEVICE, "label": "Samsung A10", **sent}
    return client.post("/api/v1/sign-in", json=body, headers=HERE, environ_base={"REMOTE_ADDR": address})


def with_passphrase(client: FlaskClient, passphrase: str, address: str = "203.0.113.1") -> TestResponse:
    return phone_sign_in(client, address, phone="0912 000 007", passphrase=passphrase)


def desk_sign_in(client: FlaskClient, **sent: str) -> TestResponse:
    return client.post("/desk/sign-in", data=sent, headers=HERE)


def test_lan_signs_in_with_a_code(app: Flask, client: FlaskClient, cast: Cast) -> None:
    answer = phone_sign_in(client, code=code_for(app, cast.lan).lower())
    assert answer.get_json() == {
        "person": {
            "id": cast.lan.id,
            "name": "Nguyễn Thị Lan",
            "language": "vi",
            "role": "collaborator",
            "ward": {"id": "2", "name": "Phúc Lợi", "phone": "+842438750136"},
            "groups": [{"id": "7", "name": "7"}],
        },
        "seal": None,
    }
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-phone=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
    assert client.get("/api/v1/me").get_json() == answer.get_json()


def test_a_code_works_once_and_for_72_hours(app: Flask, client: FlaskClient, cast: Cast, clock: Clock) -> None:
    code = code_for(app, cast.lan)
    clock.move(hours=71)
    assert phone_sign_in(client, code=code).status_code == 200
    assert phone_sign_in(client, code=code).get_json()["code"] == "bad_sign_in"
    late = code_for(app, cast.lan)
    clock.move(hours=73)
    assert phone_sign_in(client, code=late).status_code == 401


def test_a_new_code_ends_the_one_before(app: Flask, client: FlaskClient, cast: Cast) -> None:
    first, second = code_for(app, cast.lan), code_for(app, cast.lan)
    assert phone_sign_in(client, code=first).status_code == 401
    assert phone_sign_in(client, code=second).status_code == 200


def test_only_hashes_are_kept(app: Flask, client: FlaskClient, cast: Cast) -> None:
    code = code_for(app, cast.lan)
    phone_sign_in(client, code=code)
    token = client.get_cookie("__Host-phone")
    with app.app_context():
        kept = [*db.session.scalars(db.select(SignIn.token_hash)), *db.session.scalars(db.select(SignInCode.code_hash))]
        buckets = [*db.session.scalars(db.select(FailedSignIn.bucket))]
    assert token is not None and len(token.value) == 43  # 256 bits
    assert all(len(text) == 64 for text in [*kept, *buckets])
    assert token.value not in kept and code.replace("-", "") not in kept


def test_lan_signs_in_with_number_and_passphrase(client: FlaskClient, known: None) -> None:
    assert with_passphrase(client, PASSPHRASE).status_code == 200


@pytest.mark.parametrize("passphrase", ["", "nang am hien nha 8", "x" * 3000, "\ud800"])
def test_a_wrong_passphrase_tells_nothing(client: FlaskClient, known: None, passphrase: str) -> None:
    wrong = with_passphrase(client, passphrase)
    unknown = phone_sign_in(client, phone="0999 999 999", passphrase=passphrase)
    assert wrong.status_code in (401, 422)
    assert wrong.get_json() == unknown.get_json()


@pytest.mark.parametrize(
    ("sent", "field", "code"),
    [
        ({"phone": "0912000007"}, "passphrase", "required"),
        ({"phone": 912000007, "passphrase": "x"}, "phone", "not_text"),
        ({"code": None}, "code", "required"),
        ({"code": "ABCD-EFGH", "device": "my phone"}, "device", "not_record"),
        ({"code": "ABCD\x00EFGH"}, "code", "bad_characters"),
    ],
)
def test_a_malformed_sign_in_names_its_field(client: FlaskClient, sent: Any, field: str, code: str) -> None:
    answer = phone_sign_in(client, **sent)
    assert answer.status_code == 422
    assert answer.get_json()["fields"] == [{"field": field, "code": code}]


@pytest.mark.parametrize("body", [b"", b"[]", b'"x"', b"{", b"\xff", b"[" * 3000, b"{" + b" " * 9000 + b"}"])
def test_a_body_that_is_no_sign_in(client: FlaskClient, body: bytes) -> None:
    answer = client.post("/api/v1/sign-in", data=body, headers=HERE, content_type="application/json")
    assert answer.status_code in (400, 413, 422)
    assert answer.mimetype == "application/problem+json"


def test_each_role_has_its_door(app: Flask, client: FlaskClient, cast: Cast, known: None) -> None:
    assert phone_sign_in(client, phone="0912000001", passphrase=PASSPHRASE).status_code == 401
    assert desk_sign_in(client, way="passphrase", phone="0912000007", passphrase=PASSPHRASE).status_code == 401
    code = code_for(app, cast.minh)
    assert phone_sign_in(client, code=code).status_code == 401
    answer = desk_sign_in(client, way="code", code=code, new_passphrase="mưa rào tháng sáu")
    assert answer.status_code == 303


def test_a_phones_cookie_opens_no_desk_and_the_other_way_round(cast: Cast) -> None:
    lan, minh = cast.client("Lan"), cast.client("Minh")
    lan.set_cookie("__Host-desk", cast.lan.token, domain="localhost")
    minh.set_cookie("__Host-phone", cast.minh.token, domain="localhost")
    assert lan.get("/desk/people").status_code == 302
    assert minh.get("/api/v1/me").status_code == 401


def test_minh_signs_in_at_the_desk(client: FlaskClient, known: None) -> None:
    answer = desk_sign_in(client, way="passphrase", phone="0912 000 001", passphrase=PASSPHRASE)
    assert answer.status_code == 303
    assert answer.headers["Location"].endswith("/desk/")
    assert answer.headers["Set-Cookie"].startswith("__Host-desk=")


def test_the_administrator_lands_on_people(app: Flask, client: FlaskClient, cast: Cast) -> None:
    answer = desk_sign_in(client, way="code", code=code_for(app, cast.anh), new_passphrase="mưa rào tháng sáu")
    assert answer.headers["Location"].endswith("/desk/people")
    assert desk_sign_in(client, way="passphrase", phone="0912000000", passphrase="mưa rào tháng sáu").status_code == 303


def test_a_weak_new_passphrase_is_explained_and_costs_no_code(app: Flask, client: FlaskClient, cast: Cast) -> None:
    code = code_for(app, cast.minh)
    for weak, says in (("ngắn", "Ngắn quá"), ("matkhau matkhau", "Dễ đoán quá"), ("", "Ngắn quá")):
        answer = desk_sign_in(client, way="code", code=code, new_passphrase=weak)
        assert answer.status_code == 422 and says in answer.text
        assert not weak or weak not in answer.text
    name = desk_sign_in(client, way="code", code=code, new_passphrase="tran van minh")
    assert "Dễ đoán quá" in name.text
    assert desk_sign_in(client, way="code", code=code, new_passphrase="mưa rào tháng sáu").status_code == 303


def test_a_new_passphrase_ends_older_sign_ins(app: Flask, client: FlaskClient, cast: Cast) -> None:
    before = cast.client("Anh")
    desk_sign_in(client, way="code", code=code_for(app, cast.anh), new_passphrase="mưa rào tháng sáu")
    assert before.get("/desk/people").status_code == 302


def test_tries_slow_down_and_nobody_is_locked_out(client: FlaskClient, known: None, clock: Clock) -> None:
    for _ in range(3):
        assert with_passphrase(client, "wrong wrong wrong").status_code == 401
    slowed = with_passphrase(client, PASSPHRASE)
    assert slowed.status_code == 429
    assert slowed.headers["Retry-After"] == "1"
    clock.move(seconds=1)
    assert with_passphrase(client, "wrong wrong wrong").status_code == 401
    for _ in range(40):
        clock.move(seconds=61)
        with_passphrase(client, "wrong wrong wrong")
    assert 1 <= int(with_passphrase(client, PASSPHRASE).headers["Retry-After"]) <= 60
    clock.move(seconds=60)
    assert with_passphrase(client, PASSPHRASE).status_code == 200
    assert with_passphrase(client, "wrong wrong wrong").status_code == 401


def test_guessing_from_elsewhere_delays_nobody_but_the_guesser(client: FlaskClient, known: None) -> None:
    for _ in range(6):
        with_passphrase(client, "wrong wrong wrong", "198.51.100.9")
    assert with_passphrase(client, PASSPHRASE, "198.51.100.9").status_code == 429
    assert with_passphrase(client, PASSPHRASE, "203.0.113.1").status_code == 200


def test_a_known_phone_is_not_delayed_even_on_the_guessers_line(app: Flask, cast: Cast, known: None) -> None:
    stranger, lan = app.test_client(), cast.client("Lan")
    for _ in range(6):
        with_passphrase(stranger, "wrong wrong wrong")
    assert with_passphrase(stranger, PASSPHRASE).status_code == 429
    assert with_passphrase(lan, PASSPHRASE).status_code == 200


def test_a_known_phone_stays_known_after_it_was_revoked(app: Flask, cast: Cast, known: None) -> None:
    lan = cast.client("Lan")
    with app.app_context(), transact():
        service.revoke(cast.lan.id)
    for _ in range(6):
        with_passphrase(app.test_client(), "wrong wrong wrong")
    assert with_passphrase(lan, PASSPHRASE).status_code == 200


def test_unknown_numbers_are_slowed_like_known_ones(client: FlaskClient, known: None) -> None:
    for _ in range(3):
        phone_sign_in(client, phone="0999999999", passphrase="wrong wrong wrong")
    assert phone_sign_in(client, phone="+84 999 999 999", passphrase="x").status_code == 429


def test_guessing_codes_is_slowed_by_line_only(app: Flask, client: FlaskClient, cast: Cast) -> None:
    code = code_for(app, cast.lan)
    for _ in range(3):
        phone_sign_in(client, "198.51.100.9", code="0000-0000")
    assert phone_sign_in(client, "198.51.100.9", code=code).status_code == 429
    assert phone_sign_in(client, "203.0.113.1", code=code).status_code == 200


def test_signing_out_ends_the_token_and_takes_the_cookie(app: Flask, cast: Cast) -> None:
    lan, copy = cast.client("Lan"), cast.client("Lan")
    answer = lan.post("/api/v1/sign-out", headers=HERE)
    assert answer.status_code == 204
    assert "Max-Age=0" in answer.headers["Set-Cookie"] and "Secure" in answer.headers["Set-Cookie"]
    assert copy.get("/api/v1/me").get_json()["code"] == "sign_in_needed"


def test_minh_signs_out(cast: Cast) -> None:
    minh, copy = cast.client("Minh"), cast.client("Minh")
    assert minh.post("/desk/sign-out", headers=HERE).status_code == 303
    assert copy.get("/desk/").status_code == 302


def test_signing_in_again_replaces_the_phones_old_sign_in(app: Flask, client: FlaskClient, cast: Cast) -> None:
    phone_sign_in(client, code=code_for(app, cast.lan))
    old = client.get_cookie("__Host-phone")
    assert old is not None
    again = app.test_client()  # the cookie was lost, the device is the same
    phone_sign_in(again, code=code_for(app, cast.lan))
    assert client.get("/api/v1/me").status_code == 401
    assert again.get("/api/v1/me").status_code == 200


def test_a_phone_stays_signed_in_as_long_as_it_calls(cast: Cast, clock: Clock) -> None:
    lan = cast.client("Lan")
    for _ in range(4):
        clock.move(days=29)
        answer = lan.get("/api/v1/me")
        assert answer.status_code == 200
        assert answer.headers["Set-Cookie"].startswith("__Host-phone=")
    clock.move(days=179)
    assert lan.get("/api/v1/me").status_code == 200
    clock.move(days=181)
    assert lan.get("/api/v1/me").status_code == 401


def test_a_request_soon_after_another_writes_nothing(cast: Cast, clock: Clock) -> None:
    lan = cast.client("Lan")
    clock.move(minutes=59)
    assert "Set-Cookie" not in lan.get("/api/v1/me").headers


def test_a_desk_left_alone_for_an_hour_is_closed(cast: Cast, clock: Clock) -> None:
    anh = cast.client("Anh")
    for _ in range(3):
        clock.move(minutes=59)
        assert anh.get("/desk/people").status_code == 200
    clock.move(minutes=61)
    assert anh.get("/desk/people").status_code == 302


def test_a_desk_closes_after_twelve_hours_of_work(app: Flask, client: FlaskClient, cast: Cast, clock: Clock) -> None:
    desk_sign_in(client, way="code", code=code_for(app, cast.anh), new_passphrase="mưa rào tháng sáu")
    for _ in range(14):
        clock.move(minutes=50)
        assert client.get("/desk/people").status_code == 200
    clock.move(minutes=50)
    assert client.get("/desk/people").status_code == 302


@pytest.mark.parametrize("token", ["", "x", "a" * 3000, "đ", "..%00"])
def test_a_made_up_token_is_nobody(app: Flask, token: str) -> None:
    client = app.test_client()
    client.set_cookie("__Host-phone", token, domain="localhost")
    assert client.get("/api/v1/me").status_code == 401


def test_a_person_without_work_today_is_nobody(app: Flask, cast: Cast) -> None:
    lan = cast.client("Lan")
    with app.app_context(), transact():
        service.close_person(cast.lan.id)
    assert lan.get("/api/v1/me").status_code == 401


def test_another_site_cannot_sign_anybody_in_or_out(cast: Cast, known: None) -> None:
    lan = cast.client("Lan")
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://elsewhere.example"}, {}):
        assert lan.post("/api/v1/sign-out", headers=headers).status_code == 403
    assert lan.get("/api/v1/me").status_code == 200
