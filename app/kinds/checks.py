"""Answers against their form: kept values, field problems, urgency, and how answers read in lists.

Pure; `today` is an ISO date. The phone has the same checks in static/client/forms; both run
tests/vectors/checks.json. Nothing here drops an answer: a bad one stays as it was sent, with its problem.
"""

import json
from collections.abc import Container, Mapping
from typing import Any

from marshmallow import ValidationError

from app import vietnamese
from app.kinds import show
from app.kinds.conditions import Condition, holds, is_filled
from app.kinds.form_spec import fields_of_spec
from app.kinds.shapes import is_number
from app.kinds.vocabulary import Answer, Kind, RecordRef, Words

Problem = dict[str, str]
Values = dict[str, Any]

# Deep nesting would exhaust the stack of whatever reads it later.
_MOST_NESTED = 100

show_value = show.show_value


def check(kind: Kind, values: Mapping[str, Any], today: str, sound: Container[str] = ()) -> list[Problem]:
    """The problems of a whole record: fields in the form's order, unknown ones last, one problem each.

    `sound` are fields whose values `normalise` has just given without a problem: they are not looked at again.
    """
    return _check(kind.fields, values, today, sound)


def check_spec(spec: Mapping[str, Any], values: Mapping[str, Any], today: str) -> list[Problem]:
    """The same from a form spec, as a phone does it."""
    return _check(fields_of_spec(spec), values, today)


def normalise(kind: Kind, answers: Mapping[str, Any]) -> tuple[Values, list[Problem]]:
    """Answers as they are stored, with a problem for each that does not fit its field.

    None stays None: it clears a field.
    """
    return _normalise(kind.fields, answers)


def is_shown(field: Answer, values: Mapping[str, Any], today: str) -> bool:
    """Whether a form with these answers shows a field."""
    return field.show is None or holds(field.show, values, today)


def urgency(kind: Kind, values: Mapping[str, Any], today: str) -> tuple[int, Words | None]:
    """The largest weight that applies, and why; 0 and None when nothing does."""
    weights = [(weight, why) for condition, weight, why in kind.urgent if holds(condition, values, today)]
    return max(weights, key=lambda found: found[0], default=(0, None))


def title(kind: Kind, values: Mapping[str, Any], lang: str) -> str:
    """A record in its author's list: the first filled title field, else the kind.

    A reference to another record is passed over: only who holds that record can name it.
    """
    for name in kind.title:
        if is_filled(values.get(name)) and not isinstance(kind.fields[name], RecordRef):
            return show_value(kind.fields[name], values[name], lang)
    return in_language(kind.label, lang)


def public_title(kind: Kind, values: Mapping[str, Any], lang: str) -> str:
    """A record on the queue and in search results: never a person."""
    shown = [show_value(kind.fields[name], values[name], lang) for name in kind.public if is_filled(values.get(name))]
    return " · ".join(shown) or in_language(kind.label, lang)


def in_language(words: Words, lang: str) -> str:
    """One of the two languages; Vietnamese for any other."""
    return words.en if lang == "en" else words.vi


def storable(value: Any) -> Any:
    """A value of any shape in a form that every database takes; nested ones become JSON text when they must."""
    if isinstance(value, str):
        return vietnamese.clean(value)
    if value is None or isinstance(value, bool) or is_number(value):
        return value
    try:
        text = json.dumps(value)
        plain = json.dumps(value, ensure_ascii=False, allow_nan=False)
        plain.encode()
    except RecursionError:
        return "[[…]]"
    except ValueError:  # NaN, infinity, or a lone surrogate; ascii JSON spells all of them
        return text
    return text if "\\u0000" in plain or plain.count("[") + plain.count("{") > _MOST_NESTED else value


def _check(
    fields: Mapping[str, Answer], answers: Mapping[str, Any], today: str, sound: Container[str] = ()
) -> list[Problem]:
    values, found = _normalise(fields, {name: value for name, value in answers.items() if name not in sound})
    values.update((name, value) for name, value in answers.items() if name in sound)
    codes = {problem["field"]: problem["code"] for problem in found}
    for name, field in fields.items():
        if field.needed and name not in codes and not is_filled(values.get(name)) and _is_needed(field, values, today):
            codes[name] = "required"
    if not codes:
        return []
    unknown = [name for name in codes if name not in fields]
    return [{"field": name, "code": codes[name]} for name in [*fields, *unknown] if name in codes]


def _normalise(fields: Mapping[str, Answer], answers: Mapping[str, Any]) -> tuple[Values, list[Problem]]:
    values: Values = {}
    problems: list[Problem] = []
    for name, answer in answers.items():
        key = name if name in fields else vietnamese.clean(name)
        field = fields.get(key)
        try:
            if field is None:
                raise ValidationError("unknown_field")
            values[key] = field.deserialize(answer)
        except ValidationError as error:
            values[key] = storable(answer)
            problems.append({"field": key, "code": str(error.messages[0])})
    return values, problems


def _is_needed(field: Answer, values: Mapping[str, Any], today: str) -> bool:
    condition: bool | Condition = field.needed
    required = condition if isinstance(condition, bool) else holds(condition, values, today)
    return required and is_shown(field, values, today)
