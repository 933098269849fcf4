"""The machine door: what a token opens, to whom it says so, and that nothing else comes out of it."""

import csv
import io
import json
import re
from base64 import b64encode
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.db import db
from app.exports import columns, rules
from app.kinds import registry
from app.machine import openapi
from app.machine.models import MachineToken
from app.machine.rules import read_cursor, write_cursor
from tests.cast import CITY, GROUP_2_VIET_HUNG, PHUC_LOI, VIET_HUNG, Cast
from tests.conftest import Clock
from tests.desk.records import BEATEN, DUC, POND, a_place, make
from tests.exports.desk import HERE, links, with_step_up
from tests.phone import Phone

INFORMANT = "Bà Trần Thị Kể"
TOLD = {"informant_agrees": "yes", "informant_name": INFORMANT, "child_name": "Trần Gia Bảo"}


@pytest.fixture
def anh(cast: Cast) -> FlaskClient:
    """The administrator's browser."""
    return cast.client("Anh")


def ask(client: FlaskClient, **form: Any) -> TestResponse:
    """Fill in the form for a token."""
    given = {"name": "QGIS của phường", "unit": str(PHUC_LOI), "kinds": ["hazard_site"], "depth": "open"}
    given |= {"last_day": "2026-08-31", **form}
    return client.post("/desk/tokens", data=given, headers=HERE)


def token(client: FlaskClient, **form: Any) -> str:
    """A new token, as the page shows it this once."""
    answer = ask(client, **form)
    found = re.search(r"ta_[\w-]{43}", answer.text)
    assert answer.status_code == 200 and found, re.findall(r'class="say bad".*?</p>', answer.text, re.S)
    assert found[0] not in client.get("/desk/tokens").text
    return found[0]


def agreed(cast: Cast, app: Flask) -> None:
    """Hà agrees to the newest token."""
    with app.app_context():
        number = db.session.query(MachineToken).order_by(MachineToken.id.desc()).first().id
    assert cast.client("Ha").post(f"/desk/tokens/{number}/agree", headers=HERE).status_code == 303


def fetch(app: Flask, text: str, path: str = "", **asked: Any) -> TestResponse:
    """What a program gets."""
    headers = {"Authorization": f"Bearer {text}"}
    return app.test_client().get(f"/api/v1/data{path}", headers=headers, query_string=asked)


def test_a_token_opens_its_kinds_of_its_unit_and_nothing_else(app: Flask, cast: Cast, anh: FlaskClient) -> None:
    with app.app_context():
        pond = make(data={**POND, "place": a_place(), "keeper": INFORMANT})
        theirs = make(data=POND, ward=VIET_HUNG, group=GROUP_2_VIET_HUNG, by="Tuan")
        child = make("child", DUC)
    text = token(anh)
    assert [kind["code"] for kind in fetch(app, text).get_json()["kinds"]] == ["hazard_site"]
    page = fetch(app, text, "/hazard_site").get_json()
    assert [one["id"] for one in page["records"]] == [pond]
    (one,) = page["records"]
    assert (one["answers"]["risk"], one["answers"]["risk_words"], one["state"]) == ("high", "Cao", "received")
    assert one["answers"]["place_lat"] == 21.0402 and one["received"] == "2026-06-03T08:12:44+07:00"
    assert fetch(app, text, f"/hazard_site/{pond}").get_json() == one
    for path in (f"/hazard_site/{theirs}", f"/hazard_site/{child}", f"/child/{child}", "/child", "/child.csv", "/none"):
        assert fetch(app, text, path).status_code == 404, path
    said = "".join(
        fetch(app, text, path).text for path in ("", "/hazard_site", "/hazard_site.csv", "/hazard_site.geojson")
    )
    assert INFORMANT not in said and cast.lan.name not in said and "keeper" not in said
    city = token(anh, unit=str(CITY))
    assert {one["id"] for one in fetch(app, city, "/hazard_site").get_json()["records"]} == {pond, theirs}


def test_a_spreadsheet_and_a_map_read_it(app: Flask, anh: FlaskClient) -> None:
    with app.app_context():
        make(data={**POND, "name": "=1+1", "place": a_place()})
        make(data=POND, status="withdrawn")
    text = token(anh)
    basic = {"Authorization": "Basic " + b64encode(f"excel:{text}".encode()).decode()}
    answer = app.test_client().get("/api/v1/data/hazard_site.csv", headers=basic)
    assert answer.data.startswith(b"\xef\xbb\xbf") and answer.mimetype == "text/csv"
    (row,) = csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"), newline=""))
    assert (row["name"], row["risk"], row["risk_words"], row["record_state"]) == ("'=1+1", "high", "Cao", "received")
    assert row["seen_on"] == "2026-06-02" and len(set(row)) == len(row)
    answer = app.test_client().get("/api/v1/data/hazard_site.geojson", headers=basic)
    (feature,) = json.loads(answer.data)["features"]
    assert answer.mimetype == "application/geo+json" and feature["geometry"]["coordinates"] == [105.9183, 21.0402]


def test_the_cursor_tells_later_what_is_new(app: Flask, cast: Cast, anh: FlaskClient) -> None:
    lan, tuan = Phone(app, cast.lan), Phone(app, cast.tuan)
    made = [lan.record("hazard_site", **{**POND, "name": f"Ao {n}", "address": "Ngõ 12"}) for n in range(7)]
    made += [tuan.record("hazard_site", **POND)]
    for phone in (lan, tuan):
        phone.sync()
    text = token(anh, unit=str(CITY))
    seen, after, more = [], None, True
    while more:
        page = fetch(app, text, "/hazard_site", limit=3, **({"after": after} if after else {})).get_json()
        seen += [one["id"] for one in page["records"]]
        after, more = page["after"], page["more"]
    assert sorted(seen) == sorted(made)
    assert fetch(app, text, "/hazard_site", after=after).get_json() == {"records": [], "more": False, "after": after}
    lan.edit(made[3], risk="low")
    lan.withdraw(made[5], "Ghi nhầm")
    lan.sync()
    page = fetch(app, text, "/hazard_site", after=after).get_json()
    assert [(one["id"], one["state"]) for one in page["records"]] == [(made[3], "received"), (made[5], "withdrawn")]
    assert page["records"][1]["answers"] == {}


def test_children_and_reports_only_when_the_wards_leader_agrees(app: Flask, cast: Cast, anh: FlaskClient) -> None:
    with app.app_context():
        child = make("child", DUC)
        make("child_visit", {"child": child, "visited_on": "2026-06-02", "concern": "Điều lo"}, parent=child)
        make("violation_report", {**BEATEN, **TOLD})
    kinds = ["child", "child_visit", "violation_report"]
    text = token(anh, kinds=kinds, depth="all")
    assert fetch(app, text, "/child").status_code == 401
    assert "Chờ lãnh đạo phường" in cast.client("Ha").get("/desk/tokens").text
    assert anh.post("/desk/tokens/1/agree", headers=HERE).status_code == 404
    agreed(cast, app)
    said = [fetch(app, text, f"/{kind}{end}").text for kind in kinds for end in ("", ".csv")]
    assert "Nguyễn Minh Đức" in said[0] and "Điều lo" in said[2] and "Trần Gia Bảo" in said[4]
    assert not [one for one in said if INFORMANT in one or "informant_name" in one]
    shallow = token(anh, kinds=kinds, depth="open")
    agreed(cast, app)
    said = [fetch(app, shallow, f"/{kind}{end}").text for kind in kinds for end in ("", ".csv")]
    assert not [one for one in said for name in ("Nguyễn Minh Đức", "Điều lo", "Gia Bảo", cast.lan.name) if name in one]
    for more in ({"kinds": ["child"]}, {"depth": "people"}):
        answer = ask(anh, unit=str(CITY), **more)
        assert answer.status_code == 422 and "một phường" in answer.text


def test_a_planted_leak_of_the_informant_is_seen(
    app: Flask, cast: Cast, anh: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    with app.app_context():
        make("violation_report", {**BEATEN, **TOLD})
    text = token(anh, kinds=["violation_report"])
    agreed(cast, app)
    assert INFORMANT not in fetch(app, text, "/violation_report").text
    monkeypatch.setattr(columns, "may_leave", lambda field, depth: True)
    assert INFORMANT in fetch(app, text, "/violation_report").text


def test_ended_and_expired_tokens_open_nothing(app: Flask, cast: Cast, anh: FlaskClient, clock: Clock) -> None:
    text, other = token(anh), token(anh, last_day="2026-06-04")
    assert fetch(app, text).status_code == fetch(app, other).status_code == 200
    assert anh.post("/desk/tokens/1/end", headers=HERE).status_code == 303
    answer = fetch(app, text)
    assert answer.status_code == 401 and answer.headers["WWW-Authenticate"].startswith("Bearer")
    clock.move(days=1, hours=14)
    assert fetch(app, other).status_code == 200
    clock.move(hours=1)
    assert fetch(app, other).status_code == 401
    for wrong in ("", "ta_", text[:-1], "x y"):
        assert app.test_client().get("/api/v1/data", headers=[("Authorization", f"Bearer {wrong}")]).status_code == 401


def test_a_token_is_no_sign_in_anywhere_else(app: Flask, cast: Cast, anh: FlaskClient) -> None:
    headers = {"Authorization": f"Bearer {token(anh)}", **HERE}
    for path in ("/api/v1/me", "/api/v1/kit", "/desk/", "/desk/tokens"):
        assert app.test_client().get(path, headers=headers).status_code in (302, 401), path
    assert app.test_client().post("/api/v1/data/hazard_site", headers=headers, json={}).status_code == 405
    assert cast.client("Lan").get("/api/v1/data").status_code == 404


def test_what_is_asked_for_is_checked(app: Flask, cast: Cast, anh: FlaskClient) -> None:
    for faulty in (
        {"name": " "},
        {"name": "x" * 81},
        {"kinds": []},
        {"kinds": ["none"]},
        {"depth": "informant"},
        {"last_day": "2027-06-05"},
        {"last_day": "2026-06-02"},
        {"last_day": "mai"},
    ):
        answer = ask(anh, **faulty)
        assert answer.status_code == 422 and "ta_" not in answer.text, faulty
    assert ask(cast.client("Ha")).status_code == 404
    assert cast.client("Minh").get("/desk/tokens").status_code == 404
    with app.app_context():
        assert db.session.query(MachineToken).count() == 0


def test_a_token_is_made_only_after_a_fresh_proof(app: Flask, cast: Cast, anh: FlaskClient) -> None:
    with_step_up(app)
    shut = anh.get("/desk/tokens/new")
    assert shut.status_code == 303 and "/desk/confirm?purpose=rights" in shut.headers["Location"]
    assert ask(anh).status_code == 403
    said = {"purpose": "rights", "about": "token", "reason": "Bản đồ của phường", "next": "/desk/tokens/new"}
    assert anh.post("/desk/confirm", data=said, headers=HERE).status_code == 303
    assert anh.get("/desk/tokens/new").status_code == 200 and token(anh)
    assert cast.client("Ha").get("/desk/tokens/new").status_code == 404


def test_making_ending_and_reading_stand_in_the_log(app: Flask, cast: Cast, anh: FlaskClient, clock: Clock) -> None:
    text = token(anh)
    for _ in range(3):
        fetch(app, text, "/hazard_site")
        clock.move(minutes=20)
        anh.get("/desk/tokens")  # who works stays signed in
    fetch(app, text, "/hazard_site")
    anh.post("/desk/tokens/1/end", headers=HERE)
    assert [len(links(app, what)) for what in ("token_made", "token_read", "token_ended")] == [1, 2, 1]
    with app.app_context():
        row = db.session.get(MachineToken, 1)
        assert row is not None and text not in json.dumps([str(v) for v in row.__dict__.values()])
    assert "03/06/2026 10:12" in anh.get("/desk/tokens").text


def test_the_document_is_drawn_from_the_kinds() -> None:
    document = openapi.document()
    for kind in registry.values():
        answers = document["components"]["schemas"]["".join(p.capitalize() for p in kind.code.split("_"))]
        named = answers["properties"]["answers"]["properties"]
        assert not set(kind.informants) & set(named)
        names = [column.name for column in columns.of_kind(kind, "all", "vi", codes=True)]
        assert len(names) == len(set(names)), kind.code
        left = {name for name, field in kind.fields.items() if rules.may_leave(field, "all")}
        assert left <= set(kind.fields) - set(kind.informants)


@pytest.mark.parametrize("text", ["", "1", "1:", ":1", "1:1.", "1:²", "-1:1", "1:1\n", "1:1,2:2", "9" * 10 + ":1"])
def test_what_is_no_cursor(text: str) -> None:
    assert read_cursor(text) is None


def test_cursors_are_read_as_they_are_written() -> None:
    assert read_cursor(write_cursor({7: 41, 2: 3})) == {2: 3, 7: 41}


def test_pages_cost_the_same(app: Flask, anh: FlaskClient, statements: Callable[..., Any], clock: Clock) -> None:
    text = token(anh)
    fetch(app, text, "/hazard_site")
    counts = []
    for many in (1, 40):
        with app.app_context():
            for _ in range(many):
                make(data=POND)
        for path in ("/hazard_site", "/hazard_site.csv"):
            with statements() as seen:
                assert fetch(app, text, path).status_code == 200
            counts.append(len(seen))
    assert counts[:2] == counts[2:]


def test_a_table_can_be_asked_for_in_part(app: Flask, cast: Cast, anh: FlaskClient, clock: Clock) -> None:
    lan, text = Phone(app, cast.lan), token(anh)
    old, gone = (lan.record("hazard_site", **{**POND, "name": name}) for name in ("Ao cũ", "Ao nhầm"))
    lan.sync()
    clock.move(days=2)
    lan.withdraw(gone, "Ghi nhầm")
    new = lan.record("hazard_site", **{**POND, "name": "Ao mới"})
    lan.sync()

    def rows(**asked: str) -> list[dict[str, str]]:
        answer = fetch(app, text, "/hazard_site.csv", **asked)
        assert answer.status_code == 200, answer.text
        return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"), newline="")))

    assert {row["record_id"] for row in rows()} == {old, new}
    since = {row["record_id"]: row for row in rows(changed_since="2026-06-05")}
    assert set(since) == {gone, new}
    assert (since[gone]["record_state"], since[gone]["name"]) == ("withdrawn", "")
    assert "Ao nhầm" not in str(since)
    assert rows(columns="record_id,name", changed_since="2026-06-05")[0].keys() == {"record_id", "name"}
    assert len(rows(changed_since="0001-01-01")) == 3 and rows(changed_since="9999-12-31") == []
    for odd in ({"columns": "keeper"}, {"columns": ""}, {"columns": "none"}, {"changed_since": "hôm qua"}):
        assert fetch(app, text, "/hazard_site.csv", **odd).status_code == 422, odd


def test_a_query_for_power_query_types_every_column(app: Flask, anh: FlaskClient) -> None:
    text = token(anh)
    answer = fetch(app, text, "/hazard_site.pq")
    assert answer.mimetype == "text/plain" and text not in answer.text
    assert '"api/v1/data/hazard_site.csv"' in answer.text and "keeper" not in answer.text
    (told,) = fetch(app, text).get_json()["kinds"]
    drawn = dict(re.findall(r'^ +\{"(\w+)", each .*, type (?:nullable )?(\w+)\},?$', answer.text, re.M))
    types = {"text": "text", "codes": "text", "number": "number", "day": "date", "moment": "datetime"}
    assert drawn == {column["name"]: types[column["type"]] for column in told["columns"]}
    assert fetch(app, text, "/child.pq").status_code == 404
