"""R-11: the ward's disk is full, or can only be read."""

import pytest

from campaigns import full
from tests.faults import bugs_of

STEP = 8192


def test_a_full_disk_takes_nothing_says_later_and_heals_when_there_is_room():
    report = full.run(step=STEP)
    print(report.text())
    assert report.failures == []
    assert report.counts["answered 503"] > 20
    assert report.counts["answered 200"] >= 2


@pytest.mark.parametrize("bug", bugs_of("R-11"))
def test_a_planted_bug_is_seen(bug: str):
    assert full.run(step=STEP, planted=bug).failures
