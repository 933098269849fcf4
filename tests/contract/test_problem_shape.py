"""One kind of failure: every code has words in both languages, and every failure of the API has one shape."""

import json
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.datastructures import Headers

from app.http import HEADERS
from app.i18n import catalog
from app.problems import CATALOGUE
from app.shell import _with_our_headers
from tests.cast import Cast

PAGE = Path(__file__).parents[2] / "docs" / "problems.md"
HERE = {"Sec-Fetch-Site": "same-origin"}


def written() -> str:
    """docs/problems.md as it should be."""
    rows = [f"| `{code}` | {status} | {catalog('en')[f'problem.{code}.title']} |" for code, status in CATALOGUE.items()]
    checks = [f"| `{key[6:]}` | {words} |" for key, words in catalog("en").items() if key.startswith("check.")]
    return (
        "# Problems\n\nFailures of a request (RFC 9457, `application/problem+json`):\n\n"
        "| code | status | means |\n|---|---|---|\n"
        + "\n".join(rows)
        + "\n\nProblems of one field, or of one change:\n\n| code | means |\n|---|---|\n"
        + "\n".join(checks)
        + "\n"
    )


def test_the_page_lists_every_code() -> None:
    assert PAGE.read_text(encoding="utf-8") == written()


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_every_code_has_words(lang: str) -> None:
    for code in CATALOGUE:
        assert catalog(lang)[f"problem.{code}.title"] and catalog(lang)[f"problem.{code}.detail"]


@pytest.mark.parametrize(
    ("method", "path", "body", "code"),
    [
        ("POST", "/api/v1/sync", b"{", "not_json"),
        ("POST", "/api/v1/sync", b'{"device": NaN}', "not_json"),
        ("POST", "/api/v1/sync", b"[" * 100_000, "not_json"),
        ("POST", "/api/v1/sync", b"{}", "bad_envelope"),
        ("GET", "/api/v1/sync", b"", "method_not_allowed"),
        ("GET", "/api/v1/nothing", b"", "not_found"),
        ("POST", "/api/v1/sync", b" " * 300_000, "too_large"),
    ],
)
def test_failures_have_one_shape(app: Flask, cast: Cast, method: str, path: str, body: bytes, code: str) -> None:
    answer = cast.client("Lan").open(path, method=method, data=body, headers=HERE, content_type="application/json")
    problem = json.loads(answer.data)
    assert answer.mimetype == "application/problem+json"
    assert (problem["code"], problem["status"], answer.status_code) == (code, CATALOGUE[code], CATALOGUE[code])
    assert problem["type"] == "about:blank" and problem["title"] and problem["detail"]


def test_a_fault_of_ours_tells_nothing_and_logs_no_body(app: Flask, cast: Cast, monkeypatch, caplog) -> None:  # type: ignore[no-untyped-def]
    def fails(*_: object, **__: object) -> None:
        raise RuntimeError("disk")

    app.config["ANSWER_FAULTS"] = True
    monkeypatch.setitem(app.view_functions, "sync_api.sync", fails)
    secret = {"device": cast.lan.device, "name": "Nguyễn Minh Đức"}
    answer = cast.client("Lan").post("/api/v1/sync", json=secret, headers=HERE)
    assert (answer.status_code, answer.get_json(force=True)["code"]) == (500, "our_fault")
    assert "Đức" not in answer.text + caplog.text


def test_every_answer_carries_the_headers(app: Flask) -> None:
    for path in ("/", "/app/", "/desk/sign-in", "/api/v1/me", "/nothing"):
        headers = app.test_client().get(path).headers
        assert headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize(
    ("name", "policy"),
    [
        ("lock-worker-ABCD2345.js", "default-src 'none'; script-src 'wasm-unsafe-eval'"),
        ("app-ABCD2345.js", HEADERS["Content-Security-Policy"]),
        ("part-ABCD2345.js", HEADERS["Content-Security-Policy"]),
        ("x/lock-worker-ABCD2345.js", HEADERS["Content-Security-Policy"]),
    ],
)
def test_only_the_worker_that_makes_keys_of_codes_may_compile(name: str, policy: str) -> None:
    headers = Headers()
    _with_our_headers(headers, name, f"/assets/{name}")
    assert headers["Content-Security-Policy"] == policy
