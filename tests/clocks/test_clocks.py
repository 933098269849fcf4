"""The times that the law sets: when they are over, what ends them, and that they are never lost from sight."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.clocks import rules
from app.kinds import registry
from app.kinds.vocabulary import Clock, Words
from tests.cast import Cast
from tests.conftest import MORNING, make_app, put_away
from tests.conftest import Clock as Time
from tests.desk.records import BEATEN, make, wait
from tests.phone import Phone
from tests.sync.ward import Ward

HERE = {"Sec-Fetch-Site": "same-origin"}
WORDS = Words("", "")
TWELVE = Clock("a", WORDS, WORDS, hours=12)
FIVE = Clock("b", WORDS, WORDS, working_days=5)


def at(text: str) -> datetime:
    """A moment on Hà Nội's clock."""
    return datetime.fromisoformat(f"{text}+07:00")


@pytest.mark.parametrize(
    ("received", "holidays", "over"),
    [
        ("2026-06-03T09:12", "", "2026-06-11T00:00"),  # Wednesday: Thu Fri Mon Tue Wed
        ("2026-06-05T23:59", "", "2026-06-13T00:00"),  # Friday late: the whole next week
        ("2026-06-06T10:00", "", "2026-06-13T00:00"),  # Saturday
        ("2026-06-07T00:30", "", "2026-06-13T00:00"),  # Sunday, which is still Saturday in UTC
        ("2026-08-31T08:00", "2026-09-01 2026-09-02", "2026-09-10T00:00"),  # Monday before two days off
        ("2026-06-03T09:12", "2026-06-06", "2026-06-11T00:00"),  # a day off on a Saturday changes nothing
    ],
)
def test_working_days(received: str, holidays: str, over: str) -> None:
    assert rules.due(FIVE, at(received).astimezone(UTC), rules.days_off(holidays)) == at(over)


def test_hours_go_on_at_night_and_on_sundays() -> None:
    assert rules.due(TWELVE, at("2026-06-06T20:00"), frozenset()) == at("2026-06-07T08:00")


@pytest.mark.parametrize(
    ("minutes", "left"),
    [
        (0, ("running", 0, 12, 0)),
        (9 * 60 - 1, ("running", 0, 3, 1)),
        (9 * 60, ("soon", 0, 3, 0)),
        (12 * 60 - 1, ("soon", 0, 0, 1)),
        (12 * 60, ("over", 0, 0, 0)),
        (37 * 60 + 5, ("over", 1, 1, 5)),
    ],
)
def test_what_is_left(minutes: int, left: tuple[Any, ...]) -> None:
    assert rules.left(MORNING, MORNING + timedelta(hours=12), MORNING + timedelta(minutes=minutes)) == left


@pytest.mark.parametrize("text", ["", "12:30", "03/06/2026", "31/02/2026 10:00", "03/06/2026 25:00", "3-6-26 1:2"])
def test_a_moment_that_cannot_be_read_is_none(text: str) -> None:
    assert rules.read_moment(text) is None


def test_only_times_with_a_source_are_declared() -> None:
    """Twelve hours: NĐ 56/2017 Điều 31; five working days: Điều 28.1. No other was found in its text."""
    found = {(kind.code, one.code, one.hours, one.working_days) for kind in registry.values() for one in kind.clocks}
    assert found == {("violation_report", "emergency", 12, 0), ("violation_report", "plan", 0, 5)}


@pytest.fixture
def report(lan: Phone) -> str:
    """Lan has sent word of a child."""
    record = lan.record("violation_report", **BEATEN)
    lan.sync()
    return record


def say(client: FlaskClient, record: str, clock: str = "emergency", **more: str) -> Any:
    given = {"outcome": "done", **more}
    return client.post(f"/desk/records/{record}/clocks/{clock}", data=given, headers=HERE)


def running(minh: FlaskClient) -> int:
    page = minh.get("/desk/?state=clocks").text
    return len(re.findall(r'<a href="/desk/records/[^"]+">', page))


def pane(page: str) -> str:
    return page[page.index('id="clocks"') : page.index("</section>", page.index('id="clocks"'))]


def test_a_report_is_on_the_clock_from_its_receipt_until_somebody_says_what_was_done(
    minh: FlaskClient, ward: Ward, report: str, clock: Time
) -> None:
    assert running(minh) == 1
    clock.move(minutes=30)
    assert "còn 11 giờ 30 phút" in minh.get("/desk/").text
    ward.judges(report, "accept")
    assert running(minh) == 1, "to accept a report is not to act on it"
    assert say(minh, report, done_at="3/6/2026 9:40").status_code == 303
    shown = pane(minh.get(f"/desk/records/{report}").text)
    assert "đã làm đúng hạn" in shown and "Trần Văn Minh" in shown and "03/06/2026 09:40" in shown
    assert running(minh) == 1, "the plan is still to come"
    say(minh, report, "plan", outcome="not_needed", note="Gia đình đã chuyển đi, phường mới nhận.")
    assert running(minh) == 0
    say(minh, report, "plan", outcome="resume")
    assert running(minh) == 1


def test_what_was_done_late_is_told_as_late(app: Flask, minh: FlaskClient, report: str, clock: Time) -> None:
    wait(app, clock, hours=11, minutes=50)
    assert "còn 10 phút" in minh.get("/desk/?state=clocks").text
    clock.at += timedelta(minutes=20)
    page = minh.get("/desk/?state=clocks").text
    assert "quá hạn 10 phút" in page and 'class="tag brick"' in page
    say(minh, report)
    assert "đã làm, quá hạn" in pane(minh.get(f"/desk/records/{report}").text)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"done_at": "hôm qua"}, "không trước lúc nhận tin"),
        ({"done_at": "03/06/2026 09:00"}, "không trước lúc nhận tin"),
        ({"done_at": "03/06/2026 23:00"}, "không trước lúc nhận tin"),
        ({"outcome": "not_needed", "note": " "}, "Ghi vì sao không phải làm"),
        ({"note": "a" * 501}, "Dài quá"),
    ],
)
def test_what_cannot_be_is_asked_again_with_what_was_typed(
    minh: FlaskClient, report: str, given: dict[str, str], words: str
) -> None:
    answer = say(minh, report, **{"note": "Đã đưa cháu đi viện", **given})
    assert answer.status_code == 422
    assert words in pane(answer.text)
    assert given.get("done_at", "") in answer.text


def test_only_the_wards_officer(app: Flask, cast: Cast, lan: Phone, report: str) -> None:
    for who in ("Ha", "Anh", "Lan"):
        assert say(cast.client(who), report).status_code in (302, 404), who
    tuan = Phone(app, cast.tuan)
    theirs = tuan.record("violation_report", **BEATEN)
    tuan.sync()
    assert say(cast.client("Minh"), theirs).status_code == 404
    assert say(cast.client("Minh"), report, "no_such_clock").status_code == 422
    pond = lan.record("hazard_site", type="DN2", name="Ao")
    lan.sync()
    assert say(cast.client("Minh"), pond).status_code == 422
    assert running(cast.client("Minh")) == 1


@pytest.mark.parametrize("verdict", ["close", "duplicate"])
def test_what_is_closed_or_written_down_elsewhere_runs_no_more(
    minh: FlaskClient, ward: Ward, lan: Phone, report: str, verdict: str
) -> None:
    other = lan.record("violation_report", **BEATEN)
    lan.sync()
    ward.judges(report, verdict, "Đã xong", original=other if verdict == "duplicate" else None)
    assert running(minh) == 1
    assert "thôi tính" in pane(minh.get(f"/desk/records/{report}").text)


def test_holidays_are_a_setting(app: Flask, tmp_path: Any) -> None:
    made = make_app(tmp_path / "other.db", holidays="2026-06-04 2026-06-05")
    try:
        with made.app_context():
            found = made.config["TO_AM"].holidays
        assert rules.due(FIVE, MORNING, rules.days_off(found)) == at("2026-06-13T00:00")
    finally:
        put_away(made)


def test_a_made_up_report_without_a_group_has_its_clock(app: Flask, minh: FlaskClient) -> None:
    with app.app_context():
        make("violation_report", BEATEN, group=None, received=MORNING - timedelta(days=30))
    assert running(minh) == 1
    assert "quá hạn 29 ngày" in minh.get("/desk/?state=clocks").text
