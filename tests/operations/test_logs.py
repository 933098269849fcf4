"""The log as JSON: every request has a line and an id, and no line says who asked, or about whom."""

import io
import json
import logging
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlencode
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy.exc import IntegrityError, OperationalError

from app import http
from app.identity.rights import DOORS, OPEN
from app.operations import requests, rules
from app.operations.logs import _Handler
from tests.cast import Cast
from tests.conftest import DATABASES, Clock, make_app, put_away
from tests.contract.test_doors import ROLES, routes
from tests.phone import Phone

SECRETS = {
    "name": "Nguyễn Thị Bích Hằng",
    "phone": "+84987654321",
    "typed": "0987 654 321",
    "token": "q7Zx-token-Kj3vR8mPw2",
    "passphrase": "mưa rào tháng chạp 88",
    "told": "Bố bé Tí đánh con trước cửa nhà số 12",
}
HERE = {"Sec-Fetch-Site": "same-origin"}


def traces(text: str) -> list[str]:
    """The planted words that a text holds, however they are written in it."""
    found = []
    for name, word in SECRETS.items():
        forms = {
            word,
            unicodedata.normalize("NFD", word),
            quote(word),
            json.dumps(word)[1:-1],
            repr(word.encode())[2:-1],
        }
        if any(form in text for form in forms):
            found.append(name)
    return found


@pytest.fixture
def loud(prepared: Path, tmp_path: Path, clock: Clock) -> Iterator[tuple[Flask, io.StringIO]]:
    """An application that logs JSON behind a proxy, and what it has logged."""
    path = tmp_path / "loud.db"
    DATABASES.copy(prepared, path)
    made = make_app(path, logs="json", proxies=1)
    made.config["ANSWER_FAULTS"] = True
    root, said = logging.getLogger(), io.StringIO()
    ours = [one for one in root.handlers if isinstance(one, _Handler)]
    assert len(ours) == 1
    ours[0].setStream(said)
    yield made, said
    root.removeHandler(ours[0])
    logging.getLogger("to-am").setLevel(logging.NOTSET)
    put_away(made)


def visit_everything(app: Flask) -> int:
    """Every route, by everybody and by nobody, with planted words wherever a request has room; how many it was."""
    cast, count = Cast(app), 0
    kinds = {name: type(kind).__name__ for rule in app.url_map.iter_rules() for name, kind in rule._converters.items()}
    words = {name: SECRETS["token"] for name, kind in kinds.items() if "Integer" not in kind}
    headers = {
        **HERE,
        "User-Agent": SECRETS["token"],
        "X-Request-ID": SECRETS["phone"],
        "Authorization": SECRETS["token"],
    }
    for who in (*ROLES, None):
        for endpoint, method, path in routes(app, **words):
            if endpoint.endswith("sign_out"):
                continue
            client = cast.client(who) if who else app.test_client()
            client.set_cookie("other", SECRETS["token"], domain="localhost")
            asked = f"{path}?{urlencode({'q': SECRETS['name'], 'state': SECRETS['typed']})}"
            body = {"json": SECRETS} if path.startswith("/api/") else {"data": SECRETS}
            client.open(asked, method=method, headers=headers, **body).close()
            count += 1
    return count


def fail_everywhere(app: Flask, monkeypatch: pytest.MonkeyPatch) -> int:
    """Every route fails over something that quotes what was sent."""
    cast, count = Cast(app), 0
    quoted = " / ".join(SECRETS.values())
    causes = (
        lambda: RuntimeError(quoted),
        lambda: IntegrityError(f"INSERT {quoted}", SECRETS, ValueError(quoted)),
        lambda: OperationalError(f"SELECT {quoted}", SECRETS, ValueError(quoted)),
    )
    for number, (endpoint, method, path) in enumerate(routes(app)):

        def fails(number: int = number, **_: object) -> None:
            raise causes[number % len(causes)]() from ValueError(quoted)

        monkeypatch.setitem(app.view_functions, endpoint, fails)
        who = next((name for name, role in ROLES.items() if DOORS[endpoint] is OPEN or role in DOORS[endpoint]), "Lan")
        answer = cast.client(who).open(path, method=method, headers=HERE)
        answer.close()
        count += answer.status_code >= 500
    return count


def lines(said: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in said.getvalue().splitlines()]


def test_no_line_names_anybody_whatever_is_asked_and_whatever_fails(
    loud: tuple[Flask, io.StringIO], monkeypatch: pytest.MonkeyPatch
) -> None:
    app, said = loud
    asked = visit_everything(app)
    phone = Phone(app, Cast(app).lan)
    phone.record("violation_report", narrative=SECRETS["told"], informant_name=SECRETS["name"])
    phone.record("child", name=SECRETS["name"], phone=SECRETS["phone"])
    phone.sync()
    phone.push("{" + SECRETS["name"], phone.change(str(uuid4()), kind=SECRETS["name"], set={"x": SECRETS["told"]}))
    asked += 2
    failed = fail_everywhere(app, monkeypatch)
    assert failed > 50
    told = lines(said)
    answered = [line for line in told if line["message"] == "answered"]
    assert len(answered) >= asked + failed
    assert len([line for line in told if line["level"] == "error"]) >= failed
    assert traces(said.getvalue()) == []
    assert all(re.fullmatch(r"[0-9a-f]{16}", str(line["request"])) for line in answered)
    addresses = re.findall(r"\b\d+\.\d+\.\d+\.\d+\b", said.getvalue())
    assert addresses == []


def _path_in_the_line(patch: pytest.MonkeyPatch) -> None:
    usual = requests._facts
    patch.setattr(requests, "_facts", lambda *a: {**usual(*a), "route": http.request.full_path})


def _words_of_the_error(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(http, "place_of", str)


def _any_request_id(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(rules, "request_id", lambda given, made, *, proxies: given or made)


def _libraries_speak_freely(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("app.operations.logs.bare", lambda message, values: str(message) % values)


@pytest.mark.parametrize("plant", [_path_in_the_line, _words_of_the_error, _any_request_id, _libraries_speak_freely])
def test_a_planted_leak_is_seen(loud: tuple[Flask, io.StringIO], monkeypatch: pytest.MonkeyPatch, plant) -> None:  # type: ignore[no-untyped-def]
    app, said = loud
    plant(monkeypatch)
    headers = {**HERE, "X-Request-ID": SECRETS["token"]}
    Cast(app).client("Anh").get(f"/desk/people/{quote(SECRETS['name'])}", headers=headers)
    logging.getLogger("some.library").warning("could not store %s", SECRETS["name"])
    fail_everywhere(app, monkeypatch)
    assert traces(said.getvalue())


def test_the_proxys_id_is_taken_over_answered_and_shown(loud: tuple[Flask, io.StringIO]) -> None:
    app, said = loud
    given = "3f2c9a54-7be1-4d8c-9a55-0c1d2e3f4a5b"
    answer = app.test_client().get("/desk/none", headers={"X-Request-ID": given})
    assert answer.headers["X-Request-ID"] == given and given in answer.text
    assert lines(said)[-1]["request"] == given
    assert lines(said)[-1]["problem"] == "not_found" and lines(said)[-1]["status"] == 404


@pytest.mark.parametrize(
    "given", ["", "0912000007", "x" * 20, "a" * 15, "a" * 65, "../../etc", "Hằng" * 5, "a" * 16 + "\x7f"]
)
def test_what_is_no_id_is_not_taken_over(given: str) -> None:
    assert rules.request_id(given, "ours", proxies=1) == "ours"


def test_without_a_proxy_of_ours_nobody_names_a_request() -> None:
    assert rules.request_id("3f2c9a54-7be1-4d8c-9a55-0c1d2e3f4a5b", "ours", proxies=0) == "ours"


@pytest.mark.parametrize(
    ("message", "values", "said"),
    [
        ("Booting worker with pid: %s", (4711,), "Booting worker with pid: 4711"),
        ("Handling signal: %s", ("term",), "Handling signal: term"),
        ("Error handling request %s %s", ("GET", "/desk/people?q=Lan"), "Error handling request … …"),
        ("Invalid request from ip=10.0.0.1: 'GET /?code=AB'", (), "Invalid request from ip"),
        ("%(name)s came %(count)d times", {"name": "Đức", "count": 3}, "… came 3 times"),
        ("%d of one", ("Đức",), "%d of one"),
    ],
)
def test_a_librarys_words_without_what_they_quote(message: str, values: object, said: str) -> None:
    assert rules.bare(message, values) == said
