"""R-06: lines that break, and phones that stop half-way."""

import pytest

from campaigns import cuts
from serving import MOST_GATHERED, Arriving
from tests.faults import bugs_of

EVERY = 16
HEAD = b"POST /api/v1/sync HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n"


def test_wherever_the_line_breaks_nothing_is_lost_and_nobody_waits():
    report = cuts.run(seed=6, every=EVERY)
    print(report.text())
    assert report.failures == []
    assert report.counts["requests cut"] > 30
    assert report.counts["answers cut"] > 30


@pytest.mark.parametrize("bug", bugs_of("R-06"))
def test_a_planted_bug_is_seen(bug: str):
    assert cuts.run(seed=6, every=64, planted=bug).failures


def test_a_request_is_whole_with_its_last_byte_and_not_before():
    for at in range(len(HEAD) + 4):
        arriving = Arriving()
        arriving.takes((HEAD + b"body")[:at] or b"P")
        assert not arriving.is_all
    arriving = Arriving(HEAD + b"bod")
    arriving.takes(b"y")
    assert arriving.is_whole


@pytest.mark.parametrize(
    ("said", "is_whole", "is_large"),
    [
        (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", True, False),
        (b"POST / HTTP/1.1\r\ncontent-length:5\r\n\r\n", False, False),
        (b"POST / HTTP/1.1\r\nContent-Length: five\r\n\r\n", True, False),  # gunicorn refuses it
        (b"POST / HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % MOST_GATHERED, False, True),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", False, True),
        (b"POST / HTTP/1.1\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n", False, True),
        (b"x" * 70_000, True, False),  # gunicorn refuses it
        (b"x" * 60_000, False, False),
    ],
)
def test_what_is_large_or_says_its_length_late_gets_a_thread_at_once(said: bytes, is_whole: bool, is_large: bool):
    arriving = Arriving(said)
    assert (arriving.is_whole, arriving.is_large) == (is_whole, is_large)
