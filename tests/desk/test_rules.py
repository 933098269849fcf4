"""What the desk decides by itself: verdicts, differences, likely duplicates, the place in the queue."""

import pytest

from app.review import rules
from app.review.rules import After, Changed, Verdict


def verdict(name: str, **more: object) -> Verdict:
    given = {"seen": 1, "verdict": name, "note": "", "pins": {}, "original": None} | more
    return Verdict(**given)  # type: ignore[arg-type]


def codes(given: Verdict, status: str = "received") -> dict[str, str]:
    return {fault["field"]: fault["code"] for fault in rules.faults(given, status, ["name", "risk"])}


def test_a_verdict_needs_its_reason() -> None:
    assert codes(verdict("accept")) == {}
    assert codes(verdict("return")) == {"pins": "required"}
    assert codes(verdict("return", pins={"risk": ""})) == {}
    assert codes(verdict("return", note="Xem lại giúp")) == {}
    assert codes(verdict("close")) == {"note": "required"}
    assert codes(verdict("duplicate")) == {"original": "required"}


def test_bad_verdicts_are_named() -> None:
    assert codes(verdict("burn")) == {"verdict": "not_choice"}
    assert codes(verdict("return", pins={"no_such_field": "?"})) == {"pins": "not_choice"}
    assert codes(verdict("return", pins={"risk": "a" * 301})) == {"risk": "too_long"}
    assert codes(verdict("accept", note="a" * 2001)) == {"note": "too_long"}


def test_what_was_withdrawn_takes_no_verdict_and_nothing_is_done_twice() -> None:
    assert rules.possible("withdrawn") == ()
    assert "accept" not in rules.possible("accepted")
    assert "return" in rules.possible("returned")
    assert set(rules.possible("answered")) == set(rules.VERDICTS)


def test_differences_follow_the_form_and_ignore_emptiness() -> None:
    old = {"b": 1, "a": "x", "gone": "y", "blank": ""}
    new = {"b": 2, "a": "x", "old_form": 3, "blank": None}
    found = rules.diff(old, new, ["a", "b", "blank"])
    assert found == [Changed("b", 1, 2), Changed("gone", "y", None), Changed("old_form", None, 3)]


@pytest.mark.parametrize("text", ["", "1", "x.y.z", "1.2", "-1.5.a", "1.2." + "a" * 65, "9999999.1.a", "1.².a"])
def test_an_unreadable_place_in_the_queue_means_the_beginning(text: str) -> None:
    assert rules.after(text) is None


def test_a_place_in_the_queue_goes_through_the_address() -> None:
    place = After(60, 1_780_000_000_000_001, "3f0c.a-1")
    assert rules.after(place.text()) == place


def test_distance_and_likeness() -> None:
    here, there = {"lat": 21.04, "lon": 105.918}, {"lat": 21.041, "lon": 105.918}
    assert 110 < rules.distance(here, there) < 113
    assert rules.likeness("Ao sau nhà văn hóa", "ao sau NHA VAN HOA") == 1
    assert rules.likeness("", "ao") == 0


def test_near_or_alike_is_a_likely_duplicate() -> None:
    here, far = {"lat": 21.04, "lon": 105.918}, {"lat": 21.09, "lon": 105.918}
    pond, drain = rules.Face("Ao làng", here, {}), rules.Face("Cống hở", here, {})
    assert rules.twin_score(pond, drain) > 0
    assert rules.twin_score(pond, rules.Face("ao lang", far, {})) > 0
    assert rules.twin_score(pond, drain._replace(place=far)) == 0
    assert rules.twin_score(pond._replace(place=None), drain) == 0


@pytest.mark.parametrize("accuracy", [None, 0.0, 3.0, 8.0, 24.0, 140.0, 2500.0, 1e7])
def test_the_drawing_fits_its_frame(accuracy: float | None) -> None:
    sketch = rules.sketch(accuracy)
    assert sketch.ring is None or 4 <= sketch.ring <= 62
    assert sketch.metres >= 10 and sketch.bar <= 110


def test_an_id_is_found_in_a_pasted_address() -> None:
    id = "A0000000-0000-4000-8000-000000000007"
    assert rules.record_id_in(f"https://to-am.example/desk/records/{id}?from=1&to=2") == id.lower()
    assert rules.record_id_in(" r-17 ") == "r-17"
    assert rules.record_id_in("không phải mã") is None
    assert rules.record_id_in("") is None
