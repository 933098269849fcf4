"""What is due and what was found last, in words for the desk."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from app.i18n import language
from app.i18n.formats import day
from app.kinds import checks, registry
from app.kinds.conditions import is_filled
from app.kinds.vocabulary import Day, Kind, Text
from app.photos import queries as photos
from app.rechecks import queries, service
from app.rechecks.rules import Look, Standing, latest, standing
from app.records.models import Record
from app.records.queries import Row
from app.records.rules import ENDED, VOID


class Changed(NamedTuple):
    """A question that the record and the last look answer differently."""

    label: str
    old: str
    new: str


class Side(NamedTuple):
    """The photos of one day that are here: (id, caption)."""

    day: str
    photos: list[tuple[str, str]]


class Summary(NamedTuple):
    """A record's re-inspection: the next day, the last look with its id and words, and what it found changed.

    `sides`: its photos and those of the last look, where either has any.
    """

    due: str | None
    standing: Standing | None
    late: int
    last_id: str | None
    last_day: str
    found: str
    changed: list[Changed]
    sides: tuple[Side, ...]


def line(row: Row, looks: Sequence[Look], due: str, today: date) -> dict[str, Any]:
    """A row of the list, without a name of anybody."""
    kind = registry[row["kind"]]
    last = latest(looks, today.isoformat())
    return {
        "id": row["id"],
        "icon": kind.icon,
        "title": checks.public_title(kind, row["data"], language()),
        "due": day(due),
        "late": (today - date.fromisoformat(due)).days,
        "standing": standing(due, today.isoformat()),
        "last_day": day(last.day) if last else "",
        "found": _found(kind, last.values) if last else "",
        "work": _work(kind, row["data"]),
        "work_late": any(_is_past(kind, name, row["data"], today) for name in kind.desk_owned),
    }


def summary(kind: Kind | None, record: Record, below: Sequence[Record], today: date) -> Summary | None:
    """What the record's own page says; None for kinds that nobody looks at again. `below`: the records about it."""
    if kind is None or kind.recheck is None:
        return None
    rule = kind.recheck
    made = sorted((one for one in below if one.kind == rule.by and one.status not in VOID), key=_received)
    looks = [Look(queries.day_of(one.happened_on, one.received_at), one.data) for one in made]
    last = latest(looks, today.isoformat())
    look = next((one for one, seen in zip(made, looks, strict=True) if seen is last), None)
    row = {"kind": record.kind, "data": record.data, "happened_on": record.happened_on}
    ended = record.status in ENDED
    due = None if ended else service.due_of({**row, "received_at": record.received_at}, looks, today.isoformat())
    return Summary(
        due=due,
        standing=standing(due, today.isoformat()) if due else None,
        late=(today - date.fromisoformat(due)).days if due else 0,
        last_id=look.id if look else None,
        last_day=day(last.day) if last else "",
        found=_found(kind, last.values) if last else "",
        changed=_changed(kind, record.data, last.values) if last else [],
        sides=_sides(record, look) if look else (),
    )


def _sides(before: Record, after: Record) -> tuple[Side, ...]:
    found = tuple(
        Side(day(queries.day_of(one.happened_on, one.received_at)), photos.here(one)) for one in (before, after)
    )
    return found if any(side.photos for side in found) else ()


def _received(record: Record) -> tuple[Any, int]:
    return record.received_at, record.feed_no


def _found(kind: Kind, values: Mapping[str, Any]) -> str:
    assert kind.recheck is not None
    by = registry[kind.recheck.by]
    names = [name for name in by.public if name not in by.carries]
    return ", ".join(checks.show_value(by.fields[n], values[n], language()) for n in names if is_filled(values.get(n)))


def _changed(kind: Kind, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Changed]:
    """Where the last look says something else. The record itself stays as it is until somebody changes it."""
    assert kind.recheck is not None
    found = []
    for name in registry[kind.recheck.by].carries:
        if is_filled(new.get(name)) and new[name] != old.get(name):
            field, lang = kind.fields[name], language()
            texts = [checks.show_value(field, side.get(name), lang) for side in (old, new)]
            found.append(Changed(checks.in_language(field.label, lang), *texts))
    return found


def _work(kind: Kind, data: Mapping[str, Any]) -> str:
    """What the desk wrote in a few words: who does it, by when."""
    brief = [
        n for n in kind.desk_owned if isinstance(f := kind.fields[n], Day) or (isinstance(f, Text) and f.lines == 1)
    ]
    return " · ".join(checks.show_value(kind.fields[n], data[n], language()) for n in brief if is_filled(data.get(n)))


def _is_past(kind: Kind, name: str, data: Mapping[str, Any], today: date) -> bool:
    value = data.get(name)
    return isinstance(kind.fields[name], Day) and isinstance(value, str) and value < today.isoformat()
