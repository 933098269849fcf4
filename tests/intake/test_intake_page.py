"""docs/sync-protocol.md says what the write-only door does: its reasons and refusals are all there."""

import re
from pathlib import Path

from app.problems import CATALOGUE

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/sync-protocol.md").read_text(encoding="utf-8")
SOURCES = [*(ROOT / "app/intake").glob("*.py"), ROOT / "app/identity/keys.py"]
SOURCE = "".join(path.read_text(encoding="utf-8") for path in SOURCES)


def test_every_reason_and_every_refusal_is_explained() -> None:
    reasons = {"bad_signature", "unsigned", "rights_gone", "phone_revoked"}
    assert all(f'"{reason}"' in SOURCE for reason in reasons)
    refusals = set(re.findall(r'Problem\("(\w+)"', SOURCE)) & {"unknown_device", "enough_today", "key_revoked"}
    assert len(refusals) == 3 and refusals <= CATALOGUE.keys()
    for code in reasons | refusals:
        assert f"`{code}`" in PAGE, code
