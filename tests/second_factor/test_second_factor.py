"""Signing in at the desk with an authenticator app: one code once, codes on paper, and who must have it when."""

import re
from collections.abc import Iterator
from pathlib import Path

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.db import db, transact
from app.identity import service as identity
from app.identity.models import SignIn
from app.second_factor import rules, sealing
from app.second_factor.models import RecoveryCode, SecondFactor
from tests.cast import Cast, Someone
from tests.conftest import DATABASES, Clock, make_app, put_away

HERE = {"Sec-Fetch-Site": "same-origin"}
PASSPHRASE = "nang am hien nha 7"


@pytest.fixture
def app(prepared: Path, tmp_path: Path, clock: Clock) -> Iterator[Flask]:
    """Officers have seven days to add a second factor."""
    DATABASES.copy(prepared, tmp_path / "to-am.db")
    made = make_app(tmp_path / "to-am.db", second_factor_days=7)
    with made.app_context(), transact():
        for who in ("Minh", "Lan"):
            identity.set_passphrase(Cast(made)[who].id, PASSPHRASE)
    yield made
    put_away(made)


class Authenticator:
    """Minh's app, and the recovery codes that he printed."""

    def __init__(self, app: Flask, cast: Cast, clock: Clock) -> None:
        self.clock = clock
        page = cast.client("Minh").get("/desk/me/second-factor").text
        self.app = pyotp.TOTP(re.search(r'<p class="num">([A-Z2-7 ]+)</p>', page)[1].replace(" ", ""))  # type: ignore[index]
        answer = cast.client("Minh").post("/desk/me/second-factor", data={"code": self.now()}, headers=HERE)
        assert answer.status_code == 200, answer.text
        self.printed = re.findall(r"<li>([0-9A-Z]{5}-[0-9A-Z]{5})</li>", answer.text)
        clock.move(seconds=60)

    def now(self) -> str:
        return self.app.at(int(self.clock.at.timestamp()))


@pytest.fixture
def minhs(app: Flask, cast: Cast, clock: Clock) -> Authenticator:
    return Authenticator(app, cast, clock)


def first_step(client: FlaskClient, person: Someone) -> str:
    form = {"phone": person.phone, "passphrase": PASSPHRASE}
    return str(client.post("/desk/sign-in", data=form, headers=HERE).headers.get("Location"))


def second_step(client: FlaskClient, code: str) -> int:
    return client.post("/desk/sign-in/code", data={"code": code}, headers=HERE).status_code


def test_the_passphrase_alone_opens_nothing(client: FlaskClient, cast: Cast, minhs: Authenticator) -> None:
    assert first_step(client, cast.minh) == "/desk/sign-in/code"
    assert client.get("/desk/").status_code == 302
    assert second_step(client, "000000") == 401
    assert client.get("/desk/").status_code == 302
    assert second_step(client, minhs.now()) == 303
    assert client.get("/desk/").status_code == 200


def test_a_code_is_taken_once(app: Flask, cast: Cast, minhs: Authenticator, clock: Clock) -> None:
    code, (one, other) = minhs.now(), (app.test_client(), app.test_client())
    for browser in (one, other):
        first_step(browser, cast.minh)
    assert second_step(one, code) == 303
    assert second_step(other, code) == 401
    clock.move(seconds=30)
    assert second_step(other, minhs.now()) == 303


def test_a_code_on_paper_works_once_and_new_ones_end_the_old(
    app: Flask, client: FlaskClient, cast: Cast, minhs: Authenticator
) -> None:
    assert len(set(minhs.printed)) == rules.RECOVERY_CODES
    first_step(client, cast.minh)
    assert second_step(client, minhs.printed[0].lower()) == 303
    first_step(client, cast.minh)
    assert second_step(client, minhs.printed[0]) == 401
    page = cast.client("Minh").post("/desk/me/recovery-codes", headers=HERE).text
    assert second_step(client, minhs.printed[1]) == 401
    assert second_step(client, re.findall(r"<li>([0-9A-Z]{5}-[0-9A-Z]{5})</li>", page)[2]) == 303


def test_guessing_is_slowed_and_the_first_step_ends(
    client: FlaskClient, cast: Cast, minhs: Authenticator, clock: Clock
) -> None:
    first_step(client, cast.minh)
    assert [second_step(client, f"00000{n}") for n in range(4)] == [401, 401, 401, 429]
    clock.move(minutes=11)
    assert (
        client.post("/desk/sign-in/code", data={"code": minhs.now()}, headers=HERE).headers["Location"]
        == "/desk/sign-in"
    )


def test_an_administrators_code_does_not_go_round_it(
    app: Flask, client: FlaskClient, cast: Cast, minhs: Authenticator
) -> None:
    with app.app_context(), transact():
        code = identity.issue_code(cast.minh.id, None)
    form = {"way": "code", "code": code, "new_passphrase": "hoa gạo rụng đầy sân"}
    assert client.post("/desk/sign-in", data=form, headers=HERE).headers["Location"] == "/desk/sign-in/code"


def test_after_the_days_of_grace_only_adding_one_is_open(client: FlaskClient, cast: Cast, clock: Clock) -> None:
    first_step(client, cast.minh)
    assert client.get("/desk/").status_code == 200
    clock.move(days=7)
    first_step(client, cast.minh)
    for place in ("/desk/", "/desk/me", "/desk/search"):
        answer = client.open(place, method="POST" if place.endswith("search") else "GET", headers=HERE)
        assert (answer.status_code, answer.headers["Location"]) == (303, "/desk/me/second-factor"), place
    assert client.get("/desk/me/second-factor").status_code == 200
    assert client.post("/desk/sign-out", headers=HERE).status_code == 303


def test_phones_are_not_asked(cast: Cast, clock: Clock) -> None:
    clock.move(days=8)
    assert cast.client("Lan").get("/api/v1/me").status_code == 200


def test_whoever_sits_down_at_an_open_desk_cannot_replace_it(cast: Cast, minhs: Authenticator) -> None:
    assert cast.client("Minh").get("/desk/me/second-factor").headers["Location"] == "/desk/me"
    answer = cast.client("Minh").post("/desk/me/second-factor", data={"code": minhs.now()}, headers=HERE)
    assert answer.status_code == 422


def test_an_administrator_drops_it_and_every_sign_in_ends(app: Flask, cast: Cast, minhs: Authenticator) -> None:
    assert "second-factor/drop" in cast.client("Anh").get(f"/desk/people/{cast.minh.id}").text
    assert cast.client("Minh").get("/desk/").status_code == 200
    cast.client("Anh").post(f"/desk/people/{cast.minh.id}/second-factor/drop", headers=HERE)
    assert cast.client("Minh").get("/desk/").status_code == 302
    assert first_step(app.test_client(), cast.minh) == "/desk/"


def test_own_sign_ins_are_listed_and_ended(app: Flask, cast: Cast) -> None:
    elsewhere, here = app.test_client(), app.test_client()
    for browser in (elsewhere, here):
        first_step(browser, cast.minh)
    assert here.get("/desk/me").text.count("/desk/me/end") == 3  # two others, and all of them
    here.post("/desk/me/end", data={"sign_in": "others"}, headers=HERE)
    assert (elsewhere.get("/desk/").status_code, here.get("/desk/").status_code) == (302, 200)


def test_the_database_alone_gives_no_codes(app: Flask, minhs: Authenticator) -> None:
    with app.app_context():
        kept = db.session.scalars(select(SecondFactor)).one()
        assert minhs.app.secret not in kept.secret
        assert sealing.unseal(kept.person_id, kept.secret) == minhs.app.secret
        hashes = list(db.session.scalars(select(RecoveryCode.code_hash)))
        assert not [code for code in minhs.printed if code.replace("-", "") in "".join(hashes)]


def test_a_half_sign_in_is_no_sign_in_in_any_list(
    app: Flask, client: FlaskClient, cast: Cast, minhs: Authenticator
) -> None:
    first_step(client, cast.minh)
    with app.app_context():
        assert "half" in list(db.session.scalars(select(SignIn.door)))
    assert cast.client("Anh").get("/desk/people").status_code == 200
    assert cast.client("Anh").get(f"/desk/people/{cast.minh.id}").status_code == 200


@pytest.mark.parametrize(
    ("seconds", "code"), [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")]
)
def test_the_codes_are_those_of_rfc_6238(seconds: int, code: str) -> None:
    """Appendix B, SHA-1, the last six digits."""
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    assert rules.step_of(secret, code, seconds, 0) == seconds // 30
    assert rules.step_of(secret, code, seconds, seconds // 30) is None
    assert rules.step_of(secret, code, seconds + 90, 0) is None
