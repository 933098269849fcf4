"""The comparison's own material: what it makes everybody carry is what a phone would send."""

import gzip
import json

import pytest

from app.kinds import checks, registry
from benchmarks.sync import material
from benchmarks.sync.clients import Ours, _with_cursor
from tests.phone import Phone

SEED = 20260603
TODAY = "2026-06-05"


def test_every_record_satisfies_its_form_and_is_stored_as_it_was_sent(app):
    for text in material.changes(200, SEED):
        change = json.loads(text)
        kind = registry[change["kind"]]
        stored, problems = checks.normalise(kind, change["set"])
        assert (stored, problems, checks.check(kind, stored, TODAY)) == (change["set"], [], [])


def test_it_weighs_what_reports_weigh():
    together = "\n".join(material.changes(1000, SEED)).encode()
    assert 700 < len(together) / 1000 < 1500
    assert 200 < len(gzip.compress(together, 6)) / 1000 < 450, "texts repeat themselves, or are noise"
    assert material.changes(5, SEED) == material.changes(5, SEED) != material.changes(5, SEED + 1)


@pytest.mark.parametrize("cursor", [None, "một con trỏ"])
def test_a_request_packed_in_two_pieces_is_one_gzip(cursor: str | None):
    (body,) = Ours().requests(1, material.changes(5, SEED), 50)
    asked = json.loads(gzip.decompress(_with_cursor(body, cursor)))
    assert asked["cursor"] == cursor
    assert [change["body"] for change in asked["changes"]] == material.changes(5, SEED)


def test_a_push_is_answered_by_receipts_alone(app, cast):
    lan = Phone(app, cast.lan)
    cursor = lan.post({"device": lan.device, "cursor": None}).get_json()["cursor"]
    bodies = [{"body": text} for text in material.changes(50, SEED)]
    answer = lan.post({"device": lan.device, "cursor": cursor, "changes": bodies}).get_json()
    assert {receipt["outcome"] for receipt in answer["receipts"]} == {"applied"}
    assert answer["records"] == []
