"""The commands of the server: safe to repeat, plain when something is wrong."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask

from app.at_rest import keys
from app.cli.demo import CAST, PASSPHRASE
from tests.conftest import make_app, put_away

HERE = {"Sec-Fetch-Site": "same-origin"}


def run(app: Flask, *args: str) -> Result:
    return app.test_cli_runner().invoke(args=list(args))


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Flask]:
    """A server whose database does not exist yet."""
    app = make_app(tmp_path / "fresh.db")
    yield app
    put_away(app)


@pytest.fixture
def ready(fresh: Flask) -> Flask:
    assert run(fresh, "setup").exit_code == 0
    return fresh


def test_setup_twice_is_setup_once(fresh: Flask) -> None:
    assert "23 new" in run(fresh, "setup").output
    again = run(fresh, "setup")
    assert again.exit_code == 0 and "0 new" in again.output
    assert "0 new" in run(fresh, "units").output


def test_the_first_administrator_comes_in(ready: Flask) -> None:
    added = run(ready, "person", "0912 345 678", "--name", "Vũ Đức Anh", "--role", "admin", "--unit", "01")
    assert added.exit_code == 0 and "Vũ Đức Anh" in added.output and "thành phố Hà Nội" in added.output
    issued = run(ready, "code", "0912345678").output
    code = re.search(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}\b", issued)
    assert code is not None and "https://localhost/desk/sign-in" in issued
    client = ready.test_client()
    sent = {"way": "code", "code": code[0], "new_passphrase": "mưa rào tháng sáu"}
    assert client.post("/desk/sign-in", data=sent, headers=HERE).headers["Location"].endswith("/desk/people")
    assert run(ready, "revoke", "0912345678").exit_code == 0
    assert client.get("/desk/people").status_code == 302


def test_another_role_and_leaving(ready: Flask) -> None:
    person = ("person", "0912345678")
    run(ready, *person, "--name", "Trần Văn Minh", "--role", "officer", "--unit", "00136")
    assert "phường Việt Hưng" in run(ready, *person, "--role", "leader", "--unit", "00127").output
    assert "closed" in run(ready, *person, "--close").output


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (("code", "0999999999"), "Nobody has the number"),
        (("revoke", "nonsense"), "Nobody has the number"),
        (("person", "0999999999", "--role", "admin", "--unit", "01"), "name: required"),
        (("person", "115", "--name", "A", "--role", "admin", "--unit", "01"), "phone: not_phone"),
        (("person", "0999999999", "--name", "A", "--role", "admin", "--unit", "99999"), "No unit has the code"),
        (
            ("person", "0999999999", "--name", "A", "--role", "collaborator", "--unit", "00136", "--group", "7"),
            "has no group 7",
        ),
        (
            ("person", "0999999999", "--name", "A", "--role", "collaborator", "--unit", "00136"),
            "unit: not_for_role",
        ),
    ],
)
def test_what_is_wrong_is_said_plainly(ready: Flask, args: tuple[str, ...], says: str) -> None:
    result = run(ready, *args)
    assert result.exit_code == 1
    assert says in result.output


def test_the_demo_is_made_once_and_everybody_can_sign_in(ready: Flask) -> None:
    first, again = run(ready, "demo"), run(ready, "demo")
    assert first.exit_code == 0 and first.output == again.output
    for name, phone, role, _, _ in CAST:
        client, sent = ready.test_client(), {"phone": phone, "passphrase": PASSPHRASE}
        assert name in first.output
        if role == "collaborator":
            body: dict[str, Any] = {**sent, "device": "c0000000-0000-4000-8000-000000000001"}
            assert client.post("/api/v1/sign-in", json=body, headers=HERE).status_code == 200
        else:
            assert client.post("/desk/sign-in", data=sent, headers=HERE).status_code == 303


def test_the_demo_needs_the_units_first(fresh: Flask) -> None:
    assert run(fresh, "db", "upgrade").exit_code == 0
    result = run(fresh, "demo")
    assert result.exit_code == 1 and "setup" in result.output


def test_no_demo_in_production(tmp_path: Path) -> None:
    keys.make(tmp_path / "keys")
    app = make_app(
        tmp_path / "real.db",
        environment="production",
        secret_key="k" * 48,
        public_origin="https://to-am.example",
        argon2_cost=3,
        key_file=str(tmp_path / "keys"),
        step_up_minutes=10,
        second_factor_days=14,
    )
    result = run(app, "demo")
    put_away(app)
    assert result.exit_code == 1 and "never in production" in result.output
