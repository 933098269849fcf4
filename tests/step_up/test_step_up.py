"""A report opens at the desk only for a written reason and a fresh proof, and it can be seen who read it."""

import html
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, update

from app.db import db, transact
from app.identity import service as identity
from app.identity.models import SignIn
from app.records.audit import Audit
from app.records.models import Link
from app.step_up import rules
from app.step_up.models import Reading, StepUp
from tests.cast import GROUP_3, GROUP_7, Cast
from tests.conftest import DATABASES, MORNING, Clock, make_app, put_away
from tests.desk import records

HERE = {"Sec-Fetch-Site": "same-origin"}
PASSPHRASE = "nang am hien nha 7"
WHY = "Trực ban, phải gọi gia đình trước 12 giờ"
WORDS = "Bị đánh bằng roi mây"


@pytest.fixture
def app(prepared: Path, tmp_path: Path, clock: Clock) -> Iterator[Flask]:
    """As in the field: a proof counts ten minutes. Everybody signed in an hour ago."""
    DATABASES.copy(prepared, tmp_path / "to-am.db")
    made = make_app(tmp_path / "to-am.db", step_up_minutes=10)
    with made.app_context(), transact():
        db.session.execute(update(SignIn).values(created_at=MORNING.replace(hour=1)))
        for who in ("Minh", "Ha", "Anh"):
            identity.set_passphrase(Cast(made)[who].id, PASSPHRASE)
    yield made
    put_away(made)


@pytest.fixture
def report(app: Flask) -> str:
    with app.app_context():
        return records.make("violation_report", records.BEATEN | {"state_now": WORDS})


def confirm(cast: Cast, who: str, purpose: str, about: str, **sent: str) -> "tuple[int, str]":
    form = {"purpose": purpose, "about": about, "next": f"/desk/records/{about}", "reason": WHY, "proof": PASSPHRASE}
    answer = cast.client(who).post("/desk/confirm", data=form | sent, headers=HERE)
    return answer.status_code, answer.headers.get("Location", answer.text)


def test_a_report_opens_for_a_reason_and_a_proof(app: Flask, cast: Cast, report: str, clock: Clock) -> None:
    minh, place = cast.client("Minh"), f"/desk/records/{report}"
    shut = minh.get(place)
    assert shut.status_code == 303 and shut.headers["Location"].startswith("/desk/confirm?purpose=report")
    asked = minh.get(shut.headers["Location"])
    assert asked.status_code == 200 and WORDS not in asked.text and "proof" in asked.text
    assert confirm(cast, "Minh", "report", report) == (303, place)
    assert WORDS in minh.get(place).text
    assert minh.get(f"{place}/return").status_code == 200
    with app.app_context():
        other = records.make("violation_report", records.BEATEN)
    assert minh.get(f"/desk/records/{other}").status_code == 303  # a reason is for one report
    again = minh.get(f"/desk/confirm?purpose=report&about={other}&next=/desk/")
    assert 'name="proof"' not in again.text  # the proof is fresh, only the reason is asked
    clock.move(minutes=11)
    assert minh.get(place).status_code == 303


def test_what_is_not_a_report_opens_as_always(app: Flask, cast: Cast) -> None:
    with app.app_context():
        pond = records.make()
    assert cast.client("Minh").get(f"/desk/records/{pond}").status_code == 200


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"proof": "nang am hien nha 8"}, "proof-fault"),
        ({"proof": ""}, "proof-fault"),
        ({"reason": "  a "}, "reason-fault"),
        ({"reason": "x" * 301}, "reason-fault"),
    ],
)
def test_without_a_reason_or_a_proof_it_stays_shut(cast: Cast, report: str, sent: dict[str, str], said: str) -> None:
    status, page = confirm(cast, "Minh", "report", report, **sent)
    assert status == 422 and said in page and WORDS not in page
    assert cast.client("Minh").get(f"/desk/records/{report}").status_code == 303


def test_guessing_is_slowed(cast: Cast, report: str) -> None:
    tries = [confirm(cast, "Minh", "report", report, proof="sai hoàn toàn rồi")[0] for _ in range(4)]
    assert tries == [422, 422, 422, 429]


def test_nobody_else_and_no_other_place_is_opened(cast: Cast, report: str) -> None:
    confirm(cast, "Minh", "report", report)
    assert cast.client("Ha").get(f"/desk/records/{report}").status_code == 303
    assert confirm(cast, "Anh", "report", report)[0] == 404  # administrators see no case
    assert confirm(cast, "Minh", "everything", report)[0] == 404
    for away in ("https://evil.example/", "//evil.example", "/desk/\\evil.example", "/app/"):
        assert confirm(cast, "Minh", "export", "children", next=away)[1] == "/desk/"


def test_every_reading_is_on_the_record_with_its_reason_and_in_the_chain(app: Flask, cast: Cast, report: str) -> None:
    confirm(cast, "Minh", "report", report)
    for _ in range(2):
        page = cast.client("Minh").get(f"/desk/records/{report}").text
    beside = re.search(r'id="readings".*?</section>', page, re.S)
    assert beside and "Trần Văn Minh" in beside[0] and WHY in beside[0]
    with app.app_context():
        assert [row.version for row in db.session.scalars(select(Reading))] == [1, 1]
        facts = [json.loads(link.facts) for link in db.session.scalars(select(Link).order_by(Link.no))]
        assert [fact["what"] for fact in facts] == ["step_up", "report_read", "report_read"]
        assert WHY not in json.dumps(facts, ensure_ascii=False)
        assert db.session.scalars(select(StepUp.reason)).one() == WHY
        assert not [one for one in Audit().findings() if one.words.startswith("Link")]


def test_the_leader_sees_who_read_what_and_why(cast: Cast, report: str) -> None:
    confirm(cast, "Minh", "report", report)
    cast.client("Minh").get(f"/desk/records/{report}")
    page = cast.client("Ha").get("/desk/readings").text
    assert "Trần Văn Minh" in page and WHY in page and WORDS not in page
    assert cast.client("Minh").get("/desk/readings").status_code == 404


def test_rights_and_codes_need_it_too(cast: Cast) -> None:
    anh, person = cast.client("Anh"), f"/desk/people/{cast.minh.id}"
    shut = anh.post(f"{person}/code", headers=HERE)
    assert shut.status_code == 403 and 'name="purpose" value="rights"' in shut.text
    assert confirm(cast, "Anh", "rights", cast.minh.id, next=person) == (303, person)
    assert anh.post(f"{person}/code", headers=HERE).status_code == 200


def test_inviting_somebody_and_letting_somebody_go_need_it(cast: Cast) -> None:
    anh, person = cast.client("Anh"), f"/desk/people/{cast.lan.id}"
    new = {"name": "Bùi Thị Mừng", "phone": "0912 000 055", "role": "collaborator", "unit": str(GROUP_7)}
    shut = anh.get("/desk/people/new")
    assert shut.status_code == 303 and "about=new+person" in shut.headers["Location"].replace("%20", "+")
    shut = anh.post("/desk/people", data=new, headers=HERE)
    assert shut.status_code == 403 and 'name="about" value="new person"' in shut.text
    shut = anh.post(f"{person}/close", data={"sure": "yes"}, headers=HERE)
    assert shut.status_code == 403 and 'name="purpose" value="rights"' in shut.text
    assert "Bùi Thị Mừng" not in anh.get("/desk/people").text
    assert cast.client("Lan").get("/api/v1/me").status_code == 200, "nothing happened yet"
    assert confirm(cast, "Anh", "rights", "new person", next="/desk/people/new") == (303, "/desk/people/new")
    assert anh.get("/desk/people/new").status_code == 200
    assert anh.post("/desk/people", data=new, headers=HERE).headers["Location"].startswith("/desk/people/")
    assert confirm(cast, "Anh", "rights", cast.lan.id, next=person) == (303, person)
    assert anh.post(f"{person}/close", data={"sure": "yes"}, headers=HERE).status_code == 303
    assert cast.client("Lan").get("/api/v1/me").status_code == 401


def test_a_stolen_phone_is_shut_out_without_it(cast: Cast) -> None:
    sent = {"sign_in": "all"}
    assert cast.client("Anh").post(f"/desk/people/{cast.lan.id}/revoke", data=sent, headers=HERE).status_code == 303
    assert cast.client("Lan").get("/api/v1/me").status_code == 401


def fields(page: str) -> dict[str, str]:
    """What the hidden boxes of a page hold, as a browser would send them."""
    return {
        name: html.unescape(value) for name, value in re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page)
    }


def what_was_typed_goes_on(cast: Cast) -> None:
    anh, person = cast.client("Anh"), f"/desk/people/{cast.hoa.id}"
    typed = {"role": "collaborator", "unit": str(GROUP_3), "first": "2026-06-10", "last": ""}
    shut = anh.post(f"{person}/assign", data=typed, headers=HERE)
    assert shut.status_code == 403 and shut.headers["Cache-Control"] == "no-store"
    asked = fields(shut.text)
    wrong = anh.post("/desk/confirm", data=asked | {"reason": WHY, "proof": "sai"}, headers=HERE)
    assert "Không đúng" in wrong.text and fields(wrong.text) == asked
    done = anh.post("/desk/confirm", data=asked | {"reason": WHY, "proof": PASSPHRASE}, headers=HERE)
    assert done.status_code == 200 and f'action="{person}/assign"' in done.text and f'href="{person}"' in done.text
    assert fields(done.text) == typed
    assert anh.post(f"{person}/assign", data=fields(done.text), headers=HERE).status_code == 303
    assert "Tổ 3, phường Phúc Lợi" in anh.get(person).text


def test_what_was_typed_goes_on_after_the_question(cast: Cast) -> None:
    what_was_typed_goes_on(cast)


def test_a_planted_fault_in_what_is_carried_is_seen(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "unpacked", lambda text: [])
    with pytest.raises(AssertionError):
        what_was_typed_goes_on(cast)


@pytest.mark.parametrize("text", ["", "null", "{}", "[1]", '[["a"]]', '[["a", 1]]', "[" * 100_000])
def test_what_is_no_form_is_carried_nowhere(text: str) -> None:
    assert rules.unpacked(text) == []
    assert rules.unpacked(rules.packed([("a", "ố"), ("a", "<b>")])) == [("a", "ố"), ("a", "<b>")]
    assert rules.packed([("a", "x" * rules.LONGEST_CARRIED)]) == ""


@pytest.mark.parametrize("purpose", rules.PURPOSES)
def test_every_purpose_has_words(purpose: str) -> None:
    from app.i18n import catalog

    assert all(catalog(lang)[f"desk.step_up.purpose.{purpose}"] for lang in ("vi", "en"))
