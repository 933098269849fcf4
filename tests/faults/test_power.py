"""R-04: the power goes while phones push."""

import apsw
import pysqlite3.dbapi2 as sqlite
import pytest

from campaigns import power
from tests.faults import bugs_of

CUTS = 2000


def test_nothing_acknowledged_is_lost_when_the_power_goes():
    report = power.run(seed=4, cuts=CUTS)
    print(report.text())
    assert report.failures == []
    assert report.counts["cuts"] == CUTS
    assert report.counts["cuts with unsynced writes"] > CUTS / 2, "or there was nothing to lose"
    assert report.counts["started again and healed"] > CUTS / 100


def test_one_seed_tells_the_same_story():
    """Not to the byte: ids are made anew, and lie on other pages of the database."""
    one, two = power.run(seed=5, cuts=20), power.run(seed=5, cuts=20)
    assert [one.counts[name] for name in ("runs", "syncs", "receipts")] == [
        two.counts[name] for name in ("runs", "syncs", "receipts")
    ]


@pytest.mark.parametrize("bug", bugs_of("R-04"))
def test_a_planted_bug_is_seen(bug: str):
    assert power.run(seed=4, cuts=200, planted=bug).failures


def test_the_recorded_library_is_the_programs_own():
    assert apsw.sqlite_lib_version() == sqlite.sqlite_version
