"""The pure core stays pure, and there is one commit point: read from the syntax trees."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
APP = ROOT / "app"
PURE = sorted(
    {*APP.glob("*/rules.py"), *APP.glob("kinds/*.py")}
    | {APP / "form_text.py"}
    | {APP / "vietnamese.py", APP / "problems.py", APP / "identity/rights.py", APP / "sync/merge.py"}
    | {APP / "identity/signatures.py"}
    | {APP / "sync/numbering.py", APP / "records/chain.py"}
)
FORBIDDEN = {
    "flask",
    "flask_login",
    "flask_sqlalchemy",
    "sqlalchemy",
    "random",
    "os",
    "app.db",
    "app.clock",
    "app.http",
}
CLOCKS = {"now", "today", "utcnow"}


def faults(source: str) -> list[str]:
    """What a pure module may not do."""
    found: list[str] = []
    for node in ast.walk(ast.parse(source)):
        names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        found += [name for name in names if name in FORBIDDEN or name.split(".")[0] in FORBIDDEN]
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CLOCKS:
            found.append(f"reads the clock by {node.func.attr}()")
    return found


@pytest.mark.parametrize("path", PURE, ids=lambda p: str(p.relative_to(APP)))
def test_pure_modules_import_nothing_of_the_world(path: Path) -> None:
    assert faults(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("planted", ["from flask import request", "import sqlalchemy", "date.today()", "import app.db"])
def test_the_guard_sees_a_planted_fault(planted: str) -> None:
    assert faults(planted)


def test_there_is_one_commit_point() -> None:
    places = {
        str(path.relative_to(APP))
        for path in APP.rglob("*.py")
        if "migrations" not in path.parts and ".commit(" in path.read_text(encoding="utf-8")
    }
    assert places == {"db.py"}


def test_code_stays_readable() -> None:
    long = [str(p.relative_to(ROOT)) for p in APP.rglob("*.py") if len(p.read_text().splitlines()) > 300]
    declarations = {"app/kinds/violation_report.py", "app/kinds/hazard_site.py", "app/kinds/child.py"}
    assert set(long) <= declarations | {"app/kinds/vocabulary.py"}
