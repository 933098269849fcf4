"""R-12 in the test command: thirty kills of the browser around a save, and the bugs that they must see."""

from pathlib import Path

import pytest
from playwright.sync_api import Playwright

from campaigns import browser_kill
from campaigns.browser_kill import BUGS, Kills
from tests.browser.releases import Releases

KILLS = 30


def test_what_said_saved_is_there_after_the_browser_was_killed(
    releases: Releases, play: Playwright, tmp_path: Path
) -> None:
    report = browser_kill.lives(Kills(releases, play, tmp_path), seed=12, kills=KILLS)
    print(report.text())
    assert report.failures == []
    # Kills on both sides of the commit, or it tried nothing.
    assert report.counts["saved"] >= KILLS / 6
    assert report.counts["kept as a draft"] >= KILLS / 6
    assert report.counts["said saved before the kill"] >= 1


@pytest.mark.parametrize("bug", [name for name in BUGS if name])
def test_a_planted_bug_is_seen(bug: str, releases: Releases, play: Playwright, tmp_path: Path) -> None:
    assert browser_kill.lives(Kills(releases, play, tmp_path), seed=12, kills=20, planted=bug).failures
