"""Two phones wrote one field differently: the officer chooses, and the choice is a change like any other."""

import inspect
import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.db import db, transact
from app.kinds import registry
from app.records import ledger
from app.records.audit import Audit
from app.records.models import Link, Record
from app.review import choice, clashes
from app.sync import judge, merge
from app.sync.envelopes import ChangeBody
from tests.cast import PEOPLE, Cast
from tests.conftest import MORNING
from tests.phone import Phone
from tests.sync.ward import Ward

HERE = {"Sec-Fetch-Site": "same-origin"}
POND = {"type": "DN2", "name": "Ao sau nhà văn hóa", "address": "Ngõ 12", "risk": "low", "keeper": "Ông Tư"}


@pytest.fixture
def pond(lan: Phone, hoa: Phone) -> str:
    """Both knew version 1; Hoa's words came first, so hers are in force, but Lan's higher risk is."""
    record = lan.record("hazard_site", **POND)
    lan.sync()
    hoa.sync()
    hoa.edit(record, name="Ao đình", risk="medium")
    lan.edit(record, name="Ao ông Tư", risk="high")
    hoa.sync()
    lan.sync()
    hoa.sync()
    return record


def choose(client: FlaskClient, record: str, field: str, number: int, seen: int = 3) -> Any:
    """Press one of the buttons."""
    data = {"field": field, "choice": str(number), "seen": str(seen)}
    return client.post(f"/desk/records/{record}/choice", data=data, headers=HERE)


def links(app: Flask, what: str) -> list[dict[str, Any]]:
    with app.app_context():
        found = [json.loads(link.facts) for link in db.session.scalars(select(Link).order_by(Link.no))]
    return [facts for facts in found if facts["what"] == what]


def test_both_values_are_shown_with_who_and_when_and_a_button_each(minh: FlaskClient, pond: str) -> None:
    page = minh.get(f"/desk/records/{pond}").text
    shown = page[page.index('id="conflicts"') : page.index("</section>", page.index('id="conflicts"'))]
    for words in (
        "Ao đình",
        "Đỗ Thị Hoa",
        "Ao ông Tư",
        "Nguyễn Thị Lan",
        "03/06/2026",
        "Giữ giá trị này",
        "Lấy giá trị",
    ):
        assert words in shown, words
    assert shown.index("Ao đình") < shown.index("Ao ông Tư"), "what is in force stands first"
    assert shown.count("<button") == 4


def test_where_safety_counts_the_dangerous_value_is_in_force_and_it_says_so(minh: FlaskClient, pond: str) -> None:
    page = minh.get(f"/desk/records/{pond}").text
    risk = page[page.index("<h3>Mức nguy cơ") : page.index("</form>", page.index("<h3>Mức nguy cơ"))]
    assert risk.index("Nguy hiểm hơn") < risk.index("Cao") < risk.index("Trung bình")
    assert "giá trị nguy hiểm hơn được dùng" in risk
    name = page[page.index("<h3>Tên gọi") : page.index("</form>", page.index("<h3>Tên gọi"))]
    assert "guy hiểm hơn" not in name


def test_taking_the_other_value_settles_it_on_every_phone(
    app: Flask, minh: FlaskClient, ward: Ward, lan: Phone, hoa: Phone, pond: str
) -> None:
    answer = choose(minh, pond, "name", 1)
    assert answer.status_code == 303
    assert "Đã chọn" in minh.get(answer.location).text
    record = ward.record(pond)
    assert (record.data["name"], record.version) == ("Ao ông Tư", 4)
    assert [clash["field"] for clash in record.conflicts] == ["risk"], "only this field is settled"
    for phone in (lan, hoa):
        phone.sync()
        assert phone.store[pond]["data"]["name"] == "Ao ông Tư"
        assert [clash["field"] for clash in phone.store[pond]["conflicts"]] == ["risk"]


def test_keeping_what_is_in_force_settles_it_too(minh: FlaskClient, ward: Ward, lan: Phone, pond: str) -> None:
    assert choose(minh, pond, "risk", 0).status_code == 303
    record = ward.record(pond)
    assert (record.data["risk"], record.version) == ("high", 4)
    assert [clash["field"] for clash in record.conflicts] == ["name"]
    lan.sync()
    assert [clash["field"] for clash in lan.store[pond]["conflicts"]] == ["name"]


def test_the_choice_is_a_change_in_the_log_and_a_link_in_the_chain(
    app: Flask, minh: FlaskClient, ward: Ward, pond: str
) -> None:
    choose(minh, pond, "name", 1)
    choose(minh, pond, "risk", 1, seen=4)
    officer = PEOPLE["Minh"].id
    made = [change for change in ward.log() if change.device == f"desk:{officer}"]
    bodies = [json.loads(change.body) for change in made]
    assert [(body["seq"], body["base"], body["set"]) for body in bodies] == [
        (1, 3, {"name": "Ao ông Tư"}),
        (2, 4, {"risk": "medium"}),
    ]
    assert [change.outcome for change in made] == ["applied", "applied"]
    assert {change.person_id for change in made} == {officer}
    chosen = links(app, "choice")
    assert [(fact["field"], fact["version"], fact["by"]) for fact in chosen] == [
        ("name", 4, officer),
        ("risk", 5, officer),
    ]
    assert [fact["sha256"] for fact in chosen] == [change.sha256 for change in made]
    assert not re.search("Tư|medium", json.dumps(chosen, ensure_ascii=False)), "no answer stands in the chain"
    with app.app_context():
        assert list(Audit().findings()) == []


def test_the_history_says_what_was_chosen(minh: FlaskClient, pond: str) -> None:
    choose(minh, pond, "risk", 0)
    page = minh.get(f"/desk/records/{pond}").text
    step = page[page.index("Bản 4: chọn giữa hai máy") :]
    assert step.index("Trần Văn Minh") < step.index("Mức nguy cơ: <strong>Cao</strong>") < step.index("Bản 3")


def test_a_version_that_was_not_seen_is_not_chosen_from(minh: FlaskClient, ward: Ward, lan: Phone, pond: str) -> None:
    lan.edit(pond, depth=2)
    lan.sync()
    answer = choose(minh, pond, "name", 1)
    assert answer.status_code == 409
    assert "Có bản mới hơn" in answer.text and 'name="seen" value="4"' in answer.text
    assert ward.record(pond).version == 4
    assert choose(minh, pond, "name", 1, seen=4).status_code == 303


def test_pressing_twice_chooses_once(minh: FlaskClient, ward: Ward, pond: str) -> None:
    choose(minh, pond, "name", 1)
    assert choose(minh, pond, "name", 1).status_code == 409
    again = choose(minh, pond, "name", 1, seen=4)
    assert again.status_code == 422 and "đã được chọn" in again.text
    assert ward.record(pond).version == 4


@pytest.mark.parametrize(
    ("field", "number"), [("name", "2"), ("name", "-1"), ("name", ""), ("address", "0"), ("", "0"), ("nothing", "0")]
)
def test_only_a_field_with_a_conflict_and_only_one_of_its_values(
    minh: FlaskClient, ward: Ward, pond: str, field: str, number: str
) -> None:
    assert choose(minh, pond, field, number).status_code == 422  # type: ignore[arg-type]
    assert ward.record(pond).version == 3


def test_only_what_stands_open_is_taken(ward: Ward, pond: str) -> None:
    """Also where the form was passed by: the judge looks for itself."""
    record = vars(ward.record(pond))
    for answers in ({"name": "Ao khác"}, {"name": "Ao đình", "risk": "high"}, {"address": "Ngõ 12"}, {}):
        change = ChangeBody("c-1", 1, pond, "hazard_site", 1, 3, "", answers, None)
        sender = judge.Sender(ward.minh, f"desk:{ward.minh.id}", MORNING, "2026-06-03")
        assert judge.judge(registry, record, change, sender).outcome == "quarantined", answers


def test_only_an_officer_of_the_ward(cast: Cast, ward: Ward, pond: str) -> None:
    page = cast.client("Ha").get(f"/desk/records/{pond}").text
    assert "Ao ông Tư" in page and "Lấy giá trị này" not in page
    for who in ("Ha", "Anh"):
        assert choose(cast.client(who), pond, "name", 1).status_code == 404
    data = {"field": "name", "choice": "1", "seen": "3"}
    elsewhere = cast.client("Minh").post(
        f"/desk/records/{pond}/choice", data=data, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert elsewhere.status_code == 403
    assert ward.record(pond).version == 3


def test_an_officer_of_another_ward_does_not_find_it(minh: FlaskClient, tuan: Phone, ward: Ward) -> None:
    theirs = tuan.record("hazard_site", **POND)
    tuan.sync()
    assert choose(minh, theirs, "name", 0, seen=1).status_code == 404


@pytest.mark.parametrize(("verdict", "status"), [("accept", "accepted"), ("return", "returned"), ("close", "closed")])
def test_what_was_judged_stays_judged(minh: FlaskClient, ward: Ward, pond: str, verdict: str, status: str) -> None:
    ward.judges(pond, verdict, "Vì sao")
    assert choose(minh, pond, "name", 1, seen=4).status_code == 303
    record = ward.record(pond)
    assert (record.status, record.review["verdict"]) == (status, verdict)


def test_what_was_withdrawn_is_left_alone(minh: FlaskClient, ward: Ward, app: Flask, pond: str) -> None:
    with app.app_context(), transact():
        db.session.get_one(Record, pond).status = "withdrawn"
    assert "Lấy giá trị này" not in minh.get(f"/desk/records/{pond}").text
    assert choose(minh, pond, "name", 1).status_code == 422


def test_a_choice_can_make_a_record_whole(minh: FlaskClient, ward: Ward, lan: Phone, hoa: Phone) -> None:
    record = lan.record("hazard_site", **POND)
    lan.sync()
    hoa.sync()
    hoa.edit(record, address=None)
    lan.edit(record, address="Ngõ 14")
    hoa.sync()
    lan.sync()
    assert ward.record(record).status == "needs_fixing"
    assert choose(minh, record, "address", 1).status_code == 303
    assert (ward.record(record).status, ward.record(record).problems) == ("received", [])


def test_three_phones_three_values(
    minh: FlaskClient, ward: Ward, lan: Phone, hoa: Phone, app: Flask, cast: Cast
) -> None:
    record = lan.record("hazard_site", **POND)
    other = Phone(app, cast.hoa, device="may-hai-cua-hoa")
    for phone in (lan, hoa, other):
        phone.sync()
    for phone, name in ((hoa, "Ao đình"), (lan, "Ao ông Tư"), (other, "Hồ làng")):
        phone.edit(record, name=name)
        phone.sync()
    assert minh.get(f"/desk/records/{record}").text.count("Lấy giá trị này") == 2
    assert choose(minh, record, "name", 2, seen=4).status_code == 303
    assert (ward.record(record).data["name"], ward.record(record).conflicts) == ("Hồ làng", [])


def test_a_phone_that_has_not_heard_of_the_choice_opens_it_again(
    minh: FlaskClient, ward: Ward, hoa: Phone, pond: str
) -> None:
    choose(minh, pond, "name", 1)
    hoa.edit(pond, name="Ao đình làng")
    hoa.sync()
    (clash,) = [clash for clash in ward.record(pond).conflicts if clash["field"] == "name"]
    assert (clash["kept"], clash["other"]) == ("Ao ông Tư", "Ao đình làng")
    assert "Trần Văn Minh" in minh.get(f"/desk/records/{pond}").text
    assert hoa.store[pond]["conflicts"][-1]["kept_name"] == "Trần Văn Minh"
    assert choose(minh, pond, "name", 0, seen=5).status_code == 303
    assert "name" not in [clash["field"] for clash in ward.record(pond).conflicts]


def test_restricted_answers_can_be_chosen_and_who_told_us_stays_folded_away(
    app: Flask, cast: Cast, minh: FlaskClient, ward: Ward
) -> None:
    told = {"state_now": "Khóc", "informant_agrees": "yes", "informant_name": "Bà Tư"}
    old, new = Phone(app, cast.lan, device="cu"), Phone(app, cast.lan, device="moi")
    report = old.record("violation_report", **told)
    old.sync()
    new.sync()
    old.edit(report, state_now="Khóc, có vết bầm", informant_name="Bà Năm")
    new.edit(report, state_now="Đã ngủ", informant_name="Bà Sáu")
    old.sync()
    new.sync()
    page = minh.get(f"/desk/records/{report}").text
    for name in ("Bà Năm", "Bà Sáu"):
        before = page[: page.index(name)]
        assert (
            before.rindex("<details") > before.rindex("</details>") if "</details>" in before else "<details" in before
        )
    assert choose(minh, report, "state_now", 1).status_code == 303
    assert choose(minh, report, "informant_name", 1, seen=4).status_code == 303
    assert (ward.record(report).data["state_now"], ward.record(report).data["informant_name"]) == ("Đã ngủ", "Bà Sáu")
    history = minh.get(f"/desk/records/{report}").text
    assert "Bà Sáu" not in history[history.index('id="history"') :]


_sides = merge.sides


def _no_form_is_asked(kind: Any, record: Any, change: Any, sender: Any) -> Any:
    return judge._edit(kind, record, change, sender)


PLANTED = {
    "any value may be chosen": (
        judge,
        "same",
        lambda a, b: True,
        lambda minh, ward, pond: test_only_what_stands_open_is_taken(ward, pond),
    ),
    "a verdict is undone": (
        judge,
        "_choose",
        _no_form_is_asked,
        lambda minh, ward, pond: test_what_was_judged_stays_judged(minh, ward, pond, "accept", "accepted"),
    ),
    "the chain does not know": (
        ledger,
        "note",
        lambda *_, **__: None,
        test_the_choice_is_a_change_in_the_log_and_a_link_in_the_chain,
    ),
    "the phones are not told": (
        ledger,
        "touch",
        lambda *_, **__: None,
        test_taking_the_other_value_settles_it_on_every_phone,
    ),
    "the conflict stays open": (merge, "is_known", lambda *_: False, test_keeping_what_is_in_force_settles_it_too),
    "every conflict is settled": (
        judge,
        "merge",
        lambda *a: replace(merge.merge(*a), conflicts=[]),
        test_taking_the_other_value_settles_it_on_every_phone,
    ),
    "the officer need not have looked": (
        choice,
        "_refuse_unseen",
        lambda *_: None,
        test_a_version_that_was_not_seen_is_not_chosen_from,
    ),
    "who told us is shown": (
        clashes.Clash,
        "sealed",
        False,
        test_restricted_answers_can_be_chosen_and_who_told_us_stays_folded_away,
    ),
    "the value in force is not said to be": (
        clashes,
        "sides",
        lambda *a: _sides(*a)[::-1],
        test_both_values_are_shown_with_who_and_when_and_a_button_each,
    ),
}


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_fault_is_seen(name: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    where, what, fault, test = PLANTED[name]
    needs: Callable[..., Any] = test  # type: ignore[assignment]
    given = {wanted: request.getfixturevalue(wanted) for wanted in inspect.signature(needs).parameters}
    monkeypatch.setattr(where, what, fault)
    with pytest.raises(Exception):  # noqa: B017  what a fault breaks differs; that it is noticed is the point
        needs(**given)
