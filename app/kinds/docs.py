"""docs/kinds.md, written from the kinds: `python -m app.kinds.docs`. A test compares the file with this."""

from pathlib import Path

from app.kinds import registry
from app.kinds.conditions import Condition
from app.kinds.vocabulary import Answer, Choice, Day, Kind, Number, Recheck, RecordRef, Section, Text

FILE = Path(__file__).resolve().parents[2] / "docs" / "kinds.md"

_HEAD = """# Record kinds

Written by `python -m app.kinds.docs` from the files of `app/kinds/`; change those, not this page.

A kind is one file: a marshmallow schema and a `KIND`. From it come the server's check, the form
that the phone draws, the phone's own checks, the desk's pages and this page. A kind whose
conditions, codes or words a phone could not check is refused when the server starts.

- *Needed*: only what makes a record meaningless without it. Everything else warns at most.
- *Quick*: part of a record of two minutes, never folded away.
- *Desk*: filled in by the ward's officer on the record's page, and only shown on phones.
- *No longer asked*: kept for phones and records with an older form.
- *Who sees it*: `normal` and `health` the ward and the group; `personal` identifies a child or a
  family, never in lists of the queue; `restricted` the author and the ward only; `informant` only
  on the record's own page.
- *More dangerous first*: when two phones disagree, the answer named first stays.
"""
_WORDED = {"eq": "is", "in": "is one of", "has": "has", "more": "is above", "before": "is before"}


def page() -> str:
    """The whole page."""
    return "\n".join([_HEAD, *(_kind(kind) for kind in registry.values())])


def main() -> None:
    """Write the page."""
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(page(), encoding="utf-8")


def _kind(kind: Kind) -> str:
    facts = [
        f"Code `{kind.code}`, form {kind.form}; {kind.menu.vi} / {kind.menu.en}.",
        "Shared with the group." if kind.sharing == "group" else "Seen on a phone by its author only.",
        f"Belongs to a `{kind.parent}`." if kind.parent else "",
        "The emergency numbers come before the form." if kind.calls_first else "",
        f"In its author's list: {_names(kind.title) or 'only its kind'}. On the queue: {_names(kind.public)}.",
        f"`{kind.happened}` decides the administrative unit.",
        f"`{kind.again}` says when to come again." if kind.again else "",
        f"Begins with the answers of its `{kind.parent}` to {_names(kind.carries)}." if kind.carries else "",
    ]
    urgent = [f"- {weight}: {_when(condition)} — {why.vi} / {why.en}" for condition, weight, why in kind.urgent]
    lines = [f"## {kind.label.vi} / {kind.label.en}", "", " ".join(fact for fact in facts if fact), ""]
    if urgent:
        lines += ["Urgency, the largest counts, 100 and more is danger:", "", *urgent, ""]
    if kind.clocks:
        times = [f"{one.hours} hours" if one.hours else f"{one.working_days} working days" for one in kind.clocks]
        named = zip(kind.clocks, times, strict=True)
        listed = [f"- {time}: {one.label.vi} / {one.label.en} ({one.law.vi})" for one, time in named]
        lines += ["From the ward's receipt on, the law gives it:", "", *listed, ""]
    if kind.recheck:
        lines += _recheck(kind.recheck)
    for part in kind.sections:
        lines += _section(part, kind)
    return "\n".join(lines)


def _recheck(rule: Recheck) -> list[str]:
    """How often it is looked at again. Our advice, and a setting; no law says so."""
    return [
        f"Looked at again by a `{rule.by}`, the oftener the more dangerous the `{rule.level}` of either; where it is "
        f"not known, as `{rule.unknown}`. The days and the seasons are settings with our defaults, not law.",
        "",
        *(f"- oftener in the season `{name}`: {_when(condition)}" for name, condition in rule.seasons),
        f"- not any more once, of the latest one: {_when(rule.until)}",
        "",
    ]


def _section(part: Section, kind: Kind) -> list[str]:
    head = [
        f"### {part.label.vi} / {part.label.en}",
        "",
        "| field | question | answer | needed | shown | who sees it |",
        "|---|---|---|---|---|---|",
    ]
    fields = [(name, kind.fields[name]) for name in part.fields]
    notes = [line for name, field in fields for line in _notes(name, field)]
    return [*head, *(_row(name, field) for name, field in fields), "", *notes, *([""] if notes else [])]


def _row(name: str, field: Answer) -> str:
    needed = "yes" if field.needed is True else _when(field.needed) if field.needed else ""
    cells = [
        f"`{name}`{' (quick)' if field.quick else ''}{' (desk)' if field.owner == 'desk' else ''}",
        f"{field.label.vi} / {field.label.en}",
        _answer(field),
        needed,
        "no longer asked" if field.retired else _when(field.show) if field.show is not None else "always",
        field.sensitivity,
    ]
    return f"| {' | '.join(cells)} |"


def _answer(field: Answer) -> str:
    if isinstance(field, Number):
        return f"{'number' if field.decimals else 'whole number'} {field.least:g} to {field.most:,}".replace(",", " ")
    if isinstance(field, Text):
        return f"{field.widget}, at most {field.longest} characters"
    if isinstance(field, Day) and field.year_alone:
        return "day or year"
    return f"a `{field.kind}`" if isinstance(field, RecordRef) else field.widget


def _notes(name: str, field: Answer) -> list[str]:
    lines = []
    if isinstance(field, Choice):
        options = "; ".join(f"`{option.code}` {option.words.vi} / {option.words.en}" for option in field.options)
        lines.append(f"- `{name}`: {options}")
        lines += [
            f"- `{name}`, suggested when {_when(condition)}: {_names(found)}" for condition, found in field.suggest
        ]
    if field.safety:
        lines.append(f"- `{name}`, more dangerous first: {_names(field.safety)}")
    lines += [f"- `{name}` warns when {_when(warn.when)}: {warn.say.vi} / {warn.say.en}" for warn in field.warnings]
    return lines


def _when(condition: Condition | bool) -> str:
    """A condition as a sentence."""
    if isinstance(condition, bool):
        return "always"
    test, *rest = condition
    if test in ("and", "or"):
        return f" {test} ".join(_inner(part) for part in rest) or "always"
    if test == "not":
        return f"not ({_when(rest[0])})"
    field, *more = rest
    if test in _WORDED:
        wanted = more[0] if isinstance(more[0], list) else [more[0]]
        return f"`{field}` {_WORDED[test]} {', '.join(f'`{value}`' for value in wanted)}"
    sentences = {
        "filled": "is answered",
        "after_today": "lies in the future",
        "aged": f"is {more[0]} years ago or more" if more else "",
        "less_exact": f"is less exact than {more[0]} m" if more else "",
        "outside": "lies outside the district's box",
        "digits": f"has {more[0]} digits" if more else "",
        "phone": "reads as a telephone number",
    }
    return f"`{field}` {sentences[test]}"


def _inner(condition: Condition) -> str:
    text = _when(condition)
    return f"({text})" if condition[0] in ("and", "or") and len(condition) > 2 else text


def _names(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)


if __name__ == "__main__":
    main()
