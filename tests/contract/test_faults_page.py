"""docs/faults.md lists every reliability test and every planted bug as they are in the code."""

import ast

import pytest

from tests.contract import faults_page
from tests.contract.faults_page import ROOT, ROWS


def test_the_page_is_what_the_code_says() -> None:
    is_current = faults_page.PAGE.read_text(encoding="utf-8") == faults_page.written()
    assert is_current, "write it anew: .venv/bin/python -m tests.contract.faults_page"


def test_every_number_has_its_row() -> None:
    assert [row.number for row in ROWS] == [*(f"R-{number:02}" for number in range(1, 25)), "K-01"]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.number)
def test_a_row_names_commands_that_are_there(row: faults_page.Row) -> None:
    assert faults_page.files_of(row)[0] or row.number == "R-20", "R-20 in the browser is being written"
    if row.long:
        path = ROOT / "campaigns" / f"{row.long}.py"
        assert (ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "").startswith(row.number)


def test_there_are_more_planted_bugs_than_anybody_asked_for() -> None:
    groups = faults_page.planted()
    assert sum(map(len, groups.values())) >= 25
    assert len(groups[faults_page.MUTANTS]) >= 10
    assert all(len(set(names)) == len(names) for names in groups.values())
