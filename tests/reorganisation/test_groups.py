"""Groups and wards are merged, split and renamed: everybody and everything goes along, and phones hear of it."""

import json
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask

from app.clock import today
from app.db import db, transact
from app.identity import queries as identity
from app.identity.models import Assignment
from app.problems import Problem
from app.records import moving
from app.records.audit import Audit
from app.records.models import Change, Record, RecordVersion, Ward
from app.reorganisation import rules, service
from app.reorganisation.rules import Made, Plan
from app.sync import service as sync
from app.sync.envelopes import Sent
from app.sync.models import DeviceState
from app.units import queries as units
from app.units.models import Unit
from tests.cast import GROUP_2_VIET_HUNG, GROUP_3, GROUP_7, GROUP_12, PHUC_LOI, VIET_HUNG, Cast
from tests.phone import Phone

DAY = date(2026, 6, 3)  # the tests' today


@pytest.fixture
def lan(app: Flask, cast: Cast) -> Phone:
    """Lan's phone, with a child that her group shares, a pond, and a report of her own, all in the ward."""
    phone = Phone(app, cast.lan)
    phone.record("child", name="Bùi Thị Ngọc Ân", born="2018")
    phone.record("hazard_site", name="Ao sau đình")
    phone.record("violation_report", narrative="Nghe tiếng trẻ khóc")
    phone.sync()
    return phone


def unit(unit_id: int) -> Unit:
    return db.session.get_one(Unit, unit_id)


def carries_out(app: Flask, cast: Cast, plan: Plan) -> service.Preview:
    with app.app_context():
        before = service.preview(plan)
        with transact():
            done = service.carry_out(cast.actor("Anh"), plan, before.fingerprint)
    assert done.fingerprint == before.fingerprint, "what is done is what was shown"
    return done


def whole(app: Flask) -> dict[str, Any]:
    """What must be the same before and after, whatever becomes of units."""
    with app.app_context():
        assert not list(Audit().findings())
        rows = db.session.execute(db.select(Record.id, Record.version, Record.data, Record.author_id, Record.unit_id))
        return {
            "records": sorted(map(str, rows)),
            "versions": db.session.scalar(db.select(db.func.count()).select_from(RecordVersion)),
            "changes": db.session.scalar(db.select(db.func.count()).select_from(Change)),
        }


def merge_into_12(groups: tuple[int, ...] = (GROUP_7, GROUP_3)) -> Plan:
    return rules.merged(DAY, [unit(one) for one in groups], GROUP_12, "")


def test_groups_become_one_and_every_phone_has_everything_of_it(app: Flask, cast: Cast, lan: Phone) -> None:
    hoa = Phone(app, cast.hoa)
    hoa.sync()
    shared = {id for id, record in hoa.store.items() if record["kind"] in ("child", "hazard_site")}
    before = whole(app)
    with app.app_context():
        plan = merge_into_12()
    done = carries_out(app, cast, plan)
    assert [(move.origin, move.target, move.number) for move in done.moves] == [(GROUP_7, GROUP_12, 3)]
    assert {held.person_id for held, _ in done.people} == {cast.lan.id, cast.hoa.id}
    assert whole(app) == before
    for phone in (lan, hoa):
        assert phone.client.get("/api/v1/me").get_json()["person"]["groups"] == [{"id": str(GROUP_12), "name": "12"}]
        phone.sync()
        assert phone.heard[-1]["reset"] and phone.digest().items() <= phone.asks_digest().items()
        assert {record["unit"] for record in phone.store.values()} == {str(GROUP_12)}
    assert set(hoa.store) == shared and len(lan.store) == 3
    with app.app_context():
        assert unit(GROUP_7).valid_to == DAY - timedelta(days=1)
        assert units.unit_valid_on(GROUP_7, DAY) == GROUP_12, "the old group still leads somewhere"


def test_a_phone_that_was_away_sends_what_it_has(app: Flask, cast: Cast, lan: Phone) -> None:
    known = next(id for id, record in lan.store.items() if record["kind"] == "hazard_site")
    lan.edit(known, name="Ao sau đình làng")
    new = lan.record("child", name="Trần Gia Bảo", born="2019")
    with app.app_context():
        plan = merge_into_12()
    carries_out(app, cast, plan)
    lan.sync()
    assert not lan.outbox and {receipt["outcome"] for receipt in lan.receipts.values()} <= {"applied", "needs_fixing"}
    with app.app_context():
        assert {db.session.get_one(Record, one).group_id for one in (known, new)} == {GROUP_12}


def test_whoever_was_signed_in_before_and_writes_after_is_filed_where_she_works_now(
    app: Flask, cast: Cast, lan: Phone
) -> None:
    """A push that waited for its turn while the group ended: its sender was read before."""
    before = cast.actor("Lan")
    with app.app_context():
        plan = merge_into_12()
    carries_out(app, cast, plan)

    change = lan.change(kind="child", set={"name": "Trần Gia Bảo"})
    with app.app_context():
        taken = sync.accept(before, lan.device, (Sent(json.dumps(change), None),))
        assert taken.receipts[0]["outcome"] in ("applied", "needs_fixing")
        assert db.session.get_one(Record, change["record"]).group_id == GROUP_12


def test_a_group_is_split_and_what_somebody_wrote_goes_with_her(app: Flask, cast: Cast, lan: Phone) -> None:
    hoa = Phone(app, cast.hoa)
    hoa.record("child", name="Trần Gia Bảo", born="2019")
    hoa.sync()
    lan.sync()
    assert len(lan.store) == 4
    before = whole(app)
    with app.app_context():
        plan = rules.split(DAY, unit(GROUP_7), ["7", "7B"], {cast.hoa.id: "part-2", "x": "part-9"})
    done = carries_out(app, cast, plan)
    assert [(move.target, move.number) for move in done.moves] == [("part-1", 3), ("part-2", 1)]
    assert whole(app) == before
    lan.sync()
    hoa.sync()
    assert len(lan.store) == 3 and [one["data"]["name"] for one in hoa.store.values()] == ["Trần Gia Bảo"]
    assert hoa.client.get("/api/v1/me").get_json()["person"]["groups"][0]["name"] == "7B"


def test_a_renamed_group_keeps_its_old_name_for_what_was_before(app: Flask, cast: Cast, lan: Phone) -> None:
    with app.app_context():
        plan = rules.renamed(DAY, unit(GROUP_7), "7", "Đoàn Kết", [])
    carries_out(app, cast, plan)
    lan.sync()
    with app.app_context():
        record = db.session.get_one(Record, next(iter(lan.store)))
        assert units.path(record.group_id, "vi") == "tổ Đoàn Kết, phường Phúc Lợi"
        assert units.path(units.unit_valid_on(record.group_id or 0, DAY - timedelta(days=9)), "vi").startswith("tổ 7,")


def test_who_keeps_her_group_lets_go_of_what_left_it(app: Flask, cast: Cast, lan: Phone) -> None:
    """Hoa serves 7 and 3. Group 3 goes to another ward: her phone is told, though her ward stays."""
    hoa = Phone(app, cast.hoa)
    cast.client("Anh").post(
        f"/desk/people/{cast.hoa.id}/assign",
        data={"role": "collaborator", "unit": str(GROUP_3)},
        headers={"Sec-Fetch-Site": "same-origin"},
    )
    hoa.sync()
    with app.app_context(), transact():
        pond = next(id for id, one in hoa.store.items() if one["kind"] == "hazard_site")

        moving.move(cast.anh.id, {pond: (PHUC_LOI, GROUP_12)})
    hoa.sync()
    assert pond not in hoa.store and not hoa.heard[-1]["reset"]
    lan.sync()
    assert pond in lan.store, "its writer keeps it"


def test_a_whole_ward_goes_to_two_with_its_officers_and_its_waiting_changes(app: Flask, cast: Cast, lan: Phone) -> None:
    lan.push(lan.change(base=3, set={"risk": "high"}))  # waits for a record that is on another phone
    before = whole(app)
    with app.app_context():
        groups = units.groups_of([PHUC_LOI])
        taken = {f"{VIET_HUNG}/{one.name}" for one in units.groups_of([VIET_HUNG])}
        plan = rules.parted(DAY, unit(PHUC_LOI), groups, VIET_HUNG, {GROUP_12: "new"}, taken)
        plan = rules.with_ward(plan, Made("new", "ward", "Sài Đồng", 1, "00142"))
    done = carries_out(app, cast, plan)
    assert whole(app) == before
    assert [(move.origin, move.number) for move in done.moves] == [(GROUP_7, 3)]
    lan.sync()
    assert lan.client.get("/api/v1/me").get_json()["person"]["ward"]["name"] == "Việt Hưng"
    assert len(lan.store) == 3 and not lan.alarmed
    assert "Ao sau đình" in cast.client("Minh").get("/desk/?state=all").text, "the officer went along"
    with app.app_context():
        held = db.session.scalars(db.select(Change).where(Change.outcome == "held")).one()
        assert held.sender and held.sender["ward"] == VIET_HUNG
        assert {one.ward_id for one in db.session.scalars(db.select(DeviceState))} == {VIET_HUNG}
        assert units.find("ward", "00136", DAY - timedelta(days=1)) is not None
        assert units.find("ward", "00136", DAY) is None
        assert not [item for item in db.session.scalars(db.select(Assignment)) if _loose(item)]


def _loose(item: Assignment) -> bool:
    home = unit(item.unit_id)
    return item.valid_to is None and home.valid_to is not None and home.valid_to < today()


def test_a_place_decides_where_a_record_without_a_group_goes(app: Flask) -> None:
    with app.app_context():
        box = {VIET_HUNG: (21.0, 105.0, 21.1, 105.9)}
        ground = rules.Ground({one: unit(one) for one in (PHUC_LOI, VIET_HUNG)}, box)
        plan = Plan(DAY, {PHUC_LOI: ("new", VIET_HUNG)}, (Made("new", "ward", "Mới", 1),))
        here = rules.Filed("r", "hazard_site", PHUC_LOI, None, "p", 21.05, 105.5)
        assert rules.home_of(plan, ground, here) == rules.Home(VIET_HUNG, None)
        assert rules.home_of(plan, ground, here._replace(lat=None)) == rules.Home("new", None)


@pytest.mark.parametrize(
    ("plan", "code"),
    [
        (Plan(DAY, {GROUP_7: (GROUP_2_VIET_HUNG + 900,)}), "not_choice"),
        (Plan(DAY, {GROUP_7: (PHUC_LOI,)}), "not_choice"),
        (Plan(DAY, {GROUP_7: (GROUP_3,), GROUP_3: (GROUP_7,)}), "not_choice"),
        (Plan(DAY, {GROUP_7: ()}), "required"),
        (Plan(DAY, {GROUP_7: ("new",)}, (Made("new", "group", "", PHUC_LOI),)), "required"),
        (Plan(DAY, {GROUP_7: ("new",)}, (Made("new", "group", "12", PHUC_LOI),)), "already_there"),
        (Plan(DAY, {GROUP_7: ("new",)}, (Made("new", "group", "x" * 41, PHUC_LOI),)), "too_long"),
        (Plan(date(2025, 7, 1), {GROUP_7: (GROUP_3,)}), "before_start"),
        (Plan(DAY, {PHUC_LOI: (VIET_HUNG,)}), "groups_first"),
    ],
)
def test_plans_that_cannot_be(app: Flask, cast: Cast, plan: Plan, code: str) -> None:
    with app.app_context():
        assert code in service.preview(plan).faults
        with pytest.raises(Problem), transact():
            service.carry_out(cast.actor("Anh"), plan)


def test_not_before_its_day_and_not_something_else_than_was_seen(app: Flask, cast: Cast, lan: Phone) -> None:
    with app.app_context():
        later = rules.merged(DAY + timedelta(days=1), [unit(GROUP_7)], GROUP_12, "")
        assert service.preview(later).records, "it can be looked at before"
        with pytest.raises(Problem, match="not_possible_now"), transact():
            service.carry_out(cast.actor("Anh"), later)
        plan = merge_into_12()
        seen = service.preview(plan).fingerprint
    lan.record("child", name="Trần Gia Bảo")
    lan.sync()
    with app.app_context(), pytest.raises(Problem, match="newer_version"), transact():
        service.carry_out(cast.actor("Anh"), merge_into_12(), seen)


def test_whoever_serves_two_groups_that_become_one_holds_one_role(app: Flask, cast: Cast) -> None:
    with app.app_context():
        with transact():
            db.session.add(
                Assignment(person_id=cast.lan.id, role="collaborator", unit_id=GROUP_3, valid_from=DAY, valid_to=None)
            )
        plan = merge_into_12()
    carries_out(app, cast, plan)
    with app.app_context():
        now_held = [one.unit_id for one in identity.assignments(cast.lan.id) if not identity.is_over(one)]
        assert now_held == [GROUP_12]


def test_it_stands_in_the_chain_of_every_ward_that_gave_or_took(app: Flask, cast: Cast, lan: Phone) -> None:
    with app.app_context():
        before = {ward.ward_id: ward.chain_no for ward in db.session.scalars(db.select(Ward))}
        groups = units.groups_of([PHUC_LOI])
        plan = rules.parted(DAY, unit(PHUC_LOI), groups, VIET_HUNG, {}, set())
    carries_out(app, cast, plan)
    with app.app_context():
        after = {ward.ward_id: ward.chain_no for ward in db.session.scalars(db.select(Ward))}
    assert after[PHUC_LOI] == before[PHUC_LOI] + 1 and after[VIET_HUNG] == before.get(VIET_HUNG, 0) + 1 + 3


def test_what_is_asked_of_the_database_does_not_grow_with_the_records(app: Flask, lan: Phone, statements: Any) -> None:
    def asked() -> int:
        with app.app_context(), statements() as seen:
            service.preview(merge_into_12())
        return len(seen)

    before = asked()
    for number in range(20):
        lan.record("child", name=f"Bé {number}")
    lan.sync()
    assert asked() == before
