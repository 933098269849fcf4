"""R-19: wrong clocks."""

import pytest

from campaigns import clocks
from tests.faults import bugs_of

ROUNDS = 80


def test_a_wrong_clock_loses_nothing_and_orders_nothing():
    report = clocks.run(seed=19, rounds=ROUNDS)
    print(report.text())
    assert report.failures == []
    assert report.counts["server went back"] > ROUNDS / 5


@pytest.mark.parametrize("bug", bugs_of("R-19"))
def test_a_planted_bug_is_seen(bug: str):
    assert clocks.run(seed=19, rounds=ROUNDS, planted=bug).failures
