"""Makes the contract file of a released form: its shape, and bodies that real phones may hold for years.

`python -m tests.contract.release_form` writes the files that are missing and never touches one that is
there: what was released stays as it was. Bodies are filled from lists, so a run gives the same file anywhere.
"""

import json
import unicodedata
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeGuard
from uuid import NAMESPACE_URL, uuid5

from app.kinds import checks, registry
from app.kinds.form_spec import form_spec
from app.kinds.pictures import Photos
from app.kinds.vocabulary import Answer, Choice, Choices, Day, Kind, Moment, Name, Number, Phone, Place, RecordRef, Text

FORMS = Path(__file__).parent / "forms"
TODAY = "2026-06-03"
_MOST = 60
Json = dict[str, Any]
# What a phone only shows: it may be reworded or rearranged without another form number.
_SHOWN_ONLY = {"label", "menu", "examples", "icon", "order", "tile", "callsFirst", "title", "sections"}
_SHOWN_ONLY |= {"invite", "carries", "recheck"}
_SHOWN_ONLY_OF_FIELD = {"label", "hint", "warn", "quick", "lines", "suggest"}
NAMES = ("Nguyễn Thị Lan", "Đỗ Hoàng Ái", "Trần Văn Ơn", "Ngô Thị Ưng", "Vũ Đức Ý", "Phạm Thùy Dương")
PHONES = ("+84912000007", "0243 875 0136", "111", "+84 988 123 456", "không nhớ số")
WORDS = (
    "Ao sau nhà văn hóa, bờ trơn",
    "Ngõ 12, cạnh cột điện số 7",
    "Đậy tạm tấm gỗ; ban đêm không thấy gì",
    "Bé ở với bà, mẹ đi làm xa",
    "Số 5 ngách 12/7 phố Phúc Lợi",
    "HN 5A/2026",
)


def shape(spec: Json) -> Json:
    """A form spec without its words: what a filled body depends on."""
    fields = {}
    for name, field in spec["fields"].items():
        kept = {part: value for part, value in field.items() if part not in _SHOWN_ONLY_OF_FIELD}
        if "codes" in kept:
            kept["codes"] = [code["code"] for code in kept["codes"]]
        fields[name] = kept
    return {**{part: value for part, value in spec.items() if part not in _SHOWN_ONLY}, "fields": fields}


def path_of(kind: Kind) -> Path:
    """Where the contract of a kind's present form is."""
    return FORMS / f"{kind.code}-{kind.form}.json"


def released(kind: Kind) -> Json:
    """The contract of the form as it is now."""
    given: set[tuple[str, str]] = set()
    wanted = {(n, o.code) for n, f in kind.fields.items() if isinstance(f, Choice) for o in f.options}
    wanted |= {(n, "") for n in kind.fields}
    wanted = {(n, code) for n, code in wanted if _is_asked(kind.fields[n])}
    filled = []
    while not filled or (not wanted <= given and len(filled) < _MOST):
        filled.append((f"everything, answers {len(filled) + 1}", _filled(kind, len(filled), given)))
    cases = [("the least", _least(kind)), *filled, ("everything else cleared", _emptied(kind))]
    cases.append(
        ("typed with loose accents and spaces", {n: _loose(value) for n, value in _filled(kind, 1, given).items()})
    )
    bodies = []
    for seq, (says, answers) in enumerate(cases, start=1):
        stored = checks.normalise(kind, answers)[0]
        kept = {name: value for name, value in stored.items() if value is not None}
        bodies.append({"says": says, "body": _body(kind, seq, answers), "kept": kept})
    return {"kind": kind.code, "form": kind.form, "shape": shape(form_spec(kind)), "bodies": bodies}


def _body(kind: Kind, seq: int, answers: Json) -> str:
    made = [str(uuid5(NAMESPACE_URL, f"{kind.code}-{kind.form}-{seq}-{what}")) for what in ("change", "record")]
    change = {"id": made[0], "seq": seq, "record": made[1], "kind": kind.code, "form": kind.form, "base": 0}
    return json.dumps({**change, "at": "2026-06-03T09:12:44+07:00", "set": answers}, ensure_ascii=False)


def _least(kind: Kind) -> Json:
    answers: Json = {}
    for name, field in kind.fields.items():
        needed = {problem["field"] for problem in checks.check(kind, answers, TODAY)}
        if name in needed:
            answers[name] = _answer(field, 0)
    return answers


def _filled(kind: Kind, turn: int, given: set[tuple[str, str]]) -> Json:
    """Every question that the form asks, in its order; of each list an option that was not `given` yet."""
    answers: Json = {}
    for part in kind.sections:
        for place, name in enumerate(part.fields):
            field = kind.fields[name]
            # Some questions are asked only where no day is known.
            left_out = turn % 3 == 2 and isinstance(field, Day) and field.needed is False
            if not _is_asked(field) or left_out or not checks.is_shown(field, answers, TODAY):
                continue
            fresh = [n for n, o in enumerate(field.options) if (name, o.code) not in given] if _lists(field) else []
            answers[name] = _answer(field, fresh[0] if fresh else turn + place)
            chosen = answers[name] if isinstance(answers[name], list) else [answers[name]]
            given |= {(name, ""), *((name, code) for code in chosen if _lists(field))}
    return answers


def _lists(field: Answer) -> TypeGuard[Choice]:
    return isinstance(field, Choice)


def _emptied(kind: Kind) -> Json:
    least = _least(kind)
    return {name: least.get(name) for name, field in kind.fields.items() if _is_asked(field)}


def _is_asked(field: Answer) -> bool:
    """Whether a phone asks for it."""
    return field.owner == "phone" and not field.retired


def _loose(value: Any) -> Any:
    """Text as some keyboards send it: accents apart from their letters, and a space too many."""
    return f"{unicodedata.normalize('NFD', value)} " if isinstance(value, str) and " " in value else value


def _answer(field: Answer, turn: int) -> Any:
    if isinstance(field, Choices):
        first = turn % len(field.options)
        return [option.code for option in field.options[first : first + 3]]
    if isinstance(field, Choice):
        return field.options[turn % len(field.options)].code
    if isinstance(field, Number):
        wanted = field.least + turn + (0.5 if field.decimals else 0)
        return min(wanted, field.most)
    if isinstance(field, Place):
        return {"lat": 21.0437, "lon": 105.9259 + turn / 1000, "acc": None if turn % 2 else 8.5, **_HOW[turn % 2]}
    if isinstance(field, Photos):
        return [_photo(field, turn + place) for place in range(turn % 3 + 1)]
    if isinstance(field, RecordRef):
        return str(uuid5(NAMESPACE_URL, f"{field.kind}-1-1-record"))
    if isinstance(field, Moment):
        return f"2026-06-0{turn % 3 + 1}T18:30"
    if isinstance(field, Day):
        return "2015" if field.year_alone and turn % 2 else f"2015-0{turn % 9 + 1}-17"
    texts = PHONES if isinstance(field, Phone) else NAMES if isinstance(field, Name) else WORDS
    texts = tuple(text for text in texts if not isinstance(field, Text) or len(text) <= field.longest)
    return texts[turn % len(texts)]


def _photo(field: Photos, turn: int) -> Json:
    """A photo as a phone describes it; its file is not part of a contract."""
    return {
        "id": str(uuid5(NAMESPACE_URL, f"photo-{turn}")),
        "sha256": sha256(b"%d" % turn).hexdigest(),
        "size": 183_204 + turn,
        "type": ("image/jpeg", "image/webp", "image/png")[turn % 3],
        "width": 1600,
        "height": 1200,
        "taken": None if turn % 3 == 2 else "2026-06-03T09:11:02+07:00",
        "place": None if turn % 2 else {"lat": 21.0437, "lon": 105.9259, "acc": 8.5, **_HOW[0]},
        "caption": WORDS[turn % len(WORDS)] if turn % 2 else "",
        "original": field.original and turn % 4 == 1,
    }


def _text(contract: Json) -> str:
    """JSON with a line for each field and each body, so that a change can be read."""
    form = contract["shape"]
    fields = ",\n   ".join(f"{json.dumps(name)}: {json.dumps(field)}" for name, field in form["fields"].items())
    rest = json.dumps({part: value for part, value in form.items() if part != "fields"})[:-1]
    bodies = ",\n  ".join(json.dumps(body, ensure_ascii=False) for body in contract["bodies"])
    head = f'"kind": {json.dumps(contract["kind"])}, "form": {contract["form"]}'
    return f'{{{head},\n "shape": {rest}, "fields": {{\n   {fields}\n  }}}},\n "bodies": [\n  {bodies}\n ]}}\n'


_HOW = ({"how": "gps", "at": "2026-06-03T09:00:00+07:00"}, {"how": "map", "at": None})


def main() -> None:
    """Write what is missing."""
    FORMS.mkdir(exist_ok=True)
    for kind in registry.values():
        if not path_of(kind).exists():
            path_of(kind).write_text(_text(released(kind)), encoding="utf-8")
            print(f"wrote {path_of(kind).name}")


if __name__ == "__main__":
    main()
