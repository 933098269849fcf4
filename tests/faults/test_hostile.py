"""R-10: hostile texts in every place."""

import pytest

from campaigns import corpus, hostile
from campaigns.alive import alive
from tests.faults import bugs_of

EVERY = 8


def test_no_text_breaks_anything_and_every_one_is_kept():
    report = hostile.run(seed=10, every=EVERY)
    print(report.text())
    assert report.failures == []
    assert report.counts["records"] > 200


@pytest.mark.parametrize("bug", bugs_of("R-10"))
def test_a_planted_bug_is_seen(bug: str):
    assert hostile.run(seed=10, every=EVERY, planted=bug).failures


def test_the_corpora_are_there_whole():
    names = [name for name, _ in corpus.json_suite()]
    assert len(names) == 340
    assert {name[:2] for name in names} >= {"y_", "n_", "i_"}
    assert len(corpus.naughty()) == 485


@pytest.mark.parametrize(
    "page",
    [
        "<p><script>alert(1)</script>",
        '<img src="x" onerror="alert(1)">',
        '<a href=" JaVaScript:alert(1)">x</a>',
        '<iframe src="/x"></iframe>',
        '<meta http-equiv="refresh" content="0">',
    ],
)
def test_what_acts_in_a_page_is_found(page: str):
    assert alive(page)
    assert not alive('<p><a href="/desk/">x</a><script src="/static/desk.js"></script>&lt;script&gt;')
