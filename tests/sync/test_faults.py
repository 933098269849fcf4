"""When the server stumbles: nothing half-written, nothing said before it is on disk, no change stops another."""

import threading
from uuid import uuid4

import pytest
from sqlalchemy import event
from sqlalchemy.exc import IntegrityError, OperationalError

from app.db import db
from app.kinds import checks
from app.records import ledger
from app.records.service import RecordWriter
from app.sync import log, service
from tests.phone import Phone
from tests.sync.ward import Ward

POND = {"type": "DN1", "name": "Ao nhà văn hóa", "address": "ngõ 12"}


def test_a_stumble_over_one_change_keeps_it_and_harms_no_other(lan: Phone, ward: Ward, monkeypatch):
    real = checks.check

    def stumbles(kind, values, *rest):
        if values.get("name") == "lỗi":
            raise ZeroDivisionError
        return real(kind, values, *rest)

    monkeypatch.setattr(checks, "check", stumbles)
    bad = lan.change(set={**POND, "name": "lỗi"})
    receipts = lan.push(lan.change(set=POND), bad, lan.change(set=POND))
    assert [receipt["outcome"] for receipt in receipts] == ["applied", "quarantined", "applied"]
    assert receipts[1]["problems"] == [{"code": "our_fault"}]
    assert len(ward.log()) == 3
    assert len(ward.records()) == 2


def test_a_stumble_half_way_through_writing_leaves_no_half(lan: Phone, ward: Ward, monkeypatch):
    real = RecordWriter.flush

    def half(self):
        names = [record["data"]["name"] for record in self._new.values()]
        real(self)
        if "lỗi" in names:
            raise ZeroDivisionError

    monkeypatch.setattr(RecordWriter, "flush", half)
    bad = lan.change(set={**POND, "name": "lỗi"})
    receipts = lan.push(bad, lan.change(set=POND))
    assert [receipt["outcome"] for receipt in receipts] == ["quarantined", "applied"]
    assert ward.record(bad["record"]) is None
    assert ward.history(bad["record"]) == []
    assert len(ward.log()) == 2


def test_no_receipt_is_made_before_the_commit(app, lan: Phone, ward: Ward, monkeypatch):
    """The answer is put together only when another connection already sees the record."""
    seen = []
    real = service.pull

    def look(*arguments):
        seen.append(len(ward.records()))
        return real(*arguments)

    monkeypatch.setattr(service, "pull", look)
    lan.push(lan.change(set=POND))
    assert seen == [1]


def test_a_commit_that_fails_says_nothing_and_keeps_nothing(app, lan: Phone, ward: Ward):
    app.config["ANSWER_FAULTS"] = True
    lan.record("hazard_site", **POND)

    def broken(connection):
        raise OperationalError("COMMIT", {}, Exception("disk full"))

    with app.app_context():
        engine = db.engine
    event.listen(engine, "commit", broken)
    response = lan.post(lan.envelope([entry.body for entry in lan.outbox]))
    event.remove(engine, "commit", broken)
    assert (response.status_code, response.get_json()["code"]) == (503, "not_ready")
    assert int(response.headers["Retry-After"]) > 0
    assert (ward.records(), ward.log()) == ([], [])
    lan.sync()
    assert lan.outbox == []
    assert len(ward.records()) == 1


@pytest.mark.parametrize("place", ["store", "answer", "close"])
def test_a_stumble_over_the_whole_push_rolls_all_of_it_back(app, lan: Phone, ward: Ward, monkeypatch, place: str):
    app.config["ANSWER_FAULTS"] = True
    real = {"store": log.store, "answer": log.answer, "close": ledger.Ledger.close}[place]

    def breaks(*arguments):
        real(*arguments)
        raise ZeroDivisionError

    pond = lan.record("hazard_site", **POND)
    with monkeypatch.context() as planted:
        planted.setattr(ledger.Ledger if place == "close" else log, place, breaks)
        response = lan.post(lan.envelope([entry.body for entry in lan.outbox]))
    assert (response.status_code, response.get_json()["code"]) == (500, "our_fault")
    assert (ward.records(), ward.log()) == ([], [])
    lan.sync()
    assert ward.record(pond).version == 1


def test_the_same_push_twice_at_once_is_answered_twice_and_stored_once(lan: Phone, ward: Ward, monkeypatch):
    """PostgreSQL lets both begin; the second meets the first one's rows, and finds its receipts on a second try."""
    tries = []
    real = log.store

    def meets(*arguments):
        tries.append(1)
        if len(tries) == 1:
            raise IntegrityError("INSERT", {}, Exception("duplicate key"))
        return real(*arguments)

    monkeypatch.setattr(log, "store", meets)
    assert lan.push(lan.change(set=POND))[0]["outcome"] == "applied"
    assert len(tries) == 2


@pytest.mark.parametrize(("times", "outcome", "kept"), [(1, "applied", 2), (9, "quarantined", 1)])
def test_a_record_that_two_pushes_make_at_once_is_tried_again(lan, ward, monkeypatch, times, outcome, kept):
    left = [times]
    real = RecordWriter._take

    def meets(self, record, step, *, new):
        if record["data"]["name"] == "hai lần" and left[0]:
            left[0] -= 1
            raise IntegrityError("INSERT", {}, Exception("duplicate key"))
        real(self, record, step, new=new)

    monkeypatch.setattr(RecordWriter, "_take", meets)
    receipts = lan.push(lan.change(set=POND), lan.change(set={**POND, "name": "hai lần"}))
    assert [receipt["outcome"] for receipt in receipts] == ["applied", outcome]
    assert (len(ward.records()), len(ward.log())) == (kept, 2)


def test_many_phones_at_once_lose_nothing_and_number_without_a_hole(app, cast, ward: Ward):
    phones = [Phone(app, cast.lan if number % 2 else cast.hoa, device=str(uuid4())) for number in range(6)]
    for phone in phones:
        for number in range(5):
            phone.record("hazard_site", **{**POND, "depth": number})
    reader = Phone(app, cast.lan, device="reader")
    threads = [threading.Thread(target=phone.sync) for phone in phones]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        reader.sync()
    for thread in threads:
        thread.join()
    reader.sync()
    records = ward.records()
    assert sorted(record.feed_no for record in records) == list(range(1, 31))
    assert set(reader.store) == {record.id for record in records}, "a reader meanwhile missed nothing"
    assert all(phone.outbox == [] for phone in phones)


def test_no_log_line_holds_what_was_reported(lan: Phone, caplog, monkeypatch):
    def stumbles(kind, values, *rest):
        raise ValueError(f"cannot check {values}")

    monkeypatch.setattr(checks, "check", stumbles)
    lan.push(lan.change(kind="child", set={"name": "Nguyễn Văn Bo"}))
    assert "ValueError" in caplog.text
    assert "in stumbles" in caplog.text
    assert "Bo" not in caplog.text


@pytest.mark.parametrize("door", ["phone", "desk"])
def test_a_database_that_is_away_says_later_at_both_doors(app, cast, lan: Phone, monkeypatch, door: str):
    with app.app_context():
        dialect = db.engine.dialect

    def locked(cursor, statement, *_):
        raise cursor.connection.OperationalError("database is locked")

    monkeypatch.setattr(dialect, "do_execute", locked)
    answer = lan.post(lan.envelope([])) if door == "phone" else cast.client("Minh").get("/desk/")
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0


def test_a_line_that_breaks_in_the_middle_of_a_change_keeps_nothing_and_says_later(app, lan: Phone, ward: Ward):
    with app.app_context():
        dialect = db.engine.dialect
    real = dialect.do_execute

    def breaks(cursor, statement, *given):
        if statement.startswith("INSERT INTO record "):
            cursor.connection.close()
        real(cursor, statement, *given)

    pond = lan.record("hazard_site", **POND)
    with pytest.MonkeyPatch.context() as planted:
        planted.setattr(dialect, "do_execute", breaks)
        answer = lan.post(lan.envelope([entry.body for entry in lan.outbox]))
    assert (answer.status_code, answer.get_json()["code"]) == (503, "not_ready")
    assert (ward.records(), ward.log()) == ([], [])
    lan.sync()
    assert ward.record(pond).version == 1


def test_a_fault_of_the_whole_request_does_not_speak_of_it_in_the_log(app, lan: Phone, caplog, monkeypatch):
    app.config["ANSWER_FAULTS"] = True

    def stumbles(actor, device, sent, *_):
        raise ValueError(f"cannot store {sent}")

    monkeypatch.setattr(log, "store", stumbles)
    lan.record("child", name="Nguyễn Văn Bo")
    assert lan.post(lan.envelope([entry.body for entry in lan.outbox])).status_code == 500
    assert "in stumbles" in caplog.text
    assert "Bo" not in caplog.text
