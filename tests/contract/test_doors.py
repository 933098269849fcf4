"""Closed by default: every route of the URL map by every role, and every kind of object, with no hand-kept list."""

import json
import uuid

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.identity.rights import DOORS, OPEN, WITHOUT_COOKIE
from tests.cast import Cast

ROLES = {"Lan": "collaborator", "Minh": "officer", "Ha": "leader", "Anh": "admin"}
HERE = {"Sec-Fetch-Site": "same-origin"}
NOBODYS = "00000000-0000-4000-8000-999999999999"


def routes(app: Flask, **given: str) -> list[tuple[str, str, str]]:
    """(endpoint, method, path) for every rule of the map; ids are made up unless given."""
    found = []
    for rule in app.url_map.iter_rules():
        values = {
            name: given.get(name, "999999" if "Integer" in type(rule._converters[name]).__name__ else NOBODYS)
            for name in rule.arguments
        }
        built = rule.build(values)
        assert built is not None, rule
        methods = rule.methods or set()
        found += [(rule.endpoint, method, built[1]) for method in sorted(methods - {"HEAD", "OPTIONS"} or methods)]
    return found


def sign_in_asked(path: str) -> int:
    return 401 if path.startswith("/api/") else 302


def test_every_route_is_in_the_table_and_the_table_has_no_other(app: Flask) -> None:
    assert {endpoint for endpoint, _, _ in routes(app)} == DOORS.keys()


def test_nobody_enters_signed_out(app: Flask) -> None:
    for endpoint, method, path in routes(app):
        if DOORS[endpoint] is not OPEN:
            answer = app.test_client().open(path, method=method, headers=HERE)
            assert answer.status_code == sign_in_asked(path), (endpoint, method)


@pytest.mark.parametrize("who", ROLES)
def test_a_role_meets_only_its_own_doors(app: Flask, cast: Cast, who: str) -> None:
    for endpoint, method, path in routes(app):
        if DOORS[endpoint] is OPEN or endpoint.endswith("sign_out"):
            continue
        answer = cast.client(who).open(path, method=method, headers=HERE)
        if ROLES[who] in DOORS[endpoint]:
            assert answer.status_code not in (401, 403) and answer.status_code < 500, (endpoint, answer.status_code)
        elif path.startswith("/api/") == (cast[who].door == "phone"):
            assert answer.status_code == 404, (endpoint, answer.status_code)
        else:
            assert answer.status_code == sign_in_asked(path), (endpoint, answer.status_code)


@pytest.mark.parametrize("who", ROLES)
def test_no_unsafe_route_obeys_another_site(app: Flask, cast: Cast, who: str) -> None:
    for endpoint, method, path in routes(app):
        if method in ("POST", "PUT", "PATCH", "DELETE"):
            for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}, {}):
                if not headers and endpoint in WITHOUT_COOKIE:
                    continue  # where no cookie lends rights, an old browser must not lose a record
                answer = cast.client(who).open(path, method=method, headers=headers)
                assert answer.status_code == 403, (endpoint, headers)


def record_of(cast: Cast, who: str, kind: str, **answers: object) -> str:
    """A record that this person's phone sends up; its id."""
    person, record = cast[who], str(uuid.uuid4())
    change = {
        "id": str(uuid.uuid4()),
        "seq": uuid.uuid4().int % 10**9,
        "record": record,
        "kind": kind,
        "form": 1,
        "base": 0,
        "at": "2026-06-03T09:12:44+07:00",
        "set": answers,
    }
    question = {
        "device": person.device,
        "app": "t",
        "cursor": None,
        "limit": 500,
        "changes": [{"body": json.dumps(change)}],
    }
    answer = cast.client(who).post("/api/v1/sync", json=question, headers=HERE)
    assert answer.status_code == 200
    return record


def held(client: FlaskClient, device: str | None) -> set[str]:
    question = {"device": device, "app": "t", "cursor": None, "limit": 500, "changes": []}
    answer = client.post("/api/v1/sync", json=question, headers=HERE)
    return {record["id"] for record in answer.get_json()["records"]}


KINDS = ["hazard_site", "child", "violation_report", "child_visit"]


@pytest.mark.parametrize("kind", KINDS)
def test_every_route_to_a_record_stops_at_the_ward(app: Flask, cast: Cast, kind: str) -> None:
    ours, theirs = record_of(cast, "Lan", kind), record_of(cast, "Tuan", kind)
    names = {
        name for rule in app.url_map.iter_rules() if rule.endpoint.startswith("review.") for name in rule.arguments
    }
    for who in ("Minh", "Ha"):
        for record, inside in ((ours, True), (theirs, False), (NOBODYS, False)):
            for endpoint, method, path in routes(app, **dict.fromkeys(names, record)):
                if record not in path or ROLES[who] not in DOORS[endpoint]:
                    continue
                answer = cast.client(who).open(path, method=method, headers=HERE)
                assert (answer.status_code != 404) == inside, (who, endpoint, record == theirs)
                assert answer.status_code < 500


@pytest.mark.parametrize(
    ("kind", "shared"), [("hazard_site", True), ("child", True), ("child_visit", False), ("violation_report", False)]
)
def test_a_phone_carries_its_own_and_what_the_group_shares(cast: Cast, kind: str, shared: bool) -> None:
    record = record_of(cast, "Lan", kind)
    assert record in held(cast.client("Lan"), "a-new-place-of-lan")
    assert (record in held(cast.client("Hoa"), cast.hoa.device)) == shared
    assert record not in held(cast.client("Tuan"), cast.tuan.device)
