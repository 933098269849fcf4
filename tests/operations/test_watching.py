"""/readyz and /metrics: when they say no, who may read, and that they name nobody."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from prometheus_client.parser import text_string_to_metric_families as read
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from app.config import BadSetting, from_env
from app.db import db
from app.operations import rules, service
from app.photos.store.local import LocalStore
from app.photos.store.s3 import S3Store
from tests.cast import PEOPLE, Cast
from tests.conftest import Clock, make_app, put_away
from tests.contract.test_settings_docs import GOOD
from tests.phone import Phone


@pytest.fixture
def fit(app: Flask) -> Flask:
    """Tables that Alembic knows to be of this version."""
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32))"))
        head = service._head(app.extensions["migrate"].directory)
        connection.execute(text("INSERT INTO alembic_version VALUES (:head)"), {"head": head})
    return app


def asked(app: Flask) -> tuple[int, Any]:
    answer = app.test_client().get("/readyz")
    return answer.status_code, answer.get_json()


def test_a_fit_server_is_ready(fit: Flask) -> None:
    assert asked(fit) == (200, {"ready": True, "failed": [], "limited": []})


def _older_tables(app: Flask, patch: pytest.MonkeyPatch) -> None:
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))


def _database_away(app: Flask, patch: pytest.MonkeyPatch) -> None:
    def fails(_: object) -> None:
        raise OperationalError("SELECT", {}, ValueError("away"))

    patch.setattr(service.backups, "revision", fails)


def _disk_full(app: Flask, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(service, "_free", lambda: rules.LEAST_ROOM - 1)


@pytest.mark.parametrize(
    ("fault", "name"), [(_older_tables, "schema"), (_database_away, "database"), (_disk_full, "disk")]
)
def test_what_keeps_records_out_is_named(
    fit: Flask, monkeypatch: pytest.MonkeyPatch, fault: Callable[[Flask, pytest.MonkeyPatch], None], name: str
) -> None:
    fault(fit, monkeypatch)
    assert asked(fit) == (503, {"ready": False, "failed": [name], "limited": []})
    assert "to_am_ready 0.0" in fit.test_client().get("/metrics").text


def test_photos_that_wait_keep_no_record_out(fit: Flask, tmp_path: Path) -> None:
    (tmp_path / "a-file").write_text("")
    fit.extensions["photo_store"] = LocalStore(tmp_path / "a-file" / "kept")
    assert asked(fit) == (200, {"ready": True, "failed": [], "limited": ["photos"]})
    fit.extensions["photo_store"] = S3Store("http://127.0.0.1:9", "bucket", "key", "secret")
    assert asked(fit)[1]["limited"] == ["photos"]


@pytest.mark.parametrize(
    ("address", "production", "proxies", "may"),
    [
        ("127.0.0.1", False, 0, True),
        ("::1", True, 1, True),
        ("127.0.0.1", True, 0, False),  # behind a proxy that we were not told of everybody comes from here
        ("203.0.113.9", False, 0, False),
        ("", True, 1, False),
        (None, True, 1, False),
    ],
)
def test_who_may_read_the_metrics_without_the_token(
    address: str | None, production: bool, proxies: int, may: bool
) -> None:
    assert rules.may_read_metrics(address, production=production, proxies=proxies) == may


def test_from_elsewhere_only_the_token_opens(app: Flask, tmp_path: Path) -> None:
    made = make_app(tmp_path / "to-am.db", metrics_token="k" * 24, proxies=1)
    far = {"X-Forwarded-For": "203.0.113.9"}
    client = made.test_client()
    assert client.get("/metrics", headers=far).status_code == 404
    for wrong in ("k" * 24, "Bearer ", "Bearer " + "k" * 23, "Bearer Hằng"):
        assert client.get("/metrics", headers={**far, "Authorization": wrong}).status_code == 404
    assert client.get("/metrics", headers={**far, "Authorization": "Bearer " + "k" * 24}).status_code == 200
    put_away(made)


@pytest.mark.parametrize(("name", "value"), [("LOGS", "xml"), ("METRICS_TOKEN", "short")])
def test_settings_that_make_no_sense(name: str, value: str) -> None:
    with pytest.raises(BadSetting, match=name):
        from_env({**GOOD, f"TO_AM_{name}": value})


def test_the_figures_are_those_of_the_ward_and_name_nobody(app: Flask, cast: Cast, clock: Clock) -> None:
    lan = Phone(app, cast.lan)
    lan.record("child", name="Bùi Thị Ngọc Ân")
    lan.sync()
    lan.push("nonsense")
    clock.move(days=4)
    lan.post({**lan.envelope([]), "issued": 9, "unsent": 7})
    clock.move(days=4)
    page = app.test_client().get("/metrics").text
    figures = {one.name: one for one in read(page)}
    values = {name: one.samples[0].value for name, one in figures.items() if len(one.samples) == 1}
    assert values["to_am_records_waiting"] == 1 and values["to_am_quarantined"] == 1
    assert values["to_am_unsent"] == 7 and values["to_am_phones_silent_with_work"] == 1
    assert values["to_am_phones_with_losses"] == 1
    assert values["to_am_database_bytes"] > 10_000
    labels = {name for one in figures.values() for sample in one.samples for name in sample.labels}
    assert labels <= {"route", "status", "le", "code", "outcome"}
    for person in PEOPLE.values():
        assert not [word for word in (person.name, person.phone, person.id, person.device or "?") if word in page]
    assert not re.search(r"[0-9a-f]{8}-[0-9a-f]{4}-", page)
