"""Lists by every filter, in every order, page after page: against the same decided in plain Python."""

import random
import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.clock import HANOI
from app.db import db
from app.records.models import Record
from app.review import address, lists
from app.review.rules import RISKS
from tests.cast import GROUP_3, GROUP_7, PEOPLE
from tests.conftest import MORNING
from tests.desk.records import BEATEN, DUC, POND, make

HERE = {"Sec-Fetch-Site": "same-origin"}
TODAY = date(2026, 6, 3)


def walk(minh: FlaskClient, path: str) -> list[str]:
    """The ids of a list in their order, all of its pages."""
    found: list[str] = []
    while path:
        page = minh.get(path).text
        found += re.findall(r'<a href="/desk/records/([^"]+)">', page[page.index("<main") :])
        following = re.search(r'rel="next" href="([^"]+)"', page)
        path = following[1].replace("&amp;", "&") if following else ""
    return found


@pytest.fixture
def many(app: Flask) -> list[Record]:
    """Two hundred records, many of them of the same minute."""
    chance = random.Random(20260603)
    with app.app_context():
        for _ in range(200):
            kind, data = chance.choice((("hazard_site", POND), ("child", DUC), ("violation_report", BEATEN)))
            if kind == "hazard_site":
                data = POND | {"risk": chance.choice(("high", "medium", "low"))}
            make(
                kind,
                data,
                by=chance.choice(("Lan", "Hoa")),
                group=chance.choice((GROUP_7, GROUP_3)),
                status=chance.choice(("received", "accepted", "returned", "answered")),
                received=MORNING - timedelta(hours=chance.randint(0, 30) * 5),
            )
        found = list(db.session.query(Record))
        db.session.expunge_all()
    return found


def _day(record: Record) -> date:
    return record.received_at.astimezone(HANOI).date()


def _asked() -> Iterator[tuple[dict[str, str], Any]]:
    """An address, and whether it holds a record."""
    yield {"state": "all"}, lambda r: True
    yield {"state": "all", "kind": "child"}, lambda r: r.kind == "child"
    yield {"state": "returned", "group": str(GROUP_3)}, lambda r: r.status == "returned" and r.group_id == GROUP_3
    for risk, (least, below) in RISKS.items():
        yield {"state": "all", "risk": risk}, lambda r, a=least, b=below: a <= r.urgency < b
    yield {"state": "all", "person": PEOPLE["Hoa"].id}, lambda r: r.author_id == PEOPLE["Hoa"].id
    yield {"state": "all", "days": "1"}, lambda r: _day(r) == TODAY
    yield {"state": "all", "days": "7"}, lambda r: _day(r) > TODAY - timedelta(days=7)
    yield (
        {"state": "all", "from": "30/5/2026", "to": "2026-06-01"},
        lambda r: date(2026, 5, 30) <= _day(r) <= date(2026, 6, 1),
    )


@pytest.mark.parametrize("size", [50, 100])
def test_every_filter_holds_what_it_says(minh: FlaskClient, many: list[Record], size: int) -> None:
    for asked, holds in _asked():
        path = "/desk/?" + "&".join(f"{name}={value}" for name, value in {**asked, "size": str(size)}.items())
        found = walk(minh, path)
        assert len(found) == len(set(found)), asked
        assert set(found) == {record.id for record in many if holds(record)}, asked


ORDERS = {
    "oldest": lambda r: (r.received_at, r.id),
    "newest": lambda r: (r.received_at, r.id),
    "latest": lambda r: r.feed_no,
}


@pytest.mark.parametrize("order", ORDERS)
def test_every_order_page_after_page(minh: FlaskClient, many: list[Record], order: str) -> None:
    expected = sorted(many, key=ORDERS[order], reverse=order != "oldest")
    assert walk(minh, f"/desk/?state=all&sort={order}") == [record.id for record in expected]


def test_an_address_is_read_as_it_is_written() -> None:
    given = {"state": "returned", "kind": "child", "group": "7", "risk": "low", "person": PEOPLE["Lan"].id}
    given |= {"sort": "newest", "size": "100"}
    for period in ({"days": "30"}, {"from": "2026-05-01", "to": "2026-05-31"}, {}):
        wanted = address.read({**given, **period}, TODAY)
        assert address.write(wanted) == {**given, **period}
        assert address.read(address.write(wanted), TODAY) == wanted
    assert address.read({}, TODAY) == lists.Wanted() and address.write(lists.Wanted()) == {}


@pytest.mark.parametrize(
    "nonsense",
    [
        {"days": "2"},
        {"size": "100000"},
        {"sort": "name"},
        {"risk": "x"},
        {"from": "31/2/2026"},
        {"group": "-1"},
    ],
)
def test_nonsense_is_as_if_it_were_not_there(nonsense: dict[str, str]) -> None:
    assert address.read(nonsense, TODAY) == lists.Wanted()


def test_a_day_begins_in_ha_noi(app: Flask, minh: FlaskClient) -> None:
    """Half past midnight in Hà Nội is still the day before in UTC."""
    with app.app_context():
        night = make(received=datetime(2026, 6, 3, 0, 30, tzinfo=HANOI))
        make(received=datetime(2026, 6, 2, 23, 30, tzinfo=HANOI))
    assert walk(minh, "/desk/?state=all&days=1") == [night]
    assert walk(minh, "/desk/?state=all&from=3/6/2026&to=3/6/2026") == [night]


def test_a_search_within_a_list(app: Flask, minh: FlaskClient) -> None:
    with app.app_context():
        here, _ = make(group=GROUP_3), make(group=GROUP_7)
    form = {"q": "ao sau", "state": "all", "group": str(GROUP_3)}
    everywhere = minh.post("/desk/search", data=form, headers=HERE).text
    within = minh.post("/desk/search", data={**form, "within": "on"}, headers=HERE).text
    assert len(re.findall(r'href="/desk/records/([^"]+)"', everywhere)) == 2
    assert re.findall(r'href="/desk/records/([^"]+)"', within) == [here]
