"""A photo's way to the ward: resumable after any break, once, and never more than was asked for."""

import io
import random

import pytest
from flask import Flask
from PIL import Image

from app.db import db
from app.photos import receiving, rules, service
from app.photos import store as stores
from app.photos.models import Photo
from tests.cast import Cast
from tests.conftest import Clock
from tests.phone import Phone
from tests.photos.camera import HOME, about, picture
from tests.photos.wire import Uploader, problem

FILE = picture()


def row(app: Flask, photo_id: str) -> Photo:
    with app.app_context():
        found = db.session.get(Photo, photo_id)
        assert found is not None
        return found


def record_with(phone: Phone, *photos: dict, **more: object) -> str:
    """A record that names these photos, received by the ward."""
    record_id = phone.record("album", name="Ao sau nhà văn hóa", photos=list(photos), **more)
    phone.sync()
    assert phone.receipt(record_id)["outcome"] == "applied", phone.receipt(record_id)
    return record_id


def test_a_photo_follows_its_record_and_the_desk_sees_a_clean_picture(app: Flask, cast: Cast, lan: Phone, up: Uploader):
    photo = about(FILE)
    record_id = record_with(lan, photo)
    answer = up.send(photo, record_id, FILE)
    assert answer.status_code == 204 and answer.headers["Photo-State"] == "kept"
    seen = cast.client("Minh").get(f"/desk/photos/{photo['id']}")
    assert seen.status_code == 200 and seen.mimetype == "image/jpeg"
    assert seen.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert seen.headers["X-Content-Type-Options"] == "nosniff"
    with Image.open(io.BytesIO(seen.data)) as drawn:
        assert drawn.size == (640, 480) and not drawn.getexif()
    assert HOME.encode() not in seen.data and b"Nguy" not in seen.data
    small = cast.client("Minh").get(f"/desk/photos/{photo['id']}/thumb")
    with Image.open(io.BytesIO(small.data)) as drawn:
        assert max(drawn.size) == 320


def test_the_file_may_come_before_its_record(cast: Cast, lan: Phone, up: Uploader):
    photo = about(FILE)
    record_id = lan.record("album", name="Ao", photos=[photo])
    assert up.send(photo, record_id, FILE).headers["Photo-State"] == "kept"
    minh = cast.client("Minh")
    assert minh.get(f"/desk/photos/{photo['id']}").status_code == 404
    lan.sync()
    assert minh.get(f"/desk/photos/{photo['id']}").status_code == 200


@pytest.mark.parametrize("size", [7, 1000, 4096])
def test_a_cut_at_every_edge_of_a_piece_ends_in_the_same_file(app: Flask, lan: Phone, up: Uploader, size: int):
    file = picture(200, 120)
    photo = about(file)
    up.begin(photo, "r1")
    at = 0
    while at < len(file):
        assert up.offset(photo["id"]) == at
        up.piece(photo["id"], at, file[at : at + size])
        at += min(size, len(file) - at)
    assert row(app, photo["id"]).state == "kept"


def test_two_thousand_cuts_anywhere_end_in_exactly_one_identical_file(app: Flask, lan: Phone, up: Uploader):
    seed = 20260603
    print("seed", seed)
    dice = random.Random(seed)
    noise = Image.frombytes("RGB", (160, 120), dice.randbytes(160 * 120 * 3))
    out = io.BytesIO()
    noise.save(out, "PNG")
    file = out.getvalue()
    photo, at = about(file, "image/png"), 0
    up.begin(photo, "r1")
    for _ in range(2000):
        claimed = max(0, at + dice.randrange(-40, 40)) if dice.random() < 0.2 else at
        # Never the last byte, so that there is something left to cut.
        until = min(claimed + dice.randrange(1, 60), len(file) - 1)
        answer = up.piece(photo["id"], claimed, file[claimed:until])
        assert answer.status_code == (204 if claimed == at else 409), answer.data
        at = int(answer.headers.get("Upload-Offset", at))
    assert up.offset(photo["id"]) == at
    up.piece(photo["id"], at, file[at:])
    kept = row(app, photo["id"])
    assert kept.state == "kept" and kept.offset == len(file)
    with app.app_context():
        assert db.session.query(Photo).filter_by(sha256=photo["sha256"], state="kept").count() == 1


def test_who_asks_again_while_the_picture_is_drawn_hears_the_same(
    app: Flask, up: Uploader, monkeypatch: pytest.MonkeyPatch
):
    """The answer to the last byte was lost, and the phone asks to finish while the first request still draws."""
    photo = about(FILE)
    up.begin(photo, "r1")
    drawn, clean = [], receiving.clean

    def slowly(*given):
        drawn.append(1)
        if len(drawn) == 1:
            drawn.append(up.piece(photo["id"], len(FILE), b"").headers["Photo-State"])
        return clean(*given)

    monkeypatch.setattr(receiving, "clean", slowly)
    assert up.piece(photo["id"], 0, FILE).headers["Photo-State"] == "kept"
    assert drawn == [1, 1, "kept"]
    with app.app_context():
        assert list(service.incoming(photo["id"]).parent.iterdir()) == []
        assert stores.current().size(str(row(app, photo["id"]).picture))


def test_a_file_that_another_request_took_away_is_no_refusal(app: Flask, up: Uploader, monkeypatch: pytest.MonkeyPatch):
    """The other request keeps the picture between this one's look at the file and its drawing."""
    photo, clean = about(FILE), receiving.clean
    up.begin(photo, "r1")
    turns = []

    def late(*given):
        turns.append(1)
        if len(turns) == 1:
            up.piece(photo["id"], len(FILE), b"")
            assert not given[0].exists()
        return clean(*given)

    monkeypatch.setattr(receiving, "clean", late)
    assert up.piece(photo["id"], 0, FILE).headers["Photo-State"] == "kept"
    assert (row(app, photo["id"]).state, row(app, photo["id"]).reason) == ("kept", "")


def test_begun_twice_it_is_one_upload(up: Uploader):
    photo = about(FILE)
    up.begin(photo, "r1")
    up.piece(photo["id"], 0, FILE[:1000])
    again = up.begin(photo, "r1")
    assert again.status_code == 201 and again.headers["Upload-Offset"] == "1000"


def test_another_file_under_the_same_number_is_refused(up: Uploader):
    photo = about(FILE)
    up.begin(photo, "r1")
    other = about(picture(colour="#a22")) | {"id": photo["id"]}
    assert problem(up.begin(other, "r1")) == "photo_reused"
    assert problem(up.begin(photo, "another-record")) == "photo_reused"


def test_a_piece_that_was_damaged_is_not_taken(up: Uploader):
    photo = about(FILE)
    up.begin(photo, "r1")
    bad = up.ask(
        "PATCH",
        f"/api/v1/uploads/{photo['id']}",
        FILE[:500],
        Content_Type="application/offset+octet-stream",
        Upload_Offset="0",
        Upload_Checksum="sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=",
    )
    assert bad.status_code == 460 and problem(bad) == "wrong_checksum"
    assert up.offset(photo["id"]) == 0
    assert up.piece(photo["id"], 0, FILE[:500], checksum=True).status_code == 204


def test_all_bytes_but_not_the_file_begins_again_and_ends_some_time(app: Flask, up: Uploader):
    photo = about(FILE) | {"sha256": "0" * 64}
    up.begin(photo, "r1")
    assert [problem(up.piece(photo["id"], 0, FILE)) for _ in range(2)] == ["not_the_file", "not_the_file"]
    last = up.piece(photo["id"], 0, FILE)
    assert last.headers["Photo-State"] == "refused" and row(app, photo["id"]).reason == "not_the_file"


def test_more_bytes_than_announced_are_not_taken(up: Uploader):
    photo = about(FILE[:1000])
    up.begin(photo, "r1")
    assert problem(up.piece(photo["id"], 0, FILE)) == "too_large"
    assert up.offset(photo["id"]) == 0


def test_the_disk_lost_what_the_database_counts(app: Flask, up: Uploader):
    photo = about(FILE)
    up.begin(photo, "r1")
    up.piece(photo["id"], 0, FILE[:2000])
    with app.app_context():
        service.incoming(photo["id"]).write_bytes(FILE[:100])
    assert problem(up.piece(photo["id"], 2000, FILE[2000:])) == "wrong_offset"
    assert up.offset(photo["id"]) == 0
    assert up.piece(photo["id"], 0, FILE).headers["Photo-State"] == "kept"


def test_killed_between_the_last_byte_and_the_picture_it_can_be_finished(app: Flask, up: Uploader, monkeypatch):
    photo = about(FILE)
    up.begin(photo, "r1")

    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(service, "_finish", dies)
        up.piece(photo["id"], 0, FILE)
    assert up.offset(photo["id"]) == len(FILE)
    assert up.piece(photo["id"], len(FILE), b"").headers["Photo-State"] == "kept"


def test_half_a_photo_is_forgotten_after_its_time_and_can_begin_anew(app: Flask, clock: Clock, up: Uploader):
    photo = about(FILE)
    up.begin(photo, "r1")
    up.piece(photo["id"], 0, FILE[:100])
    clock.move(days=13)
    with app.app_context():
        assert service.sweep() == 0
    clock.move(days=2)
    with app.app_context():
        assert service.sweep() == 1 and not service.incoming(photo["id"]).exists()
    assert up.ask("HEAD", f"/api/v1/uploads/{photo['id']}").status_code == 404
    assert up.send(photo, "r1", FILE).headers["Photo-State"] == "kept"


def test_nobody_reaches_somebody_elses_upload(lan: Phone, hoa: Phone, up: Uploader):
    photo = about(FILE)
    up.begin(photo, "r1")
    other = Uploader(hoa)
    assert other.ask("HEAD", f"/api/v1/uploads/{photo['id']}").status_code == 404
    assert other.piece(photo["id"], 0, FILE).status_code == 404
    assert problem(other.begin(photo, "r1")) == "photo_reused"


def test_no_photo_for_a_record_out_of_reach(lan: Phone, tuan: Phone):
    record_id = record_with(lan)
    assert Uploader(tuan).begin(about(FILE), record_id).status_code == 404


def test_the_day_has_a_limit_that_only_delays(app: Flask, up: Uploader, monkeypatch):
    monkeypatch.setattr(rules, "MOST_SHRUNK", 10**9)
    large = about(FILE) | {"size": 299_999_999}
    assert up.begin(large, "r1").status_code == 201
    answer = up.begin(about(FILE), "r1")
    assert answer.status_code == 429 and int(answer.headers["Retry-After"]) > 0


def test_who_may_see(app: Flask, cast: Cast, lan: Phone, hoa: Phone, tuan: Phone, up: Uploader):
    open_one, guarded = about(FILE), about(picture(colour="#a22"))
    record_id = record_with(lan, open_one, secret=[guarded])
    up.send(open_one, record_id, FILE)
    up.send(guarded, record_id, picture(colour="#a22"))

    def sees(client, photo: dict, path: str = "/api/v1/photos/{}") -> int:
        return client.get(path.format(photo["id"])).status_code

    assert [sees(phone.client, open_one) for phone in (lan, hoa, tuan)] == [200, 200, 404]
    assert [sees(phone.client, guarded) for phone in (lan, hoa, tuan)] == [200, 404, 404]
    desk = "/desk/photos/{}/thumb"
    assert [sees(cast.client(who), guarded, desk) for who in ("Minh", "Ha", "Anh")] == [200, 200, 404]


def test_a_photo_that_the_record_does_not_name_is_shown_to_nobody(cast: Cast, lan: Phone, up: Uploader):
    named, stray = about(FILE), about(FILE)
    record_id = record_with(lan, named)
    up.send(stray, record_id, FILE)
    other = named | {"sha256": about(picture(colour="#a22"))["sha256"]}
    up.send(other, record_id, picture(colour="#a22"))
    minh = cast.client("Minh")
    assert [minh.get(f"/desk/photos/{p['id']}").status_code for p in (stray, named)] == [404, 404]


def test_the_untouched_file_is_kept_only_where_it_was_asked_for(cast: Cast, lan: Phone, up: Uploader):
    photo = about(FILE, original=True)
    record_id = record_with(lan, secret=[photo])
    up.begin(photo, record_id, original="1")
    up.piece(photo["id"], 0, FILE)
    got = cast.client("Minh").get(f"/desk/photos/{photo['id']}/original")
    assert got.data == FILE and got.headers["Content-Disposition"].startswith("attachment")
    plain = about(FILE)
    other = record_with(lan, plain)
    up.send(plain, other, FILE)
    assert cast.client("Minh").get(f"/desk/photos/{plain['id']}/original").status_code == 404
    pushy = about(FILE, original=True)  # a phone that says so where the form does not allow it
    third = record_with(lan, pushy)
    up.begin(pushy, third, original="1")
    assert up.piece(pushy["id"], 0, FILE).headers["Photo-State"] == "kept"
    assert cast.client("Minh").get(f"/desk/photos/{pushy['id']}/original").status_code == 404


def test_what_the_server_can_do(up: Uploader):
    said = up.ask("OPTIONS", "/api/v1/uploads")
    assert said.status_code == 204 and said.headers["Tus-Version"] == "1.0.0"
    assert set(said.headers["Tus-Extension"].split(",")) == {
        "creation",
        "creation-with-upload",
        "expiration",
        "checksum",
    }


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"Tus_Resumable": "0.2.2"}, "bad_tus"),
        ({"Upload_Length": "-1"}, "bad_upload"),
        ({"Upload_Length": "99999999"}, "bad_upload"),
        ({"Upload_Metadata": "photo !!!"}, "bad_upload"),
        ({"Upload_Metadata": "photo YQ=="}, "bad_upload"),
    ],
)
def test_nonsense_is_told(up: Uploader, change: dict, code: str):
    given = {"Upload_Length": "10", "Upload_Metadata": "photo YQ=="} | change
    assert problem(up.ask("POST", "/api/v1/uploads", **given)) == code


def test_an_upright_picture_of_a_turned_phone(cast: Cast, lan: Phone, up: Uploader):
    file = picture(turn=6)
    photo = about(file)
    record_id = record_with(lan, photo)
    up.send(photo, record_id, file)
    with Image.open(io.BytesIO(cast.client("Minh").get(f"/desk/photos/{photo['id']}").data)) as drawn:
        assert drawn.size == (480, 640)


def test_a_store_without_the_file_is_a_404(app: Flask, cast: Cast, lan: Phone, up: Uploader):
    photo = about(FILE)
    record_id = record_with(lan, photo)
    up.send(photo, record_id, FILE)
    with app.app_context():
        stores.current().remove(str(row(app, photo["id"]).picture))
    assert cast.client("Minh").get(f"/desk/photos/{photo['id']}").status_code == 404
