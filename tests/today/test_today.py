"""The officer's home: every number opens a list that holds exactly as many, whatever the ward is like."""

import inspect
import random
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.db import db, transact
from app.identity.models import SignIn
from app.records import rules
from app.records.models import Record
from app.sync.models import DeviceState, Gap
from app.today import items
from tests.cast import GROUP_2_VIET_HUNG, GROUP_3, GROUP_7, PEOPLE, PHUC_LOI, VIET_HUNG
from tests.conftest import MORNING, Clock
from tests.desk.records import BEATEN, DUC, POND, make, wait
from tests.phone import Phone

CLASH = {"field": "fence", "kept": "none", "other": "good", "kept_by": None, "other_by": None}


def numbers(page: str) -> dict[str, tuple[str, int]]:
    """Each item by its words: where its number leads, and the number."""
    found = re.findall(r'class="stat[^"]*" href="([^"]+)"><b class="num"><svg.*?</svg>(\d+)</b><span>([^<]+)<', page)
    return {words: (path.replace("&amp;", "&"), int(number)) for path, number, words in found}


def lines(client: FlaskClient, path: str) -> int:
    """How many lines the list holds, all of its pages together."""
    count = 0
    while path:
        page = client.get(path).text
        main = page[page.index("<main") :]
        count += len(re.findall(r"<tr>\s*<td", main)) + len(re.findall(r'<li class="stack">', main))
        following = re.search(r'rel="next" href="([^"]+)"', main)
        path = following[1].replace("&amp;", "&") if following else ""
    return count


def visit(child: str, day: date, again: date | None, **more: object) -> str:
    """A visit on a day, with the day on which its author meant to come again."""
    answers = {"child": child, "visited_on": day.isoformat(), "state": "safe"}
    if again:
        answers["again_on"] = again.isoformat()
    return make("child_visit", answers, parent=child, happened=day, **more)  # type: ignore[arg-type]


def a_ward(seed: int) -> None:
    """A ward in any state: every kind, status, risk, conflict and plan, and another ward beside it."""
    chance = random.Random(seed)
    statuses = ("received", "needs_fixing", "returned", "answered", "accepted", "closed", "duplicate", "withdrawn")
    children = [make("child", DUC, status=chance.choice(statuses[:6])) for _ in range(6)]
    for number in range(90):
        elsewhere = chance.random() < 0.15
        where = {"ward": VIET_HUNG, "group": GROUP_2_VIET_HUNG, "by": "Tuan"} if elsewhere else {"group": GROUP_7}
        state: dict[str, Any] = {"status": chance.choice(statuses)}
        state |= {"conflicts": [CLASH] if chance.random() < 0.2 else []}
        state |= a_task(chance) if chance.random() < 0.3 else {}
        came = MORNING - timedelta(hours=chance.randint(1, 900))
        if number % 3 == 0:
            data = POND | {"risk": chance.choice(("high", "medium", "low"))}
            seen = date(2026, 6, 2) - timedelta(days=chance.randint(0, 60))
            make(data=data, received=came, happened=seen, **state, **where)  # type: ignore[arg-type]
        elif number % 3 == 1:
            make("violation_report", BEATEN, received=came, **state, **where)  # type: ignore[arg-type]
        else:
            day = date(2026, 6, 2) - timedelta(days=chance.randint(0, 40))
            again = day + timedelta(days=chance.randint(1, 9)) if chance.random() < 0.8 else None
            visit(chance.choice(children), day, again, received=came, **state, **where)


def a_task(chance: random.Random) -> dict[str, Any]:
    """An open task of somebody's, some of them overdue."""
    who, due = chance.choice(("Lan", "Minh")), date(2026, 6, 3) + timedelta(days=chance.randint(-9, 9))
    task = {"to": PEOPLE[who].id, "to_name": PEOPLE[who].name, "what": "Xem lại", "due": due.isoformat(), "by": "Minh"}
    given = {"assignee_id": PEOPLE[who].id, "task_due": due, "task_at": MORNING - timedelta(days=10)}
    return {"task": {**task, "at": "2026-05-24T02:12:44Z"}, **given}


def phones() -> None:
    """Hoa's phone has been silent for days, Lan's lost two numbers."""
    lan, hoa = PEOPLE["Lan"], PEOPLE["Hoa"]
    with transact():
        signed = db.session.query(SignIn).filter_by(person_id=hoa.id).one()
        signed.seen_at = MORNING - timedelta(days=5)
        told = {"ward_id": PHUC_LOI, "app": "bản 1", "first_seen": MORNING, "last_seen": MORNING, "unsent": 0}
        db.session.add(DeviceState(person_id=lan.id, device=lan.device, highest=9, issued=9, looked=9, **told))
        for seq in (4, 7):
            db.session.add(Gap(person_id=lan.id, device=lan.device, seq=seq, noticed_at=MORNING))


@pytest.mark.parametrize("seed", [3, 13])
def test_every_number_opens_a_list_of_exactly_as_many(app: Flask, minh: FlaskClient, seed: int) -> None:
    print(f"seed {seed}")
    with app.app_context():
        a_ward(seed)
        phones()
    found = numbers(minh.get("/desk/").text)
    assert len(found) == len(items.ITEMS)
    assert {words: lines(minh, path) for words, (path, _) in found.items()} == {
        words: number for words, (_, number) in found.items()
    }
    assert [words for words, (_, number) in found.items() if not number] == [], "each was there to be counted"


def overdue(minh: FlaskClient) -> int:
    return numbers(minh.get("/desk/").text)["trẻ quá hạn thăm"][1]


def the_latest_plan_counts(app: Flask, minh: FlaskClient) -> None:
    """A child is overdue from the day after the planned one until somebody was there; of one day, the later visit."""
    with app.app_context():
        duc, an = make("child", DUC), make("child", DUC | {"name": "Trần Đức An"})
        gone = make("child", DUC, status="closed")
        visit(duc, date(2026, 5, 1), date(2026, 5, 10))
        visit(an, date(2026, 5, 1), date(2026, 6, 3))
        visit(gone, date(2026, 5, 1), date(2026, 5, 10))
    assert overdue(minh) == 1, "today is still in time, and a child that left is not visited"
    with app.app_context():
        late = visit(duc, date(2026, 4, 20), None, received=MORNING)
    assert overdue(minh) == 1, "an earlier visit that came later changes nothing"
    with app.app_context():
        visit(duc, date(2026, 6, 1), date(2026, 7, 1), status="duplicate")
    assert overdue(minh) == 1, "what is written down twice is no visit"
    with app.app_context():
        visit(duc, date(2026, 5, 1), None, received=MORNING)
    assert overdue(minh) == 0, f"the later of one day has no plan; {late} is older"


def test_of_a_childs_visits_the_latest_plan_counts(app: Flask, minh: FlaskClient) -> None:
    the_latest_plan_counts(app, minh)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("if one.status not in ENDED", "if True"),
        ("one.happened_on or date.min", "date.min"),
        ("one.received_at, one.id", "-one.received_at.timestamp(), one.id"),
        ("max(", "min("),
        ("last.again_on if last", "max((one.again_on for one in standing if one.again_on), default=None) if last"),
    ],
)
def test_a_planted_fault_of_the_next_visit_is_seen(
    app: Flask, minh: FlaskClient, monkeypatch: pytest.MonkeyPatch, old: str, new: str
) -> None:
    source, faulty = inspect.getsource(rules.next_visit), dict[str, Any]()
    assert old in source
    exec(compile(source.replace(old, new), "planted", "exec"), dict(vars(rules)), faulty)
    monkeypatch.setattr(rules, "next_visit", faulty["next_visit"])
    with pytest.raises(AssertionError):
        the_latest_plan_counts(app, minh)


def test_visits_may_come_before_their_child_and_move_to_another(app: Flask, minh: FlaskClient, lan: Phone) -> None:
    """Whatever order they come in, and whichever child is meant in the end."""
    duc, an = (lan.record("child", name=name) for name in ("Nguyễn Minh Đức", "Trần Đức An"))
    made = lan.record("child_visit", child=duc, visited_on="2026-05-01", state="safe", again_on="2026-05-10")
    late, lan.outbox = lan.outbox[:1], lan.outbox[1:]
    lan.sync()
    assert overdue(minh) == 0
    lan.outbox = late
    lan.sync()
    assert overdue(minh) == 1
    lan.edit(made, child=an)
    lan.sync()
    assert planned(app) == {duc: None, an: date(2026, 5, 10)}


def planned(app: Flask) -> dict[str, date | None]:
    """When to see each child again."""
    with app.app_context():
        return {one.id: one.again_on for one in db.session.query(Record).filter_by(kind="child")}


def test_a_visit_from_the_phone_takes_its_plan_along(app: Flask, minh: FlaskClient, lan: Phone, clock: Clock) -> None:
    child = lan.record("child", name="Nguyễn Minh Đức")
    made = lan.record("child_visit", child=child, visited_on="2026-06-03", state="safe", again_on="2026-06-10")
    lan.sync()
    wait(app, clock, days=7)
    assert overdue(minh) == 0
    wait(app, clock, days=1)
    assert overdue(minh) == 1
    lan.edit(made, again_on=None)
    lan.sync()
    assert overdue(minh) == 0


def test_a_list_of_another_ward_is_not_counted(app: Flask, minh: FlaskClient) -> None:
    with app.app_context():
        make("violation_report", BEATEN, ward=VIET_HUNG, group=GROUP_2_VIET_HUNG, by="Tuan")
    assert {number for _, number in numbers(minh.get("/desk/").text).values()} == {0}


def test_the_numbers_cost_the_same_whatever_the_ward_holds(
    app: Flask, minh: FlaskClient, statements: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    with app.app_context():
        make("violation_report", BEATEN)
    minh.get("/desk/")
    with statements() as few:
        minh.get("/desk/")
    with app.app_context():
        a_ward(7)
        for _ in range(60):
            make(group=GROUP_3)
    minh.get("/desk/")
    with statements() as many:
        minh.get("/desk/")
    assert len(many) <= len(few), many


def test_no_numbers_stand_above_a_list(minh: FlaskClient) -> None:
    """They belong to the first page, which asks for them; a list costs what it costs."""
    assert numbers(minh.get("/desk/?state=all").text) == {}
    assert len(numbers(minh.get("/desk/?lang=en").text)) == len(items.ITEMS)
