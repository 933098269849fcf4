"""The feed under sixteen writers: PostgreSQL alone lets more than one write at a time."""

import pytest

from campaigns import feed
from tests.faults import bugs_of

pytestmark = pytest.mark.postgresql
CHANGES = 240


def test_a_poller_misses_nothing_of_sixteen_writers():
    report = feed.run(seed=16, changes=CHANGES)
    print(report.text())
    assert report.failures == []
    assert report.counts["changes"] == CHANGES and report.counts["missed"] == 0
    # It read while they wrote, or it tried nothing.
    assert report.counts["times with news"] > CHANGES / 20


@pytest.mark.parametrize("bug", bugs_of("feed"))
def test_a_planted_bug_is_seen(bug: str):
    assert feed.run(seed=16, changes=160, planted=bug).counts["missed"]
