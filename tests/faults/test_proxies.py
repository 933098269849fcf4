"""R-21, the server's side: proxies and hostile requests."""

import pytest

from campaigns import proxies
from tests.faults import bugs_of

DAMAGED = 300


def test_whatever_is_on_the_line_gets_a_clear_answer_and_harms_nothing():
    report = proxies.run(seed=21, damaged=DAMAGED)
    print(report.text())
    assert report.failures == []
    assert report.counts["cases"] > 70


@pytest.mark.parametrize("bug", bugs_of("R-21"))
def test_a_planted_bug_is_seen(bug: str):
    assert proxies.run(seed=21, damaged=0, planted=bug).failures
