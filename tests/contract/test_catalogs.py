"""No word is missing: both languages have the same keys and the same {places}, and every key that is used exists."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CATALOGS = ROOT / "app/i18n/catalogs"
NAMES = sorted(path.name.removesuffix(".vi.json") for path in CATALOGS.glob("*.vi.json"))
USE = re.compile(r"""\bt\(\s*(['"])([a-z][\w.\-]*)\1""")


def words(name: str, lang: str) -> dict[str, str]:
    loaded: dict[str, str] = json.loads((CATALOGS / f"{name}.{lang}.json").read_text(encoding="utf-8"))
    return loaded


def unknown(known: set[str], folder: str, *patterns: str) -> set[str]:
    """Keys that are used but not there. One that ends in a dot is the beginning of several."""
    files = [path for pattern in patterns for path in (ROOT / folder).rglob(pattern)]
    keys = {match[2] for path in files for match in USE.finditer(path.read_text(encoding="utf-8"))}
    begun = {key for key in keys if key.endswith(".") and any(word.startswith(key) for word in known)}
    return keys - known - begun


@pytest.mark.parametrize("name", NAMES)
def test_both_languages_are_complete(name: str) -> None:
    vi, en = words(name, "vi"), words(name, "en")
    assert vi.keys() == en.keys()
    assert not [key for key, text in {**vi, **en}.items() if not text.strip()]
    places = [key for key in vi if set(re.findall(r"{(\w+)}", vi[key])) != set(re.findall(r"{(\w+)}", en[key]))]
    assert places == []


def test_the_server_uses_only_words_that_exist() -> None:
    known = {key for name in NAMES for key in words(name, "vi")}
    assert unknown(known, "app", "*.py") | unknown(known, "templates", "*.html") == set()


def test_the_phone_uses_only_words_that_it_carries() -> None:
    parts = ("phone", "phone-later", "phone-lock", "checks", "problems")
    known = {key for name in parts for key in words(name, "vi")}
    assert unknown(known, "static/client", "*.ts", "*.tsx") == set()


def test_a_missing_word_is_seen() -> None:
    assert unknown({"desk.queue.title"}, "templates", "*.html")


def test_no_word_that_people_should_not_meet() -> None:
    never = ("đồng bộ", "máy chủ", "dữ liệu", "hợp lệ", "lỗi hệ thống", "thất bại")
    for name in NAMES:
        assert not [key for key, text in words(name, "vi").items() if any(word in text.lower() for word in never)]
