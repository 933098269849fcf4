"""The fields of a record that the desk owns, as a form: drawn from the kind's declaration, and read back."""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from werkzeug.datastructures import MultiDict

from app.i18n import language
from app.kinds import checks
from app.kinds.conditions import holds
from app.kinds.vocabulary import Answer, Choice, Choices, Day, Kind, Moment, Number, Text

# As people here write it. A browser's own date box would show 05/12 or 12/05, as the browser's language has it.
_OUR_DAY = re.compile(r"([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4})(?: +([0-9]{1,2}):([0-9]{2}))?")


class Option(NamedTuple):
    """A code to choose. `usual`: it is suggested for such a record."""

    code: str
    words: str
    chosen: bool
    usual: bool


class Box(NamedTuple):
    """One field of the form. `look`: line, lines, number, day, moment, list or boxes; `text`: as people write it."""

    name: str
    label: str
    hint: str
    look: str
    text: str
    longest: int
    options: tuple[Option, ...]
    fault: str


def boxes(
    kind: Kind, data: Mapping[str, Any], today: str, typed: MultiDict[str, str] | None, faults: Mapping[str, str]
) -> list[Box]:
    """The form over a record's answers, or over what was `typed` before something came between."""
    asked = [name for name in kind.desk_owned if checks.is_shown(kind.fields[name], data, today)]
    return [_box(name, kind.fields[name], data, today, typed, faults.get(name, "")) for name in asked]


def read(kind: Kind | None, form: MultiDict[str, str]) -> dict[str, Any]:
    """The answers of a form that was sent: of the fields that stood on it, and no others. None for an empty one."""
    fields = kind.fields if kind else {}
    return {name: _read(fields[name], form.getlist(f"f-{name}")) for name in form.getlist("ask") if name in fields}


def _box(
    name: str, field: Answer, data: Mapping[str, Any], today: str, typed: MultiDict[str, str] | None, fault: str
) -> Box:
    given = typed.getlist(f"f-{name}") if typed is not None else _written(field, data.get(name))
    hint = checks.in_language(field.hint, language()) if field.hint else ""
    label = checks.in_language(field.label, language())
    longest = field.longest if isinstance(field, Text) else 40
    options = _options(field, data, today, given) if isinstance(field, Choice) else ()
    return Box(name, label, hint, _look(field), given[0] if given else "", longest, options, fault)


def _look(field: Answer) -> str:
    if isinstance(field, Text):
        return "lines" if field.lines > 1 else "line"
    if isinstance(field, Day) and field.year_alone:
        return "line"
    return {"number": "number", "day": "day", "moment": "moment", "choice": "list"}.get(field.widget, "boxes")


def _options(field: Choice, data: Mapping[str, Any], today: str, given: list[str]) -> tuple[Option, ...]:
    """The usual ones first, each part in the order of the list."""
    usual = {code for when, found in field.suggest if holds(when, data, today) for code in found}
    made = [
        Option(one.code, checks.in_language(one.words, language()), one.code in given, one.code in usual)
        for one in field.options
    ]
    return tuple(sorted(made, key=lambda option: not option.usual))


def _written(field: Answer, value: Any) -> list[str]:
    if value is None or isinstance(value, list):
        return [str(one) for one in value or ()]
    plain = isinstance(field, (Choice, Number)) or not isinstance(value, str)
    return [str(value) if plain else checks.show_value(field, value, language())]


def _read(field: Answer, given: list[str]) -> Any:
    """What a form said, as an answer; what cannot be read stays as typed, for the check to name."""
    if isinstance(field, Choices):
        return given or None
    text = given[0].strip() if given else ""
    if not text:
        return None
    if isinstance(field, Number):
        return _number(text)
    found = _OUR_DAY.fullmatch(text) if isinstance(field, (Day, Moment)) else None
    if not found or (found[4] is not None) != isinstance(field, Moment):
        return text
    day = f"{found[3]}-{int(found[2]):02}-{int(found[1]):02}"
    return f"{day}T{int(found[4]):02}:{found[5]}" if isinstance(field, Moment) else day


def _number(text: str) -> float | str:
    plain = text.replace(" ", "")
    plain = plain.replace(".", "").replace(",", ".") if "," in plain else plain
    return float(plain) if re.fullmatch("-?[0-9]{1,15}([.][0-9]{1,9})?", plain) else text
