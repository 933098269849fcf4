"""Photos at the desk: on the record's page, large without script, told when missing, noted when a report's."""

import json
import re

import pytest
from flask import Flask

from app.db import db
from app.records.models import Link
from tests.cast import Cast
from tests.phone import Phone
from tests.photos.camera import about, picture
from tests.photos.test_uploads import record_with
from tests.photos.wire import Uploader

FILE = picture()
GREEN, RED = picture(colour="#2a7"), picture(colour="#a22")


def reads(app: Flask) -> list[dict]:
    """What the chain says of opened photos."""
    with app.app_context():
        facts = [json.loads(link.facts) for link in db.session.query(Link).order_by(Link.no)]
    return [fact for fact in facts if fact.get("what") == "photo_read"]


def page(cast: Cast, record_id: str, who: str = "Minh", more: str = "") -> str:
    answer = cast.client(who).get(f"/desk/records/{record_id}{more}")
    assert answer.status_code == 200
    return answer.text


def test_the_records_page_shows_what_is_here_and_says_what_is_not(cast: Cast, lan: Phone, up: Uploader):
    here = about(FILE, caption="Bờ ao chưa có rào", place={"lat": 21.0437, "lon": 105.9259, "acc": 8, "how": "gps"})
    half, none, bad = about(GREEN), about(RED, caption="Lối xuống"), about(b"no picture")
    record_id = record_with(lan, here, half, none, bad)
    up.send(here, record_id, FILE)
    up.begin(half, record_id)
    up.piece(half["id"], 0, GREEN[: len(GREEN) // 2])
    up.send(bad, record_id, b"no picture")
    shown = page(cast, record_id)
    assert f'src="/desk/photos/{here["id"]}/thumb" alt="Bờ ao chưa có rào"' in shown
    assert "1. Bờ ao chưa có rào · 03/06/2026 09:11" in shown
    assert re.search(r"đang tới, (49|50)%", shown) and "chưa tới" in shown and "không mở được" in shown
    for other in (half, none, bad):
        assert f"/desk/photos/{other['id']}" not in shown


def test_the_large_picture_is_a_page_without_script_with_ways_to_the_others(cast: Cast, lan: Phone, up: Uploader):
    photos = [about(FILE, caption="Một"), about(GREEN), about(RED)]
    record_id = record_with(lan, *photos)
    for photo, file in zip(photos, (FILE, GREEN, RED), strict=True):
        up.send(photo, record_id, file)
    looked = cast.client("Minh").get(f"/desk/photos/{photos[1]['id']}/look").text
    assert "Ảnh 2 trong 3" in looked and f'src="/desk/photos/{photos[1]["id"]}"' in looked
    for beside in (photos[0], photos[2]):
        assert f'href="/desk/photos/{beside["id"]}/look"' in looked
    assert f'href="/desk/records/{record_id}"' in looked
    title = re.search("<title>(.*?)</title>", looked)
    assert title and "Ao" not in title[1]
    assert cast.client("Anh").get(f"/desk/photos/{photos[1]['id']}/look").status_code == 404


def test_every_opening_of_a_reports_photo_is_noted_and_none_opens_by_itself(
    app: Flask, cast: Cast, lan: Phone, up: Uploader
):
    photo = about(FILE)
    record_id = lan.record("violation_report", state_now="Bé khóc, tay bầm", photos=[photo])
    lan.sync()
    up.send(photo, record_id, FILE)
    shown = page(cast, record_id)
    assert f"/desk/photos/{photo['id']}/look" in shown and "/thumb" not in shown and "Mở ảnh" in shown
    assert reads(app) == []
    for which in ("", "/thumb"):
        assert cast.client("Minh").get(f"/desk/photos/{photo['id']}{which}").status_code == 200
    found = reads(app)
    assert [fact["which"] for fact in found] == ["picture", "thumb"]
    assert found[0]["photo"] == photo["id"] and found[0]["record"] == record_id and found[0]["by"] == cast.minh.id


def test_a_plain_records_photo_leaves_no_trace(app: Flask, cast: Cast, lan: Phone, up: Uploader):
    photo = about(FILE)
    up.send(photo, record_with(lan, photo), FILE)
    assert cast.client("Minh").get(f"/desk/photos/{photo['id']}").status_code == 200
    assert reads(app) == []


def test_a_photo_that_was_taken_out_stays_in_the_history(cast: Cast, lan: Phone, up: Uploader):
    first, second = about(FILE, caption="Trước"), about(RED, caption="Sau")
    record_id = record_with(lan, first)
    up.send(first, record_id, FILE)
    lan.edit(record_id, photos=[second])
    lan.sync()
    up.send(second, record_id, RED)
    shown = page(cast, record_id)
    history = shown[shown.index('id="history"') :]
    assert history.index(f"/desk/photos/{first['id']}/thumb") < history.index(f"/desk/photos/{second['id']}/thumb")
    assert "của bản trước" in cast.client("Minh").get(f"/desk/photos/{first['id']}/look").text
    assert lan.client.get(f"/api/v1/photos/{first['id']}").status_code == 404, "a phone sees what is in force"


def test_two_phones_rows_of_photos_are_a_choice_in_pictures(cast: Cast, lan: Phone, hoa: Phone, up: Uploader):
    base = record_with(lan)
    hoa.sync()
    lans, hoas = about(FILE, caption="Của Lan"), about(RED, caption="Của Hoa")
    lan.edit(base, photos=[lans])
    hoa.edit(base, photos=[hoas])
    lan.sync()
    hoa.sync()
    assert hoa.receipt(base)["outcome"] == "conflict"
    up.send(lans, base, FILE)
    Uploader(hoa).send(hoas, base, RED)
    shown = page(cast, base)
    choice = shown[shown.index('id="conflicts"') : shown.index('id="history"')]
    for photo in (lans, hoas):
        assert f"/desk/photos/{photo['id']}/thumb" in choice
        assert cast.client("Minh").get(f"/desk/photos/{photo['id']}/thumb").status_code == 200


@pytest.mark.parametrize(
    "photos", [[{"id": "x"}], "anh.jpg", [3, None], [{"id": "x", "sha256": 5, "place": "here", "taken": 7}]]
)
def test_whatever_a_phone_sent_as_photos_the_page_opens(cast: Cast, lan: Phone, photos: object):
    record_id = lan.record("album", name="Ao", photos=photos)
    lan.sync()
    assert "Ao" in page(cast, record_id)
