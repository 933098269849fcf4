"""Phones with keys, and the ward, for the tests of what comes in without a sign-in."""

import pytest
from flask import Flask

from tests.cast import Cast
from tests.intake.office import Office
from tests.phone import Phone


@pytest.fixture
def lan(app: Flask, cast: Cast) -> Phone:
    """The phone of Nguyễn Thị Lan, tổ 7, which has given the ward its key."""
    phone = Phone(app, cast.lan)
    assert phone.registers_key().status_code == 204
    return phone


@pytest.fixture
def hoa(app: Flask, cast: Cast) -> Phone:
    """The phone of Đỗ Thị Hoa, tổ 7, with a key."""
    phone = Phone(app, cast.hoa)
    assert phone.registers_key().status_code == 204
    return phone


@pytest.fixture
def office(app: Flask) -> Office:
    """The administrator, who takes rights away."""
    return Office(app)
