"""The overview: each number is the number of the rows behind it, for the ward and for the level above."""

import html
import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.clocks import service as clocks
from app.db import transact
from app.i18n import catalog
from app.overview import indicators as package
from app.overview import queries, rules
from app.overview.indicators import indicators
from app.records import service as records
from tests.cast import CITY, GROUP_2_VIET_HUNG, GROUP_3, PHUC_LOI, VIET_HUNG, Cast, Someone, join
from tests.conftest import MORNING, Clock
from tests.desk.records import BEATEN, DUC, POND, make
from tests.exports.desk import table, take

NUMBER = re.compile(r'<a class="count num" href="([^"]+)"><b>(\d+)</b> ([^<]+<span class="sr">, [^<]+)</span>')
SON = Someone("a0000000-0000-4000-8000-000000000020", "Bùi Văn Sơn", "+84912000020", "overseer", CITY, "desk")


@pytest.fixture
def son(app: Flask, cast: Cast) -> FlaskClient:
    """Somebody of the level above."""
    with app.app_context():
        join([SON], MORNING)
    return cast.client(SON)


def ago(**time: float) -> Any:
    return MORNING - timedelta(**time)


def judged(app: Flask, cast: Cast, record_id: str, verdict: str, at: Any, clock: Clock) -> None:
    """Minh's verdict at a moment."""
    clock.at = at
    with app.app_context(), transact():
        records.write_verdict(cast.actor("Minh"), record_id, 1, verdict)
    clock.at = MORNING


def weeks_of_work(app: Flask, cast: Cast, clock: Clock) -> None:
    """Something under every word of every indicator, in two wards."""
    with app.app_context():
        for place, days in enumerate((1, 9, 20, 33)):
            made = make(data={**POND, "risk": ("high", "low")[place % 2]}, received=ago(days=days))
            make(data=POND, received=ago(days=days), group=GROUP_3, by="Hoa")
            if place % 2:
                judged(app, cast, made, "close", ago(days=days - 3), clock)
        make(data=POND, received=ago(days=80))
        make(data=POND, status="withdrawn")
        children = [make("child", {**DUC, "name": f"Nguyễn Văn {n}"}, received=ago(days=200)) for n in range(4)]
        make("child", DUC, group=None, received=ago(days=2))
        for child, day in ((children[0], 2), (children[0], 3), (children[1], 100)):
            visited = (MORNING - timedelta(days=day)).date()
            answers = {"child": child, "visited_on": visited.isoformat()}
            make("child_visit", answers, parent=child, received=ago(days=day), happened=visited)
        for hours in (3, 11, 30, 400):
            make("violation_report", BEATEN, received=ago(hours=hours))
        late = make("violation_report", BEATEN, received=ago(days=3))
        kept = make("violation_report", BEATEN, received=ago(days=4))
        make("violation_report", {**BEATEN, "danger_now": "no"}, received=ago(days=2))
        make(data=POND, ward=VIET_HUNG, group=GROUP_2_VIET_HUNG, by="Tuan", received=ago(days=5))
    for report, at in ((late, ago(days=3) + timedelta(hours=12, seconds=2)), (kept, ago(days=4) + timedelta(hours=12))):
        clock.at = at
        with app.app_context(), transact():
            clocks.end(cast.actor("Minh"), report, "emergency", "done", None, "")
            if report == kept:
                clocks.end(cast.actor("Minh"), report, "plan", "done", None, "")
    clock.at = MORNING


def numbers(page: str) -> Iterator[tuple[str, int, str]]:
    for link, count, words in NUMBER.findall(page):
        yield html.unescape(link), int(count), words


def behind(client: FlaskClient, address: str) -> int:
    """How many rows the pages behind a number show."""
    seen = 0
    while address:
        page = client.get(address).text
        seen += page.count('<div class="what">')
        following = re.search(r'rel="next" href="([^"]+)"', page)
        address = html.unescape(following[1]) if following else ""
    return seen


def wrong(client: FlaskClient, address: str = "/desk/overview?weeks=13") -> list[tuple[str, int, int]]:
    """Numbers behind which stand another number of rows."""
    page = client.get(address)
    assert page.status_code == 200
    found = [(link, count, behind(client, link)) for link, count, _ in numbers(page.text)]
    assert len(found) > 5
    return [one for one in found if one[1] != one[2]]


def test_each_number_opens_exactly_its_rows(app: Flask, cast: Cast, clock: Clock, son: FlaskClient) -> None:
    weeks_of_work(app, cast, clock)
    assert wrong(cast.client("Ha")) == []
    assert wrong(son) == []
    page = cast.client("Ha").get("/desk/overview?weeks=13").text
    assert {link.split("indicator=")[1].split("&")[0] for link, _, _ in numbers(page)} == set(indicators())


MUTANTS: dict[str, Callable[[Any], Any]] = {
    "a group too many": lambda real: lambda i, p, m, b: real(i, p, m, queries.Behind(b.cell, b.ward, None, b.week)),
    "every week": lambda real: lambda i, p, m, b: real(i, p, m, queries.Behind(b.cell, b.ward, b.group, None)),
    "every cell": lambda real: lambda i, p, m, b: real(i, p, m, queries.Behind(None, b.ward, b.group, b.week)),
}


@pytest.mark.parametrize("fault", MUTANTS)
def test_rows_that_do_not_fit_are_seen(
    app: Flask, cast: Cast, clock: Clock, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    weeks_of_work(app, cast, clock)
    monkeypatch.setattr(queries, "ids", MUTANTS[fault](queries.ids))
    assert wrong(cast.client("Ha"))


def counted(
    client: FlaskClient, indicator: str, address: str = "/desk/overview?weeks=13"
) -> dict[tuple[str, str], int]:
    """(cell, where) -> number, as the page says it."""
    found = {}
    for link, count, words in numbers(client.get(address).text):
        asked = dict(pair.split("=") for pair in link.split("?")[1].split("&"))
        if asked["indicator"] == indicator:
            found[asked["cell"], words.split(", ")[-1]] = count
    return found


def test_what_the_numbers_say(app: Flask, cast: Cast, clock: Clock) -> None:
    weeks_of_work(app, cast, clock)
    ha = cast.client("Ha")
    hazards = counted(ha, "hazards")
    assert (hazards["open", "Tổ 7"], hazards["mended", "Tổ 7"], hazards["new", "Tổ 3"]) == (3, 2, 4)
    assert hazards["high", "Tổ 3"] == 4
    coverage = counted(ha, "coverage")
    assert (coverage["visited", "Tổ 7"], coverage["waiting", "Tổ 7"]) == (1, 3)
    assert coverage["waiting", "Không rõ tổ"] == 1
    found = {cell: n for (cell, where), n in counted(ha, "twelve_hours").items() if where == "Tổ 7"}
    # 3 and 11 hours run; 30, 48 and 400 hours and 12 hours 2 seconds are late; 12 hours sharp is in time.
    assert found == {"running": 2, "late": 4, "in_time": 1}
    found = {cell: n for (cell, where), n in counted(ha, "five_days").items() if where == "Tổ 7"}
    # 400 hours ago is more than five working days; the plan of one was written within hours.
    assert found == {"running": 5, "late": 1, "in_time": 1}
    page = ha.get("/desk/overview?weeks=13").text
    assert "thường mất 3 ngày" in page and "20%" in page
    assert "Điều 26 khoản 3" in page


def test_a_place_with_nothing_stands_out(app: Flask, cast: Cast, clock: Clock, son: FlaskClient) -> None:
    with app.app_context():
        make(data=POND)
    page = son.get("/desk/overview").text
    empty = re.findall(
        r'<tr class="nothing">\s*<th scope="row"><a href="([^"]+)">([^<]+)</a></th>\s*<td[^>]*><strong>([^<]+)', page
    )
    assert ("Phường Việt Hưng", "Chưa có mục nào") in {(name, words) for _, name, words in empty}
    assert not [one for one in empty if "unit=2" in one[0] and "records" in one[0]]
    assert "Tổ 12" in cast.client("Minh").get("/desk/overview").text


def test_the_level_above_sees_numbers_and_no_report_or_child(
    app: Flask, cast: Cast, clock: Clock, son: FlaskClient
) -> None:
    weeks_of_work(app, cast, clock)
    with app.app_context():
        child = make("child", DUC)
    page = son.get("/desk/overview?weeks=26")
    seen = [son.get(link).text for link, _, _ in numbers(page.text)]
    assert not [text for text in seen if "/desk/records/" in text or "Nguyễn" in text or child in text]
    reports = [text for text in seen if "Báo vi phạm" in text]
    assert reports and not [text for text in reports if "Tổ 7" in text.split("<table")[1]]
    assert any("Ao sau nhà văn hóa" in text for text in seen)
    inner = son.get(f"/desk/overview?unit={PHUC_LOI}&weeks=13")
    assert "Tổ 7" in inner.text and wrong(son, f"/desk/overview?unit={PHUC_LOI}&weeks=13") == []
    for path in ("/desk/", f"/desk/records/{child}", "/desk/map", "/desk/export/queue", "/desk/log", "/desk/people"):
        assert son.get(path).status_code == 404, path


def test_nobody_looks_beyond_the_own_unit(cast: Cast) -> None:
    for who in ("Minh", "Ha"):
        for unit in (VIET_HUNG, CITY, GROUP_3, 999_999):
            for path in ("/desk/overview", "/desk/overview/rows"):
                asked = {"unit": unit, "indicator": "records"}
                assert cast.client(who).get(path, query_string=asked).status_code == 404, (who, unit, path)
    for odd in ("unit=x", "weeks=99", "weeks=-1", "group=²"):
        assert cast.client("Ha").get(f"/desk/overview?{odd}").status_code == 200
    for odd in ("indicator=none", "indicator=records&cell=none", ""):
        assert cast.client("Ha").get(f"/desk/overview/rows?{odd}").status_code == 404


def test_the_rows_behind_a_number_can_be_taken_out(app: Flask, cast: Cast, clock: Clock) -> None:
    weeks_of_work(app, cast, clock)
    asked = {"unit": str(PHUC_LOI), "weeks": "13", "indicator": "hazards", "cell": "mended"}
    assert len(table(take(cast.client("Ha"), "figure", **asked))) == 2


def test_another_indicator_is_one_file_and_its_words(
    app: Flask, cast: Cast, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = (Path(package.__path__[0]) / "records.py").read_text(encoding="utf-8")
    (tmp_path / "again.py").write_text(source.replace('code="records"', 'code="again"'), encoding="utf-8")
    monkeypatch.setattr(package, "__path__", [*package.__path__, str(tmp_path)])
    for key in ("title", "hint", "said"):
        monkeypatch.setitem(catalog("vi"), f"overview.again.{key}", f"Chỉ số mới {key}")
    package.indicators.cache_clear()
    try:
        with app.app_context():
            make(data=POND)
        page = cast.client("Ha").get("/desk/overview").text
        assert "Chỉ số mới title" in page and "indicator=again" in page
    finally:
        package.indicators.cache_clear()


def test_the_number_of_statements_does_not_grow(app: Flask, cast: Cast, statements: Callable[..., Any]) -> None:
    client = cast.client("Ha")
    client.get("/desk/overview")
    counts = []
    for many in (1, 30):
        with app.app_context():
            for _ in range(many):
                make(data=POND)
        with statements() as seen:
            client.get("/desk/overview")
        counts.append(len(seen))
    assert counts[0] == counts[1] < 25


def test_weeks_medians_and_bars() -> None:
    assert rules.mondays(date(2026, 6, 3), 2) == [date(2026, 5, 25), date(2026, 6, 1)]
    assert (rules.middle([]), rules.middle([2.4]), rules.middle([1, 2]), rules.middle([3, 1, 9])) == (None, 2, 2, 3)
    assert (rules.share(199, 200), rules.share(200, 200), rules.share(0, 0)) == (99, 100, 0)
    pieces = rules.segments({"a": 3, "b": 1, "c": 9}, ("a", "b"), 8)
    assert [(one.cell, one.x) for one in pieces] == [("a", 0.0), ("b", 37.5)]
    assert rules.segments({}, ("a",), 0) == []


def test_no_version_is_read_for_its_answers(app: Flask, cast: Cast, statements: Callable[..., Any]) -> None:
    """Counting needs no answer of anybody: what is sealed at rest stays sealed."""
    with app.app_context():
        make("child", DUC)
    with statements() as seen:
        cast.client("Ha").get("/desk/overview")
    counting = [text for text in seen if "AS rows" in text]
    assert len(counting) == len(indicators())
    assert not [text for text in counting if "record.data" in text or "record_version.data" in text]
