"""Phones and the ward, for the tests of the protocol."""

import pytest
from flask import Flask

from tests.cast import Cast
from tests.phone import Phone
from tests.sync.ward import Ward


@pytest.fixture
def lan(app: Flask, cast: Cast) -> Phone:
    """The phone of Nguyễn Thị Lan, tổ 7."""
    return Phone(app, cast.lan)


@pytest.fixture
def hoa(app: Flask, cast: Cast) -> Phone:
    """The phone of Đỗ Thị Hoa, tổ 7."""
    return Phone(app, cast.hoa)


@pytest.fixture
def tuan(app: Flask, cast: Cast) -> Phone:
    """The phone of Lê Quốc Tuấn, in another ward."""
    return Phone(app, cast.tuan)


@pytest.fixture
def ward(app: Flask) -> Ward:
    """The ward's side."""
    return Ward(app)
