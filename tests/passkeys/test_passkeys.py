"""Officers' passkeys on the real wire, with an authenticator made of the standard's text; and who must not come in.

Each attack is shown to succeed on a server into which its bug was planted.
"""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fido2.server import Fido2Server
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from app.db import db, transact
from app.identity import service as identity
from app.identity.models import SignIn
from app.passkeys import queries, rules, service, webauthn
from app.passkeys.models import Passkey, PasskeyChallenge
from app.records.audit import Audit
from app.records.models import Link
from tests.cast import Cast
from tests.conftest import DATABASES, MORNING, Clock, make_app, put_away
from tests.passkeys.authenticator import PRESENT, Authenticator, asked

HERE = {"Sec-Fetch-Site": "same-origin"}
PASSPHRASE = "nang am hien nha 7"
WHY = "Thêm máy mới của phường"


@pytest.fixture
def app(prepared: Path, tmp_path: Path, clock: Clock) -> Iterator[Flask]:
    """As in the field: seven days for a second factor, a proof counts ten minutes. Everybody signed in an hour ago."""
    DATABASES.copy(prepared, tmp_path / "to-am.db")
    made = make_app(tmp_path / "to-am.db", second_factor_days=7, step_up_minutes=10)
    with made.app_context(), transact():
        db.session.execute(update(SignIn).values(created_at=MORNING.replace(hour=1)))
        for who in ("Minh", "Ha"):
            identity.set_passphrase(Cast(made)[who].id, PASSPHRASE)
    yield made
    put_away(made)


def post(client: FlaskClient, place: str, **form: str) -> Any:
    return client.post(place, data=form, headers=HERE)


def proves(client: FlaskClient, about: str = "passkeys") -> None:
    """Passphrase and reason, as the desk asks for them."""
    sent = {"purpose": "rights", "about": about, "next": "/desk/me", "reason": WHY, "proof": PASSPHRASE}
    assert post(client, "/desk/confirm", **sent).status_code == 303


def adds(client: FlaskClient, name: str = "Máy phường", key: Authenticator | None = None, **changed: Any) -> Any:
    """Make a passkey; the answer of the server. The key is kept in `key`."""
    key = key or Authenticator()
    answer = key.makes(asked(client.get("/desk/me/passkeys/new").text), **changed)
    return post(client, "/desk/me/passkeys/new", name=name, passkey=answer)


def signs_in(client: FlaskClient, key: Authenticator, **changed: Any) -> int:
    page = post(client, "/desk/sign-in/passkey").text
    return int(post(client, "/desk/sign-in/passkey/answer", passkey=key.shows(asked(page), **changed)).status_code)


def first_step(client: FlaskClient, cast: Cast, who: str = "Minh") -> str:
    sent = {"phone": cast[who].phone, "passphrase": PASSPHRASE}
    return str(post(client, "/desk/sign-in", **sent).headers["Location"])


@pytest.fixture
def minhs(cast: Cast) -> Authenticator:
    key = Authenticator()
    assert adds(cast.client("Minh"), key=key).status_code == 200
    return key


def kept(app: Flask) -> list[tuple[str, int, bool]]:
    with app.app_context():
        rows = db.session.scalars(select(Passkey).order_by(Passkey.id))
        return [(row.name, row.sign_count, row.copied_at is not None) for row in rows]


def test_the_first_passkey_gives_recovery_codes_and_opens_the_desk(app: Flask, client: FlaskClient, cast: Cast) -> None:
    key = Authenticator()
    answer = adds(cast.client("Minh"), "Máy phường Phúc Lợi", key)
    assert answer.status_code == 200 and answer.text.count("<li>") == 10
    assert client.get("/desk/").status_code == 302
    assert signs_in(client, key) == 303
    page = client.get("/desk/me").text
    assert "Máy phường Phúc Lợi" in page and "03/06/2026" in page and "Đã bị sao chép" not in page
    assert kept(app) == [("Máy phường Phúc Lợi", 2, False)]
    with app.app_context():
        assert not list(Audit().findings())


def test_with_a_passkey_the_passphrase_alone_opens_nothing(
    client: FlaskClient, cast: Cast, minhs: Authenticator
) -> None:
    assert first_step(client, cast) == "/desk/sign-in/code"
    assert client.get("/desk/").status_code == 302
    page = client.get("/desk/sign-in/code").text
    assert [one["id"] for one in asked(page)["allowCredentials"]] and asked(page)["userVerification"] == "required"
    assert post(client, "/desk/sign-in/code/passkey", passkey=minhs.shows(asked(page))).headers["Location"] == "/desk/"
    assert client.get("/desk/").status_code == 200


def test_the_recovery_codes_work_without_an_app(client: FlaskClient, cast: Cast) -> None:
    answer = adds(cast.client("Minh"))
    code = answer.text.split("<li>")[1].split("<")[0]
    first_step(client, cast)
    assert post(client, "/desk/sign-in/code", code=code).status_code == 303


def test_after_the_days_of_grace_a_passkey_is_enough(app: Flask, cast: Cast, clock: Clock) -> None:
    clock.move(days=8)
    late, later = app.test_client(), app.test_client()
    first_step(late, cast)
    assert late.get("/desk/").headers["Location"] == "/desk/me/second-factor"
    assert adds(late, key=(key := Authenticator())).status_code == 200
    assert late.get("/desk/").status_code == 200
    assert signs_in(later, key) == 303 and later.get("/desk/").status_code == 200


def test_a_passkey_proves_anew_who_is_there(cast: Cast, minhs: Authenticator) -> None:
    minh, place = cast.client("Minh"), "/desk/confirm?purpose=rights&about=recovery+codes&next=/desk/me"
    sent = {"purpose": "rights", "about": "recovery codes", "next": "/desk/me", "reason": WHY}
    assert post(minh, "/desk/me/recovery-codes").status_code == 403
    wrong = post(minh, "/desk/confirm", passkey=minhs.shows(asked(minh.get(place).text), flags=PRESENT), **sent)
    assert wrong.status_code == 422 and 'id="reason"' in wrong.text and WHY in wrong.text
    # The page that says so asks anew, with a challenge of its own.
    assert post(minh, "/desk/confirm", passkey=minhs.shows(asked(wrong.text)), **sent).status_code == 303
    assert post(minh, "/desk/me/recovery-codes").status_code == 200


def test_at_an_open_desk_nobody_adds_or_removes_one(app: Flask, cast: Cast, minhs: Authenticator) -> None:
    minh = cast.client("Minh")
    for place in ("/desk/me/passkeys/new", "/desk/me/second-factor"):
        assert minh.get(place).headers["Location"].startswith("/desk/confirm")
        assert post(minh, place).status_code == 403
    assert post(minh, "/desk/me/passkeys/1/remove").status_code == 403
    proves(minh)
    # Not the last one, either.
    assert post(minh, "/desk/me/passkeys/1/remove").status_code == 422
    assert adds(minh, "Điện thoại của Minh").status_code == 303
    assert post(minh, "/desk/me/passkeys/1/name", name="  Máy cũ ").status_code == 303
    assert [name for name, *_ in kept(app)] == ["Máy cũ", "Điện thoại của Minh"]
    assert post(minh, "/desk/me/passkeys/1/remove").status_code == 303
    assert signs_in(app.test_client(), minhs) == 401


def test_others_passkeys_are_not_there(app: Flask, cast: Cast, minhs: Authenticator) -> None:
    ha = cast.client("Ha")
    proves(ha)
    assert post(ha, "/desk/me/passkeys/1/name", name="của Hà").status_code == 404
    assert post(ha, "/desk/me/passkeys/1/remove").status_code == 404
    assert kept(app)[0][0] == "Máy phường"


def test_an_administrator_drops_passkeys_too(app: Flask, cast: Cast, minhs: Authenticator) -> None:
    anh = cast.client("Anh")
    assert "second-factor/drop" in anh.get(f"/desk/people/{cast.minh.id}").text
    with app.app_context(), transact():
        identity.set_passphrase(cast.anh.id, PASSPHRASE)
    proves(anh, cast.minh.id)
    post(anh, f"/desk/people/{cast.minh.id}/second-factor/drop")
    assert kept(app) == [] and signs_in(app.test_client(), minhs) == 401
    assert first_step(app.test_client(), cast) == "/desk/"


def test_an_authenticator_that_does_not_count(app: Flask, cast: Cast) -> None:
    key = Authenticator(count=None)
    adds(cast.client("Minh"), key=key)
    assert [signs_in(app.test_client(), key) for _ in range(2)] == [303, 303]


def test_names_are_asked_for_and_one_passkey_is_one_persons(app: Flask, cast: Cast, minhs: Authenticator) -> None:
    ha = cast.client("Ha")
    for name in ("", "Máy " * 30):
        assert adds(ha, name).status_code == 422
    assert adds(ha, key=minhs).status_code == 422
    assert len(kept(app)) == 1


def test_a_challenge_ends(app: Flask, client: FlaskClient, clock: Clock, minhs: Authenticator) -> None:
    page = post(client, "/desk/sign-in/passkey").text
    clock.move(seconds=rules.LIFE.total_seconds() - 1)
    assert post(client, "/desk/sign-in/passkey/answer", passkey=minhs.shows(asked(page))).status_code == 303
    page = post(client, "/desk/sign-in/passkey").text
    clock.move(seconds=rules.LIFE.total_seconds())
    assert post(client, "/desk/sign-in/passkey/answer", passkey=minhs.shows(asked(page))).status_code == 401
    with app.app_context():
        assert len(db.session.scalars(select(PasskeyChallenge)).all()) == 1


@pytest.mark.parametrize(
    ("origin", "site"),
    [
        ("https://to-am.hanoi.gov.vn", "to-am.hanoi.gov.vn"),
        ("http://localhost:8000", "localhost"),
        ("http://to-am.hanoi.gov.vn", None),
        ("https://203.0.113.7", None),
        ("https://[2001:db8::7]", None),
        ("", None),
    ],
)
def test_where_passkeys_can_be(origin: str, site: str | None) -> None:
    assert rules.site_of(origin) == site


SPOILT = ("", "{", "[]", "7", '{"id": 7}', "đ" * 30_000, '{"id":"x","rawId":"x","response":{}}')


def test_what_is_no_answer(client: FlaskClient, cast: Cast, minhs: Authenticator) -> None:
    ha = cast.client("Ha")
    for spoilt in SPOILT:
        post(client, "/desk/sign-in/passkey")
        assert post(client, "/desk/sign-in/passkey/answer", passkey=spoilt).status_code == 401, spoilt
        ha.get("/desk/me/passkeys/new")
        assert post(ha, "/desk/me/passkeys/new", name="Máy", passkey=spoilt).status_code == 422, spoilt
    for part in ("clientDataJSON", "authenticatorData", "signature"):
        page = post(client, "/desk/sign-in/passkey").text
        read = json.loads(minhs.shows(asked(page)))
        read["response"][part] = read["response"][part][:-4]
        assert post(client, "/desk/sign-in/passkey/answer", passkey=json.dumps(read)).status_code == 401, part


# Attacks: each answers whether somebody came in who must not.
Attack = Callable[[Flask, Cast, Authenticator], bool]


def another_origin(app: Flask, cast: Cast, minhs: Authenticator) -> bool:
    """A false page on a name beneath ours passes on what the browser signed for it."""
    return signs_in(app.test_client(), minhs, origin="https://dang-nhap.localhost") == 303


def a_replay(app: Flask, cast: Cast, minhs: Authenticator) -> bool:
    """What was caught on its way is sent again from the same browser."""
    browser = app.test_client()
    answer = minhs.shows(asked(post(browser, "/desk/sign-in/passkey").text))
    token = browser.get_cookie("__Host-passkey")
    assert post(browser, "/desk/sign-in/passkey/answer", passkey=answer).status_code == 303 and token
    again = app.test_client()
    again.set_cookie("__Host-passkey", token.value, secure=True, httponly=True)
    return bool(post(again, "/desk/sign-in/passkey/answer", passkey=answer).status_code == 303)


def another_browser(app: Flask, cast: Cast, minhs: Authenticator) -> bool:
    """What one browser was asked is answered from another one."""
    one, other = app.test_client(), app.test_client()
    answer = minhs.shows(asked(post(one, "/desk/sign-in/passkey").text))
    post(other, "/desk/sign-in/passkey")
    return bool(post(other, "/desk/sign-in/passkey/answer", passkey=answer).status_code == 303)


def of_somebody_else(app: Flask, cast: Cast, minhs: Authenticator) -> bool:
    """Hà knows Minh's passphrase and shows her own passkey; or signs for his with her key."""
    adds(cast.client("Ha"), key=(has := Authenticator()))
    browser = app.test_client()
    first_step(browser, cast)
    page = browser.get("/desk/sign-in/code").text
    answer = post(browser, "/desk/sign-in/code/passkey", passkey=has.shows(asked(page)))
    if answer.headers["Location"] == "/desk/":
        return True
    has.id, has.handle = minhs.id, minhs.handle
    return signs_in(app.test_client(), has) == 303


def nobody_verified(app: Flask, cast: Cast, minhs: Authenticator) -> bool:
    """Somebody touches the stick that was left in the computer; nobody asks for finger or PIN."""
    return signs_in(app.test_client(), minhs, flags=PRESENT) == 303


def a_copy(app: Flask, cast: Cast, minhs: Authenticator) -> bool:
    """The passkey was copied: original and copy count apart, and both are out once that shows."""
    copy = Authenticator(minhs.count)
    copy.key, copy.id, copy.handle = minhs.key, minhs.id, minhs.handle
    assert signs_in(app.test_client(), minhs) == 303
    came_in = signs_in(app.test_client(), copy) == 303
    if not came_in:
        with app.app_context():
            notes = [json.loads(link.facts) for link in db.session.scalars(select(Link))]
        assert [note["of"] for note in notes if note.get("done") == "passkey_copied"] == [cast.minh.id]
        assert "Có thể đã bị sao chép" in cast.client("Minh").get("/desk/me").text
    return came_in or signs_in(app.test_client(), minhs) == 303


def a_closed_person(app: Flask, cast: Cast, minhs: Authenticator) -> bool:
    """Minh has left; his passkey is still on his computer."""
    with app.app_context(), transact():
        identity.close_person(cast.minh.id)
    return signs_in(app.test_client(), minhs) == 303


def for_another_purpose(app: Flask, cast: Cast, minhs: Authenticator) -> bool:
    """What was signed to confirm something at an open desk is turned into a sign-in."""
    minh = cast.client("Minh")
    page = minh.get("/desk/confirm?purpose=rights&about=x&next=/desk/me").text
    thief = app.test_client()
    thief.set_cookie("__Host-passkey", cast.minh.token, secure=True, httponly=True)
    return bool(post(thief, "/desk/sign-in/passkey/answer", passkey=minhs.shows(asked(page))).status_code == 303)


ATTACKS: tuple[Attack, ...] = (
    another_origin,
    a_replay,
    another_browser,
    of_somebody_else,
    nobody_verified,
    a_copy,
    a_closed_person,
    for_another_purpose,
)


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
def test_an_attack(attack: Attack, app: Flask, cast: Cast, minhs: Authenticator) -> None:
    assert not attack(app, cast, minhs)


NOT_TAKEN: tuple[dict[str, Any], ...] = (
    {"origin": "https://localhost.evil.example"},
    {"challenge": "AAAA"},
    {"flags": PRESENT},
    {"site": "evil.example"},
    {"alg": -65535},
    {"type": "webauthn.get"},
)


def test_passkeys_that_are_not_taken(app: Flask, cast: Cast) -> None:
    for changed in NOT_TAKEN:
        assert adds(cast.client("Minh"), **changed).status_code == 422, changed
    assert kept(app) == []


Plant = Callable[[pytest.MonkeyPatch], None]


def _origin_as_the_library_has_it(patch: pytest.MonkeyPatch) -> None:
    plain = Fido2Server.__init__

    def init(self: Fido2Server, rp: Any, attestation: Any, verify_origin: Any) -> None:
        plain(self, rp, attestation)

    patch.setattr(Fido2Server, "__init__", init)


def _nothing_is_spent(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(service, "_spent", lambda purpose, token: db.session.get(PasskeyChallenge, (token, purpose)))
    patch.setattr(rules, "is_copied", lambda kept, shown: False)


def _challenges_are_everybodys(patch: pytest.MonkeyPatch) -> None:
    def spent(purpose: str, token: str) -> PasskeyChallenge | None:
        return db.session.scalars(select(PasskeyChallenge).order_by(PasskeyChallenge.made_at).limit(1)).first()

    patch.setattr(service, "_spent", spent)
    patch.setattr(service, "_challenge", _fixed(service._challenge))


def _fixed(real: Callable[..., str]) -> Callable[..., str]:
    given: list[str] = []

    def challenge(*args: Any) -> str:
        made = real(*args)
        given.append(made)
        db.session.flush()
        db.session.execute(update(PasskeyChallenge).values(challenge=given[0]))
        return given[0]

    return challenge


def _whose_it_is_is_not_asked(patch: pytest.MonkeyPatch) -> None:
    ask = service._challenge
    patch.setattr(service, "_challenge", lambda purpose, token, person_id: ask(purpose, token, None))


def _any_purpose(patch: pytest.MonkeyPatch) -> None:
    for name in ("_challenge", "_spent"):
        real = getattr(service, name)
        patch.setattr(service, name, lambda purpose, *rest, real=real: real("any", *rest))


PLANTED: dict[str, tuple[Attack, Plant]] = {
    "every name beneath ours is believed": (another_origin, _origin_as_the_library_has_it),
    "a challenge is not spent": (a_replay, _nothing_is_spent),
    "a challenge is not bound to its browser": (another_browser, _challenges_are_everybodys),
    "anybody's passkey is a second step": (of_somebody_else, _whose_it_is_is_not_asked),
    "touching is enough": (nobody_verified, lambda patch: patch.setattr(webauthn, "_VERIFIED", None)),
    "a count that went back is nothing": (
        a_copy,
        lambda patch: patch.setattr(rules, "is_copied", lambda kept, shown: False),
    ),
    "whoever has left may come in": (
        a_closed_person,
        lambda patch: patch.setattr(identity, "may_use", lambda person, door: True),
    ),
    "a challenge is good for everything": (for_another_purpose, _any_purpose),
}


@pytest.mark.parametrize("bug", PLANTED)
def test_a_planted_bug_lets_the_attack_in(
    bug: str, app: Flask, cast: Cast, minhs: Authenticator, monkeypatch: pytest.MonkeyPatch
) -> None:
    attack, plant = PLANTED[bug]
    plant(monkeypatch)
    assert attack(app, cast, minhs)


def test_a_challenge_that_lasts_is_seen(
    app: Flask, client: FlaskClient, clock: Clock, minhs: Authenticator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "LIFE", timedelta(days=1))
    monkeypatch.setattr(rules, "is_over", lambda made_at, moment: False)
    page = post(client, "/desk/sign-in/passkey").text
    clock.move(minutes=5)
    assert post(client, "/desk/sign-in/passkey/answer", passkey=minhs.shows(asked(page))).status_code == 303


def test_no_challenge_and_no_passkey_stands_in_clear_words_elsewhere(app: Flask, minhs: Authenticator) -> None:
    """The chain tells that a passkey was added, and not which."""
    with app.app_context():
        told = "".join(link.facts for link in db.session.scalars(select(Link)))
        assert "passkey_added" in told
        assert not any(one.credential in told or one.name in told for one in queries.of(Cast(app).minh.id))
