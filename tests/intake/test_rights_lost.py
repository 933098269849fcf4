"""R-15: rights that end while a phone is out. Every change ends in the log with a receipt, nothing gains a right."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.records.audit import Audit
from tests.cast import GROUP_12, VIET_HUNG, Cast
from tests.intake.office import Office
from tests.phone import Json, Phone
from tests.quarantine.conftest import Admin
from tests.sync.ward import Ward

WAYS: dict[str, tuple[Callable[[Office, Phone], None], str]] = {
    # how the rights end -> (what the office does, why the phone's work is kept aside; "" where it is judged)
    "the phone is revoked": (lambda office, phone: office.revokes(phone.person), "phone_revoked"),
    "the person leaves": (lambda office, phone: office.closes(phone.person), "rights_gone"),
    "the assignment is over": (lambda office, phone: office.ends_the_assignment(phone.person), "rights_gone"),
    "the person moves to the desk": (lambda office, phone: office.makes_an_officer(phone.person), "rights_gone"),
    "the sign-in expires": (lambda office, phone: office.lets_expire(phone.person), ""),
}


@dataclass
class Work:
    """What Lan wrote offline, one change of every sort; ids of the records."""

    new: str = ""
    own: str = ""
    shared: str = ""
    taken_back: str = ""
    bodies: list[str] = field(default_factory=list)


@pytest.fixture
def work(lan: Phone, hoa: Phone) -> Work:
    """Three records are known to Lan's phone; then, without signal, she writes."""
    done = Work()
    done.own = lan.record("hazard_site", name="Cống hở đầu ngõ")
    done.taken_back = lan.record("violation_report", what="Nghe kể lại")
    done.shared = hoa.record("hazard_site", name="Hồ sau chợ")
    hoa.sync()
    lan.sync()
    lan.online = False
    done.new = lan.record("child_visit", note="Cháu Đức ở nhà một mình")
    lan.edit(done.own, name="Cống hở đầu ngõ 12")
    lan.edit(done.shared, name="Hồ sau chợ Phúc Lợi")
    lan.withdraw(done.taken_back, "ghi nhầm")
    done.bodies = [entry.body for entry in lan.outbox]
    return done


def comes_back(phone: Phone) -> list[Json]:
    """The phone finds signal and makes its pass; its receipts."""
    before = set(phone.receipts)
    phone.online = True
    phone.pass_or_hand_in()
    return [receipt for change, receipt in phone.receipts.items() if change not in before]


@pytest.mark.parametrize("way", WAYS)
def test_nothing_is_stranded_and_nothing_gains_rights(
    lan: Phone, work: Work, office: Office, ward: Ward, way: str
) -> None:
    before = {record.id: record.version for record in ward.records()}
    take_away, code = WAYS[way]
    take_away(office, lan)
    receipts = comes_back(lan)
    assert lan.outbox == []
    assert len(receipts) == 4 and all(ward.kept(body) for body in work.bodies)
    if code:
        assert {(one["outcome"], one["problems"][0]["code"]) for one in receipts} == {("quarantined", code)}
        assert {record.id: record.version for record in ward.records()} == before
    else:
        assert "quarantined" not in {one["outcome"] for one in receipts}
        after = {record.id: record.version for record in ward.records()}
        assert {after[record] for record in before} == {2} and after[work.new] == 1


@pytest.mark.parametrize("way", WAYS)
def test_the_phone_is_told_why(lan: Phone, office: Office, way: str) -> None:
    lan.sync()
    take_away, code = WAYS[way]
    take_away(office, lan)
    told = lan.post(lan.envelope([]))
    document = told.get_json()
    assert (told.status_code, document["code"], document.get("why", "")) == (401, "sign_in_needed", code)


def test_a_stranger_is_told_nothing(client: FlaskClient) -> None:
    for cookie in ("", "token-that-never-was"):
        client.set_cookie("__Host-phone", cookie, domain="localhost", secure=True)
        told = client.post("/api/v1/sync", json={}, headers={"Sec-Fetch-Site": "same-origin"})
        assert told.status_code == 401 and "why" not in told.get_json()


def test_in_another_group_the_old_groups_records_are_out_of_reach(
    lan: Phone, work: Work, office: Office, ward: Ward
) -> None:
    office.moves_to_another_group(lan.person)
    receipts = {receipt["record"]: receipt for receipt in comes_back(lan)}
    assert lan.outbox == [] and all(ward.kept(body) for body in work.bodies)
    assert receipts[work.shared]["problems"] == [{"code": "out_of_scope"}]
    assert ward.record(work.shared).data["name"] == "Hồ sau chợ"  # type: ignore[union-attr]
    assert ward.record(work.own).data["name"] == "Cống hở đầu ngõ 12", "an own record stays one's own"  # type: ignore[union-attr]
    assert ward.record(work.new).group_id == GROUP_12  # type: ignore[union-attr]


def test_in_another_ward_nothing_of_the_old_one_is_in_reach(lan: Phone, work: Work, office: Office, ward: Ward) -> None:
    office.moves_to_another_ward(lan.person)
    receipts = {receipt["record"]: receipt for receipt in comes_back(lan)}
    assert lan.outbox == [] and all(ward.kept(body) for body in work.bodies)
    for record in (work.own, work.shared, work.taken_back):
        assert receipts[record]["problems"] == [{"code": "out_of_scope"}]
        assert ward.record(record).version == 1  # type: ignore[union-attr]
    assert ward.record(work.new).ward_id == VIET_HUNG, "what is new goes where its writer works now"  # type: ignore[union-attr]


def test_a_move_and_an_expired_sign_in_together(lan: Phone, work: Work, office: Office, ward: Ward) -> None:
    office.moves_to_another_group(lan.person)
    office.lets_expire(lan.person)
    receipts = {receipt["record"]: receipt for receipt in comes_back(lan)}
    assert receipts[work.shared]["problems"] == [{"code": "out_of_scope"}]
    assert ward.record(work.own).version == 2  # type: ignore[union-attr]


def test_a_lost_answer_is_asked_for_again_and_the_receipt_is_the_same(
    lan: Phone, work: Work, office: Office, ward: Ward
) -> None:
    office.revokes(lan.person)
    lan.online = True
    lan.hand_in(lose_answer=True)
    assert len(lan.outbox) == 4, "without its receipt nothing leaves the phone"
    comes_back(lan)
    assert lan.outbox == []
    assert len(ward.log()) == 3 + 4


def test_a_phone_that_the_ward_does_not_know_keeps_everything(app: Flask, cast: Cast, ward: Ward) -> None:
    stranger = Phone(app, cast.lan, device="e0000000-0000-4000-8000-00000000dead")
    stranger.record("hazard_site", name="Ao đình làng")
    stranger.hand_in()
    assert len(stranger.outbox) == 1 and stranger.receipts == {} and ward.log() == []


def test_a_receipt_for_other_bytes_empties_nothing(lan: Phone, work: Work) -> None:
    wrong = [
        {"id": entry.id, "sha256": "0" * 64, "outcome": "applied", "version": 1, "problems": []} for entry in lan.outbox
    ]
    lan._take_receipts(wrong, lan.outbox[:])
    assert len(lan.outbox) == 4


@pytest.mark.parametrize(("way", "whose"), [("revokes", "own"), ("closes", "chosen"), ("makes_an_officer", "chosen")])
def test_what_was_kept_aside_ends_as_the_writers_record_when_the_administrator_says_so(
    app: Flask, lan: Phone, work: Work, office: Office, ward: Ward, way: str, whose: str
) -> None:
    getattr(office, way)(lan.person)
    comes_back(lan)
    anh = Admin(app)
    for log_id in sorted(anh.listed()):
        answer = anh.releases(log_id, whose=whose, unit=str(lan.person.unit))
        assert answer.status_code == 303, answer.text
    assert ward.record(work.own).data["name"] == "Cống hở đầu ngõ 12"  # type: ignore[union-attr]
    record = ward.record(work.new)
    assert record is not None and (record.author_id, record.group_id) == (lan.person.id, lan.person.unit)
    assert anh.listed() == []


def test_back_in_service_the_phone_goes_on_as_before(lan: Phone, work: Work, office: Office, ward: Ward) -> None:
    office.revokes(lan.person)
    comes_back(lan)
    office.lets_in_again(lan.person)
    assert lan.registers_key().status_code == 409, "a revoked key stays revoked"
    lan.key = None
    assert lan.registers_key().status_code == 204
    record = lan.record("hazard_site", name="Ao mới")
    lan.sync()
    assert ward.record(record) is not None
    office.lets_expire(lan.person)
    lan.edit(record, name="Ao mới đào")
    comes_back(lan)
    assert ward.record(record).data["name"] == "Ao mới đào"  # type: ignore[union-attr]


@pytest.mark.parametrize("seed", range(12))
def test_whatever_happens_in_whatever_order(app: Flask, lan: Phone, hoa: Phone, ward: Ward, seed: int) -> None:
    days = Days(app, random.Random(seed), [lan, hoa], ward)
    for _ in range(40):
        days.something_happens()
    for phone in days.phones:
        days.finds_signal(phone)
        assert phone.outbox == [], f"seed {seed}"
    assert all(ward.kept(body) for body in days.written), f"seed {seed}"
    assert len(ward.log()) == len(days.written), f"seed {seed}: none twice"
    with app.app_context():
        assert list(Audit().findings()) == [], f"seed {seed}: the log's chain says the same"


class Days:
    """Two phones, an office that gives and takes rights, signal that comes and goes."""

    def __init__(self, app: Flask, chance: random.Random, phones: list[Phone], ward: Ward) -> None:
        self.office, self.chance, self.phones, self.ward = Office(app), chance, phones, ward
        self.without: set[str] = set()  # the people whose work may open nothing now
        self.written: list[str] = []

    def something_happens(self) -> None:
        phone = self.chance.choice(self.phones)
        what = (
            self.writes,
            self.writes,
            self.finds_signal,
            self.loses_rights,
            self.gets_them_back,
            self.loses_an_answer,
        )
        self.chance.choice(what)(phone)

    def writes(self, phone: Phone) -> None:
        known = [record for record in phone.store if phone.store[record]["kind"] == "hazard_site"]
        if known and self.chance.random() < 0.6:
            phone.edit(self.chance.choice(known), name=f"Ao số {self.chance.randrange(99)}")
        else:
            phone.record("hazard_site", name=f"Hồ số {self.chance.randrange(99)}")
        self.written.append(phone.outbox[-1].body)

    def finds_signal(self, phone: Phone) -> None:
        before = {record.id: record.version for record in self.ward.records()}
        phone.pass_or_hand_in()
        if phone.person.id in self.without:
            assert {record.id: record.version for record in self.ward.records()} == before

    def loses_an_answer(self, phone: Phone) -> None:
        if phone.outbox:
            phone.hand_in(lose_answer=True)

    def loses_rights(self, phone: Phone) -> None:
        way = self.chance.choice(("revokes", "lets_expire", "ends_the_assignment"))
        getattr(self.office, way)(phone.person)
        if way != "lets_expire":
            self.without.add(phone.person.id)

    def gets_them_back(self, phone: Phone) -> None:
        self.office.lets_in_again(phone.person)
        self.without.discard(phone.person.id)
        if phone.registers_key().status_code == 409:
            phone.key = None
            phone.registers_key()
