"""The list of wards, loaded into an empty database."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from flask import Flask

from app.db import db, transact
from app.units import queries, service
from tests.conftest import make_app, put_away

IN_2020, IN_2026 = date(2020, 6, 3), date(2026, 6, 3)
WARDS_2020 = {
    "Thượng Thanh", "Ngọc Thụy", "Giang Biên", "Đức Giang", "Việt Hưng", "Gia Thụy", "Ngọc Lâm",
    "Phúc Lợi", "Bồ Đề", "Sài Đồng", "Long Biên", "Thạch Bàn", "Phúc Đồng", "Cự Khối",
}  # fmt: skip


@pytest.fixture
def loaded(prepared: Path, tmp_path: Path) -> Iterator[Flask]:
    app = make_app(tmp_path / "units.db")
    with app.app_context():
        db.create_all()
        with transact():
            service.load_units()
        yield app
    put_away(app)


def ward(code: str, day: date) -> int:
    found = queries.find("ward", code, day)
    assert found is not None
    return found.id


def test_fourteen_wards_in_2020_and_their_successors(loaded: Flask) -> None:
    city = queries.find("city", "01")
    assert city is not None
    assert {unit.name for unit in queries.wards_under(city.id, IN_2020)} == WARDS_2020
    assert {unit.code: unit.name for unit in queries.wards_under(city.id, IN_2026)} == {
        "00097": "Hồng Hà",
        "00118": "Bồ Đề",
        "00127": "Việt Hưng",
        "00136": "Phúc Lợi",
        "00145": "Long Biên",
        "00565": "Gia Lâm",
        "00577": "Bát Tràng",
    }


def test_loading_again_changes_nothing(loaded: Flask) -> None:
    with transact():
        kept = service.add_group(ward("00136", IN_2026), "7")
        service.set_phone(queries.get(ward("00136", IN_2026)), "0243 875 0136")
        group_id = kept.id
    with transact():
        assert service.load_units() == 0
    assert queries.get(group_id).name == "7"
    assert queries.get(ward("00136", IN_2026)).phone == "+842438750136"


def test_a_code_without_a_date_is_ambiguous(loaded: Flask) -> None:
    assert queries.get(ward("00118", IN_2020)).name == "Ngọc Thụy"
    assert queries.get(ward("00118", IN_2026)).name == "Bồ Đề"


@pytest.mark.parametrize(
    ("code", "successor"),
    [
        ("00115", "Việt Hưng"), ("00118", "Hồng Hà"), ("00121", "Việt Hưng"), ("00124", "Việt Hưng"),
        ("00127", "Việt Hưng"), ("00130", "Bồ Đề"), ("00133", "Bồ Đề"), ("00136", "Phúc Lợi"), ("00139", "Bồ Đề"),
        ("00142", "Phúc Lợi"), ("00145", "Long Biên"), ("00148", "Long Biên"), ("00151", "Phúc Lợi"),
        ("00154", "Long Biên"),
    ],
)  # fmt: skip
def test_every_ward_of_2020_leads_to_one_of_today(loaded: Flask, code: str, successor: str) -> None:
    later = queries.unit_valid_on(ward(code, IN_2020), IN_2026)
    assert later is not None
    assert queries.get(later).name == successor


@pytest.mark.parametrize("name", ["Việt Hưng", "Phúc Lợi", "Bồ Đề", "Long Biên"])
def test_a_ward_of_today_was_the_one_of_its_name(loaded: Flask, name: str) -> None:
    city = queries.find("city", "01")
    assert city is not None
    today = next(unit for unit in queries.wards_under(city.id, IN_2026) if unit.name == name)
    before = queries.unit_valid_on(today.id, IN_2020)
    assert before is not None and before != today.id
    assert queries.get(before).name == name


def test_a_record_of_2020_made_by_a_group_of_today_belongs_to_the_old_ward(loaded: Flask) -> None:
    with transact():
        group_id = service.add_group(ward("00136", IN_2026), "7", date(2025, 7, 1)).id
    assert queries.unit_valid_on(group_id, IN_2026) == group_id
    assert queries.unit_valid_on(group_id, None) == group_id
    assert queries.unit_valid_on(group_id, IN_2020) == ward("00136", IN_2020)
    assert queries.unit_valid_on(987654, IN_2020) is None


def test_names_come_with_their_rank(loaded: Flask) -> None:
    with transact():
        group_id = service.add_group(ward("00136", IN_2026), "7").id
    assert queries.path(group_id, "vi") == "tổ 7, phường Phúc Lợi"
    assert queries.path(group_id, "en") == "group 7, Phúc Lợi ward"
    commune = queries.find("commune", "00577", IN_2026)
    assert commune is not None
    assert queries.path(commune.id, "vi") == "xã Bát Tràng"
    assert queries.path(None) == ""


def test_groups_are_listed_by_number(loaded: Flask) -> None:
    with transact():
        for name in ("12", "Hồng Tiến", "3", "20", "7"):
            service.add_group(ward("00136", IN_2026), name)
    assert [unit.name for unit in queries.groups_of([ward("00136", IN_2026)])] == ["3", "7", "12", "20", "Hồng Tiến"]
