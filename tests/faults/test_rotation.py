"""K-01: keys at rest, and keys to seal to, change under load by commands that are killed half-way."""

import pytest

from campaigns import rotation
from campaigns.planted import BUGS
from tests.faults import bugs_of

KILLS = 20
TRIES = 6


def test_nothing_is_lost_when_keys_change_and_the_change_is_killed() -> None:
    report = rotation.run(seed=3, kills=KILLS)
    print(report.text())
    assert report.failures == []
    assert report.counts["kills"] >= KILLS and report.counts["receipts"] > 50
    # Kills in the midst of a walk, and new keys of both sorts, or it tried nothing.
    assert report.counts["rows were left under an old key"] and report.counts["killed before the end"] > KILLS / 4
    assert report.counts["new generations"] and report.counts["new keys to seal to"]


@pytest.mark.postgresql
def test_nothing_is_lost_on_several_workers() -> None:
    report = rotation.run(seed=3, kills=6, on="postgresql")
    print(report.text())
    assert report.failures == [] and report.counts["receipts"]


@pytest.mark.parametrize("bug", bugs_of("K-01"))
def test_a_planted_bug_is_seen(bug: str) -> None:
    assert bug in BUGS
    # Where a kill strikes no seed decides, so a bug gets more than one chance to show itself.
    assert any(rotation.run(seed=seed, kills=8, planted=bug).failures for seed in range(3, 3 + TRIES))
