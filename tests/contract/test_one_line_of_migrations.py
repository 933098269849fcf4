"""Migrations stand in one line, each file named by its number, so that two people's work meets in the open."""

from pathlib import Path

from app.cli import MIGRATIONS


def test_each_follows_the_one_before():
    files = sorted((Path(MIGRATIONS) / "versions").glob("[0-9]*.py"))
    said = {}
    for file in files:
        lines = file.read_text(encoding="utf-8").splitlines()
        said[file.name[:4]] = {line for line in lines if line.startswith(("revision = ", "down_revision = "))}
    assert len(said) == len(files), "two of one number"
    before = "None"
    for number, lines in said.items():
        assert lines == {f'revision = "{number}"', f"down_revision = {before}"}
        before = f'"{number}"'
