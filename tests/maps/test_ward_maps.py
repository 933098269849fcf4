"""A ward's map file: what is taken, who may fetch it, in which ranges, and what phones are told of it."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app.db import transact
from app.maps import queries, rules, service
from app.maps.models import WardMap
from app.units import queries as units
from tests.cast import PHUC_LOI, VIET_HUNG, Cast
from tests.maps.making import BOX, write_map


@pytest.fixture
def load(app: Flask, tmp_path: Path) -> Callable[..., WardMap]:
    """load(ward_id, …) gives a ward a map that is made for it."""

    def give(ward_id: int = PHUC_LOI, **more: Any) -> WardMap:
        path = write_map(tmp_path / "made.pmtiles", **{"zooms": range(13, 15), **more})
        with transact():
            made = service.load(units.get(ward_id), path)
        return units.db.session.get_one(WardMap, made.ward_id)

    return give


def run(app: Flask, *words: str) -> Any:
    return app.test_cli_runner().invoke(args=["map", *words])


def test_the_command_takes_a_file_and_says_what_is_in_it(app: Flask, tmp_path: Path) -> None:
    path = write_map(tmp_path / "phuc-loi.pmtiles", vector=True, zooms=[14])
    said = run(app, "load", str(path), "--ward", "00136")
    assert said.exit_code == 0, said.output
    assert "vector" in said.output and "21.0300 105.9100" in said.output
    assert "vector" in run(app, "list").output
    with app.app_context():
        own = queries.map_of(PHUC_LOI)
        assert own is not None and own.credit == "© Phòng thử nghiệm &amp; bạn".replace("&amp;", "&")
        assert queries.path_of(own.sha256).read_bytes() == path.read_bytes()
        assert queries.map_of(VIET_HUNG) is None
    assert run(app, "remove", "--ward", "00136").output == "Removed.\n"
    assert run(app, "remove", "--ward", "00136").output == "There was none.\n"
    assert run(app, "load", str(path), "--ward", "99999").exit_code == 1


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda data: b"PK\x03\x04" + data, "not_pmtiles"),
        (lambda data: b"", "not_pmtiles"),
        (lambda data: data[:100], "not_pmtiles"),
        (lambda data: data[:-1], "no_tiles"),
        (lambda data: data[:99] + b"\x06" + data[100:], "unknown_tiles"),
        (lambda data: data[:99] + b"\x63" + data[100:], "not_pmtiles"),
        (lambda data: data[:98] + b"\x03" + data[99:], "unknown_tiles"),
        (lambda data: data[:102] + data[110:114] + data[106:110] + data[102:106] + data[114:], "no_box"),
    ],
)
def test_what_is_no_map_is_refused_and_nothing_is_kept(
    app: Flask, tmp_path: Path, spoil: Callable[[bytes], bytes], code: str
) -> None:
    path = write_map(tmp_path / "a.pmtiles", zooms=[13])
    path.write_bytes(spoil(path.read_bytes()))
    with app.app_context():
        described = rules.describe(path.stat().st_size, lambda at, n: path.read_bytes()[at : at + n])
        assert described == code
        assert run(app, "load", str(path), "--ward", "00136").exit_code == 1
        assert queries.map_of(PHUC_LOI) is None and not list(queries.folder().glob("*"))


def test_a_file_that_no_phone_could_hold_is_refused() -> None:
    assert rules.describe(rules.MOST_BYTES + 1, lambda at, n: b"") == "map_too_large"


@pytest.mark.parametrize(
    ("asked", "status", "given"),
    [
        (None, 200, slice(None)),
        ("bytes=0-99", 206, slice(0, 100)),
        ("bytes=100-199", 206, slice(100, 200)),
        ("bytes=-50", 206, slice(-50, None)),
        ("bytes=7-", 206, slice(7, None)),
        ("bytes=999999999-", 422, None),
    ],
)
def test_ranges(
    app: Flask, cast: Cast, load: Callable[..., WardMap], asked: str | None, status: int, given: slice | None
) -> None:
    with app.app_context():
        own = load()
        address, whole = own.sha256, queries.path_of(own.sha256).read_bytes()
    headers = {"Accept-Encoding": "gzip", **({"Range": asked} if asked else {})}
    for who, door in (("Lan", "/api/v1/maps/"), ("Minh", "/desk/maps/"), ("Ha", "/desk/maps/")):
        with cast.client(who).get(door + address, headers=headers) as answer:
            assert answer.status_code == status
            if given is not None:
                assert answer.data == whole[given] and answer.headers["Cache-Control"].startswith("private")
                assert "Content-Encoding" not in answer.headers, "packed, a range would be another range"


def test_a_map_is_for_signed_in_people_of_its_ward(app: Flask, cast: Cast, load: Callable[..., WardMap]) -> None:
    with app.app_context():
        ours, theirs = load().sha256, load(VIET_HUNG, colour=(1, 2, 3)).sha256
    assert app.test_client().get(f"/api/v1/maps/{ours}").status_code == 401
    assert app.test_client().get(f"/desk/maps/{ours}").status_code == 302
    assert cast.client("Anh").get(f"/desk/maps/{ours}").status_code == 404
    for who, own, other in (("Lan", ours, theirs), ("Tuan", theirs, ours)):
        with cast.client(who).get(f"/api/v1/maps/{own}") as answer:
            assert answer.status_code == 200
        assert cast.client(who).get(f"/api/v1/maps/{other}").status_code == 404
    for name in ("..", "0" * 64, "..%2f..%2fto-am.db", ours.upper()):
        assert cast.client("Minh").get(f"/desk/maps/{name}").status_code == 404


def test_the_kit_tells_of_the_map_and_of_the_box(app: Flask, cast: Cast, load: Callable[..., WardMap]) -> None:
    def kit(who: str = "Lan") -> dict[str, Any]:
        found: dict[str, Any] = cast.client(who).get("/api/v1/kit").get_json()
        return found

    assert kit()["map"] is None
    with app.app_context():
        own = load()
        assert kit()["map"] == {"file": own.sha256, "size": own.size, "look": "picture", "credit": own.credit}
    assert kit()["box"] == list(BOX) and kit("Tuan")["map"] is None
    box = {"south": "21,03", "west": "105,9", "north": "21,06", "east": "105.95"}
    here = {"Sec-Fetch-Site": "same-origin"}
    assert cast.client("Anh").post(f"/desk/units/{PHUC_LOI}/box", data=box, headers=here).status_code == 302
    assert kit()["box"] == [21.03, 105.9, 21.06, 105.95]
    assert "21,03000" in cast.client("Anh").get(f"/desk/units/{PHUC_LOI}").text
    wrong = cast.client("Anh").post(f"/desk/units/{PHUC_LOI}/box", data=box | {"south": "105"}, headers=here)
    assert wrong.status_code == 422 and "box-fault" in wrong.text
    assert cast.client("Anh").post(f"/desk/units/{PHUC_LOI}/box", data={}, headers=here).status_code == 302
    assert kit()["box"] == list(BOX)


def test_a_map_whose_file_is_gone_is_none(app: Flask, cast: Cast, load: Callable[..., WardMap]) -> None:
    with app.app_context():
        address = load().sha256
        queries.path_of(address).unlink()
    assert cast.client("Lan").get("/api/v1/kit").get_json()["map"] is None
    assert cast.client("Lan").get(f"/api/v1/maps/{address}").status_code == 404


def test_only_files_that_have_long_been_no_map_are_swept(app: Flask, load: Callable[..., WardMap]) -> None:
    with app.app_context():
        before = load().sha256
        after = load(colour=(9, 9, 9)).sha256
        assert service.sweep() == 0, "another command may be about to name a fresh file"
        for path in queries.folder().iterdir():
            os.utime(path, (1, 1))
        assert service.sweep() == 1
        assert not queries.path_of(before).exists() and queries.path_of(after).exists()
