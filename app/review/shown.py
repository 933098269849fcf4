"""A record as the desk shows it: answers in words by section, versions and what changed between them."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from app import vietnamese
from app.clock import HANOI
from app.i18n import language, t
from app.i18n.formats import clock_time, day, iso_moment
from app.kinds import checks, registry
from app.kinds.conditions import holds, is_filled
from app.kinds.shapes import is_place
from app.kinds.vocabulary import Answer, Kind, Name, RecordRef
from app.records.models import Record, RecordVersion
from app.review import rules
from app.review.pictures import Described, photos


@dataclass(frozen=True)
class Line:
    """One field of a record in words. `notes` are (look, words): a problem, a warning, what was asked about it."""

    name: str
    label: str
    text: str
    link: str | None = None
    restricted: bool = False
    notes: tuple[tuple[str, str], ...] = ()
    photos: tuple[Described, ...] = ()


@dataclass
class Part:
    """A section of the form as it was answered; `folded` holds what was empty or not asked."""

    label: str
    lines: list[Line] = field(default_factory=list)
    folded: list[Line] = field(default_factory=list)
    sealed: list[Line] = field(default_factory=list)  # who told us: opened on purpose only


class Sheet(NamedTuple):
    """All answers: the sections, the desk's own, and answers that the form no longer has."""

    parts: list[Part]
    desk: list[Line]
    unknown: list[Line]


class Context(NamedTuple):
    """What the words of an answer depend on besides the answer."""

    today: str
    linked: Mapping[str, Record]
    problems: Sequence[Mapping[str, Any]]
    pins: Mapping[str, str]


def sheet(kind: Kind | None, data: Mapping[str, Any], context: Context) -> Sheet:
    """Every answer of a record, sorted into what is read first and what is folded away."""
    shown: set[str] = set(kind.desk_owned) if kind else set()
    parts = []
    for section in kind.sections if kind else ():
        part = Part(checks.in_language(section.label, language()))
        for name in section.fields:
            assert kind is not None
            if name in kind.desk_owned:
                continue
            shown.add(name)
            line = _line(kind, name, data, context)
            if kind.fields[name].sensitivity == "informant":
                part.sealed += [line] if line.text else []
            elif (line.text and checks.is_shown(kind.fields[name], data, context.today)) or line.notes:
                part.lines.append(line)
            elif line.text or not kind.fields[name].retired:
                part.folded.append(line)
        parts.append(part)
    unknown = [Line(name, name, plain(value)) for name, value in data.items() if name not in shown]
    desk = [_line(kind, name, data, context) for name in kind.desk_owned] if kind else []
    parts = [part for part in parts if part.lines or part.folded or part.sealed]
    return Sheet(parts, [line for line in desk if line.text], unknown)


def _line(kind: Kind, name: str, data: Mapping[str, Any], context: Context) -> Line:
    answer = kind.fields[name]
    notes = [("bad", t(f"check.{p['code']}")) for p in context.problems if p["field"] == name]
    notes += [
        ("warn", checks.in_language(w.say, language())) for w in answer.warnings if holds(w.when, data, context.today)
    ]
    if name in context.pins:
        notes.append(("news", t("desk.record.asked", reason=context.pins[name])))
    text, link = value(answer, data.get(name), context.linked)
    label = checks.in_language(answer.label, language())
    return Line(
        name, label, text, link, answer.sensitivity == "restricted", tuple(notes), photos(answer, data.get(name))
    )


def value(answer: Answer | None, given: Any, linked: Mapping[str, Record]) -> tuple[str, str | None]:
    """An answer in words, and the id of the record that it means, where it is one within reach."""
    if not is_filled(given):
        return "", None
    if isinstance(answer, RecordRef) and isinstance(given, str):
        target = linked.get(given)
        return (title(target), target.id) if target else (t("desk.record.elsewhere"), None)
    return (checks.show_value(answer, given, language()) if answer else plain(given)), None


def plain(given: Any) -> str:
    """An answer whose field is not known, as it was sent."""
    return "" if given is None else given if isinstance(given, str) else json.dumps(given, ensure_ascii=False)


def title(record: Record) -> str:
    """The record's own title, names and all: only for the body of a page about one record."""
    kind = registry.get(record.kind)
    return checks.title(kind, record.data, language()) if kind else record.kind


def public_title(kind_code: str, data: Mapping[str, Any]) -> str:
    """The title without names: for lists, headings and the browser's history."""
    kind = registry.get(kind_code)
    return checks.public_title(kind, data, language()) if kind else kind_code


def why_urgent(kind_code: str, data: Mapping[str, Any], today: str) -> str:
    """The reason that puts a record on top, in words; the kind's name when there is none."""
    kind = registry.get(kind_code)
    if kind is None:
        return kind_code
    why = checks.urgency(kind, data, today)[1]
    return checks.in_language(why or kind.label, language())


def references(kind: Kind | None, data: Mapping[str, Any]) -> set[str]:
    """The ids of the records that the answers mean."""
    fields = kind.fields if kind else {}
    return {data[n] for n, f in fields.items() if isinstance(f, RecordRef) and isinstance(data.get(n), str)}


def called(kind_code: str, data: Mapping[str, Any]) -> str | None:
    """The person's name that titles a record, for sorting; None for records that are not about one person."""
    kind = registry.get(kind_code)
    names = [n for n in kind.title if isinstance(kind.fields[n], Name)] if kind else []
    found = next((data[n] for n in names if isinstance(data.get(n), str) and data[n]), None)
    return str(found) if found else None


def by_given_name(rows: Iterable[Any]) -> list[Any]:
    """Children first, by given name; everything else after them in its own order."""
    people = [(called(row.kind, row.data), row) for row in rows]
    named = sorted((p for p in people if p[0]), key=lambda p: vietnamese.name_key(p[0] or ""))
    return [row for _, row in named] + [row for name, row in people if not name]


class Difference(NamedTuple):
    """One changed field in words."""

    label: str
    old: str
    new: str
    old_photos: tuple[Described, ...] = ()
    new_photos: tuple[Described, ...] = ()


def differences(
    kind: Kind | None, old: Mapping[str, Any], new: Mapping[str, Any], linked: Mapping[str, Record]
) -> list[Difference]:
    """What changed between two versions, in words. The informant's fields only say that they changed."""
    fields = kind.fields if kind else {}
    order = [name for section in kind.sections for name in section.fields] if kind else []
    found = []
    for changed in rules.diff(old, new, order):
        answer = fields.get(changed.field)
        label = checks.in_language(answer.label, language()) if answer else changed.field
        texts = [value(answer, side, linked)[0] for side in (changed.old, changed.new)]
        if answer and answer.sensitivity == "informant":
            texts = [t("desk.record.hidden") if text else "" for text in texts]
        old_text, new_text = texts
        found.append(Difference(label, old_text, new_text, photos(answer, changed.old), photos(answer, changed.new)))
    return found


class Step(NamedTuple):
    """One version in the record's history."""

    number: int
    before: int  # the version that it changed
    what: str
    by: str
    written: datetime | None
    received: datetime
    note: str
    pins: list[tuple[str, str]]
    changes: list[Difference]
    chosen: list[tuple[str, str]]  # of a choice between two phones: field and value


def steps(kind: Kind | None, versions: Sequence[tuple[RecordVersion, str]], linked: Mapping[str, Record]) -> list[Step]:
    """The history, the latest first, each with what it changed."""
    found: list[Step] = []
    before: Mapping[str, Any] = {}
    judged: Mapping[str, Any] | None = None
    number = 0
    for version, name in versions:
        review = version.review if version.review != judged else None
        pins = [(field_label(kind, n), reason) for n, reason in ((review or {}).get("pins") or {}).items()]
        changes = differences(kind, before, version.data, linked) if found else []
        note = str((review or {}).get("note") or "")
        chosen = [_chosen(kind, field, version.data, linked) for field in (review or {}).get("fields") or ()]
        # What the desk did was written when it was received.
        when = (None if version.what == "choice" else version.written_at, version.received_at)
        found.append(Step(version.version, number, version.what, name, *when, note, pins, changes, chosen))
        number, before, judged = version.version, version.data, version.review
    return found[::-1]


def _chosen(kind: Kind | None, name: str, data: Mapping[str, Any], linked: Mapping[str, Record]) -> tuple[str, str]:
    """A field and its value in words; who told us is not shown outside its own place."""
    answer = kind.fields.get(name) if kind else None
    text = value(answer, data.get(name), linked)[0] or t("desk.record.empty")
    hidden = answer is not None and answer.sensitivity == "informant"
    return field_label(kind, name), t("desk.record.hidden") if hidden else text


def field_label(kind: Kind | None, name: str) -> str:
    """A field's label, or its bare name when the form no longer has it."""
    return checks.in_language(kind.fields[name].label, language()) if kind and name in kind.fields else name


def when(at: datetime, now: datetime) -> str:
    """14:05 today, yesterday with its time, else the date, with its year only when that is another."""
    here, today = at.astimezone(HANOI).date(), now.astimezone(HANOI).date()
    if here == today:
        return clock_time(at)
    if here == today - timedelta(days=1):
        return t("desk.time.yesterday", time=clock_time(at))
    return here.strftime("%d/%m") if here.year == today.year else day(here)


def waited(since: datetime, now: datetime) -> str:
    """How long something has been waiting, in its largest unit."""
    minutes = max(int((now - since).total_seconds() // 60), 0)
    if minutes < 60:
        return t("desk.time.minutes", n=max(minutes, 1))
    if minutes < 48 * 60:
        return t("desk.time.hours", n=minutes // 60)
    return t("desk.time.days", n=minutes // (24 * 60))


class Point(NamedTuple):
    """A place with its drawing."""

    lat: float
    lon: float
    accuracy: float | None
    how: str
    at: str  # when it was measured or put there, in words; empty when not known
    sketch: rules.Sketch

    @property
    def uri(self) -> str:
        """The point for map applications (RFC 5870), with how exact it is in metres."""
        exact = f";u={round(self.accuracy)}" if self.accuracy is not None else ""
        return f"geo:{self.lat:.6f},{self.lon:.6f}{exact}"


def point(kind: Kind | None, data: Mapping[str, Any]) -> Point | None:
    """Where the record says it is; None without a place that can be read."""
    place = data.get(kind.place) if kind and kind.place else None
    if not is_place(place):
        return None
    acc = place.get("acc")
    return Point(place["lat"], place["lon"], acc, place["how"], iso_moment(place.get("at")), rules.sketch(acc))
