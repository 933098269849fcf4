"""A ward that phones may seal to, and phones that do."""

import pytest
from flask import Flask

from app.db import transact
from app.seals import service
from tests.cast import Cast
from tests.phone import Phone


def tell_keys(app: Flask) -> None:
    """The ward has keys, and a backup has them."""
    with app.app_context(), transact():
        service.ensure_keys()
        service.mark_safe(service.unsafe())


def ready(phone: Phone) -> Phone:
    """With a signing key that the ward knows, and sealing."""
    assert phone.registers_key().status_code == 204
    phone.learns_to_seal()
    return phone


@pytest.fixture
def lan(app: Flask, cast: Cast) -> Phone:
    """Lan's phone, which signs and seals."""
    tell_keys(app)
    return ready(Phone(app, cast.lan))


@pytest.fixture
def hoa(app: Flask, cast: Cast, lan: Phone) -> Phone:
    """Hoa's, the same."""
    return ready(Phone(app, cast.hoa))
