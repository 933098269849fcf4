"""The fields that two phones wrote differently, as a choice for the officer."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from app.i18n import t
from app.i18n.formats import iso_moment
from app.kinds.vocabulary import Answer, Kind
from app.records.models import Record
from app.review import shown
from app.review.pictures import Described, photos
from app.sync.merge import sides


class Option(NamedTuple):
    """One of the values. `number` names it in the form; the first is in force."""

    number: int
    text: str
    who: str
    when: str
    photos: tuple[Described, ...]
    worst: bool  # the more dangerous one of a field where that matters


class Clash(NamedTuple):
    """A field with its values; `sealed` when they tell who informed us."""

    name: str
    label: str
    options: list[Option]
    sealed: bool


def clashes(kind: Kind | None, record: Record, people: Mapping[str, str], linked: Mapping[str, Record]) -> list[Clash]:
    """The open conflicts of a record in words, in the order of its form."""
    order = [name for part in kind.sections for name in part.fields] if kind else []
    names = dict.fromkeys(str(clash["field"]) for clash in record.conflicts)
    return [
        _clash(kind, name, record, people, linked)
        for name in sorted(names, key=lambda name: order.index(name) if name in order else len(order))
    ]


def writers(record: Record) -> set[str]:
    """The ids of everybody whose values stand open."""
    names = {str(clash["field"]) for clash in record.conflicts}
    return {side.by for name in names for side in sides(name, record.data, record.writers, record.conflicts)}


def _clash(
    kind: Kind | None, name: str, record: Record, people: Mapping[str, str], linked: Mapping[str, Record]
) -> Clash:
    answer = kind.fields.get(name) if kind else None
    found = sides(name, record.data, record.writers, record.conflicts)
    worst = _worst(answer, [side.value for side in found])
    options = [
        Option(
            number,
            shown.value(answer, side.value, linked)[0] or t("desk.record.empty"),
            people.get(side.by, ""),
            iso_moment(side.at),
            photos(answer, side.value),
            number == worst,
        )
        for number, side in enumerate(found)
    ]
    sealed = answer is not None and answer.sensitivity == "informant"
    return Clash(name, shown.field_label(kind, name), options, sealed)


def _worst(answer: Answer | None, values: list[Any]) -> int | None:
    """The place of the most dangerous value, in a field that has such an order."""
    order = answer.safety if answer else ()
    ranked = [(order.index(value), place) for place, value in enumerate(values) if value in order]
    return min(ranked)[1] if ranked else None
