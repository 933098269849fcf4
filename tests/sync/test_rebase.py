"""What a phone makes of its own copy when its change is taken is what the ward makes of the record: one table for both.

tests/client/vectors.test.ts runs the same cases through the phone's code.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from app.sync import merge as rule
from app.sync.merge import Incoming, canonical, merge

CASES: list[dict[str, Any]] = json.loads((Path(__file__).parents[1] / "vectors/rebase.json").read_text("utf-8"))


def check(case: dict[str, Any]) -> None:
    ward, change = case["ward"], case["change"]
    written = ward.get("writtenAt", ward["version"])
    writers = {name: [written, "phone-Hoa", 1, "Hoa", "2026-06-03T09:12"] for name in ward["data"]}
    sent = Incoming("phone-Lan", 9, "Lan", "2026-06-03T10:00", change["base"], change["set"])
    after = rule.merge(ward["data"], writers, ward["version"], ward["conflicts"], sent, {})
    assert after.outcome == "applied"
    assert canonical(after.data) == canonical(case["after"]["data"])
    assert [f"{one['field']} {one['version']}" for one in after.conflicts] == case["after"]["conflicts"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["says"])
def test_the_table(case: dict[str, Any]) -> None:
    check(case)


@pytest.mark.parametrize("fault", ["conflicts never end", "unseen conflicts end"])
def test_a_planted_fault_is_seen(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def planted(data: Any, writers: Any, version: int, conflicts: Any, change: Incoming, safety: Any) -> Any:
        seen = 0 if fault == "conflicts never end" else 99
        after = merge(data, writers, version, conflicts, change, safety)
        left = [one for one in conflicts if one["field"] not in change.fields or one["version"] > seen]
        return type(after)(after.outcome, after.version, after.data, after.writers, left)

    monkeypatch.setattr(rule, "merge", planted)
    with pytest.raises(AssertionError):
        for case in CASES:
            check(case)
