"""R-09: the same changes at the same moment."""

import pytest

from campaigns import twins
from tests.faults import bugs_of

ROUNDS = 80


def test_whatever_comes_at_once_is_stored_once_and_answered_alike():
    report = twins.run(seed=9, rounds=ROUNDS)
    print(report.text())
    assert report.failures == []
    assert report.counts["receipts"] > 3 * ROUNDS


@pytest.mark.parametrize("bug", bugs_of("R-09"))
def test_a_planted_bug_is_seen(bug: str):
    assert twins.run(seed=9, rounds=ROUNDS, planted=bug).failures
