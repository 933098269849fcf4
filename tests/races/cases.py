"""Pairs of requests that must not both believe what they read. Each case does its two things and says what is wrong."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import uuid4

from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.db import db, transact
from app.identity import service as identity
from app.identity.models import Assignment, FailedSignIn, Person, SignIn, SignInCode
from app.photos.models import Photo
from app.records import ledger
from app.records.models import Link, Setting
from app.sync.models import DeviceState, Gap
from app.units.models import Unit
from tests.cast import GROUP_3, PHUC_LOI, VIET_HUNG, Cast
from tests.phone import Phone
from tests.photos.wire import Uploader
from tests.races.conftest import Race
from tests.sync.ward import Ward

HERE = {"Sec-Fetch-Site": "same-origin"}
DEVICE = "c0000000-0000-4000-8000-000000000001"
OLD, NEW = "nang am hien nha 7", "mưa rào tháng sáu"
POND = {"type": "DN1", "name": "Ao nhà văn hóa", "risk": "high", "seen_on": "2026-06-02"}


@dataclass
class Scene:
    """Everything that a case needs."""

    app: Flask
    cast: Cast
    race: Race
    lan: Phone
    hoa: Phone
    ward: Ward

    def pond(self) -> str:
        """A record that both phones have."""
        record = self.lan.record("hazard_site", **POND)
        self.lan.sync()
        self.hoa.sync()
        return record

    def posts(self, who: str, path: str, **form: Any) -> Callable[[], TestResponse]:
        """This person sends a form of the desk."""
        client = self.cast.client(who)
        return lambda: client.post(path, data=form, headers=HERE)

    def rows(self, wanted: Any) -> list[Any]:
        """What the database holds."""
        with self.app.app_context():
            return [tuple(row) for row in db.session.execute(wanted)]

    def inside(self, verb: Callable[..., Any], *given: Any) -> Callable[[], Any]:
        """The verb in a transaction of its own."""

        def run() -> Any:
            with self.app.app_context(), transact():
                return verb(*given)

        return run

    def signs_in(self, **sent: str) -> Callable[[], TestResponse]:
        client = self.app.test_client()
        return lambda: client.post("/api/v1/sign-in", json={"device": DEVICE, **sent}, headers=HERE)

    def code(self) -> str:
        return str(self.inside(identity.issue_code, self.cast.lan.id, None)())

    def alive(self) -> int:
        """How many sign-ins of Lan made in this case still open something."""
        mine = (SignIn.person_id == self.cast.lan.id, SignIn.revoked_at.is_(None), SignIn.device == DEVICE)
        return len(self.rows(select(SignIn.token_hash).where(*mine)))


def statuses(answers: list[Any]) -> list[int]:
    """What the two were told, in order of numbers. What was raised is raised here."""
    for answer in answers:
        if isinstance(answer, Exception):
            raise AssertionError(f"{type(answer).__name__}: {answer}") from answer
    return sorted(answer.status_code for answer in answers)


def two_phones_edit_one_record(at: Scene) -> None:
    pond = at.pond()
    at.lan.edit(pond, name="Ao ông Tư")
    at.hoa.edit(pond, address="Ngõ 12")
    answers = at.race.run(at.lan.round_trip, at.hoa.round_trip)
    assert [answer["receipts"][0]["version"] for answer in answers] == [2, 3]
    record = at.ward.record(pond)
    assert (record.version, record.data["name"], record.data["address"]) == (3, "Ao ông Tư", "Ngõ 12")


def an_edit_comes_while_its_record_does(at: Scene) -> None:
    """After a restore: the author offers the record again, somebody else an edit of it."""
    at.pond()
    record = str(uuid4())
    made = at.lan.change(record, set=POND)
    edited = at.hoa.change(record, base=1, set={"address": "Ngõ 12"})
    at.race.run(lambda: at.lan.push(made), lambda: at.hoa.push(edited))
    assert [change.outcome for change in at.ward.log() if change.outcome == "held"] == []
    assert at.ward.record(record).data["address"] == "Ngõ 12"


def a_record_comes_while_an_edit_of_it_does(at: Scene) -> None:
    at.pond()
    record = str(uuid4())
    made = at.lan.change(record, set=POND)
    edited = at.hoa.change(record, base=1, set={"address": "Ngõ 12"})
    at.race.run(lambda: at.hoa.push(edited), lambda: at.lan.push(made))
    assert [change.outcome for change in at.ward.log() if change.outcome == "held"] == []
    assert at.ward.record(record).version == 2


def a_verdict_while_the_phone_edits(at: Scene) -> None:
    pond = at.pond()
    at.lan.edit(pond, name="Ao ông Tư")
    judges = at.posts("Minh", f"/desk/records/{pond}/verdict", verdict="accept", seen="1")
    _, verdict = at.race.run(at.lan.round_trip, judges)
    assert statuses([verdict]) == [409]
    assert at.ward.record(pond).status != "accepted"


def an_edit_while_the_desk_judges(at: Scene) -> None:
    pond = at.pond()
    at.lan.edit(pond, name="Ao ông Tư")
    judges = at.posts("Minh", f"/desk/records/{pond}/verdict", verdict="accept", seen="1")
    verdict, answer = at.race.run(judges, at.lan.round_trip)
    assert (verdict.status_code, answer["receipts"][0]["version"]) == (303, 3)
    record = at.ward.record(pond)
    assert (record.version, record.review["verdict"]) == (3, "accept")
    assert [version.version for version in at.ward.history(pond)] == [1, 2, 3]


def two_officers_judge(at: Scene) -> None:
    pond = at.pond()
    path = f"/desk/records/{pond}/verdict"
    accepts = at.posts("Minh", path, verdict="accept", seen="1")
    returns = at.posts("Minh", path, verdict="return", seen="1", note="Chụp thêm")
    assert statuses(at.race.run(accepts, returns)) == [303, 409]
    assert at.ward.record(pond).status == "accepted"


def two_officers_fill_in(at: Scene) -> None:
    pond = at.pond()
    path = f"/desk/records/{pond}/fields"
    fills = [at.posts("Minh", path, seen="1", ask="due_on", **{"f-due_on": day}) for day in ("15/06/2026", "1/7/2026")]
    assert statuses(at.race.run(*fills)) == [303, 409]
    assert at.ward.record(pond).data["due_on"] == "2026-06-15"


def two_records_become_duplicates_of_each_other(at: Scene) -> None:
    one, other = at.pond(), at.pond()
    marks = [
        at.posts("Minh", f"/desk/records/{this}/verdict", verdict="duplicate", seen="1", original=that)
        for this, that in ((one, other), (other, one))
    ]
    assert statuses(at.race.run(*marks)) == [303, 422]
    assert [record.status for record in at.ward.records()].count("duplicate") == 1


def a_code_is_redeemed_twice(at: Scene) -> None:
    code = at.code()
    assert statuses(at.race.run(at.signs_in(code=code), at.signs_in(code=code), commit=2)) == [200, 401]
    assert at.alive() == 1


def a_code_is_redeemed_while_everything_is_revoked(at: Scene) -> None:
    code = at.code()
    revokes = at.posts("Anh", f"/desk/people/{at.cast.lan.id}/revoke", sign_in="all")
    at.race.run(revokes, at.signs_in(code=code))
    assert at.alive() == 0
    code = at.code()
    at.race.run(at.signs_in(code=code), revokes, commit=2)
    assert at.alive() == 0


def two_codes_are_issued(at: Scene) -> None:
    issues = at.posts("Anh", f"/desk/people/{at.cast.lan.id}/code")
    at.race.run(issues, issues)
    still_good = SignInCode.expires_at > SignInCode.issued_at
    assert len(at.rows(select(SignInCode.code_hash).where(still_good))) == 1


def the_old_passphrase_comes_while_it_is_changed(at: Scene) -> None:
    at.inside(identity.set_passphrase, at.cast.lan.id, OLD)()
    changes = at.inside(identity.set_passphrase, at.cast.lan.id, NEW)
    signs_in = at.signs_in(phone="0912000007", passphrase=OLD)
    assert statuses(at.race.run(changes, signs_in)[1:]) == [401]
    assert at.alive() == 0


def two_guesses_begin(at: Scene) -> None:
    guess = {"phone": "0912000007", "passphrase": "sai mất rồi"}
    assert statuses(at.race.run(at.signs_in(**guess), at.signs_in(**guess))) == [401, 401]
    assert at.rows(select(FailedSignIn.count)) == [(2,)]


def two_first_requests_make_the_epoch(at: Scene) -> None:
    one, other = at.race.run(at.lan.round_trip, at.hoa.round_trip)
    assert one["epoch"] == other["epoch"]
    assert len(at.rows(select(Setting.value).where(Setting.name == "epoch"))) == 1


def two_first_facts_of_a_ward(at: Scene) -> None:
    notes = at.inside(ledger.note, VIET_HUNG, "restored")
    assert at.race.run(notes, notes) == [None, None]
    assert at.rows(select(Link.no).where(Link.ward_id == VIET_HUNG).order_by(Link.no)) == [(1,), (2,)]


def two_tabs_say_what_the_phone_has(at: Scene) -> None:
    at.lan.round_trip()
    asks = [lambda: at.lan.post({**at.lan.envelope([]), "issued": 4, "unsent": 4}) for _ in range(2)]
    assert statuses(at.race.run(*asks)) == [200, 200]
    assert at.rows(select(DeviceState.issued)) == [(4,)]


def two_tabs_send_the_same_changes(at: Scene) -> None:
    at.lan.sync()  # the database has its epoch: two that name it at once are another case
    bodies = [at.lan.change(set=POND) for _ in range(3)]
    one, other = at.race.run(lambda: at.lan.push(*bodies), lambda: at.lan.push(*reversed(bodies)))
    assert one == other[::-1]
    assert len(at.ward.log()) == len(at.ward.records()) == 3


def a_gap_is_given_up_twice(at: Scene) -> None:
    at.lan.seq += 2
    at.lan.push(at.lan.change(set=POND))
    line = {"person": at.cast.lan.id, "device": at.lan.device, "numbers": "1-2", "note": "máy hỏng"}
    closes = at.posts("Minh", "/desk/arrivals/close", **line)
    at.race.run(closes, closes)
    facts = [row for row in at.rows(select(Link.facts)) if '"what":"gap_closed"' in row[0]]
    assert (len(facts), len(at.rows(select(Gap.seq).where(Gap.closed_at.is_not(None))))) == (1, 2)


def a_group_is_added_twice(at: Scene) -> None:
    adds = at.posts("Anh", f"/desk/units/{PHUC_LOI}/groups", name="14")
    assert statuses(at.race.run(adds, adds)) == [302, 422]
    assert len(at.rows(select(Unit.id).where(Unit.name == "14"))) == 1


def two_groups_are_added(at: Scene) -> None:
    adds = [at.posts("Anh", f"/desk/units/{PHUC_LOI}/groups", name=name) for name in ("14", "15")]
    assert statuses(at.race.run(*adds)) == [302, 302]
    assert len(set(at.rows(select(Unit.code).where(Unit.name.in_(("14", "15")))))) == 2


def somebody_comes_to_a_group_that_is_closed(at: Scene) -> None:
    closes = at.posts("Anh", f"/desk/units/{GROUP_3}/close")
    comes = at.posts("Anh", f"/desk/people/{at.cast.lan.id}/assign", role="collaborator", unit=str(GROUP_3))
    at.race.run(comes, closes)
    closed = at.rows(select(Unit.valid_to).where(Unit.id == GROUP_3)) != [(None,)]
    works = (Assignment.unit_id == GROUP_3, Assignment.valid_to.is_(None))
    assert closed != bool(at.rows(select(Assignment.id).where(*works)))


def somebody_is_moved_to_two_wards(at: Scene) -> None:
    path = f"/desk/people/{at.cast.minh.id}/assign"
    moves = [at.posts("Anh", path, role=role, unit=str(VIET_HUNG)) for role in ("leader", "officer")]
    at.race.run(*moves)
    open_ = (Assignment.person_id == at.cast.minh.id, Assignment.valid_to.is_(None))
    assert len(at.rows(select(Assignment.id).where(*open_))) == 1


def a_person_is_added_twice(at: Scene) -> None:
    form = {"name": "Bùi Văn Hùng", "phone": "0912 345 678", "role": "officer", "unit": str(PHUC_LOI)}
    adds = at.posts("Anh", "/desk/people", **form)
    assert statuses(at.race.run(adds, adds)) == [303, 422]
    assert len(at.rows(select(Person.id).where(Person.phone == "+84912345678"))) == 1


def a_photo_is_begun_twice(at: Scene) -> None:
    photo = {"id": str(uuid4()), "size": 3000, "sha256": "0" * 64, "type": "image/jpeg"}
    begins = partial(Uploader(at.lan).begin, photo, str(uuid4()))
    assert statuses(at.race.run(begins, begins)) == [201, 201]
    assert len(at.rows(select(Photo.id))) == 1


CASES = {
    name: case
    for name, case in dict(globals()).items()
    if callable(case) and getattr(case, "__module__", "") == __name__ and getattr(case, "__annotations__", {}).get("at")
}
