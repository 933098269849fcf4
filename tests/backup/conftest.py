"""A ward at work, and whoever keeps its backups."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from tests.backup.keeper import Keeper
from tests.cast import Cast
from tests.phone import Phone


@pytest.fixture
def keeper(app: Flask, tmp_path: Path) -> Iterator[Keeper]:
    """Backups of `app`."""
    keeping = Keeper(app, tmp_path)
    yield keeping
    keeping.put_away()


@pytest.fixture
def lan(app: Flask, cast: Cast) -> Phone:
    """The phone of Nguyễn Thị Lan, tổ 7, who has recorded and sent something."""
    phone = Phone(app, cast.lan)
    phone.record("child", name="Nguyễn Văn Đức", address="số 5 ngõ 12")
    phone.record("hazard_site", type="DN1", name="Ao sau nhà văn hóa", risk="high")
    phone.record("violation_report", about="abused", state_now="Cháu bị bố đánh", danger_now="yes")
    phone.sync()
    return phone
