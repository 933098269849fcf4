"""A file of unsent work at the desk: looked at, taken in with its sender's rights and nobody else's, receipted."""

import html
import json
import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from app.db import db
from app.intake import files, handover
from app.records.audit import Audit
from app.records.models import Link
from tests.cast import GROUP_3, PHUC_LOI, VIET_HUNG, Cast
from tests.conftest import MORNING
from tests.intake.office import Office
from tests.keys import Key
from tests.phone import Phone
from tests.sync.ward import Ward

HERE = {"Sec-Fetch-Site": "same-origin"}


class Desk:
    """Somebody at the desk with a file in hand; everything without script."""

    def __init__(self, app: Flask, who: str) -> None:
        self.client = Cast(app).client(who)

    def looks(self, raw: bytes, name: str = "to-am-2026-06-03.json") -> str:
        """Choose the file; the page that comes."""
        head = f'--x\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
        body = head.encode() + raw + b"\r\n--x--\r\n"
        answer = self.client.post(
            "/desk/handover", data=body, content_type="multipart/form-data; boundary=x", headers=HERE
        )
        self.status = answer.status_code
        return answer.text

    def takes(self, raw: bytes) -> str:
        """Choose, look and take; the page that comes."""
        answer = self.client.post("/desk/handover/take", data={"packed": packed_in(self.looks(raw))}, headers=HERE)
        self.status = answer.status_code
        return answer.text

    def gets_receipts(self, raw: bytes) -> dict[str, Any]:
        """The file of receipts."""
        answer = self.client.post("/desk/handover/receipts", data={"packed": packed_in(self.looks(raw))}, headers=HERE)
        assert answer.headers["Content-Disposition"].startswith('attachment; filename="to-am-receipts-')
        found: dict[str, Any] = json.loads(answer.data)
        return found


def packed_in(page: str) -> str:
    match = re.search(r'name="packed" value="([^"]+)"', page)
    assert match, page
    return html.unescape(match[1])


def count(page: str, label: str) -> int:
    """The number beside a label of the page."""
    match = re.search(rf"<dt>{re.escape(label)}</dt><dd[^>]*>(?:<[a-z][^>]*>)?(\d+)", page)
    return int(match[1]) if match else 0


def outcomes(page: str) -> list[str]:
    """What became of each change, from the table of receipts."""
    return re.findall(r"<td class=\"words\"><span class=\"tag[^>]*>.*?</svg>([^<]+)</span>", page)


@pytest.fixture
def minh(app: Flask) -> Desk:
    """The officer of Phúc Lợi."""
    return Desk(app, "Minh")


@pytest.fixture
def full(lan: Phone) -> Phone:
    """Lan's phone, which cannot send: two hazards and an edit wait on it."""
    lan.online = False
    pond = lan.record("hazard_site", name="Ao đình làng")
    lan.record("child_visit", note="Cháu Đức ở nhà một mình")
    lan.edit(pond, name="Ao đình làng, tổ 7")
    return lan


def imports(app: Flask, ward_id: int) -> list[dict[str, Any]]:
    with app.app_context():
        facts = db.session.scalars(select(Link.facts).where(Link.ward_id == ward_id).order_by(Link.no))
        return [fact for fact in map(json.loads, facts) if fact["what"] == "imported"]


def test_looking_shows_what_would_come_and_takes_nothing(full: Phone, minh: Desk, ward: Ward) -> None:
    page = minh.looks(full.exports())
    assert "Nguyễn Thị Lan" in page and "Tổ 7, phường Phúc Lợi" in page
    assert (count(page, "Số lần ghi"), count(page, "Phường đã có"), count(page, "Chưa có, sẽ nhập")) == (3, 0, 3)
    assert "Nhập 3 lần ghi" in page
    assert ward.log() == []
    assert "Ao đình" not in page and "Đức" not in re.sub("Vũ Đức Anh", "", page), "what was written is not shown"


def test_taken_in_it_is_the_phones_own_work(full: Phone, minh: Desk, ward: Ward, cast: Cast) -> None:
    page = minh.takes(full.exports())
    assert outcomes(page) == ["Đã nhận, còn thiếu thông tin"] * 3
    assert {record.author_id for record in ward.records()} == {cast.lan.id}
    assert {change.device for change in ward.log()} == {full.device}
    assert "Ao đình" not in page


def test_the_phone_hears_the_same_receipts_at_its_next_pass(full: Phone, minh: Desk, ward: Ward) -> None:
    raw = full.exports()
    minh.takes(raw)
    given = minh.gets_receipts(raw)
    full.online = True
    full.sync()
    assert full.outbox == []
    assert [{k: v for k, v in one.items() if k != "record"} for one in full.receipts.values()] == given["receipts"]
    assert (given["format"], given["device"], len(ward.log())) == ("to-am-receipts/1", full.device, 3)


def test_taken_twice_is_taken_once(app: Flask, full: Phone, minh: Desk, ward: Ward) -> None:
    raw = full.exports()
    first = minh.takes(raw)
    assert count(minh.looks(raw), "Phường đã có") == 3
    assert "Phường đã có mọi mục trong tệp này" in minh.looks(raw)
    assert minh.takes(raw) == first
    assert len(ward.log()) == 3 and len(imports(app, PHUC_LOI)) == 1


def test_who_brought_it_stands_in_the_wards_chain(app: Flask, full: Phone, minh: Desk, cast: Cast) -> None:
    raw = full.exports()
    minh.takes(raw)
    sha256 = files.read_file(raw).sha256
    said = {"what": "imported", "by": cast.minh.id, "person": cast.lan.id, "device": full.device, "changes": 3}
    assert imports(app, PHUC_LOI) == [{**said, "file": sha256, "at": MORNING.isoformat(timespec="seconds")}]
    with app.app_context():
        assert list(Audit().findings()) == []


def test_it_never_acts_with_the_officers_rights(
    app: Flask, full: Phone, minh: Desk, ward: Ward, office: Office, cast: Cast
) -> None:
    office.moves_to(cast.hoa, GROUP_3)
    hoa = Phone(app, cast.hoa)
    theirs = hoa.record("hazard_site", name="Cống hở tổ 3")
    hoa.sync()
    full.store[theirs] = {"id": theirs, "kind": "hazard_site", "version": 1, "data": {}}
    full.edit(theirs, name="Không phải của tổ 7")
    page = minh.takes(full.exports())
    assert outcomes(page)[-1] == "Giữ để quản trị xem"
    assert "ngoài phần việc được giao" in page
    assert ward.record(theirs).data["name"] == "Cống hở tổ 3"  # type: ignore[union-attr]


@pytest.mark.parametrize(("way", "says"), [("revokes", "đã thu hồi máy này"), ("closes", "không còn được giao việc")])
def test_a_sender_without_rights_gains_none_at_the_desk(
    full: Phone, minh: Desk, ward: Ward, office: Office, way: str, says: str
) -> None:
    getattr(office, way)(full.person)
    assert says in minh.looks(full.exports())
    page = minh.takes(full.exports())
    assert set(outcomes(page)) == {"Giữ để quản trị xem"} and says in page
    assert ward.records() == [] and len(ward.log()) == 3


def test_without_signatures_it_is_kept_for_somebody_to_look(full: Phone, minh: Desk, ward: Ward) -> None:
    full.key = None
    raw = full.exports()
    assert "không có chữ ký của máy" in minh.looks(raw)
    minh.takes(raw)
    assert {change.receipt["problems"][0]["code"] for change in ward.log()} == {"unsigned"}
    assert ward.records() == []


def test_a_file_of_a_phone_that_was_never_signed_in_is_kept_too(app: Flask, minh: Desk, ward: Ward, cast: Cast) -> None:
    stranger = Phone(app, cast.lan, device="e0000000-0000-4000-8000-00000000dead", key=Key())
    stranger.record("hazard_site", name="Ao đình làng")
    assert "Máy chưa từng đăng nhập" in minh.looks(stranger.exports())
    minh.takes(stranger.exports())
    assert ward.log()[0].receipt["problems"] == [{"code": "bad_signature"}]


def test_an_altered_change_is_no_longer_its_phones(full: Phone, minh: Desk, ward: Ward) -> None:
    altered = full.exports().replace("đình làng, tổ 7".encode(), "giả".encode())
    minh.takes(altered)
    assert [change.receipt["problems"][-1]["code"] for change in ward.log()][-1] == "bad_signature"
    assert {record.version for record in ward.records()} == {1}


def test_somebody_elses_name_makes_it_nobodys(full: Phone, minh: Desk, ward: Ward, cast: Cast) -> None:
    minh.takes(full.exports(person=cast.hoa.id))
    assert {change.receipt["problems"][0]["code"] for change in ward.log()} == {"bad_signature"}
    assert ward.records() == []


def test_a_file_of_another_ward_goes_there_and_tells_nothing_here(
    app: Flask, minh: Desk, ward: Ward, cast: Cast
) -> None:
    tuan = Phone(app, cast.tuan)
    tuan.registers_key()
    tuan.record("hazard_site", name="Hồ Việt Hưng")
    page = minh.looks(tuan.exports())
    assert "Người của phường khác" in page
    assert "Tuấn" not in page and "Việt Hưng" not in page
    minh.takes(tuan.exports())
    assert [record.ward_id for record in ward.records()] == [VIET_HUNG]
    assert imports(app, PHUC_LOI) == [] and len(imports(app, VIET_HUNG)) == 1


def test_the_administrator_takes_files_in_too(app: Flask, full: Phone, ward: Ward) -> None:
    page = Desk(app, "Anh").takes(full.exports())
    assert len(outcomes(page)) == 3 and len(ward.records()) == 2


def test_the_leader_has_no_such_page(app: Flask, cast: Cast) -> None:
    assert cast.client("Ha").get("/desk/handover").status_code == 404


def test_drafts_are_counted_and_never_taken(full: Phone, minh: Desk, ward: Ward) -> None:
    draft = {"id": "d1", "kind": "child", "record": None, "values": {"name": "Nguyễn Minh Đức"}, "base": {}}
    raw = full.exports(drafts=[draft, draft])
    assert count(minh.looks(raw), "Nháp chưa ghi xong") == 2
    assert "Không nhập" in minh.takes(raw)
    assert len(ward.log()) == 3


def test_a_long_file_is_taken_in_parcels_and_goes_on_where_it_stopped(
    lan: Phone, minh: Desk, ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(230):
        lan.record("hazard_site", name=f"Ao số {number}")
    real, parcels = handover.accept, []

    def stops_in_between(*given: Any, **more: Any) -> Any:
        parcels.append(len(given[2]))
        if len(parcels) == 2:
            raise OperationalError("", {}, Exception("disk full"))
        return real(*given, **more)

    monkeypatch.setattr(handover, "accept", stops_in_between)
    minh.takes(lan.exports())
    assert minh.status == 503 and len(ward.log()) == 100, "whole parcels, none by half"
    page = minh.takes(lan.exports())
    assert parcels == [100, 100, 100, 100, 30]
    assert len(outcomes(page)) == len(ward.log()) == len(ward.records()) == 230


BAD = {
    "empty": b"",
    "not_ours": b"\x89PNG\r\n\x1a\n" + bytes(range(256)),
    "cut_short": b'{"format": "to-am-unsent/1", "person": "a000',
    "newer": b'{"format": "to-am-unsent/4"}',
    "is_receipts": b'{"format": "to-am-receipts/1", "receipts": []}',
    "damaged": b'{"format": "to-am-unsent/1", "person": "a b", "device": "d", "changes": []}',
    "nothing": b'{"format": "to-am-unsent/1", "person": "p", "device": "d", "changes": []}',
    "nobody": b'{"format": "to-am-unsent/1", "person": "p", "device": "d", "changes": [{"body": "{}"}]}',
    "too_large": b'{"format": "to-am-unsent/1", "pad": "' + b"x" * (files.MOST_BYTES + 1),
}


@pytest.mark.parametrize("code", BAD)
def test_what_cannot_be_taken_is_said_and_nothing_is(minh: Desk, ward: Ward, code: str) -> None:
    page = minh.looks(BAD[code])
    with open("app/i18n/catalogs/desk-handover.vi.json", encoding="utf-8") as words:
        assert json.load(words)[f"desk.handover.bad.{code}"] in html.unescape(page)
    assert minh.status == 422 and ward.log() == []


@pytest.mark.parametrize(
    "value",
    [
        [],
        7,
        None,
        {},
        {"format": "to-am-unsent/1"},
        {"format": "to-am-unsent/1", "person": "p", "device": "d", "changes": {}},
        {"format": "to-am-unsent/1", "person": "p", "device": "d", "changes": ["x"]},
        {"format": "to-am-unsent/1", "person": "p", "device": "d", "changes": [{"body": {}}]},
        {"format": "to-am-unsent/1", "person": "p", "device": "d", "changes": [{"body": "x", "sig": 1}]},
        {"format": "to-am-unsent/1", "person": "p", "device": "d", "app": 1, "changes": [{"body": "x"}]},
        {"format": "to-am-unsent/1", "person": "p", "device": "d", "drafts": 1, "changes": [{"body": "x"}]},
        {"format": "to-am-unsent/1", "person": "p", "device": "d", "changes": [{"body": "x"}] * 10_001},
    ],
)
def test_every_other_shape_is_refused_whole(minh: Desk, ward: Ward, value: object) -> None:
    minh.looks(json.dumps(value).encode())
    assert minh.status == 422 and ward.log() == []


def test_a_file_cut_anywhere_is_refused_whole(full: Phone) -> None:
    raw = full.exports()
    assert len(files.read_file(raw).changes) == 3
    for length in range(0, len(raw), 7):
        with pytest.raises(files.BadFile):
            files.read_file(raw[:length])


def test_an_editors_byte_order_mark_does_no_harm(full: Phone) -> None:
    raw = full.exports()
    assert files.read_file(b"\xef\xbb\xbf" + raw).changes == files.read_file(raw).changes


@pytest.mark.parametrize("packed", ["", "x", "!!!!", files.pack(b"x" * (files.MOST_BYTES + 1)), files.pack(b"{")[:-8]])
def test_what_the_page_carried_is_checked_like_any_file(minh: Desk, ward: Ward, packed: str) -> None:
    for place in ("take", "receipts"):
        answer = minh.client.post(f"/desk/handover/{place}", data={"packed": packed}, headers=HERE)
        assert answer.status_code == 422
    assert ward.log() == []


def test_no_file_chosen(minh: Desk) -> None:
    assert "Chưa chọn tệp nào" in minh.looks(b"", name="") and minh.status == 422
    assert minh.client.post("/desk/handover", data={}, headers=HERE).status_code == 422
