"""docs/sync-protocol.md says what the code does: its codes, outcomes and limits are all there."""

import re
from pathlib import Path

from app.i18n import catalog
from app.problems import CATALOGUE
from app.sync import envelopes

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/sync-protocol.md").read_text(encoding="utf-8")
SOURCE = "".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "app/sync").glob("*.py")))
OUTCOMES = ("applied", "merged", "conflict", "held", "needs_fixing", "quarantined")


def test_every_code_of_a_receipt_is_explained_and_has_words() -> None:
    codes = set(re.findall(r'quarantined\("(\w+)"', SOURCE)) | {"desk_owned", "out_of_scope"}
    assert len(codes) >= 6
    for code in codes:
        assert f"`{code}`" in PAGE, code
        assert f"check.{code}" in catalog("vi")


def test_every_outcome_and_refusal_is_explained() -> None:
    for word in (*OUTCOMES, *set(re.findall(r'Problem\("(\w+)"', SOURCE)) & CATALOGUE.keys()):
        assert f"`{word}`" in PAGE, word


def test_the_limits_are_those_of_the_code() -> None:
    assert f"At most {envelopes.MOST_CHANGES}" in PAGE
    assert f"{envelopes.MOST_BYTES:,} bytes" in PAGE
    assert f"at most {envelopes.MOST_RECORDS}." in PAGE
