"""R-24: many phones at once, against the real server. How long it takes is for the long run to say."""

import pytest

from campaigns import load
from campaigns.report import Report
from tests.faults import bugs_of

PHONES = 30


@pytest.mark.sqlite
def test_many_phones_at_once_lose_and_double_nothing():
    came(load.run(seed=24, phones=PHONES, seconds=1))


@pytest.mark.postgresql
def test_many_phones_at_once_on_several_workers():
    came(load.run(seed=25, phones=PHONES, seconds=1, on="postgresql"))


def came(report: Report) -> None:
    print(report.text())
    assert report.failures == []
    assert report.counts["receipts"] == report.counts["records"] == PHONES * load.RECORDS
    assert report.counts["answers lost on purpose"]


@pytest.mark.parametrize("bug", bugs_of("R-24"))
def test_a_planted_bug_is_seen(bug: str):
    assert load.run(seed=24, phones=25, seconds=1, planted=bug).failures
