"""Whatever comes in: a clear problem, no 5xx, nothing half-written, and what a phone sent is kept."""

import gzip
import json
import zlib
from datetime import UTC, datetime

import pytest

from app.i18n.formats import moment
from tests.phone import Phone
from tests.sync.ward import Ward

POND = {"type": "DN1", "name": "Ao nhà văn hóa", "address": "ngõ 12"}


def problem(response, status, code):
    assert response.status_code == status, response.text
    assert response.mimetype == "application/problem+json"
    document = response.get_json()
    assert document["code"] == code
    assert document["status"] == status
    assert document["title"]
    return document


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"\xff\xfe", b"NaN", b'{"limit": Infinity}', b"[" * 100_000, b'{"limit": ' + b"9" * 5000 + b"}"],
)
def test_a_body_that_is_not_json(lan: Phone, body: bytes):
    problem(lan.post_bytes(gzip.compress(body)), 400, "not_json")


@pytest.mark.parametrize(
    "packed", [b"[]", b"", gzip.compress(b"{}")[:-9], zlib.compress(b"{}"), b"\x1f\x8b\x08" + b"\x00" * 40]
)
def test_a_body_that_is_not_gzip(lan: Phone, packed: bytes):
    problem(lan.post_bytes(packed), 400, "not_gzip")


def test_a_gzip_bomb_is_refused_before_it_opens(lan: Phone):
    problem(lan.post_bytes(gzip.compress(b" " * 50_000_000)), 413, "too_large")


def test_too_much_is_told_so_that_the_phone_halves_it(lan: Phone, ward: Ward):
    changes = [json.dumps(lan.change(set=POND)) for _ in range(101)]
    problem(lan.post(lan.envelope(changes)), 413, "too_many_changes")
    problem(lan.post(lan.envelope(["x" * 262_144])), 413, "too_large")
    assert ward.log() == []
    assert lan.post(lan.envelope(changes[:100])).status_code == 200


@pytest.mark.parametrize(
    ("parts", "field"),
    [
        ({"device": None}, "device"),
        ({"device": "a b"}, "device"),
        ({"device": "d" * 65}, "device"),
        ({"device": "\ud800"}, "device"),
        ({"app": 4}, "app"),
        ({"cursor": 4}, "cursor"),
        ({"limit": 0}, "limit"),
        ({"limit": "500"}, "limit"),
        ({"limit": True}, "limit"),
        ({"limit": 1e999}, "limit"),
        ({"changes": {}}, "changes"),
        ({"changes": [1]}, "changes.0"),
        ({"changes": [{"body": "{}"}, {"body": {"id": 1}}]}, "changes.1.body"),
        ({"changes": [{"body": "{}", "sig": 4}]}, "changes.0.sig"),
        ({"changes": [{"body": "{}", "sig": "\x00"}]}, "changes.0.sig"),
    ],
)
def test_a_wrong_envelope_is_refused_whole_and_the_member_named(lan: Phone, ward: Ward, parts: dict, field: str):
    text = json.dumps({**lan.envelope([]), **parts}).replace("Infinity", "1e999")
    document = problem(lan.post_bytes(gzip.compress(text.encode())), 422, "bad_envelope")
    assert [fault["field"] for fault in document["fields"]] == [field]
    assert ward.log() == []


@pytest.mark.parametrize("value", [[], "text", 5, None, True])
def test_an_envelope_that_is_no_object(lan: Phone, value: object):
    problem(lan.post(value), 422, "bad_envelope")


def test_a_short_envelope_will_do(lan: Phone):
    response = lan.post({"device": lan.device, "more": "of a later version"})
    assert response.status_code == 200
    assert response.get_json()["receipts"] == []


@pytest.mark.parametrize("cursor", ["", "x", "a.b", "é", "\x00", "\ud800", "W10.AAAA", "null", "x" * 5000])
def test_a_cursor_of_any_kind_starts_over(lan: Phone, cursor: str):
    response = lan.post(lan.envelope([], cursor=cursor))
    assert response.status_code == 200
    assert response.get_json()["reset"] is True


def test_work_of_somebody_else_is_not_taken_under_this_sign_in(lan: Phone, hoa: Phone, ward: Ward):
    body = json.dumps(lan.change(set=POND))
    problem(lan.post(lan.envelope([body], person=hoa.person.id)), 401, "sign_in_needed")
    assert ward.log() == []
    assert lan.post(lan.envelope([body], person=lan.person.id)).status_code == 200


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("name", "x" * 100_000, "too_long"),
        ("name", {"a": [1, 2]}, "not_text"),
        ("name", 10**400, "not_text"),
        ("name", "\ud83d", "bad_characters"),
        ("name", "a\x00b", "bad_characters"),
        ("type", ["DN1"], "not_choice"),
        ("signs", "ban", "not_choice"),
        ("signs", [["ban"]], "not_choice"),
        ("depth", True, "not_number"),
        ("depth", 10**400, "not_number"),
        ("depth", -1, "out_of_range"),
        ("depth", "2", "not_number"),
        ("seen_on", "31/12/2020", "not_date"),
        ("seen_on", "2020-02-30", "not_date"),
        ("seen_on", 20200101, "not_date"),
        ("place", [21, 105], "not_place"),
        ("place", {"lat": 91, "lon": 0, "acc": 1, "how": "gps", "at": None}, "not_place"),
        ("place", {"lat": "21", "lon": 105, "acc": 1, "how": "gps", "at": None}, "not_place"),
        ("__proto__", "x", "unknown_field"),
        ("mắt\x00 lạ", {"a": "\ud800"}, "unknown_field"),
        ("", 1, "unknown_field"),
    ],
)
def test_an_answer_of_any_kind_is_kept_with_its_problem(lan: Phone, ward: Ward, field: str, value: object, code: str):
    body = json.dumps(lan.change(set={**POND, field: value}))
    (receipt,) = lan.push(body)
    assert receipt["outcome"] == "needs_fixing"
    assert code in [found["code"] for found in receipt["problems"]]
    assert ward.kept(body)
    assert len(ward.records()) == 1
    assert lan.sync()["records"][0]["status"] == "needs_fixing"


@pytest.mark.parametrize("nested", [90, 200, 900, 5000])
def test_deep_nesting_breaks_nothing(lan: Phone, ward: Ward, nested: int):
    change = json.dumps(lan.change(set={**POND, "name": "HERE"}))
    body = change.replace('"HERE"', "[" * nested + "]" * nested)
    (receipt,) = lan.push(body)
    assert receipt["outcome"] in ("needs_fixing", "quarantined")
    assert "our_fault" not in [found["code"] for found in receipt["problems"]]
    assert ward.kept(body)
    assert lan.sync() is not None


@pytest.mark.parametrize(
    "answers",
    [
        {"seen_on": "1970-01-01"},
        {"seen_on": "2038-01-19"},
        {"place": {"lat": 10.76, "lon": 106.66, "acc": 5, "how": "gps", "at": "2026-06-03T09:00"}},
        {"place": {"lat": -33.9, "lon": 18.4, "acc": None, "how": "map", "at": None}},
        {"description": "x" * 2000},
    ],
)
def test_what_is_only_odd_is_taken(lan: Phone, answers: dict):
    (receipt,) = lan.push(lan.change(set={**POND, **answers}))
    assert receipt["outcome"] == "applied"


def test_nobody_signed_out_and_nobody_from_the_desk(app, lan: Phone, cast, ward: Ward):
    envelope = lan.envelope([json.dumps(lan.change(set=POND))])
    headers = {"Sec-Fetch-Site": "same-origin"}
    problem(app.test_client().post("/api/v1/sync", json=envelope, headers=headers), 401, "sign_in_needed")
    desk = cast.client("Minh").post("/api/v1/sync", json=envelope, headers=headers)
    assert desk.status_code in (401, 404)
    problem(lan.client.post("/api/v1/sync", json=envelope), 403, "from_elsewhere")
    elsewhere = lan.client.post("/api/v1/sync", json=envelope, headers={"Sec-Fetch-Site": "cross-site"})
    problem(elsewhere, 403, "from_elsewhere")
    assert ward.log() == []


@pytest.mark.parametrize("at", ["9999-12-31T23:59:59Z", "0001-01-01T00:00:00+14:00", "1601-01-01T00:00:00Z", "hôm qua"])
def test_a_clock_at_the_end_of_time_hides_nothing_at_the_desk(app, cast, lan: Phone, ward: Ward, at: str):
    pond = lan.change(at=at, set=POND)
    assert lan.push(pond)[0]["outcome"] == "applied"
    assert ward.history(pond["record"])[0].written_at is None
    assert cast.client("Minh").get(f"/desk/records/{pond['record']}").status_code == 200
    assert moment(datetime(9999, 12, 31, 23, tzinfo=UTC)) == "31/12/9999 23:00"
