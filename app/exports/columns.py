"""The columns of a table of records, derived from the kind's declaration. A new kind needs nothing here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Literal, NamedTuple

from app.clock import HANOI
from app.exports.rules import may_leave
from app.i18n import t
from app.kinds import checks
from app.kinds.conditions import is_filled
from app.kinds.pictures import Photos, photos_in
from app.kinds.shapes import is_day, is_moment, is_number, is_place, is_year
from app.kinds.vocabulary import Answer, Choice, Choices, Day, Kind, Moment, Number, Place, RecordRef

Type = Literal["text", "number", "day", "moment", "codes"]
Cell = str | int | float | date | datetime | list[str] | None


class Row(NamedTuple):
    """A record as a table reads it. `linked`: what other records are called, by id; `more`: facts of the list."""

    facts: Mapping[str, Any]
    data: Mapping[str, Any]
    linked: Mapping[str, str]
    more: Mapping[str, Cell]


@dataclass(frozen=True)
class Column:
    """`name` for programs, `label` for people. What is no answer of the form is called record_… .

    `read` gives a cell of the type, or text that did not fit its field.
    """

    name: str
    label: str
    type: Type
    read: Callable[[Row], Cell]


def of_kind(kind: Kind, depth: str, lang: str, *, codes: bool = False) -> list[Column]:
    """Everything of a kind that may leave at this depth. `codes`: beside the words, the codes, for programs."""
    placed = [name for part in kind.sections for name in part.fields]
    answers = [
        column
        for name in placed
        if may_leave(kind.fields[name], depth)
        for column in _of_field(name, kind.fields[name], lang, codes=codes)
    ]
    # Whom a program reads for need not know who recorded what.
    after = [column for column in _after(lang) if not codes or depth != "open" or column.name != "record_sender"]
    return [*_before(lang, codes=codes), *answers, *after]


def of_any(lang: str) -> list[Column]:
    """The columns of a list that holds several kinds: what every record has, and its title without names."""
    named = [
        Column("record_kind", t("export.col.kind", lang), "text", lambda row: row.facts["kind_words"]),
        Column("record_title", t("export.col.title", lang), "text", lambda row: row.facts["title"]),
    ]
    return [*named, *_before(lang, codes=False), *_after(lang)]


def extra(name: str, label: str, type: Type) -> Column:
    """A column of one list alone, for example the day when something is due."""
    return Column(name, label, type, lambda row: row.more.get(name))


def _before(lang: str, *, codes: bool) -> list[Column]:
    state = Column("record_state", t("export.col.state", lang), "text", lambda row: row.facts["state"])
    words = replace(state, name="record_state_words", read=lambda row: t(f"desk.state.{row.facts['state']}", lang))
    return [_fact("group", "text", lang), *([state, words] if codes else [replace(words, name="record_state")])]


def _after(lang: str) -> list[Column]:
    return [
        _fact("happened", "day", lang),
        _fact("received", "moment", lang),
        _fact("changed", "moment", lang),
        _fact("sender", "text", lang),
        _fact("version", "number", lang),
        _fact("parent", "text", lang),
        _fact("id", "text", lang),
    ]


def _fact(name: str, type: Type, lang: str) -> Column:
    return Column(f"record_{name}", t(f"export.col.{name}", lang), type, lambda row: _as_cell(row.facts[name]))


def _as_cell(value: Any) -> Cell:
    if isinstance(value, datetime):
        return value.astimezone(HANOI).replace(tzinfo=None, microsecond=0)
    found: Cell = value
    return found


def _of_field(name: str, field: Answer, lang: str, *, codes: bool) -> list[Column]:
    label = checks.in_language(field.label, lang)
    if isinstance(field, Place):
        return _of_place(name, label, lang)
    if isinstance(field, Photos):
        return [Column(name, label, "number", lambda row: len(photos_in(row.data.get(name))))]
    if isinstance(field, RecordRef):
        return [Column(name, label, "text", lambda row: row.linked.get(str(row.data.get(name)), ""))]
    if isinstance(field, Choice):
        words = Column(name, label, "text", lambda row: checks.show_value(field, row.data.get(name), lang))
        one = Column(name, label, "text", lambda row: _code(row, name))
        coded = Column(name, label, "codes", lambda row: _codes(row, name)) if isinstance(field, Choices) else one
        return [coded, replace(words, name=f"{name}_words")] if codes else [words]
    type: Type = "text"
    if isinstance(field, Number):
        type = "number"
    elif isinstance(field, Day):
        type = "day"
    elif isinstance(field, Moment):
        type = "moment"
    return [Column(name, label, type, lambda row: _typed(field, row.data.get(name), lang))]


def _code(row: Row, name: str) -> Cell:
    value = row.data.get(name)
    return value if isinstance(value, str) else None


def _codes(row: Row, name: str) -> Cell:
    value = row.data.get(name)
    return [str(code) for code in value] if isinstance(value, list) else None


def _of_place(name: str, label: str, lang: str) -> list[Column]:
    def part(key: str, of: str) -> Column:
        return Column(
            f"{name}_{key}",
            f"{label}: {t(f'export.place.{key}', lang)}",
            "number",
            lambda row: place.get(of) if is_place(place := row.data.get(name)) else None,
        )

    return [part("lat", "lat"), part("lon", "lon"), part("accuracy", "acc")]


def _typed(field: Answer, value: Any, lang: str) -> Cell:
    """The answer as the type of its field; what does not fit is text, as it was sent."""
    if not is_filled(value):
        return None
    if isinstance(field, Number) and is_number(value):
        return value
    if isinstance(field, Day) and is_day(value):
        return date.fromisoformat(value)
    if isinstance(field, Day) and is_year(value):
        return int(value)
    if isinstance(field, Moment) and is_moment(value):
        return datetime.fromisoformat(value)  # the phone's own clock, in Hà Nội
    return checks.show_value(field, value, lang)
