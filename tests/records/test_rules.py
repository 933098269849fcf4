"""A record's life as a table, and what follows from its answers."""

from datetime import date

import pytest

from app.kinds import registry
from app.records import rules

REVIEW = {"verdict": "return"}
PROBLEM = [{"field": "name", "code": "required"}]
STATUSES = ("received", "needs_fixing", "returned", "answered", "accepted", "closed", "duplicate", "withdrawn")


@pytest.mark.parametrize(
    ("status", "review", "problems", "after"),
    [
        (None, None, [], "received"),
        (None, None, PROBLEM, "needs_fixing"),
        ("received", None, [], "received"),
        ("received", None, PROBLEM, "needs_fixing"),
        ("needs_fixing", None, [], "received"),
        ("needs_fixing", REVIEW, [], "answered"),
        ("returned", REVIEW, [], "answered"),
        ("returned", REVIEW, PROBLEM, "needs_fixing"),
        ("accepted", REVIEW, [], "answered"),
        ("closed", REVIEW, [], "answered"),
        ("duplicate", REVIEW, [], "answered"),
        ("answered", REVIEW, [], "answered"),
        ("withdrawn", None, [], "received"),
    ],
)
def test_after_an_edit(status, review, problems, after):
    assert rules.after_edit(status, review, problems) == after


@pytest.mark.parametrize("status", STATUSES)
def test_after_a_verdict(status):
    after = {verdict: rules.after_verdict(status, verdict) for verdict in (*rules.VERDICTS, "burn")}
    again = {"accepted": "accept", "closed": "close", "duplicate": "duplicate"}.get(status)
    for verdict, new in rules.VERDICTS.items():
        assert after[verdict] == (None if status == "withdrawn" or verdict == again else new)
    assert after["burn"] is None


@pytest.mark.parametrize("status", STATUSES)
def test_only_what_nobody_judged_can_be_withdrawn(status):
    assert rules.may_withdraw(status, None) is (status in ("received", "needs_fixing"))
    assert not rules.may_withdraw(status, REVIEW)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        (("return", "", {}, None), "note"),
        (("duplicate", "", {}, None), "original"),
        (("accept", "x" * 2001, {}, None), "note"),
        (("return", "", {"name": "x" * 301}, None), "name"),
        (("return", "Xem lại", {}, None), None),
        (("return", "", {"name": "?"}, None), None),
        (("accept", "", {}, None), None),
    ],
)
def test_what_a_verdict_must_have(given, field):
    assert [fault["field"] for fault in rules.verdict_faults(*given)] == ([field] if field else [])


@pytest.mark.parametrize(
    ("value", "day"),
    [
        ("2026-06-03", date(2026, 6, 3)),
        ("2026", None),
        ("nay", None),
        (None, None),
        (20260603, None),
        ("1889-01-01", None),
    ],
)
def test_the_day_of_the_event(value, day):
    assert rules.happened_on(registry["hazard_site"], {"seen_on": value}) == day


def test_the_day_of_a_moment():
    kind = registry["violation_report"]
    assert rules.happened_on(kind, {kind.happened: "2026-06-03T23:59"}) == date(2026, 6, 3)


def test_the_parent_is_the_record_that_the_kind_is_about():
    visit = registry["child_visit"]
    assert rules.parent_id(visit, {"child": "abc"}) == "abc"
    assert rules.parent_id(visit, {"child": {"id": 1}}) is None
    assert rules.parent_id(registry["child"], {"child": "abc"}) is None


def test_search_knows_names_and_addresses_but_never_who_told_us():
    report = registry["violation_report"]
    values = {
        "child_name": "Bé Đức",
        "informant_name": "Bà Tư",
        "informant_address": "ngõ 9",
        "story": "dài",
        "about": 5,
    }
    assert rules.search_text(report, values) == "be duc"
    child = {"name": "Đỗ Văn Đạt", "address": "Số 5", "mother": "Lê Thị Ánh", "note": "x"}
    assert rules.search_text(registry["child"], child) == "do van dat so 5 le thi anh"
