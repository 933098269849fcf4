"""R-22: yesterday's backup comes back, and twenty phones bring back today."""

import pytest

from campaigns import drill
from campaigns.report import Report
from tests.faults import bugs_of

# Seen only where phones of one group meet in one record, which takes a longer day.
LONGER = ("R-22 versions go on where the backup ended", "R-22 cursors outlive the restore")


@pytest.mark.sqlite
def test_nothing_is_lost_but_what_the_desk_did():
    held(drill.run(seed=22, drills=1, steps=80))


@pytest.mark.postgresql
def test_nothing_is_lost_on_postgresql():
    held(drill.run(seed=23, drills=1, steps=80, on="postgresql"))


def held(report: Report) -> None:
    print(report.text())
    assert report.failures == []
    for what in ("receipts of the lost day", "verdicts of the lost day, gone", "conflicts for people"):
        assert report.counts[what], f"no {what}: it tried nothing"


@pytest.mark.parametrize("bug", bugs_of("R-22"))
def test_a_planted_bug_is_seen(bug: str):
    assert drill.run(seed=22, drills=1, steps=80 if bug in LONGER else 25, planted=bug).failures
