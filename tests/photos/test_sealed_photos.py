"""Photos that were shut on their phone: sent as they lie there, opened by the ward alone, and then as any other."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from PIL import Image

from app.db import db
from app.photos import sealed, service
from app.photos import store as stores
from app.photos.models import Photo
from tests.cast import Cast
from tests.phone import Phone
from tests.photos.camera import about, picture
from tests.photos.shut import Shut
from tests.photos.wire import Uploader, problem
from tests.seals.conftest import tell_keys

GRAINY = Image.effect_noise((480, 360), 90).convert("RGB")


def grain() -> bytes:
    """A file of some pieces."""
    out = io.BytesIO()
    GRAINY.save(out, "JPEG", quality=97)
    assert len(out.getvalue()) > 2 * sealed.PIECE
    return out.getvalue()


FILE = grain()


@pytest.fixture
def shut(app: Flask, lan: Phone) -> Shut:
    """A photo on Lan's phone, with its record at the ward."""
    return made(app, lan, FILE)


def made(app: Flask, phone: Phone, file: bytes, **more: Any) -> Shut:
    tell_keys(app)
    phone.learns_to_seal()
    assert phone.seals
    photo = about(file, **more)
    field = "secret" if more.get("original") else "photos"
    record = phone.record("album", name="Ao đình", **{field: [photo]})
    phone.sync()
    return Shut(phone.seals, photo, file, phone.person.id, record)


def begins(up: Uploader, shut: Shut, box: str | None = None, **more: str) -> Any:
    return up.ask("POST", "/api/v1/uploads", **shut.headers(box, **more))


def in_pieces(up: Uploader, shut: Shut, file: bytes, size: int = 50_000) -> Any:
    """Every second piece is cut off on its way, and goes on where it stopped."""
    answer = None
    for at in range(0, len(file), size):
        answer = up.piece(shut.about["id"], at, file[at : at + size], checksum=at % 2 == 0)
    return answer


def test_it_goes_up_in_pieces_and_the_desk_sees_it_as_any_other(
    app: Flask, cast: Cast, up: Uploader, shut: Shut
) -> None:
    assert begins(up, shut).status_code == 201
    assert begins(up, shut).headers["Upload-Offset"] == "0", "the same again"
    answer = in_pieces(up, shut, shut.file)
    assert (answer.status_code, answer.headers["Photo-State"]) == (204, "kept")
    assert up.offset(shut.about["id"]) == len(shut.file)
    seen = cast.client("Minh").get(f"/desk/photos/{shut.about['id']}")
    with Image.open(io.BytesIO(seen.data)) as drawn:
        assert drawn.size == GRAINY.size
    with app.app_context():
        assert list(service.incoming("x").parent.glob("*.open")) == []


def test_an_original_is_kept_as_it_was_before_it_was_shut(app: Flask, cast: Cast, lan: Phone, up: Uploader) -> None:
    shut = made(app, lan, FILE, original=True)
    begins(up, shut, original="1")
    assert in_pieces(up, shut, shut.file).headers["Photo-State"] == "kept"
    with app.app_context():
        photo = db.session.get(Photo, shut.about["id"])
        assert photo and photo.original
        with stores.current().open(photo.original) as kept:
            assert kept.read() == FILE


def test_nothing_of_it_lies_open_before_it_is_whole(app: Flask, up: Uploader, shut: Shut) -> None:
    begins(up, shut)
    up.piece(shut.about["id"], 0, shut.file[:100_000])
    with app.app_context():
        lies = service.incoming(shut.about["id"]).read_bytes()
    assert lies == shut.file[:100_000]
    assert not any(FILE[at : at + 16] in lies for at in range(0, 99_000, 1000))


@pytest.mark.parametrize(
    "what", ["a bit", "a piece less", "two pieces changed places", "the last piece as a middle one"]
)
def test_a_file_that_was_changed_is_not_the_file(up: Uploader, shut: Shut, what: str) -> None:
    whole, step = shut.file, sealed.PIECE + sealed.TAG
    changed = {
        "a bit": whole[:70_000] + bytes([whole[70_000] ^ 1]) + whole[70_001:],
        "a piece less": whole[:-step],
        "two pieces changed places": whole[step : 2 * step] + whole[:step] + whole[2 * step :],
        "the last piece as a middle one": whole[: 2 * step],
    }[what]
    headers = {**shut.headers(), "Upload_Length": str(len(changed))}
    assert up.ask("POST", "/api/v1/uploads", **headers).status_code == 201
    assert problem(in_pieces(up, shut, changed)) == "not_the_file"
    assert up.offset(shut.about["id"]) == 0


def test_a_seal_is_good_for_its_photo_its_record_and_its_sender_only(
    app: Flask, cast: Cast, lan: Phone, hoa: Phone, up: Uploader, shut: Shut
) -> None:
    box = shut.box()
    flipped = box[:-3] + ("A" if box[-3] != "A" else "B") + box[-2:]
    for bad in (flipped, box[9:], "ffffffff" + box[8:], ".", "", "đ.đ", shut.box(key="AA"), shut.box(sha256=7)):
        assert problem(begins(up, shut, bad)) == "bad_upload", bad
    for part, value in (("photo", "another"), ("record", "another")):
        assert problem(begins(up, shut, box, **{part: value})) == "bad_upload"
    # Whoever takes the phone meanwhile sends nothing of hers under another name.
    assert problem(begins(Uploader(hoa), shut)) == "not_found"
    assert begins(up, shut).status_code == 201


def test_a_plain_one_of_an_older_phone_is_taken_and_another_file_is_not(up: Uploader, shut: Shut) -> None:
    assert up.send(shut.about, shut.record, FILE).headers["Photo-State"] == "kept"
    assert problem(begins(up, shut)) == "photo_reused"


def test_too_large_is_said_before_a_byte_is_sent(up: Uploader, shut: Shut) -> None:
    headers = {**shut.headers(), "Upload_Length": str(sealed.shut_size(8_000_000) + 1)}
    assert problem(up.ask("POST", "/api/v1/uploads", **headers)) == "bad_upload"
    headers["Upload_Length"] = str(sealed.shut_size(8_000_000))
    assert up.ask("POST", "/api/v1/uploads", **headers).status_code == 201


def test_a_picture_that_is_none_is_refused_as_ever(app: Flask, lan: Phone, up: Uploader) -> None:
    shut = made(app, lan, b"no picture at all")
    begins(up, shut)
    assert in_pieces(up, shut, shut.file).headers["Photo-State"] == "refused"


def test_the_length_of_a_shut_file() -> None:
    for size in (1, 65_535, 65_536, 65_537, 200_000):
        assert sealed.shut_size(size) == size + 16 * -(-size // 65_536)


_box = sealed.open_box
PLANTED: dict[str, tuple[str, Callable[..., Any], Callable[..., None]]] = {
    "a seal is bound to nothing": (
        "open_box",
        lambda seal, photo, record, private, first={}: _box(seal, *first.setdefault("of", (photo, record)), private),
        test_a_seal_is_good_for_its_photo_its_record_and_its_sender_only,
    ),
    "the hash is not looked at": (
        "open_file",
        lambda shut, plain, inside: bool(plain.write_bytes(picture())),
        test_a_file_that_was_changed_is_not_the_file,
    ),
}


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_fault_is_seen(name: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    what, instead, test = PLANTED[name]
    names = test.__code__.co_varnames[: test.__code__.co_argcount]
    given = {one: "a bit" if one == "what" else request.getfixturevalue(one) for one in names}
    monkeypatch.setattr(sealed, what, instead)
    with pytest.raises((AssertionError, KeyError, TypeError, ValueError)):
        test(**given)
