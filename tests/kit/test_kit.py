"""The kit that a phone fetches: once, and again only when something in it changed."""

from typing import Any

from flask import Flask

from app.db import db, transact
from app.kinds import registry
from app.units.models import Unit
from tests.cast import PHUC_LOI, Cast

KIT = "/api/v1/kit"


def fetch(cast: Cast, who: str, etag: str | None = None) -> Any:
    return cast.client(who).get(KIT, headers={"If-None-Match": etag} if etag else {})


def test_the_kit_has_forms_numbers_ward_and_person(cast: Cast) -> None:
    kit = fetch(cast, "Lan").get_json()
    said = "etag kinds numbers ward person box map calendar photoSide lock seal"
    assert list(kit) == said.split()
    assert [spec["kind"] for spec in kit["kinds"]] == list(registry)
    assert [number["tel"] for number in kit["numbers"]] == ["111", "113", "114", "115", "+842438750136"]
    assert kit["numbers"][-1]["label"] == ["Phường Phúc Lợi", "Phúc Lợi ward"]
    assert kit["ward"]["name"] == "Phúc Lợi"
    assert kit["person"]["name"] == "Nguyễn Thị Lan"
    south, west, north, east = kit["box"]
    assert south < 21.0437 < north
    assert west < 105.9259 < east


def test_an_unchanged_kit_is_not_sent_again(cast: Cast) -> None:
    first = fetch(cast, "Lan")
    for etag in (first.headers["ETag"], first.get_json()["etag"]):
        again = fetch(cast, "Lan", etag)
        assert (again.status_code, again.data) == (304, b"")
        assert again.headers["ETag"] == first.headers["ETag"]


def test_another_person_has_another_kit(cast: Cast) -> None:
    etag = fetch(cast, "Lan").headers["ETag"]
    assert fetch(cast, "Hoa", etag).status_code == 200


def test_a_new_number_of_the_ward_is_a_new_kit(app: Flask, cast: Cast) -> None:
    etag = fetch(cast, "Lan").headers["ETag"]
    with app.app_context(), transact():
        ward = db.session.get(Unit, PHUC_LOI)
        assert ward is not None
        ward.phone = None
    fresh = fetch(cast, "Lan", etag)
    assert fresh.status_code == 200
    assert [number["tel"] for number in fresh.get_json()["numbers"]] == ["111", "113", "114", "115"]


def test_the_kit_is_for_phones_that_are_signed_in(app: Flask, cast: Cast) -> None:
    assert app.test_client().get(KIT).status_code == 401
    assert cast.client("Minh").get(KIT).status_code == 401  # a sign-in at the desk opens nothing here
