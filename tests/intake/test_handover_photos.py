"""Photos in a file of unsent work: taken in with their records, sealed or not, once, and only the phone's own."""

import inspect
import os
import random
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from app.db import db, transact
from app.intake import photos, shelf
from app.photos import service as receiving
from app.photos.models import Photo
from app.seals import rules as seals
from app.seals.models import SealKey
from tests.cast import PHUC_LOI, Cast
from tests.conftest import Clock
from tests.intake.carried_photos import pack
from tests.intake.office import Office
from tests.intake.test_handover import HERE, Desk, imports, packed_in
from tests.keys import Key
from tests.phone import Phone
from tests.photos.camera import HOME, about, picture
from tests.photos.shut import Shut
from tests.photos.wire import Uploader
from tests.seals.conftest import tell_keys

Json = dict[str, Any]
FILE, OTHER = picture(), picture(colour="#a27")


@pytest.fixture
def minh(app: Flask) -> Desk:
    return Desk(app, "Minh")


@pytest.fixture
def shots() -> list[Json]:
    return [about(FILE), about(OTHER)]


@pytest.fixture
def pond(lan: Phone, shots: list[Json]) -> str:
    """A hazard with two photos, on a phone without signal."""
    lan.online = False
    return lan.record("hazard_site", name="Ao đình làng", photos=shots)


@pytest.fixture
def whole(app: Flask, lan: Phone, pond: str, shots: list[Json]) -> bytes:
    """The file that Lan's phone gives out, sealed."""
    tell_keys(app)
    lan.learns_to_seal()
    return pack(lan, (shots[0], pond, FILE), (shots[1], pond, OTHER))


def takes(desk: Desk, raw: bytes) -> str:
    """Look, take, and go on as long as the page offers it; the last page."""
    page = desk.looks(raw, "to-am-2026-06-03.bin")
    while (laid := re.search(r'name="laid" value="([0-9a-f]*)"', page)) is not None:
        data = {"packed": packed_in(page), "laid": laid[1]}
        page = desk.client.post("/desk/handover/take", data=data, headers=HERE).text
    return page


def kept(app: Flask) -> list[Photo]:
    with app.app_context():
        return list(db.session.query(Photo).filter_by(state="kept"))


def shelved(app: Flask) -> list[str]:
    return [path.name for path in (app.config["TO_AM"].photo_folder / "incoming").glob("*")]


def test_looking_takes_nothing_and_tells_how_many(app: Flask, minh: Desk, whole: bytes) -> None:
    page = minh.looks(whole)
    assert "Nhập 1 lần ghi, 2 ảnh" in page and kept(app) == []
    assert FILE[-200:] not in whole and HOME.encode() not in whole, "nobody on the way sees it either"


def test_one_that_lay_shut_on_its_phone_is_carried_as_it_lay_there(
    app: Flask, lan: Phone, minh: Desk, pond: str, shots: list[Json]
) -> None:
    tell_keys(app)
    lan.learns_to_seal()
    assert lan.seals
    shut = Shut(lan.seals, shots[0], FILE, lan.person.id, pond)
    first = {"id": shots[0]["id"], "type": shots[0]["type"], "original": False, "sealed": shut.box()}
    raw = pack(lan, ({**first, "size": len(shut.file)}, pond, shut.file), (shots[1], pond, OTHER))
    assert "Phường đã giữ 2/2" in takes(minh, raw)
    assert {photo.sha256 for photo in kept(app)} == {shot["sha256"] for shot in shots}
    assert "Phường đã giữ 2/2" in takes(minh, raw), "the same again"
    # Her phone, when it reaches the ward, hears that it is there.
    lan.online = True
    assert Uploader(lan).ask("POST", "/api/v1/uploads", **shut.headers()).headers["Photo-State"] == "kept"


def test_where_the_ward_tells_no_key_it_comes_as_it_is(
    app: Flask, lan: Phone, minh: Desk, pond: str, shots: list[Json]
):
    assert "Phường đã giữ 2/2" in takes(minh, pack(lan, (shots[0], pond, FILE), (shots[1], pond, OTHER)))
    assert minh.client.get(f"/desk/photos/{shots[0]['id']}").status_code == 200


def test_taken_in_the_desk_sees_them_clean_and_the_phone_lets_go(
    app: Flask, lan: Phone, minh: Desk, cast: Cast, whole: bytes, shots: list[Json]
) -> None:
    page = takes(minh, whole)
    assert "Phường đã giữ 2/2 ảnh" in page and page.count("Đã giữ") == 2
    seen = minh.client.get(f"/desk/photos/{shots[1]['id']}")
    assert (seen.status_code, seen.mimetype) == (200, "image/jpeg") and HOME.encode() not in seen.data
    assert shelved(app) == [], "nothing of the file stays"
    assert [fact["photos"] for fact in imports(app, PHUC_LOI) if "photos" in fact] == [2]
    lan.online = True
    lan.sync()
    answer = Uploader(lan).ask("HEAD", f"/api/v1/uploads/{shots[0]['id']}")
    assert (answer.headers["Photo-State"], int(answer.headers["Upload-Offset"])) == ("kept", len(FILE))


def test_the_receipts_name_them(minh: Desk, whole: bytes, shots: list[Json]) -> None:
    takes(minh, whole)
    given = minh.gets_receipts(whole)
    assert given["photos"] == [{"id": one["id"], "sha256": one["sha256"], "state": "kept"} for one in shots]
    assert len(given["receipts"]) == 1


def test_again_changes_nothing(app: Flask, minh: Desk, whole: bytes) -> None:
    takes(minh, whole)
    first = [photo.picture for photo in kept(app)]
    assert "Phường đã có 2 ảnh" in minh.looks(whole)
    takes(minh, whole)
    assert [photo.picture for photo in kept(app)] == first
    assert len([fact for fact in imports(app, PHUC_LOI) if "photos" in fact]) == 1


def test_without_time_each_press_takes_one(
    app: Flask, minh: Desk, whole: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(photos, "MOST_SECONDS", 0.0)
    page = minh.looks(whole)
    laid = re.search(r'name="laid" value="([0-9a-f]+)"', page)
    assert laid
    data = {"packed": packed_in(page), "laid": laid[1]}
    page = minh.client.post("/desk/handover/take", data=data, headers=HERE).text
    assert "Nhập tiếp 1 ảnh" in page and len(kept(app)) == 1
    shelf_before = shelved(app)
    page = minh.client.post("/desk/handover/take", data=data, headers=HERE).text
    assert "Phường đã giữ 2/2" in page and len(shelf_before) == 1 and shelved(app) == []


def test_what_the_phone_sent_before_is_gone_on_with(
    app: Flask, lan: Phone, minh: Desk, whole: bytes, pond: str, shots: list[Json]
) -> None:
    up = Uploader(lan)
    up.begin(shots[0], pond)
    up.piece(shots[0]["id"], 0, FILE[:1_000])
    takes(minh, whole)
    assert {photo.sha256 for photo in kept(app)} == {one["sha256"] for one in shots}


def test_photos_alone_when_the_words_went_up_before(app: Flask, lan: Phone, minh: Desk, pond: str, shots: list[Json]):
    lan.online = True
    lan.sync()
    assert lan.outbox == []
    assert "Phường đã giữ 1/1" in takes(minh, pack(lan, (shots[0], pond, FILE)))
    assert minh.client.get(f"/desk/photos/{shots[0]['id']}").status_code == 200


def test_somebody_elses_photo_is_not_the_phones(app: Flask, lan: Phone, hoa: Phone, minh: Desk, shots: list[Json]):
    own = hoa.record("violation_report", what="Nghe tiếng khóc", photos=[shots[0]])
    hoa.sync()
    assert hoa.outbox == []
    page = takes(minh, pack(lan, (shots[0], own, FILE), (shots[1], own, OTHER)))
    assert "Phiếu của ảnh không phải của người này" in page and kept(app) == []


def test_without_a_signature_it_waits_until_its_record_names_it(
    app: Flask, lan: Phone, minh: Desk, pond: str, shots: list[Json]
) -> None:
    raw = pack(lan, (shots[0], pond, FILE), unsigned=True, changes=[])
    assert "Không có chữ ký của máy" in takes(minh, raw) and kept(app) == []
    lan.online = True
    lan.sync()
    assert "Phường đã giữ 1/1" in takes(minh, raw)


def test_another_keys_signature_proves_nothing(app: Flask, lan: Phone, minh: Desk, pond: str, shots: list[Json]):
    lan.key = Key()
    assert "Chữ ký không phải của máy này" in takes(minh, pack(lan, (shots[0], pond, FILE)))
    assert kept(app) == []


def test_of_a_revoked_phone_it_is_kept_and_nobody_sees_it_before_its_record_is_let_in(
    app: Flask, lan: Phone, minh: Desk, office: Office, pond: str, shots: list[Json], cast: Cast
) -> None:
    office.closes(cast.lan)
    takes(minh, pack(lan, (shots[0], pond, FILE)))
    assert [photo.sha256 for photo in kept(app)] == [shots[0]["sha256"]]
    assert minh.client.get(f"/desk/photos/{shots[0]['id']}").status_code == 404


def test_without_the_wards_key_it_stays_in_the_file(app: Flask, lan: Phone, minh: Desk, pond: str, shots: list[Json]):
    tell_keys(app)
    lan.learns_to_seal()
    raw = pack(lan, (shots[0], pond, FILE))
    with app.app_context(), transact():
        db.session.query(SealKey).delete()
    assert "khóa của phường đã mất" in takes(minh, raw) and kept(app) == []


@pytest.mark.parametrize("where", ["damaged", "swapped"])
def test_a_damaged_byte_is_named_and_harms_no_other(
    app: Flask, lan: Phone, minh: Desk, pond: str, shots: list[Json], where: str
) -> None:
    """Two pieces: what is longer than one goes through as well."""
    tell_keys(app)
    lan.learns_to_seal()
    dice = random.Random(7)
    large = FILE + dice.randbytes(1_200_000)  # a JPEG with a tail: still a picture
    shots[0] = about(large)
    lan.edit(pond, photos=shots)
    raw = bytearray(pack(lan, (shots[0], pond, large), (shots[1], pond, OTHER)))
    head = raw.index(b"\n") + 1
    whole = seals.PIECE + seals.AROUND
    if where == "swapped":
        rest = len(large) + 2 * seals.AROUND - whole
        raw[head : head + whole + rest] = raw[head + whole : head + whole + rest] + raw[head : head + whole]
    else:
        raw[head + whole + 100] ^= 1
    page = takes(minh, bytes(raw))
    assert "Không mở được" in page and "Phường đã giữ 1/2" in page
    takes(minh, pack(lan, (shots[0], pond, large)))
    assert len(kept(app)) == 2, "exported again, it goes on"


def test_no_picture_is_refused_and_said(app: Flask, lan: Phone, minh: Desk) -> None:
    fake = about(b"<script>alert(1)</script>" * 40)
    record = lan.record("hazard_site", name="Ao", photos=[fake])
    assert "Không phải ảnh mở được" in takes(minh, pack(lan, (fake, record, b"<script>alert(1)</script>" * 40)))


def test_a_file_cut_in_its_photos_is_refused_whole(app: Flask, minh: Desk, whole: bytes) -> None:
    for length in (len(whole) - 1, whole.index(b"\n") + 1, whole.index(b"\n") + 500):
        assert "bị cắt ngang" in minh.looks(whole[:length])
    assert "bị sửa" in minh.looks(whole + b"x")
    assert shelved(app) == [] and kept(app) == []


def test_the_shelf_is_swept_after_a_day_and_the_file_asked_for_again(
    app: Flask, minh: Desk, whole: bytes, clock: Clock
) -> None:
    page = minh.looks(whole)
    laid = re.search(r'name="laid" value="([0-9a-f]+)"', page)
    assert laid
    for path in (app.config["TO_AM"].photo_folder / "incoming").glob("*"):
        os.utime(path, times=(0, (clock.now() - timedelta(days=1, seconds=1)).timestamp()))
    with app.app_context():
        shelf._sweep()
    page = minh.client.post("/desk/handover/take", data={"packed": packed_in(page), "laid": laid[1]}, headers=HERE).text
    assert "chọn lại tệp để nhập tiếp" in page and kept(app) == []
    assert "Phường đã giữ 2/2" in takes(minh, whole)


def test_a_name_of_nothing_is_no_shelf(app: Flask, minh: Desk, whole: bytes) -> None:
    packed = packed_in(minh.looks(whole))
    for laid in ("", "x", "../../etc/passwd", "0" * 64):
        page = minh.client.post("/desk/handover/take", data={"packed": packed, "laid": laid}, headers=HERE).text
        assert "chọn lại tệp" in page and kept(app) == []


def test_every_other_shape_of_photos_is_refused(lan: Phone, minh: Desk) -> None:
    lan.record("hazard_site", name="Ao")
    for size in (None, 0, -1, True, "1", 10**12):
        minh.looks(lan.exports(format="to-am-unsent/3", photos=[{"body": "{}", "bytes": size}]) + b"\n")
        assert minh.status == 422
    for given in ({}, [7], [{"body": 7, "bytes": 1}]):
        minh.looks(lan.exports(format="to-am-unsent/3", photos=given) + b"\n")
        assert minh.status == 422


def test_bytes_of_one_photo_may_not_be_called_anothers(
    app: Flask, lan: Phone, minh: Desk, pond: str, shots: list[Json]
):
    raw = pack(lan, (shots[0], pond, OTHER))
    assert "Ảnh hỏng trên đường chuyển" in takes(minh, raw) and kept(app) == []


PLANTED: dict[str, tuple[Callable[..., None], Callable[[pytest.MonkeyPatch], None]]] = {
    "a signature is not asked for": (
        test_another_keys_signature_proves_nothing,
        lambda patch: patch.setattr(photos, "UNPROVEN", ()),
    ),
    "whose record it is is not asked": (
        test_somebody_elses_photo_is_not_the_phones,
        lambda patch: patch.setattr(receiving, "_check_record", lambda *_: None),
    ),
    "what was taken is taken again": (
        test_again_changes_nothing,
        lambda patch: patch.setattr(photos, "_state", lambda *_: photos.WAITS),
    ),
    "what came before is not passed over": (
        test_what_the_phone_sent_before_is_gone_on_with,
        lambda patch: patch.setattr(
            receiving, "_pieces", lambda body, most=None: iter(lambda: body.read(9_999) if most is None else b"", b"")
        ),
    ),
}


@pytest.mark.parametrize("fault", PLANTED)
def test_a_planted_fault_is_seen(fault: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    test, plant = PLANTED[fault]
    given = {name: request.getfixturevalue(name) for name in inspect.signature(test).parameters}
    plant(monkeypatch)
    with pytest.raises(AssertionError):
        test(**given)
