"""What the desk may do to a record, and who may see which."""

import pytest

from app.db import db, transact
from app.problems import Problem
from app.records import queries
from app.records.models import Record
from app.records.service import write_verdict
from tests.cast import Cast
from tests.phone import Phone
from tests.sync.ward import Ward

POND = {"type": "DN1", "name": "Ao nhà văn hóa", "address": "ngõ 12"}


@pytest.fixture
def pond(lan: Phone) -> str:
    made = lan.record("hazard_site", **POND)
    lan.sync()
    return made


def refused(code: str, act, *given, **more) -> Problem:
    with pytest.raises(Problem) as caught:
        act(*given, **more)
    assert caught.value.code == code
    return caught.value


@pytest.mark.parametrize(("verdict", "status"), [("accept", "accepted"), ("return", "returned"), ("close", "closed")])
def test_a_verdict_is_a_version_of_its_own(lan: Phone, ward: Ward, pond: str, clock, verdict: str, status: str):
    clock.move(minutes=5)
    assert ward.judges(pond, verdict, "Đã xem\x00", pins={"fence": "Rào?"}) == 2
    record, (_, judged) = ward.record(pond), ward.history(pond)
    assert (record.status, record.version, record.feed_no, record.changed_at) == (status, 2, 2, clock.at)
    assert (judged.what, judged.status, judged.person_id) == (verdict, status, ward.minh.id)
    assert judged.data == record.data == POND
    assert judged.review == record.review
    assert record.review["note"] == "Đã xem\ufffd"
    assert record.review["version"] == 1
    assert lan.sync()["records"][0]["review"]["verdict"] == verdict


def test_a_version_that_was_not_seen_is_not_judged(lan: Phone, ward: Ward, pond: str):
    lan.edit(pond, risk="high")
    lan.sync()
    problem = refused("newer_version", ward.judges, pond, "accept", seen=1)
    assert problem.extra == {"version": 2}
    refused("newer_version", ward.judges, pond, "accept", seen=3)
    assert (ward.record(pond).status, len(ward.history(pond))) == ("received", 2)


def test_a_verdict_may_be_changed_but_not_repeated(ward: Ward, pond: str):
    ward.judges(pond, "accept")
    refused("not_possible_now", ward.judges, pond, "accept")
    ward.judges(pond, "close", "Đã rào")
    ward.judges(pond, "return", "Xem lại rào")
    ward.judges(pond, "return", "Và cả biển")
    assert [version.status for version in ward.history(pond)] == [
        "received", "accepted", "closed", "returned", "returned",
    ]  # fmt: skip


def test_an_answer_brings_it_back_to_the_queue(lan: Phone, ward: Ward, pond: str):
    for verdict in ("return", "accept", "close"):
        ward.judges(pond, verdict, "Xem")
        lan.sync()
        lan.edit(pond, description=f"sau {verdict}")
        lan.sync()
        assert ward.record(pond).status == "answered"
        assert lan.store[pond]["review"]["verdict"] == verdict


def test_a_duplicate_points_at_another_record_within_reach(app, cast, lan: Phone, ward: Ward, pond: str):
    other = lan.record("hazard_site", **POND)
    lan.sync()
    stranger = Phone(app, cast.tuan)
    far = stranger.record("hazard_site", **POND)
    stranger.sync()
    for original in (None, pond, far, "nowhere", ""):
        problem = refused("bad_form", ward.judges, pond, "duplicate", original=original)
        assert problem.fields[0]["field"] == "original"
    ward.judges(pond, "duplicate", original=other)
    assert ward.record(pond).review["original"] == other
    assert "original" not in lan.sync()["records"][0]["review"]


def test_a_return_says_what_to_do(ward: Ward, pond: str):
    refused("bad_form", ward.judges, pond, "return", " ")
    refused("not_possible_now", ward.judges, pond, "burn")
    assert ward.record(pond).version == 1


def test_what_was_withdrawn_is_left_alone(lan: Phone, ward: Ward, pond: str):
    lan.withdraw(pond, "Nhầm")
    lan.sync()
    refused("not_possible_now", ward.judges, pond, "accept")


@pytest.mark.parametrize("who", ["Ha", "Anh", "Lan", "Hoa", "Tuan"])
def test_only_the_wards_officer_judges(app, cast: Cast, pond: str, who: str):
    with app.app_context():
        refused("not_found", write_verdict, cast.actor(who), pond, 1, "accept")


def test_who_finds_a_record(app, cast: Cast, lan: Phone, pond: str):
    report = lan.record("violation_report", state_now="Cháu khóc")
    lan.sync()

    def sees(who: str) -> set[str]:
        actor = cast.actor(who)
        with app.app_context():
            found = {record.id for record in db.session.query(Record).filter(queries.in_scope(actor))}
            for record_id in (pond, report):
                if record_id in found:
                    assert queries.get(actor, record_id).id == record_id
                else:
                    refused("not_found", queries.get, actor, record_id)
            return found

    assert sees("Lan") == sees("Minh") == sees("Ha") == {pond, report}
    assert sees("Hoa") == {pond}
    assert sees("Tuan") == sees("Anh") == set()


@pytest.mark.parametrize("record_id", ["", "nowhere", "a b", "\x00", "\ud800", "x" * 100])
def test_an_id_of_any_kind_is_not_found(app, cast: Cast, record_id: str):
    with app.app_context():
        refused("not_found", queries.get, cast.actor("Minh"), record_id)


def test_a_failed_verdict_leaves_nothing(app, ward: Ward, pond: str):
    with pytest.raises(RuntimeError), app.app_context(), transact():
        write_verdict(ward.minh, pond, 1, "accept")
        raise RuntimeError
    assert ward.record(pond).version == 1
    assert len(ward.history(pond)) == 1


def test_a_record_knows_the_unit_of_its_day(app, lan: Phone, ward: Ward):
    """Before the group existed there is no group to name; the record stays with the ward that has it now."""
    old = lan.record("hazard_site", **POND, seen_on="2020-06-01")
    new = lan.record("hazard_site", **POND, seen_on="2026-06-01")
    lan.sync()
    assert ward.record(new).unit_id == 7
    assert (ward.record(old).ward_id, ward.record(old).group_id) == (2, 7)
