"""Vietnamese as data, on the vectors that the phone's twin runs too."""

import json
import unicodedata
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app import vietnamese

VECTORS: dict[str, list[Any]] = json.loads((Path(__file__).parent / "vectors/vietnamese.json").read_text("utf-8"))
ANY_TEXT = st.text(st.characters(exclude_categories=()))  # lone surrogates and NUL among it


@pytest.mark.parametrize(("text", "key"), VECTORS["fold"])
def test_search_folds_marks_case_and_spaces(text: str, key: str) -> None:
    assert vietnamese.fold(text) == key


@pytest.mark.parametrize("case", VECTORS["names"], ids=lambda case: case["sorted"][0])
def test_people_are_sorted_by_given_name(case: dict[str, list[str]]) -> None:
    assert sorted(case["in"], key=vietnamese.name_key) == case["sorted"]


@pytest.mark.parametrize(("text", "number"), VECTORS["phone"])
def test_telephone_numbers_are_kept_in_one_form(text: str, number: str | None) -> None:
    assert vietnamese.phone_number(text) == number


@pytest.mark.parametrize(("text", "kept"), VECTORS["clean"])
def test_text_is_kept_clean(text: str, kept: str) -> None:
    assert vietnamese.clean(text) == kept


@settings(deadline=None)
@given(ANY_TEXT)
def test_whatever_was_cleaned_can_be_stored_and_stays(text: str) -> None:
    kept = vietnamese.clean(text)
    assert vietnamese.is_storable(kept)
    assert vietnamese.clean(kept) == kept
    kept.encode()


@settings(deadline=None)
@given(ANY_TEXT)
def test_composed_and_decomposed_text_is_found_alike(text: str) -> None:
    assert vietnamese.fold(unicodedata.normalize("NFD", text)) == vietnamese.fold(unicodedata.normalize("NFC", text))


@settings(deadline=None)
@given(st.lists(st.text()), st.randoms(use_true_random=False))
def test_the_order_of_names_does_not_depend_on_where_they_stood(names: list[str], dice: Random) -> None:
    mixed = dice.sample(names, len(names))
    assert [vietnamese.name_key(name) for name in sorted(mixed, key=vietnamese.name_key)] == sorted(
        vietnamese.name_key(name) for name in names
    )


def test_people_are_called_by_the_last_word() -> None:
    assert [vietnamese.given_name(name) for name in ("Nguyễn Minh Đức", "Lan", " ")] == ["Đức", "Lan", ""]
