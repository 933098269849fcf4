"""Another kind is one file; a kind that a phone could not check is refused at start."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from marshmallow import Schema, fields

from app.kinds import KindError, Registry, registry
from app.kinds.conditions import both, eq, filled, more
from app.kinds.form_spec import form_spec
from app.kinds.rules import faults
from app.kinds.vocabulary import Choice, Day, Kind, Number, Place, RecordRef, Text, Words, codes, section

FIFTH = """
from marshmallow import Schema
from app.kinds.vocabulary import Day, Kind, Text, Words, section

class Talk(Schema):
    topic = Text(("Chủ đề", "Topic"), required=True)
    held_on = Day(("Ngày", "Day"))

KIND = Kind(
    code="talk", form=1, label=Words("Buổi nói chuyện", "Talk"), menu=Words("Truyền thông", "Talks"),
    examples=Words("An toàn nước", "Water safety"), icon="book", schema=Talk,
    sections=(section("talk", ("Buổi nói chuyện", "Talk"), "topic", "held_on"),),
    title=("topic",), public=("topic",), happened="held_on", order=50,
)
"""
X = codes(("x", "Có", "Yes"))


def made(
    *, parts: tuple[str, ...] | None = None, sections: Any = None, more_fields: Any = None, **changed: Any
) -> Kind:
    """A small kind without faults, changed where a test wants one."""
    declared = {
        "note": Text(("Ghi chú", "Note")),
        "when": Day(("Ngày", "Day")),
        "pick": Choice(("Chọn", "Choose"), X),
        **(more_fields or {}),
    }
    schema = Schema.from_dict(declared)
    whole = {
        "code": "small",
        "form": 1,
        "label": Words("Nhỏ", "Small"),
        "menu": Words("Nhỏ", "Small"),
        "examples": Words("Nhỏ", "Small"),
        "icon": "list",
        "schema": schema,
        "sections": sections or (section("all", ("Tất cả", "All"), *(parts or declared)),),
        "title": ("note",),
        "public": ("note",),
        "happened": "when",
        "order": 1,
    }
    return Kind(**{**whole, **changed})


def only_fault(kind: Kind) -> str:
    """The one fault that the start would name."""
    [fault] = faults([kind])
    return fault


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    registry.load()


def test_a_kind_without_faults_starts() -> None:
    assert faults([made()]) == []
    assert faults(list(registry.values())) == []


def test_another_kind_is_one_file(folder: Path) -> None:
    (folder / "talk.py").write_text(FIFTH, encoding="utf-8")
    before = registry.forms_tag
    registry.load([folder])
    assert registry["talk"].label.vi == "Buổi nói chuyện"
    assert len(registry) == 6
    assert [spec["kind"] for spec in registry.forms] == list(registry)
    assert registry.forms_tag != before
    registry.load()
    assert "talk" not in registry
    assert registry.forms_tag == before


def test_a_refused_file_leaves_what_there_was(folder: Path) -> None:
    (folder / "talk.py").write_text(FIFTH.replace('happened="held_on"', 'happened="topic"'), encoding="utf-8")
    with pytest.raises(KindError, match="talk: happened: topic is not a day or a moment"):
        registry.load([folder])
    assert len(registry) == 5


def test_a_folder_that_is_not_there_is_refused(folder: Path) -> None:
    with pytest.raises(KindError, match="no such folder"):
        Registry().load([folder / "elsewhere"])


def test_the_same_code_twice_is_refused(folder: Path) -> None:
    (folder / "child.py").write_text(FIFTH.replace('code="talk"', 'code="child"'), encoding="utf-8")
    with pytest.raises(KindError, match="child: declared 2 times"):
        registry.load([folder])


def with_field(field: Any) -> dict[str, Any]:
    """The small kind with a field `a` more."""
    return {"more_fields": {"a": field}}


def shown(condition: Any) -> dict[str, Any]:
    """The small kind with a field `a` shown under a condition."""
    return with_field(Text(("A", "A"), show=condition))


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "unknown test": (shown(("looks_like", "note", "x")), "a: unknown test looks_like"),
    "nested unknown test": (with_field(Text(("A", "A"), required=both(("odd", "note")))), "a: unknown test odd"),
    "unknown field": (shown(filled("nothing")), "a: filled: no field nothing"),
    "unknown field in a warning": (
        with_field(Number(("A", "A"), warn=[(more("b", 1), ("Xem lại", "Look"))])),
        "a: more: no field b",
    ),
    "arguments": (shown(("filled", "note", "x")), "a: filled: wrong number of arguments"),
    "not of two": (shown(("not", filled("note"), filled("when"))), "a: not: takes one condition"),
    "no option": (shown(eq("pick", "y")), "a: pick: compared with y, which is no option"),
    "no choice": (shown(eq("note", "x")), "a: note: compared with a code, but no choice"),
    "shown by itself": (shown(filled("a")), "a: is shown only when it is answered"),
    "urgent": ({"urgent": ((filled("nothing"), 5, Words("Gấp", "Urgent")),)}, "urgent: filled: no field nothing"),
    "urgent without words": ({"urgent": ((filled("note"), 5, Words("Gấp", "")),)}, "urgent 1: empty words"),
    "in no section": ({"parts": ("note", "when")}, "pick: in no section"),
    "section without field": ({"parts": ("note", "when", "pick", "gone")}, "gone: in a section, but no field"),
    "in two places": ({"parts": ("note", "when", "pick", "note")}, "note: in 2 places"),
    "not drawable": (
        {"more_fields": {"a": fields.String()}, "parts": ("note", "when", "pick")},
        "a: not a field that a phone can draw",
    ),
    "safety": (with_field(Choice(("A", "A"), X, safety=("y",))), "a: safety: no option y"),
    "safety of text": (with_field(Text(("A", "A"), safety=("y",))), "a: safety codes without options"),
    "no options": (with_field(Choice(("A", "A"), ())), "a: no options"),
    "option twice": (with_field(Choice(("A", "A"), (*X, *X))), "a: an option twice"),
    "empty option": (with_field(Choice(("A", "A"), codes(("x", "Có", " ")))), "a: option x: empty words"),
    "empty label": (with_field(Text(("", "A"))), "a: empty words"),
    "empty hint": (with_field(Text(("A", "A"), hint=("Gợi ý", ""))), "a: empty words"),
    "empty warning": (
        with_field(Text(("A", "A"), warn=[(filled("note"), ("", "Look"))])),
        "a: a warning with empty words",
    ),
    "empty menu": ({"menu": Words("", "Small")}, "menu: empty words"),
    "empty section words": (
        {"sections": (section("all", ("", "All"), "note", "when", "pick"),)},
        "section all: empty words",
    ),
    "empty section": (
        {"sections": (section("all", ("A", "A"), "note", "when", "pick"), section("b", ("B", "B")))},
        "section b: empty",
    ),
    "section twice": (
        {"sections": (section("all", ("A", "A"), "note", "when"), section("all", ("B", "B"), "pick"))},
        "section all: declared 2 times",
    ),
    "title": ({"title": ("nothing",)}, "title or public: no field nothing"),
    "happened": ({"happened": "note"}, "happened: note is not a day or a moment"),
    "place": ({"place": "note"}, "place: note is not a place"),
    "parent": ({"parent": "small"}, "parent small: no field refers to it"),
    "reference": (with_field(RecordRef(("A", "A"), "ghost")), "refers to an unknown kind ghost"),
    "code": ({"code": "Small Kind"}, "the code is not lower case letters, digits and _"),
    "report titled by a name": (
        {"more_fields": {"a": Text(("A", "A"), sensitivity="personal")}, "title": ("a",), "calls_first": True},
        "a: personal, so not for lists",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_at_start(name: str) -> None:
    changed, fault = REFUSED[name]
    kind = made(**changed)
    assert only_fault(kind) == f"{kind.code}: {fault}"


@pytest.mark.parametrize("sensitivity", ["personal", "health", "restricted", "informant"])
def test_what_is_not_for_everybody_is_refused_on_the_queue(sensitivity: Any) -> None:
    kind = made(more_fields={"a": Text(("A", "A"), sensitivity=sensitivity)}, public=("a",))
    assert only_fault(kind) == f"small: a: {sensitivity}, so not for lists"


def test_every_fault_is_named_at_once() -> None:
    kind = replace(made(), happened="note", menu=Words("", ""))
    assert len(faults([kind])) == 2


def test_the_form_spec_has_what_the_phone_reads() -> None:
    kind = made(more_fields={"at": Place(("Ở", "At"), quick=True, show=eq("pick", "x"))}, place="at")
    spec = form_spec(kind)
    assert list(spec) == [
        "kind",
        "form",
        "icon",
        "order",
        "tile",
        "label",
        "menu",
        "examples",
        "sharing",
        "parent",
        "place",
        "happened",
        "callsFirst",
        "title",
        "sections",
        "fields",
    ]
    assert spec["fields"]["at"] == {
        "widget": "place",
        "label": ["Ở", "At"],
        "show": ["eq", "pick", "x"],
        "owner": "phone",
        "sensitivity": "normal",
        "quick": True,
    }
    assert spec["fields"]["pick"]["codes"] == [{"code": "x", "label": ["Có", "Yes"]}]
    assert spec["fields"]["when"]["yearAlone"] is False
