"""JSON as it is written: quickly where that can be done, and the same where it cannot."""

import json

import pytest

from app.json_text import as_bytes, as_text

AWKWARD = [2**70, -(2**64), "\ud800", "Đỗ Thị Hoa", "Đ", "\x00\u2028", [1, 1.0, True, None], {"ô": {}}]


@pytest.mark.parametrize("value", AWKWARD)
def test_what_is_written_is_read_again(value):
    assert json.loads(as_text({"value": [value]})) == {"value": [value]}
    assert json.loads(as_bytes({"value": [value]})) == {"value": [value]}


def test_deep_nesting_is_written_too():
    deep: list = []
    for _ in range(400):
        deep = [deep]
    assert as_text(deep) == "[" * 401 + "]" * 401
    assert as_bytes(deep) == as_text(deep).encode()
