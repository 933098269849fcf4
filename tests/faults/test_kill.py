"""R-03: kill -9 of a real server while phones push."""

from pathlib import Path

import pytest

from app.config import ROOT
from campaigns import kill
from campaigns.planted import BUGS
from campaigns.server import WORDS
from tests.faults import bugs_of

KILLS = 200


def test_nothing_acknowledged_is_lost_when_the_server_is_killed():
    report = kill.run(seed=3, kills=KILLS)
    print(report.text())
    assert report.failures == []
    assert report.counts["kills"] == KILLS
    # Kills on both sides of the commit, or it tried nothing.
    assert report.counts["stored, answer lost"] > KILLS / 20
    assert report.counts["killed before the commit"] > KILLS / 20


@pytest.mark.postgresql
def test_nothing_is_lost_when_the_server_or_one_of_its_workers_is_killed():
    report = kill.run(seed=3, kills=16, on="postgresql")
    print(report.text())
    assert report.failures == []
    assert report.counts["of them of one worker"] == 8 and report.counts["answers"]


@pytest.mark.postgresql
def test_a_bug_is_seen_on_several_workers():
    assert kill.run(seed=3, kills=40, on="postgresql", planted="R-03 the answer goes out before the commit").failures


@pytest.mark.parametrize("bug", bugs_of("R-03"))
def test_a_planted_bug_is_seen(bug: str):
    assert bug in BUGS
    assert kill.run(seed=3, kills=40, planted=bug).failures


def test_it_is_the_server_that_the_readme_starts():
    started = Path(ROOT / "Makefile").read_text().replace("\\\n\t\t", "")
    assert " ".join(WORDS) in started
