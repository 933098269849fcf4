"""How much one phone may hand in a day: by bytes, never by a lock-out, and nobody can use up another's allowance."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from tests.cast import Cast
from tests.conftest import Clock, make_app, put_away
from tests.phone import Phone
from tests.sync.ward import Ward

A_DAY = 1_000_000


@pytest.fixture
def app(app: Flask, tmp_path: Path) -> Iterator[Flask]:
    """The same database under the smallest allowance that can be set."""
    made = make_app(tmp_path / "to-am.db", intake_bytes_a_day=A_DAY)
    yield made
    put_away(made)


def parcel(phone: Phone, *, signed: bool = True) -> list[dict[str, str]]:
    """About 100 kB."""
    change = json.dumps(phone.change(set={"note": "ghi chu " * 12_000}))
    return [phone.signed(change) if signed else {"body": change}]


def until_enough(phone: Phone, *, signed: bool = True) -> int:
    """Hand in parcels until the ward says enough; how many it took."""
    for taken in range(50):
        answer = phone.post_intake(parcel(phone, signed=signed))
        if answer.status_code != 200:
            assert (answer.status_code, answer.get_json()["code"]) == (429, "enough_today")
            assert 0 < int(answer.headers["Retry-After"]) <= 86_400
            return taken
    raise AssertionError("no limit")


def test_a_days_bytes_and_tomorrow_more(lan: Phone, clock: Clock) -> None:
    taken = until_enough(lan)
    assert taken * 100_000 >= A_DAY
    clock.move(days=1)
    assert lan.post_intake(parcel(lan)).status_code == 200


def test_what_is_handed_in_again_counts_once(lan: Phone, ward: Ward) -> None:
    same = parcel(lan)
    for _ in range(30):
        assert lan.post_intake(same).status_code == 200
    assert len(ward.log()) == 1


def test_whoever_knows_a_phones_id_cannot_use_up_its_allowance(lan: Phone) -> None:
    assert until_enough(lan, signed=False) <= 2
    assert lan.post_intake(parcel(lan)).status_code == 200


def test_one_phones_allowance_is_not_anothers(lan: Phone, hoa: Phone) -> None:
    until_enough(lan)
    assert hoa.post_intake(parcel(hoa)).status_code == 200


def test_a_sign_in_sends_all_the_same(lan: Phone, cast: Cast) -> None:
    until_enough(lan)
    [change] = parcel(lan)
    assert lan.push(change["body"])[0]["outcome"] == "needs_fixing"


def test_enough_is_told_before_anything_is_kept(lan: Phone, ward: Ward) -> None:
    until_enough(lan)
    before = len(ward.log())
    assert lan.post_intake(parcel(lan) + parcel(lan, signed=False)).status_code == 429
    assert len(ward.log()) == before
