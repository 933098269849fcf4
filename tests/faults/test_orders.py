"""R-07: one phone's changes in every order."""

import pytest

from campaigns import orders
from tests.faults import bugs_of

CHANGES = 4


def test_in_whatever_order_a_phones_changes_come_the_record_ends_as_the_phone_shows_it():
    report = orders.run(seed=7, changes=CHANGES)
    print(report.text())
    assert report.failures == []
    assert report.counts["orders"] == 3 * 24
    assert report.counts["held meanwhile"] > 3


@pytest.mark.parametrize("bug", bugs_of("R-07"))
def test_a_planted_bug_is_seen(bug: str):
    assert orders.run(seed=7, changes=CHANGES, planted=bug).failures
