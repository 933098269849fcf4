"""Uploads that break off, over real sockets: one file in the end. `python -m campaigns.uploads` does it 2,000 times."""

import pytest

from campaigns import uploads
from campaigns.planted import BUGS


def test_wherever_the_line_breaks_one_identical_file_is_kept() -> None:
    report = uploads.run(seed=4, cuts=60)
    print(report.text())
    assert report.failures == []
    assert report.counts["cuts"] == 60 and report.counts["cuts at an edge"] > 30


@pytest.mark.parametrize("bug", [name for name in BUGS if name.startswith("uploads: ")])
def test_a_planted_bug_is_seen(bug: str) -> None:
    assert uploads.run(seed=4, cuts=60, planted=bug).failures
