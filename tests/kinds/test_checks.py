"""Checks of whole records, on the vectors that the phone's twin runs too."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app import vietnamese
from app.kinds import checks, registry
from app.kinds.form_spec import fields_of_spec, form_spec
from tests.kinds.test_conditions import ANY_JSON

CASES: list[dict[str, Any]] = json.loads((Path(__file__).parents[1] / "vectors/checks.json").read_text("utf-8"))
TODAY = "2026-11-24"
# How long an example takes says nothing here: a busy machine must not fail the test.
PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
WIDGETS = {"text", "name", "phone", "number", "choice", "choices", "day", "moment", "place", "record", "photos"}
CODES = {
    "required", "not_text", "bad_characters", "too_long", "not_number", "not_whole", "out_of_range",
    "not_choice", "not_date", "not_place", "not_record", "not_photos", "too_many_photos", "unknown_field",
}  # fmt: skip


def texts(value: Any) -> list[str]:
    """Every text in a JSON value, names of members too."""
    if isinstance(value, dict):
        return [*value, *(text for part in value.values() for text in texts(part))]
    if isinstance(value, list):
        return [text for part in value for text in texts(part)]
    return [value] if isinstance(value, str) else []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_check(case: dict[str, Any]) -> None:
    assert checks.check_spec(case["spec"], case["values"], case["today"]) == case["problems"]


def test_every_widget_has_a_good_and_a_bad_answer_and_every_problem_is_met() -> None:
    seen = {
        (case["spec"]["fields"]["a"]["widget"], bool(case["problems"]))
        for case in CASES
        if "a" in case["spec"]["fields"]
    }
    assert seen == {(widget, bad) for widget in WIDGETS for bad in (True, False)}
    assert {problem["code"] for case in CASES for problem in case["problems"]} == CODES


@pytest.mark.parametrize("code", registry)
@PATIENT
@given(data=st.data())
def test_nothing_that_a_phone_may_send_is_lost_or_breaks_the_server(code: str, data: st.DataObject) -> None:
    kind = registry[code]
    names = st.sampled_from([*kind.fields, "no_such_field"]) | st.text(max_size=3)
    answers = data.draw(st.dictionaries(names, ANY_JSON, max_size=5))
    values, problems = checks.normalise(kind, answers)
    assert len(values) <= len(answers)
    assert {problem["field"] for problem in problems} <= values.keys()
    json.dumps(values, ensure_ascii=False, allow_nan=False).encode()
    assert all(vietnamese.is_storable(text) for text in texts(values))
    assert checks.normalise(kind, values)[0] == values
    for name in kind.fields:
        checks.show_value(kind.fields[name], values.get(name), "vi")
    checks.urgency(kind, values, TODAY)
    checks.title(kind, values, "en")
    checks.public_title(kind, values, "vi")


@pytest.mark.parametrize("code", registry)
@PATIENT
@given(data=st.data())
def test_a_kind_and_its_form_spec_check_alike(code: str, data: st.DataObject) -> None:
    kind = registry[code]
    spec = json.loads(json.dumps(form_spec(kind)))
    answers = data.draw(st.dictionaries(st.sampled_from([*kind.fields]), ANY_JSON | st.just("2020-06-03"), max_size=8))
    assert checks.check(kind, answers, TODAY) == checks.check_spec(spec, answers, TODAY)
    assert [type(field) for field in fields_of_spec(spec).values()] == [type(field) for field in kind.fields.values()]


def test_answers_are_stored_in_one_form() -> None:
    kind = registry["violation_report"]
    sent = {"child_name": "  Nguye\u0302\u0303n  ", "informant_phone": "0912.000.007", "called": ["115", "111", "115"],
            "father_age": 40.0, "story": None}  # fmt: skip
    kept = {"child_name": "Nguyễn", "informant_phone": "+84912000007", "called": ["111", "115"],
            "father_age": 40, "story": None}  # fmt: skip
    assert checks.normalise(kind, sent) == (kept, [])
    assert type(checks.normalise(kind, sent)[0]["father_age"]) is int


def test_a_bad_answer_is_kept_with_its_problem() -> None:
    kind = registry["hazard_site"]
    values, problems = checks.normalise(kind, {"seen_on": "31/02/2020", "depth": "sâu", "name": "ao\x00", "x\x00": [1]})
    assert values == {"seen_on": "31/02/2020", "depth": "sâu", "name": "ao\ufffd", "x\ufffd": [1]}
    assert problems == [
        {"field": "seen_on", "code": "not_date"},
        {"field": "depth", "code": "not_number"},
        {"field": "name", "code": "bad_characters"},
        {"field": "x\ufffd", "code": "unknown_field"},
    ]


def test_a_hundred_kilobytes_of_text_are_kept_whole() -> None:
    text = "Ao sâu. " * 12_800
    values, problems = checks.normalise(registry["hazard_site"], {"description": text})
    assert problems == [{"field": "description", "code": "too_long"}]
    assert values["description"] == text.strip()


def test_deep_nesting_is_kept_as_text() -> None:
    deep: Any = "ao"
    for _ in range(300):
        deep = [deep]
    values, _ = checks.normalise(registry["hazard_site"], {"description": deep})
    assert json.loads(values["description"]) == deep
