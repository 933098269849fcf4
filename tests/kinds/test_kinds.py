"""The kinds that come with the project: what they ask, what they show to whom, what makes them urgent."""

from typing import Any

import pytest

from app.kinds import checks, docs, registry
from app.kinds.conditions import holds
from app.kinds.vocabulary import Kind

TODAY = "2026-11-24"
PLACE = {"lat": 21.0437, "lon": 105.9259, "acc": 8.4, "how": "gps", "at": None}
# The least that makes sense of each kind: what a collaborator can fill in two minutes, or less.
LEAST: dict[str, dict[str, Any]] = {
    "hazard_site": {"type": "DN2", "place": PLACE},
    "hazard_check": {"site": "0b5c2f7e-7c1e-4f0e-9a57-3d0b6a1f2c3d", "checked_on": TODAY, "found": "dangerous"},
    "child": {"name": "Nguyễn Minh Đức"},
    "child_visit": {"child": "0b5c2f7e-7c1e-4f0e-9a57-3d0b6a1f2c3d", "visited_on": TODAY},
    "violation_report": {"state_now": "Khóc, ở một mình"},
}


def warned(kind: Kind, values: dict[str, Any]) -> set[str]:
    """The fields whose warnings show."""
    return {
        name for name, field in kind.fields.items() for warning in field.warnings if holds(warning.when, values, TODAY)
    }


def test_the_kinds_in_the_order_of_the_home_page() -> None:
    assert list(registry) == ["hazard_site", "hazard_check", "child_visit", "violation_report", "child"]


@pytest.mark.parametrize("code", LEAST)
def test_little_is_enough(code: str) -> None:
    assert checks.check(registry[code], LEAST[code], TODAY) == []


@pytest.mark.parametrize(("code", "name"), [(code, name) for code in LEAST for name in LEAST[code]])
def test_and_less_is_not(code: str, name: str) -> None:
    values = {other: value for other, value in LEAST[code].items() if other != name}
    missing = "address" if name == "place" else name
    assert checks.check(registry[code], values, TODAY) == [{"field": missing, "code": "required"}]


def test_a_hazard_without_a_position_needs_an_address() -> None:
    kind = registry["hazard_site"]
    assert checks.check(kind, {"type": "DN2", "address": "sau nhà văn hóa tổ 7"}, TODAY) == []


@pytest.mark.parametrize("code", LEAST)
def test_the_first_part_of_a_form_alone_is_a_record(code: str) -> None:
    kind = registry[code]
    needed = {name for name, field in kind.fields.items() if field.needed}
    assert needed <= set(kind.sections[0].fields)
    assert {name for name in needed if kind.fields[name].quick} == needed


@pytest.mark.parametrize("kind", registry.values(), ids=lambda kind: kind.code)
def test_no_kind_shows_a_person_on_the_queue(kind: Kind) -> None:
    assert {kind.fields[name].sensitivity for name in kind.public} == {"normal"}


def test_a_violation_shows_nobody_in_lists_of_the_phone_either() -> None:
    kind = registry["violation_report"]
    values = {name: "BÍ MẬT" for name, field in kind.fields.items() if field.sensitivity != "normal"}
    for lang in ("vi", "en"):
        assert "BÍ MẬT" not in checks.title(kind, values, lang) + checks.public_title(kind, values, lang)
    assert checks.title(kind, {**values, "about": "abused"}, "vi") == "Báo vi phạm"


@pytest.mark.parametrize("name", ["informant_name", "informant_phone", "informant_address", "informant_note"])
def test_the_informant_is_asked_for_only_after_agreeing(name: str) -> None:
    field = registry["violation_report"].fields[name]
    assert field.sensitivity == "informant"
    assert [checks.is_shown(field, {"informant_agrees": said}, TODAY) for said in ("yes", "no", None)] == [
        True,
        False,
        False,
    ]


def test_kept_circumstances_never_reach_the_group() -> None:
    fields = registry["child"].fields
    letters = {
        code: {option.code for option in fields[code].options} for code in ("circumstances", "circumstances_kept")
    }  # type: ignore[attr-defined]
    assert letters == {"circumstances": set("abcdhno"), "circumstances_kept": {"dd", "e", "g", "i", "k", "l", "m"}}
    assert fields["circumstances_kept"].sensitivity == "restricted"


@pytest.mark.parametrize(
    ("code", "values", "weight"),
    [
        ("violation_report", {"danger_now": "yes"}, 200),
        ("violation_report", {"danger_now": "unknown"}, 150),
        ("violation_report", {"danger_now": "no"}, 120),
        ("violation_report", {}, 120),
        ("child_visit", {"state": "danger"}, 110),
        ("child_visit", {"state": "concern", "danger_now": "yes"}, 110),
        ("child_visit", {"state": "concern", "danger_now": "unknown"}, 70),
        ("child_visit", {"state": "concern"}, 50),
        ("child_visit", {"state": "safe"}, 0),
        ("hazard_site", {"risk": "high"}, 60),
        ("hazard_site", {"risk": "medium"}, 30),
        ("hazard_site", {"risk": "low"}, 0),
        ("child", {"poverty": "poor"}, 0),
    ],
)
def test_urgency(code: str, values: dict[str, Any], weight: int) -> None:
    found, why = checks.urgency(registry[code], values, TODAY)
    assert found == weight
    assert (why is None) is (weight == 0)


@pytest.mark.parametrize(
    ("code", "values", "fields"),
    [
        ("hazard_site", {"type": "DN2", "depth": 15}, {"depth"}),
        ("hazard_site", {"type": "DN2", "depth": 1.5}, set()),
        ("hazard_site", {"type": "KH9"}, {"type"}),
        ("hazard_site", {"place": {**PLACE, "lat": 10.8, "lon": 106.7}}, {"place"}),
        ("hazard_site", {"place": {**PLACE, "acc": 400}}, {"place"}),
        ("hazard_site", {"seen_on": "2038-01-20"}, {"seen_on"}),
        ("hazard_site", {"seen_on": "1970-01-01"}, {"seen_on"}),
        ("hazard_site", {"signs": ["ban", "none"]}, {"signs"}),
        ("child", {"born": "2010-11-24"}, {"born"}),
        ("child", {"born": "2010-11-25"}, set()),
        ("child", {"born": "2010"}, set()),
        ("child", {"personal_id": "00121301234"}, {"personal_id"}),
        ("child", {"personal_id": "001 213 012 345"}, set()),
        ("child", {"phone": "09120"}, {"phone"}),
        ("child", {"circumstances": ["n"]}, {"circumstances"}),
        ("child", {"circumstances": ["n"], "poverty": "hardship"}, {"circumstances"}),
        ("child", {"circumstances": ["n"], "poverty": "near_poor"}, set()),
        ("child_visit", {"state": "danger"}, {"state"}),
        ("child_visit", {"state": "safe", "needs": ["safety"]}, {"state"}),
        ("child_visit", {"again_on": TODAY}, {"again_on"}),
        ("child_visit", {"again_on": "2026-12-01"}, set()),
        ("violation_report", {"danger_now": "yes", "called": ["none"]}, {"danger_now", "called"}),
        ("violation_report", {"child_age": 17}, {"child_age"}),
        ("violation_report", {"child_age": 15}, set()),
    ],
)
def test_warnings_ask_and_never_block(code: str, values: dict[str, Any], fields: set[str]) -> None:
    kind = registry[code]
    assert warned(kind, values) == fields
    assert [p for p in checks.check(kind, values, TODAY) if p["code"] != "required"] == []


@pytest.mark.parametrize(
    ("code", "values", "shown", "hidden"),
    [
        (
            "hazard_site",
            {"type": "DN3"},
            {"depth", "rescue_gear", "fence", "lighting"},
            {"sign_condition", "past_on", "school"},
        ),
        ("hazard_site", {"type": "DV1"}, set(), {"depth", "rescue_gear", "fence", "lighting"}),
        ("hazard_site", {"signs": ["none"], "past": "yes"}, {"past_on", "past_count"}, {"sign_condition"}),
        ("hazard_site", {"signs": ["warning"], "past": "unknown"}, {"sign_condition"}, {"past_on", "past_count"}),
        ("child_visit", {"state": "concern", "given": "no"}, {"concern", "danger_now"}, {"gift", "gift_value"}),
        (
            "child_visit",
            {"state": "safe", "given": "yes"},
            {"gift", "gift_source", "gift_occasion"},
            {"concern", "danger_now"},
        ),
        ("violation_report", {"about": "abused"}, {"harm", "child_age"}, {"risk_of", "rights"}),
        ("violation_report", {"about": "at_risk", "child_born": "2015"}, {"risk_of"}, {"harm", "rights", "child_age"}),
        ("violation_report", {"about": "rights"}, {"rights"}, {"harm", "risk_of"}),
        ("child", {"poverty": "poor", "carer": "grandparents"}, {"poverty_year", "carer_name"}, set()),
        ("child", {"poverty": "none", "carer": "parents"}, set(), {"poverty_year", "poverty_paper", "carer_name"}),
    ],
)
def test_questions_follow_from_answers(code: str, values: dict[str, Any], shown: set[str], hidden: set[str]) -> None:
    asked = {name for name, field in registry[code].fields.items() if checks.is_shown(field, values, TODAY)}
    assert shown <= asked
    assert not hidden & asked


def test_the_more_dangerous_answer_is_first_where_it_matters() -> None:
    safety = {(kind.code, name): field.safety for kind in registry.values() for name, field in kind.fields.items()}
    assert safety["hazard_site", "risk"] == ("high", "medium", "low")
    assert safety["child_visit", "state"] == ("danger", "concern", "safe")
    assert safety["violation_report", "danger_now"] == ("yes", "unknown", "no")


def test_the_page_about_kinds_is_the_one_that_the_kinds_write() -> None:
    assert docs.FILE.read_text("utf-8") == docs.page(), "run: python -m app.kinds.docs"
