"""R-01: three phones, two people, two wards, in whatever order."""

import pytest

from campaigns import machine
from tests.faults import bugs_of

EXAMPLES, STEPS = 500, 50
MOST = 100  # examples within which each planted bug must be seen


def test_in_whatever_order_things_happen_nothing_is_lost_or_doubled_and_nothing_leaks():
    report = machine.run(seed=1, examples=EXAMPLES, steps=STEPS)
    print(report.text())
    assert report.failures == []
    assert report.counts["steps"] > EXAMPLES * STEPS * 0.9
    assert report.counts["planted losses flagged"] >= EXAMPLES / 10
    assert report.counts["most rounds to heal"] <= 200
    met = ("applied", "merged", "conflict", "held", "needs_fixing", "quarantined")
    assert all(report.counts[f"outcome {outcome}"] for outcome in met)
    assert all(report.counts[what] > EXAMPLES / 10 for what in ("restores", "moved", "revoked", "old requests"))


def test_one_seed_is_one_run():
    one, two = (machine.run(seed=7, examples=6, steps=STEPS).counts for _ in range(2))
    assert one == two


@pytest.mark.parametrize("bug", bugs_of("R-01"))
def test_a_planted_bug_is_seen(bug: str):
    report = machine.run(seed=2, examples=MOST, steps=STEPS, planted=bug)
    print(f"{bug}: {report.counts['examples']} examples")
    assert report.failures
