"""Codes as people type them, delays that grow and end, passphrases that will not do, names of phones."""

from datetime import UTC, datetime, timedelta

import pytest

from app.identity import rules

NOW = datetime(2026, 6, 3, 2, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("ABCD-EFGH", "ABCDEFGH"),
        (" abcd efgh ", "ABCDEFGH"),
        ("oi1l-0000", "01110000"),
        ("ABCD-EFG", None),
        ("ABCD-EFGU", None),
        ("ABCD-EFGĐ", None),
        ("", None),
    ],
)
def test_a_code_is_read_as_people_type_it(typed: str, read: str | None) -> None:
    assert rules.read_code(typed) == read


def test_a_code_is_shown_in_two_halves() -> None:
    assert rules.show_code("ABCDEFGH") == "ABCD-EFGH"


@pytest.mark.parametrize(
    ("failures", "seconds"), [(0, 0), (2, 0), (3, 1), (4, 2), (5, 4), (8, 32), (9, 60), (50, 60), (100_000, 60)]
)
def test_the_delay_grows_to_a_minute_and_no_further(failures: int, seconds: int) -> None:
    assert rules.seconds_to_wait(failures, NOW, NOW) == seconds


def test_who_waited_may_try() -> None:
    assert rules.seconds_to_wait(5, NOW, NOW + timedelta(seconds=3.5)) == 1
    assert rules.seconds_to_wait(5, NOW, NOW + timedelta(seconds=4)) == 0


def test_a_quiet_day_clears_the_count() -> None:
    assert rules.still_counted(9, NOW, NOW + timedelta(hours=23)) == 9
    assert rules.still_counted(9, NOW, NOW + timedelta(hours=25)) == 0


@pytest.mark.parametrize(
    ("address", "line"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        (None, "unknown"),
        ("nonsense", "unknown"),
    ],
)
def test_a_line_is_an_address_or_a_customers_network(address: str | None, line: str) -> None:
    assert rules.network(address) == line


@pytest.mark.parametrize(
    ("passphrase", "problem"),
    [
        ("nang am hien nha 7", None),
        ("Nắng ấm hiên nhà", None),
        ("mười hai ký", "too_short"),
        ("x" * 201, "too_long"),
        ("Mật khẩu mật khẩu", "too_common"),
        ("aaaaaaaaaaaaaaaa", "too_common"),
        ("Nguyễn Thị Lan", "too_common"),
        ("84912000007", "too_short"),
        ("+84 912 000 007", "too_common"),
        ("123 456 789 012", "too_common"),
    ],
)
def test_passphrases(passphrase: str, problem: str | None) -> None:
    assert rules.passphrase_problem(passphrase, "Nguyễn Thị Lan", "+84912000007") == problem


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("Mozilla/5.0 (Linux; Android 10; SM-A105F) AppleWebKit/537.36 Chrome/99.0 Mobile Safari/537.36",
         "SM-A105F · Chrome"),
        ("Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36", "Android · Chrome"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605 Version/17.0 Safari/604.1",
         "iPhone · Safari"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0", "Windows · Firefox"),
        ("Mozilla/5.0 " + "(Linux; Android 1;" * 2000, "Android"),
        ("Máy của Lan", "Máy của Lan"),
    ],
)  # fmt: skip
def test_a_phone_gets_a_short_name(label: str, name: str) -> None:
    assert rules.device_name(label) == name
