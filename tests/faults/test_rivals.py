"""R-08: several people edit the same fields."""

import pytest

from campaigns import rivals
from tests.faults import bugs_of

RECORDS = 250


def test_no_value_vanishes_that_nobody_had_seen():
    report = rivals.run(seed=8, records=RECORDS)
    print(report.text())
    assert report.failures == []
    assert report.counts["conflicts left open"] > RECORDS / 2


@pytest.mark.parametrize("bug", bugs_of("R-08"))
def test_a_planted_bug_is_seen(bug: str):
    assert rivals.run(seed=8, records=100, planted=bug).failures
