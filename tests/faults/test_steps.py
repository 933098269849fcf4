"""R-05: something fails at every step of one batch."""

import pytest

from campaigns import steps
from tests.faults import bugs_of

EVERY = 1


def test_all_of_a_batch_or_nothing_and_sent_again_it_heals():
    report = steps.run(every=EVERY)
    print(report.text())
    assert report.failures == []
    assert report.counts["died"] > 40
    assert report.counts["answered 503"] > 40
    assert set(report.figures["outcomes in the batch"].split()) == {
        "applied",
        "conflict",
        "held",
        "merged",
        "needs_fixing",
        "quarantined",
    }


@pytest.mark.parametrize("bug", bugs_of("R-05"))
def test_a_planted_bug_is_seen(bug: str):
    assert steps.run(every=EVERY, planted=bug).failures
