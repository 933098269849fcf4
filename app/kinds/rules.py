"""What a kind must satisfy before the server starts: everything that a phone could not check or draw.

Pure. Each fault is a sentence with the place it was found.
"""

import re
from collections import Counter
from collections.abc import Container, Iterator, Mapping, Sequence
from typing import Any

from app.kinds.conditions import TESTS, Condition, fields_of
from app.kinds.vocabulary import Answer, Choice, Day, Kind, Moment, Place, RecordRef, Words

# How many arguments each test takes after the field's name.
_ARGUMENTS = {"filled": 0, "after_today": 0, "phone": 0}
_COMPARES_CODES = ("eq", "in", "has")
_CODE = re.compile("[a-z][a-z0-9_]*")
_WIDGETS = frozenset(
    {"text", "name", "phone", "number", "choice", "choices", "day", "moment", "place", "record", "photos"}
)
_DESK_WIDGETS = frozenset({"text", "name", "phone", "number", "choice", "choices", "day", "moment"})


def faults(kinds: Sequence[Kind]) -> list[str]:
    """All faults of all kinds, an empty list when they may start."""
    known = Counter(kind.code for kind in kinds)
    by_code = {kind.code: kind for kind in kinds}
    found = [f"{code}: declared {times} times" for code, times in known.items() if times > 1]
    for kind in kinds:
        found += [f"{kind.code}: {fault}" for fault in _faults_of(kind, by_code)]
    return found


def _faults_of(kind: Kind, known: Mapping[str, Kind]) -> Iterator[str]:
    if not _CODE.fullmatch(kind.code):
        yield "the code is not lower case letters, digits and _"
    yield from _kind_words(kind)
    yield from _sections(kind)
    yield from _roles(kind)
    yield from _references(kind, known)
    yield from _carried(kind, known)
    yield from _recheck(kind, known)
    for name, field in kind.fields.items():
        for fault in _field(name, field, kind):
            yield f"{name}: {fault}"
    for condition, _, _ in kind.urgent:
        for fault in _condition(condition, kind):
            yield f"urgent: {fault}"


def _kind_words(kind: Kind) -> Iterator[str]:
    named = {"label": kind.label, "menu": kind.menu, "examples": kind.examples}
    named |= {f"section {part.id}": part.label for part in kind.sections}
    named |= {"invite": kind.invite} if kind.invite else {}
    named |= {f"urgent {place}": why for place, (_, _, why) in enumerate(kind.urgent, 1)}
    yield from (f"{name}: empty words" for name, words in named.items() if _is_empty(words))


def _sections(kind: Kind) -> Iterator[str]:
    placed = Counter(name for part in kind.sections for name in part.fields)
    undrawn = set(kind.schema().fields) - set(kind.fields)
    yield from (f"{name}: not a field that a phone can draw" for name in sorted(undrawn))
    yield from (f"{name}: in a section, but no field" for name in placed if name not in kind.fields)
    yield from (f"{name}: in no section" for name in kind.fields if name not in placed)
    yield from (f"{name}: in {times} places" for name, times in placed.items() if times > 1)
    ids = Counter(part.id for part in kind.sections)
    yield from (f"section {id}: declared {times} times" for id, times in ids.items() if times > 1)
    yield from (f"section {part.id}: empty" for part in kind.sections if not part.fields)


def _roles(kind: Kind) -> Iterator[str]:
    """The fields that play a part in lists, on the map and for the unit."""
    for name in (*kind.title, *kind.public):
        if name not in kind.fields:
            yield f"title or public: no field {name}"
    if not isinstance(kind.fields.get(kind.happened), (Day, Moment)):
        yield f"happened: {kind.happened} is not a day or a moment"
    if kind.place is not None and not isinstance(kind.fields.get(kind.place), Place):
        yield f"place: {kind.place} is not a place"
    # A report stands in the phone's list where anybody may look over a shoulder.
    open_to_all = (*kind.public, *(kind.title if kind.calls_first else ()))
    for name in open_to_all:
        field = kind.fields.get(name)
        if field is not None and (field.sensitivity != "normal" or isinstance(field, RecordRef)):
            yield f"{name}: {field.sensitivity}, so not for lists"


def _references(kind: Kind, known: Container[str]) -> Iterator[str]:
    refs = [field for field in kind.fields.values() if isinstance(field, RecordRef)]
    yield from (f"refers to an unknown kind {ref.kind}" for ref in refs if ref.kind not in known)
    if kind.parent is not None and kind.parent not in {ref.kind for ref in refs}:
        yield f"parent {kind.parent}: no field refers to it"


def _carried(kind: Kind, known: Mapping[str, Kind]) -> Iterator[str]:
    """What a form takes over from the parent's answers must be asked in both, and in the same way."""
    parent = known.get(kind.parent or "")
    if kind.carries and parent is None:
        yield "carries: there is no parent to carry from"
        return
    for name in kind.carries:
        ours, theirs = kind.fields.get(name), parent.fields.get(name) if parent else None
        if ours is None or theirs is None or (ours.widget, ours.limits()) != (theirs.widget, theirs.limits()):
            yield f"carries: {name} is not the same question in {kind.parent}"


def _recheck(kind: Kind, known: Mapping[str, Kind]) -> Iterator[str]:
    rule = kind.recheck
    if rule is None:
        return
    looks = known.get(rule.by)
    if looks is None or looks.parent != kind.code:
        yield f"recheck: {rule.by} is not a kind about this one"
        return
    for where in (kind, looks):
        level = where.fields.get(rule.level)
        if not isinstance(level, Choice) or not {*rule.order, rule.unknown} <= level.known:
            yield f"recheck: {rule.level} of {where.code} has not these codes"
    for fault in _condition(rule.until, looks):
        yield f"recheck: {fault}"
    for _, condition in rule.seasons:
        for fault in _condition(condition, kind):
            yield f"recheck: {fault}"


def _field(name: str, field: Answer, kind: Kind) -> Iterator[str]:
    if field.widget not in _WIDGETS:
        yield f"unknown widget {field.widget}"
    if _is_empty(field.label) or (field.hint is not None and _is_empty(field.hint)):
        yield "empty words"
    if any(_is_empty(warning.say) for warning in field.warnings):
        yield "a warning with empty words"
    yield from _owned(field)
    yield from _options(field)
    conditions = [field.show, None if isinstance(field.needed, bool) else field.needed]
    suggested = [when for when, _ in field.suggest] if isinstance(field, Choice) else []
    for condition in [*conditions, *suggested, *(warning.when for warning in field.warnings)]:
        if condition is not None:
            yield from _condition(condition, kind)
    if field.show is not None and name in fields_of(field.show):
        yield "is shown only when it is answered"


def _owned(field: Answer) -> Iterator[str]:
    """A phone can neither fill what the desk owns nor be asked for what is asked no more."""
    if field.owner == "desk" and field.widget not in _DESK_WIDGETS:
        yield f"owned by the desk, which cannot draw {field.widget}"
    if field.needed and (field.owner == "desk" or field.retired):
        yield "needed, but no phone asks for it"


def _options(field: Answer) -> Iterator[str]:
    if not isinstance(field, Choice):
        if field.safety:
            yield "safety codes without options"
        return
    yield from (f"safety: no option {code}" for code in field.safety if code not in field.known)
    offered = [code for _, found in field.suggest for code in found]
    yield from (f"suggest: no option {code}" for code in offered if code not in field.known)
    if not field.options:
        yield "no options"
    if len(field.known) < len(field.options):
        yield "an option twice"
    for option in field.options:
        if _is_empty(option.words) or (option.hint is not None and _is_empty(option.hint)):
            yield f"option {option.code}: empty words"


def _condition(condition: Condition, kind: Kind) -> Iterator[str]:
    test, *rest = condition
    if test not in TESTS:
        yield f"unknown test {test}"
    elif test in ("and", "or", "not"):
        if test == "not" and len(rest) != 1:
            yield "not: takes one condition"
        for part in rest:
            yield from _condition(part, kind)
    elif len(rest) != 1 + _ARGUMENTS.get(test, 1):
        yield f"{test}: wrong number of arguments"
    elif rest[0] not in kind.fields:
        yield f"{test}: no field {rest[0]}"
    elif test in _COMPARES_CODES:
        yield from _compared(rest[0], rest[1], kind)


def _compared(name: str, wanted: Any, kind: Kind) -> Iterator[str]:
    field = kind.fields[name]
    if not isinstance(field, Choice):
        yield f"{name}: compared with a code, but no choice"
        return
    for code in wanted if isinstance(wanted, list) else [wanted]:
        if code not in field.known:
            yield f"{name}: compared with {code}, which is no option"


def _is_empty(words: Words) -> bool:
    return not (words.vi.strip() and words.en.strip())
