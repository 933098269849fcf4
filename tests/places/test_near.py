"""Which records may be the same place: the vectors that the phone runs too."""

import json
from pathlib import Path
from typing import Any

import pytest

from app.kinds import registry
from app.places import rules
from tests.desk.records import POND, a_place

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "near.json").read_text(encoding="utf-8"))


def site(given: dict[str, Any]) -> rules.Site:
    return rules.Site(given["id"], given["place"], tuple(given["codes"]), given["words"], given["day"])


@pytest.mark.parametrize("case", VECTORS, ids=lambda case: case["says"])
def test_near(case: dict[str, Any]) -> None:
    found = rules.near(site(case["here"]), [site(other) for other in case["others"]])
    assert [one._asdict() for one in found] == case["near"]


def test_what_is_compared_of_a_record(prepared: Path) -> None:
    made = rules.site(registry["hazard_site"], "r", {**POND, "place": a_place()})
    assert made == rules.Site("r", a_place(), ("DN2",), "Ao sau nhà văn hóa", "2026-06-02")
    odd = rules.site(
        registry["hazard_site"], "r", {"type": ["DN2"], "name": 7, "place": "đầu ngõ", "seen_on": "hôm qua"}
    )
    assert odd == rules.Site("r", None, (), "", "")


@pytest.mark.parametrize("metres", [1, 50, 100])
def test_the_box_around_holds_the_circle(metres: float) -> None:
    here = a_place()
    south, west, north, east = rules.around(here, metres)
    for corner in ((south, here["lon"]), (north, here["lon"]), (here["lat"], west), (here["lat"], east)):
        assert rules.distance(here, {"lat": corner[0], "lon": corner[1]}) == pytest.approx(metres, rel=0.001)
