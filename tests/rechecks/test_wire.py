"""Sites looked at again, over the real wire: who may, whose list it is on, and what the desk is told."""

import inspect
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import true

from app.photos import queries as photos
from app.rechecks import queries, service
from app.records import queries as records
from app.review import queries as review
from tests.cast import GROUP_3, GROUP_7, Cast
from tests.conftest import Clock
from tests.desk import records as written
from tests.phone import Phone
from tests.photos.camera import about, picture
from tests.photos.wire import Uploader
from tests.sync.test_scope import move
from tests.sync.ward import Ward

POND = {"type": "DN2", "name": "Ao sau nhà văn hóa", "address": "Ngõ 12", "risk": "high", "seen_on": "2026-06-02"}
CHECK = {"checked_on": "2026-06-03", "found": "dangerous", "type": "DN2", "risk": "medium", "sign_ban": "missing"}


def due(app: Flask, who: str = "Minh") -> dict[str, tuple[str, str]]:
    """What the desk of this person's ward holds for due: id -> (day, standing)."""
    with app.app_context():
        return {one.id: (one.day, one.standing) for one in service.due(Cast(app).actor(who))}


def looks(phone: Phone, site: str, **more: Any) -> str:
    """Write a look at a site, and send it."""
    made = phone.record("hazard_check", site=site, **{**CHECK, **more})
    phone.sync()
    return made


def test_a_look_is_its_own_record_under_its_site_for_the_whole_group(
    minh: FlaskClient, ward: Ward, lan: Phone, hoa: Phone, pond: str
) -> None:
    hoa.sync()
    look = looks(hoa, pond)
    record = ward.record(look)
    assert (record.parent_id, record.group_id, record.status) == (pond, GROUP_7, "received")
    assert lan.sync() and lan.store[look]["parent"] == pond
    page = minh.get(f"/desk/records/{pond}").text
    latest = page[page.index('id="recheck"') : page.index("</section>", page.index('id="recheck"'))]
    for words in ("Lần kiểm tra mới nhất", "03/06/2026", "Vẫn còn nguy hiểm", "Kiểm tra lại trước 10/06/2026"):
        assert words in latest, words
    assert page.count(f"/desk/records/{look}") == 2, "beside the site, and among what belongs to it"
    assert "Ao sau nhà văn hóa" in minh.get(f"/desk/records/{look}").text


def test_a_look_changes_nothing_of_its_site_and_says_what_differs(
    minh: FlaskClient, ward: Ward, lan: Phone, pond: str
) -> None:
    looks(lan, pond)
    site = ward.record(pond)
    assert (site.version, site.data["risk"], site.data.get("sign_ban")) == (1, "high", None)
    page = minh.get(f"/desk/records/{pond}").text
    latest = page[page.index('id="recheck"') : page.index("</section>", page.index('id="recheck"'))]
    assert "Phiếu giữ nguyên" in latest
    assert '<del class="was">Cao</del> <ins class="now">Trung bình</ins>' in latest
    assert '<ins class="now">Không có, đã mất</ins>' in latest
    assert "Loại điểm" not in latest, "the same in both"


def test_it_becomes_overdue_and_a_look_ends_that(app: Flask, minh: FlaskClient, lan: Phone, pond: str) -> None:
    assert due(app) == {pond: ("2026-06-09", "later")}
    assert "Không có điểm nào đến hạn" in minh.get("/desk/rechecks").text
    lan.edit(pond, seen_on="2026-05-29")
    lan.sync()
    assert due(app)[pond] == ("2026-06-05", "due")
    assert "còn 2 ngày" in minh.get("/desk/rechecks").text
    lan.edit(pond, seen_on="2026-05-26")
    lan.sync()
    page = minh.get("/desk/rechecks").text
    assert "1 điểm quá hạn" in page and "quá hạn 1 ngày" in page and "Chưa kiểm tra lại lần nào" in page
    assert '<span class="count num">1</span>' in page
    looks(lan, pond)
    assert due(app)[pond] == ("2026-06-10", "later")
    assert "Không có điểm nào đến hạn" in minh.get("/desk/rechecks").text
    looks(lan, pond, found="removed", risk=None)
    assert due(app) == {}
    assert "Không cần kiểm tra lại nữa" in minh.get(f"/desk/records/{pond}").text


def test_what_is_kept_is_what_would_be_worked_out_anew(
    app: Flask, ward: Ward, lan: Phone, hoa: Phone, tuan: Phone, pond: str
) -> None:
    """After every kind of step: the list brought up to date equals one that is begun from nothing."""
    other = lan.record("hazard_site", **{**POND, "type": "GT1", "risk": "low"})
    look = looks(lan, pond)
    steps: list[Callable[[], Any]] = [
        lambda: lan.edit(pond, risk="low"),
        lambda: looks(hoa, pond, checked_on="2026-06-02", risk="high"),
        lambda: lan.edit(look, site=other),
        lambda: lan.edit(look, found="removed"),
        lambda: looks(tuan, pond, found="removed"),
        lambda: ward.judges(other, "close", "Đã lấp"),
        lambda: lan.edit(look, site=pond, found="dangerous"),
        lambda: lan.withdraw(look, "Nhầm"),
        lambda: lan.record("child", name="Nguyễn Minh Đức"),
        lambda: ward.judges(pond, "duplicate", original=other),
    ]
    hoa.sync()
    for number, step in enumerate(steps):
        due(app)
        step()
        lan.sync()
        kept = due(app)
        app.extensions.pop("rechecks")
        assert kept == due(app), number


@pytest.mark.parametrize("verdict", ["close", "duplicate"])
def test_what_is_mended_or_written_twice_is_not_due(
    app: Flask, ward: Ward, lan: Phone, pond: str, verdict: str
) -> None:
    other = lan.record("hazard_site", **POND)
    lan.sync()
    ward.judges(pond, verdict, "Đã rào", original=other if verdict == "duplicate" else None)
    assert pond not in due(app) and other in due(app)


def test_a_look_that_was_taken_back_does_not_count(app: Flask, lan: Phone, pond: str) -> None:
    look = looks(lan, pond, found="removed", risk=None)
    assert due(app) == {}
    lan.withdraw(look, "Ghi nhầm điểm")
    lan.sync()
    assert due(app) == {pond: ("2026-06-09", "later")}


def test_a_look_from_another_ward_is_nobodys(
    app: Flask, minh: FlaskClient, ward: Ward, lan: Phone, tuan: Phone, pond: str
) -> None:
    """The site of another ward as parent: kept whole, but it silences nothing and shows nothing."""
    look = looks(tuan, pond, found="removed", risk=None, note="Đã lấp ao")
    record = ward.record(look)
    assert tuan.receipt(look)["outcome"] == "applied"
    assert record.data["site"] == pond, "what was meant is not lost"
    assert (record.parent_id, record.group_id, record.ward_id) == (None, 10, 3)
    assert due(app) == {pond: ("2026-06-09", "later")}
    page = minh.get(f"/desk/records/{pond}").text
    assert look not in page and "Chưa kiểm tra lại lần nào" in page
    lan.sync()
    assert look not in lan.store
    tuan.sync()
    assert pond not in tuan.store


def test_nor_from_a_group_that_does_not_carry_the_site(app: Flask, ward: Ward, hoa: Phone, pond: str) -> None:
    move(app, hoa.person, GROUP_3)
    look = looks(hoa, pond, found="removed", risk=None)
    assert (ward.record(look).parent_id, ward.record(look).group_id) == (None, GROUP_3)
    assert due(app) == {pond: ("2026-06-09", "later")}


def test_a_look_is_filed_when_its_site_comes_later(app: Flask, ward: Ward, lan: Phone) -> None:
    lan.online = False
    site = lan.record("hazard_site", **POND)
    look = lan.record("hazard_check", site=site, **CHECK)
    lan.online = True
    lan.outbox.reverse()
    lan.sync()
    assert ward.record(look).parent_id == site
    assert due(app) == {site: ("2026-06-10", "later")}


def test_each_ward_has_its_own_list(app: Flask, minh: FlaskClient, lan: Phone, tuan: Phone, pond: str) -> None:
    theirs = tuan.record("hazard_site", **{**POND, "seen_on": "2026-05-01", "name": "Ao bên Việt Hưng"})
    tuan.sync()
    lan.edit(pond, seen_on="2026-05-02")
    lan.sync()
    assert list(due(app)) == [pond]
    page = minh.get("/desk/rechecks").text
    assert pond in page and theirs not in page
    assert "1 điểm quá hạn" in page


def test_the_list_has_groups_pages_and_what_the_ward_decided(app: Flask, minh: FlaskClient) -> None:
    with app.app_context():
        old = date(2026, 4, 1)
        plan = {"responsible": "UBND phường", "due_on": "2026-05-30"}
        for n in range(51):
            written.make(data={**POND, "name": f"Ao số {n}"}, happened=old - timedelta(days=n))
        one = written.make(data={**POND, **plan, "name": "Cống ngõ 3"}, group=GROUP_3, happened=old)
    page = minh.get("/desk/rechecks").text
    assert "52 điểm quá hạn" in page and page.count("/desk/records/") == 50 and "page=2" in page
    assert minh.get("/desk/rechecks?page=2").text.count("/desk/records/") == 2
    alone = minh.get(f"/desk/rechecks?group={GROUP_3}").text
    assert alone.count("/desk/records/") == 1 and one in alone
    assert "UBND phường · 30/05/2026" in alone and "quá hạn xử lý" in alone
    assert minh.get("/desk/rechecks?group=x&page=-1").status_code == 200


def test_nothing_is_worked_out_twice_while_the_ward_stays(
    app: Flask, minh: FlaskClient, lan: Phone, pond: str, clock: Clock, statements: Callable[[], Any]
) -> None:
    minh.get("/desk/rechecks")
    with app.app_context(), statements() as seen:
        service.overdue(Cast(app).actor("Minh"))
    assert len([sql for sql in seen if sql.startswith("SELECT")]) == 1
    clock.move(days=8)
    assert due(app)[pond][1] == "overdue", "another day is another list"


def test_only_for_those_who_read_records(cast: Cast, pond: str) -> None:
    assert cast.client("Ha").get("/desk/rechecks").status_code == 200
    assert cast.client("Anh").get("/desk/rechecks").status_code == 404
    assert cast.app.test_client().get("/desk/rechecks").status_code == 302


def test_the_kit_tells_phones_the_wards_days_and_seasons(lan: Phone) -> None:
    kit = lan.client.get("/api/v1/kit").get_json()
    assert kit["calendar"]["days"]["high"] == [14, 7]
    assert kit["calendar"]["seasons"]["summer"] == ["06-01", "08-31"]


def test_the_photos_of_a_site_stand_beside_those_of_its_last_look(
    minh: FlaskClient, lan: Phone, hoa: Phone, pond: str
) -> None:
    before, after, never = (picture(colour=colour) for colour in ("#a33", "#3a3", "#33a"))
    old, new, lost = about(before, caption="Ao chưa rào"), about(after), about(never)
    lan.edit(pond, photos=[old, lost])
    lan.sync()
    assert Uploader(lan).send(old, pond, before).status_code == 204
    hoa.sync()
    assert 'id="sides"' not in minh.get(f"/desk/records/{pond}").text, "nothing to set beside them yet"
    first = looks(hoa, pond, checked_on="2026-06-02")
    page = minh.get(f"/desk/records/{pond}").text
    beside = page[page.index('id="sides"') : page.index("</section>", page.index('id="sides"'))]
    assert old["id"] in beside and "Ao chưa rào" in beside and "Chưa có ảnh." in beside
    assert lost["id"] not in beside, "what has not arrived is not shown"
    look = looks(hoa, pond, photos=[new])
    assert Uploader(hoa).send(new, look, after).status_code == 204
    page = minh.get(f"/desk/records/{pond}").text
    beside = page[page.index('id="sides"') : page.index("</section>", page.index('id="sides"'))]
    assert beside.index("Trước: 02/06/2026") < beside.index(old["id"]) < beside.index("Lần mới nhất: 03/06/2026")
    assert beside.index(new["id"]) > beside.index("Lần mới nhất")
    assert "Chưa có ảnh." not in beside and first not in beside
    assert minh.get(f"/desk/photos/{new['id']}/thumb").status_code == 200


_brought_up = service._brought_up
PLANTED = {
    "any record may be a parent": (
        records,
        "parent",
        lambda actor, record_id: records.Parent(GROUP_7, True),
        test_a_look_from_another_ward_is_nobodys,
    ),
    "the ward alone is asked for": (
        records,
        "_carries",
        lambda actor: records.Record.ward_id == actor.ward_id,
        test_nor_from_a_group_that_does_not_carry_the_site,
    ),
    "sites of all wards are listed": (queries, "in_scope", lambda actor: true(), test_each_ward_has_its_own_list),
    "looks out of scope are shown": (
        review,
        "below",
        lambda actor, record_id: list(
            records.db.session.scalars(
                records.select(records.Record).where(records.Record.data["site"].as_string() == record_id)
            )
        ),
        test_a_look_from_another_ward_is_nobodys,
    ),
    "photos that have not arrived are shown": (
        photos,
        "here",
        lambda record: [(one["id"], "") for _, one in photos.answers_of(record.kind, record.data)],
        test_the_photos_of_a_site_stand_beside_those_of_its_last_look,
    ),
    "a ward's list is never worked out anew": (
        queries,
        "last_no",
        lambda ward_id: 0,
        test_it_becomes_overdue_and_a_look_ends_that,
    ),
    "where a look was before is forgotten": (
        service,
        "_brought_up",
        lambda actor, kept, no: _brought_up(actor, kept._replace(about={}), no),
        test_what_is_kept_is_what_would_be_worked_out_anew,
    ),
    "void looks count": (queries, "VOID", (), test_a_look_that_was_taken_back_does_not_count),
}


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_fault_is_seen(name: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    where, what, fault, test = PLANTED[name]
    needs: Callable[..., Any] = test
    given = {wanted: request.getfixturevalue(wanted) for wanted in inspect.signature(needs).parameters}
    monkeypatch.setattr(where, what, fault)
    with pytest.raises(Exception):  # noqa: B017  what a fault breaks differs; that it is noticed is the point
        needs(**given)
