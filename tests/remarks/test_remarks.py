"""What officers write beside a record: a comment reaches the phone, a note never leaves the desk."""

import json
import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.db import db
from app.records.audit import Audit
from app.records.models import Link
from app.remarks.service import MOST_CARRIED
from app.sync import scope
from tests.cast import PEOPLE, Cast
from tests.conftest import Clock
from tests.desk.records import POND
from tests.phone import Phone
from tests.sync.ward import Ward

HERE = {"Sec-Fetch-Site": "same-origin"}
SECRET = "Hỏi lại công an phường, đừng để ông Tư biết"


def write(client: FlaskClient, record: str, way: str, text: str) -> Any:
    return client.post(f"/desk/records/{record}/remarks", data={"way": way, "text": text}, headers=HERE)


def test_a_comment_reaches_every_phone_that_carries_the_record(
    minh: FlaskClient, ward: Ward, lan: Phone, hoa: Phone, pond: str
) -> None:
    hoa.sync()
    answer = write(minh, pond, "comment", "Cảm ơn chị Lan.\nẢnh rất rõ.")
    assert answer.status_code == 303
    for phone in (lan, hoa):
        phone.sync()
        assert phone.store[pond]["said"] == [
            {"note": "Cảm ơn chị Lan.\nẢnh rất rõ.", "by": "Trần Văn Minh", "at": "2026-06-03T02:12:44Z"}
        ]
        assert phone.store[pond]["status"] == "received", "it is no verdict"
    assert [(step.version, step.what, step.person_id) for step in ward.history(pond)] == [
        (1, "created", PEOPLE["Lan"].id),
        (2, "comment", PEOPLE["Minh"].id),
    ]
    page = minh.get(answer.location).text
    assert "Bản 2: phường nhắn" in page and "Ảnh rất rõ." in page and "Đã gửi." in page


def test_an_edit_made_meanwhile_meets_no_conflict(minh: FlaskClient, ward: Ward, lan: Phone, pond: str) -> None:
    lan.online = False
    lan.edit(pond, fence="broken")
    write(minh, pond, "comment", "Rào còn không?")
    lan.online = True
    lan.sync()
    record = ward.record(pond)
    assert record is not None and (record.data["fence"], record.conflicts, record.version) == ("broken", [], 3)
    assert lan.store[pond]["said"][0]["note"] == "Rào còn không?"


def a_note_stays(app: Flask, minh: FlaskClient, cast: Cast, lan: Phone, pond: str) -> None:
    """It is on the record's page for officer and leader, and nowhere else."""
    assert write(minh, pond, "note", SECRET).status_code == 303
    for who in ("Minh", "Ha"):
        assert SECRET in cast.client(who).get(f"/desk/records/{pond}").text, who
    lan.store.clear()
    lan.cursor = None
    assert SECRET not in json.dumps(lan.sync(), ensure_ascii=False)
    assert SECRET not in json.dumps(lan.store, ensure_ascii=False) and pond in lan.store
    for path in ("/desk/", "/desk/?state=all", f"/desk/records/{pond}/print"):
        assert SECRET not in minh.get(path).text, path
    with app.app_context():
        facts = [link.facts for link in db.session.scalars(select(Link))]
    assert not [text for text in facts if "công an" in text]
    assert [text for text in facts if '"desk_note"' in text], "that there is one stands in the chain"


def test_a_note_never_leaves_the_desk(app: Flask, minh: FlaskClient, cast: Cast, lan: Phone, pond: str) -> None:
    a_note_stays(app, minh, cast, lan, pond)


def test_a_note_that_would_leave_is_seen(
    app: Flask, minh: FlaskClient, cast: Cast, lan: Phone, pond: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    planted = lambda record, actor_id: [{"note": SECRET, "by": "", "at": ""}]  # noqa: E731
    monkeypatch.setattr(scope, "_said", planted)
    with pytest.raises(AssertionError):
        a_note_stays(app, minh, cast, lan, pond)


def test_a_phone_carries_the_latest_the_history_all(
    minh: FlaskClient, ward: Ward, lan: Phone, pond: str, clock: Clock
) -> None:
    for number in range(MOST_CARRIED + 3):
        clock.move(minutes=1)
        write(minh, pond, "comment", f"Lời nhắn số {number}")
    lan.sync()
    assert [one["note"] for one in lan.store[pond]["said"]] == [f"Lời nhắn số {n}" for n in range(3, MOST_CARRIED + 3)]
    assert len([step for step in ward.history(pond) if step.what == "comment"]) == MOST_CARRIED + 3
    assert "Lời nhắn số 0" in minh.get(f"/desk/records/{pond}").text


@pytest.mark.parametrize(("way", "text"), [("comment", "  "), ("note", ""), ("comment", "a" * 1001)])
def test_what_is_missing_is_asked_for_again(minh: FlaskClient, ward: Ward, pond: str, way: str, text: str) -> None:
    answer = write(minh, pond, way, text)
    assert answer.status_code == 422 and 'aria-invalid="true"' in answer.text
    assert len(ward.history(pond)) == 1


def test_only_the_wards_officer_and_not_on_what_was_withdrawn(
    app: Flask, cast: Cast, ward: Ward, lan: Phone, pond: str
) -> None:
    for who in ("Ha", "Anh", "Tuan"):
        assert write(cast.client(who), pond, "comment", "x").status_code in (302, 404), who
    tuan = Phone(app, cast.tuan)
    theirs = tuan.record("hazard_site", **POND)
    tuan.sync()
    assert write(cast.client("Minh"), theirs, "note", "x").status_code == 404
    assert write(cast.client("Minh"), pond, "shout", "x").status_code == 422
    lan.withdraw(pond, "Ghi nhầm")
    lan.sync()
    assert write(cast.client("Minh"), pond, "comment", "x").status_code == 422
    assert [step.what for step in ward.history(pond)] == ["created", "withdrawn"]


def test_a_comment_changed_beside_the_server_is_found(app: Flask, minh: FlaskClient, ward: Ward, pond: str) -> None:
    write(minh, pond, "comment", "Chụp thêm ảnh")
    with app.app_context():
        assert list(Audit().findings()) == []
        version = ward.history(pond)[-1]
        db.session.merge(version).review = {**version.review, "note": "Thôi khỏi"}  # type: ignore[dict-item]
        db.session.commit()
        assert [one.words for one in Audit().findings() if "was changed: review" in one.words]


def test_what_is_said_holds_no_more_than_is_told(minh: FlaskClient, lan: Phone, pond: str) -> None:
    write(minh, pond, "comment", "Tốt")
    lan.sync()
    assert set(lan.store[pond]["said"][0]) == {"note", "by", "at"}
    assert not re.search(PEOPLE["Minh"].id, json.dumps(lan.store[pond]["said"]))
