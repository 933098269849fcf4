"""The change of 1 July 2025 on made-up records: what moved, and that nothing was lost."""

import pytest
from flask import Flask

from app.cli import rehearsal
from app.records import moving


def test_fourteen_wards_become_seven_and_nothing_is_lost(app: Flask) -> None:
    result = app.test_cli_runner().invoke(args=["rehearse-2025"])
    print(result.output)
    assert result.exit_code == 0, result.output
    moved = [line for line in result.output.splitlines() if "→" in line]
    origins = {line.split("→")[0].strip() for line in moved}
    assert len(origins) == 14 and "Sài Đồng (00142)" in origins
    targets = {line.split("→")[1].split("  ")[0].strip() for line in moved if "Sài Đồng" not in line}
    assert targets == {"Hồng Hà", "Bồ Đề", "Việt Hưng", "Phúc Lợi", "Long Biên", "Bát Tràng"}
    assert "Nothing was lost" in result.output


@pytest.mark.parametrize("bug", ["records stay", "a record is dropped"])
def test_a_planted_loss_is_seen(app: Flask, monkeypatch: pytest.MonkeyPatch, bug: str) -> None:
    usual = moving.move

    def moves(by: str, homes: dict[str, tuple[int, int | None]]) -> None:
        usual(by, {} if bug == "records stay" else dict(list(homes.items())[1:]))

    monkeypatch.setattr(moving, "move", moves)
    with app.app_context():
        assert rehearsal.play().faults
