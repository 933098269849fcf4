"""Conditions, on the vectors that the phone's twin runs too."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.kinds import conditions

CASES: list[dict[str, Any]] = json.loads((Path(__file__).parents[1] / "vectors/conditions.json").read_text("utf-8"))
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_condition(case: dict[str, Any]) -> None:
    assert conditions.holds(case["condition"], case["values"], case["today"]) is case["holds"]


def test_every_test_has_cases_that_hold_and_that_do_not() -> None:
    seen = {(case["condition"][0], case["holds"]) for case in CASES}
    assert seen >= {(test, holds) for test in conditions.TESTS for holds in (True, False)}


@pytest.mark.parametrize("test", sorted(conditions.TESTS))
@settings(max_examples=50, deadline=None)
@given(value=ANY_JSON)
def test_no_answer_of_any_shape_breaks_a_condition(test: str, value: Any) -> None:
    for condition in [case["condition"] for case in CASES if case["condition"][0] == test]:
        assert isinstance(conditions.holds(condition, {"a": value, "b": value}, "2026-11-24"), bool)


def test_the_fields_a_condition_reads() -> None:
    nested = conditions.both(conditions.eq("a", "x"), conditions.no(conditions.either(conditions.filled("b"))))
    assert conditions.fields_of(nested) == {"a", "b"}
