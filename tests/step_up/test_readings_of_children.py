"""Whoever opens what speaks of a child leaves a trace, seen on the record and in the log, and not too many."""

from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app.db import db, transact
from app.records import service as records
from app.records.audit import Audit
from app.step_up import queries, service
from app.step_up.models import Reading
from tests.cast import Cast
from tests.conftest import Clock
from tests.desk.records import DUC, POND, make
from tests.exports.desk import links, stay


def readings(app: Flask, record_id: str) -> list[tuple[str, int]]:
    """(person, version) of each, in order."""
    with app.app_context():
        found = select(Reading.person_id, Reading.version).where(Reading.record_id == record_id).order_by(Reading.id)
        return [(row[0], row[1]) for row in db.session.execute(found)]


def a_day_of_reading(app: Flask, cast: Cast, clock: Clock) -> list[tuple[str, int]]:
    """Minh opens a child's record thrice at once, half an hour later, on another computer, and once it has changed."""
    with app.app_context():
        child = make("child", DUC)
    minh = cast.client("Minh")
    for path in ("", "", "/print"):
        assert minh.get(f"/desk/records/{child}{path}").status_code == 200
    clock.at += timedelta(minutes=31)
    assert minh.get(f"/desk/records/{child}").status_code == 200
    with app.test_request_context():
        service.open_record(replace(cast.actor("Minh"), sign_in="another session"), child)
    with app.app_context(), transact():
        records.write_verdict(cast.actor("Minh"), child, 1, "accept")
    assert minh.get(f"/desk/records/{child}").status_code == 200
    return readings(app, child)


def test_who_opened_a_childs_record_is_noted_once_in_a_while(app: Flask, cast: Cast, clock: Clock) -> None:
    seen = a_day_of_reading(app, cast, clock)
    assert seen == [(cast.minh.id, 1)] * 3 + [(cast.minh.id, 2)]
    noted = links(app, "record_read")
    assert [(one["by"], one["seen"]) for one in noted] == seen and "Đức" not in str(noted)
    stay(app, clock)
    ha = cast.client("Ha")
    page = ha.get(f"/desk/records/{noted[0]['record']}").text
    assert 'id="readings"' in page and page.split('id="readings"')[1].split("</section>")[0].count(cast.minh.name) == 4
    assert "Mở phiếu có thông tin trẻ em" in ha.get("/desk/log?what=record_read").text
    assert noted[0]["record"] not in ha.get("/desk/readings").text, "that page is for reports, which ask for a reason"
    with app.app_context():
        assert [one for one in Audit().findings() if one.ward_id] == []


def test_what_speaks_of_nobody_leaves_no_trace(app: Flask, cast: Cast) -> None:
    with app.app_context():
        pond = make(data=POND)
    assert cast.client("Minh").get(f"/desk/records/{pond}").status_code == 200
    assert readings(app, pond) == [] and links(app, "record_read") == []


MUTANTS = {
    "no kind is noted": (service, "is_sensitive", lambda kind: False),
    "one reading is enough for ever": (queries, "is_noted", lambda actor, record_id, version: bool(db.session.scalar(
        select(Reading.id).where(Reading.record_id == record_id).limit(1)))),
    "each look is noted": (queries, "is_noted", lambda *_: False),
}  # fmt: skip


@pytest.mark.parametrize("fault", MUTANTS)
def test_planted_faults_are_seen(
    app: Flask, cast: Cast, clock: Clock, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    monkeypatch.setattr(*MUTANTS[fault])
    assert a_day_of_reading(app, cast, clock) != [(cast.minh.id, 1)] * 3 + [(cast.minh.id, 2)]
