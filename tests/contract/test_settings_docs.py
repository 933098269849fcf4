"""docs/settings.md lists every setting, and settings that make no sense stop the server before it starts."""

from dataclasses import fields
from pathlib import Path

import pytest

from app.config import BadSetting, Settings, from_env

PAGE = Path(__file__).parents[2] / "docs" / "settings.md"
GOOD = {
    "TO_AM_ENVIRONMENT": "production",
    "TO_AM_SECRET_KEY": "k" * 40,
    "TO_AM_KEY_FILE": "/etc/to-am/keys",
    "TO_AM_DATABASE_URL": "sqlite:////srv/to-am.db",
    "TO_AM_PUBLIC_ORIGIN": "https://phuc-loi.example",
}


def written() -> str:
    """The page as it should be."""
    rows = [
        f"| `TO_AM_{one.name.upper()}` | {f'`{one.default}`' if one.default != '' else ''} | {one.metadata['help']} |"
        for one in fields(Settings)
    ]
    head = "# Settings\n\nFrom the environment, read once at the start.\n\n"
    head += "| variable | default | meaning |\n|---|---|---|\n"
    return head + "\n".join(rows) + "\n"


def test_the_page_lists_every_setting() -> None:
    assert PAGE.read_text(encoding="utf-8") == written()


def test_a_production_environment_that_makes_sense() -> None:
    assert from_env(GOOD).production


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ENVIRONMENT", "staging"),
        ("SECRET_KEY", ""),
        ("SECRET_KEY", "a-secret-that-everybody-knows-already-000"),
        ("DATABASE_URL", ""),
        ("PUBLIC_ORIGIN", "http://phuc-loi.example"),
        ("PROXIES", "many"),
        ("ARGON2_COST", "1"),
        ("KEY_FILE", ""),
        ("STEP_UP_MINUTES", "0"),
        ("SECOND_FACTOR_DAYS", "-1"),
        ("SECRT_KEY", "a slip of the pen"),
    ],
)
def test_nonsense_stops_the_start_and_names_the_setting(name: str, value: str) -> None:
    with pytest.raises(BadSetting, match=f"TO_AM_{name}"):
        from_env({**GOOD, f"TO_AM_{name}": value})
