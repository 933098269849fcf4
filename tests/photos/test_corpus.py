"""A-07: files made to harm. Refused or drawn anew, never served as they came, nobody else disturbed."""

import re
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from flask import Flask

from app.config import ROOT
from app.photos import receiving
from tests.cast import Cast
from tests.phone import Phone
from tests.photos.camera import about, picture
from tests.photos.test_receiving import CORPUS, MEASURED
from tests.photos.test_uploads import record_with, row
from tests.photos.wire import Uploader

SCRIPT = b"<script>alert(document.cookie)</script><?php system($_GET[0]); ?>"
COSTLY = ("a flood of pixels", "the largest numbers", "a bomb in a text chunk", "jpeg of the largest size")


@pytest.mark.parametrize("name", ["a page with script", "svg", "php behind a jpeg head", "a bomb in a text chunk"])
def test_what_is_refused_is_served_to_nobody(app: Flask, cast: Cast, lan: Phone, up: Uploader, name: str):
    data = CORPUS[name]
    photo = about(data, "image/png" if data.startswith(b"\x89PNG") else "image/jpeg", original=True)
    record_id = record_with(lan, secret=[photo])
    up.begin(photo, record_id, original="1")
    answer = up.piece(photo["id"], 0, data)
    assert answer.status_code == 204 and answer.headers["Photo-State"] == "refused"
    kept = row(app, photo["id"])
    assert (kept.picture, kept.thumb, kept.original) == (None, None, None)
    minh = cast.client("Minh")
    for which in ("", "/thumb", "/original", "/look"):
        assert minh.get(f"/desk/photos/{photo['id']}{which}").status_code == 404
    assert lan.client.get(f"/api/v1/photos/{photo['id']}").status_code == 404
    assert "không mở được" in minh.get(f"/desk/records/{record_id}").text


def test_a_picture_that_is_also_a_page_is_drawn_anew(cast: Cast, lan: Phone, up: Uploader):
    data = picture() + SCRIPT
    photo = about(data)
    record_id = record_with(lan, photo)
    assert up.send(photo, record_id, data).headers["Photo-State"] == "kept"
    for client, path in ((cast.client("Minh"), "/desk"), (lan.client, "/api/v1")):
        for which in ("", "/thumb"):
            seen = client.get(f"{path}/photos/{photo['id']}{which}")
            assert seen.data.startswith(b"\xff\xd8") and b"script" not in seen.data and b"php" not in seen.data
            assert seen.mimetype == "image/jpeg" and seen.headers["X-Content-Type-Options"] == "nosniff"
            assert seen.headers["Content-Security-Policy"].startswith("sandbox")


def test_an_original_is_only_ever_a_download(cast: Cast, lan: Phone, up: Uploader):
    data = picture() + SCRIPT
    photo = about(data, original=True)
    record_id = record_with(lan, secret=[photo])
    up.begin(photo, record_id, original="1")
    up.piece(photo["id"], 0, data)
    got = cast.client("Minh").get(f"/desk/photos/{photo['id']}/original")
    assert got.data == data and got.mimetype == "application/octet-stream"
    assert got.headers["Content-Disposition"] == 'attachment; filename="ban-goc.bin"'
    assert got.headers["Content-Security-Policy"].startswith("sandbox")


@pytest.mark.parametrize("name", COSTLY)
def test_the_costliest_need_less_than_a_quarter_of_a_gigabyte(tmp_path: Path, name: str):
    source = tmp_path / "file.part"
    source.write_bytes(CORPUS[name])
    media_type = "image/png" if CORPUS[name].startswith(b"\x89PNG") else "image/jpeg"
    given = [source, media_type, tmp_path / "p.jpg", tmp_path / "t.jpg"]
    done = subprocess.run([sys.executable, "-c", MEASURED, *map(str, given)], cwd=ROOT, capture_output=True, text=True)
    assert "refused" in done.stdout, done.stderr
    peak = re.search(r"VmHWM:\s+([0-9]+) kB", done.stdout)
    assert peak and int(peak[1]) < 256_000


def test_others_go_on_while_a_picture_is_drawn(
    app: Flask, cast: Cast, lan: Phone, hoa: Phone, up: Uploader, monkeypatch: pytest.MonkeyPatch
):
    """Drawing holds neither the database nor a lock that a record needs."""
    begun, over, clean = threading.Event(), threading.Event(), receiving.clean

    def slowly(*given):
        begun.set()
        assert over.wait(60)
        return clean(*given)

    monkeypatch.setattr(receiving, "clean", slowly)
    photo = about(picture())
    record_id = record_with(lan, photo)
    said: list[str] = []
    sends = threading.Thread(target=lambda: said.append(up.send(photo, record_id, picture()).headers["Photo-State"]))
    sends.start()
    try:
        assert begun.wait(60)
        other = hoa.record("hazard_site", type="DN2", name="Hố ga", address="Ngõ 5")
        hoa.sync()
        assert hoa.receipt(other)["outcome"] == "applied"
        assert cast.client("Minh").get(f"/desk/records/{other}").status_code == 200
        assert said == []
    finally:
        over.set()
        sends.join(60)
    assert said == ["kept"]
