"""The officer's browser and the phones around it; tests of what has its pages at the desk share them."""

import pytest
from flask.testing import FlaskClient

from tests.cast import Cast
from tests.conftest import hoa, lan, tuan, ward
from tests.desk.records import POND
from tests.phone import Phone

__all__ = ["hoa", "lan", "minh", "pond", "tuan", "ward"]


@pytest.fixture
def minh(cast: Cast) -> FlaskClient:
    """The browser of Trần Văn Minh, the ward's officer."""
    return cast.client("Minh")


@pytest.fixture
def pond(lan: Phone) -> str:
    """A pond that Lan has recorded and sent."""
    record = lan.record("hazard_site", **POND, address="Ngõ 12")
    lan.sync()
    return record
