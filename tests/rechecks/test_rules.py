"""When a site is due, on the vectors that the phone's twin runs too."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.config import BadSetting, Settings, checked
from app.kinds import registry
from app.kinds.form_spec import form_spec
from app.kinds.vocabulary import Recheck
from app.rechecks import rules
from app.rechecks.rules import Calendar, Look

VECTORS: dict[str, Any] = json.loads((Path(__file__).parents[1] / "vectors/rechecks.json").read_text("utf-8"))
RULE = Recheck(**VECTORS["rule"])
DAY = st.dates().map(lambda day: day.isoformat())


def calendar_of(case: dict[str, Any]) -> Calendar:
    return Calendar(**case.get("calendar", VECTORS["calendar"]))


def due(case: dict[str, Any]) -> str | None:
    looks = [Look(**one) for one in case["looks"]]
    return rules.due_on(RULE, calendar_of(case), case["values"], case["since"], looks, case["today"])


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: case["name"])
def test_when_it_is_due(case: dict[str, Any]) -> None:
    found = due(case)
    assert found == case["due"]
    assert (rules.standing(found, case["today"]) if found else None) == case["standing"]


def test_the_vectors_are_about_the_rule_and_the_days_in_use() -> None:
    spec = form_spec(registry["hazard_site"])
    assert json.loads(json.dumps(spec["recheck"])) == VECTORS["rule"]
    default = Settings()
    assert rules.calendar(default.recheck_days, default.seasons) == Calendar(
        {level: tuple(days) for level, days in VECTORS["calendar"]["days"].items()},
        {season: tuple(ends) for season, ends in VECTORS["calendar"]["seasons"].items()},
    )


@settings(max_examples=100, deadline=None)
@given(since=DAY, looked=st.lists(DAY, max_size=3), risk=st.sampled_from(["high", "medium", "low", None]))
def test_it_is_due_within_the_longest_interval_and_more_danger_is_never_later(
    since: str, looked: list[str], risk: str | None
) -> None:
    calendar, today = Calendar(**VECTORS["calendar"]), "2026-06-03"
    looks = [Look(day, {"found": "dangerous"}) for day in looked]
    found = {
        level: rules.due_on(RULE, calendar, {"type": "DN2", "risk": level}, since, looks, today)
        for level in ("high", "medium", "low", risk)
    }
    assert "" < str(found["high"]) <= str(found["medium"]) <= str(found["low"]) <= "2026-09-01"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("recheck_days", "high=7/14"),
        ("recheck_days", "high=0/0"),
        ("recheck_days", "high 14 7"),
        ("seasons", "summer=06-31..08-31"),
        ("seasons", "rain=02-29..10-31"),
        ("seasons", "rain=5-1..10-31"),
    ],
)
def test_settings_that_make_no_sense_stop_the_server(name: str, value: str) -> None:
    with pytest.raises(BadSetting, match="TO_AM_RECHECK_DAYS or TO_AM_SEASONS"):
        checked(Settings(**{name: value}))


PLANTED: dict[str, tuple[str, Any]] = {
    "seasons are forgotten": ("_first_within", lambda season, day: day.replace(year=day.year + 9)),
    "a wrong clock puts it off": ("latest", lambda looks, today: max(looks, key=lambda look: look.day, default=None)),
    "the record's own risk alone counts": ("_level", lambda rule, values, last: str(values.get("risk", "medium"))),
    "nothing ends it": ("holds", lambda condition, values, today: condition[0] != "eq"),
}


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_fault_is_seen(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    what, fault = PLANTED[name]
    monkeypatch.setattr(rules, what, fault)
    assert any(due(case) != case["due"] for case in VECTORS["cases"])
