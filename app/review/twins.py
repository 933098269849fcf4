"""Records that may mean the same thing as another one."""

from collections.abc import Iterator
from typing import NamedTuple

from app.identity.rights import Actor
from app.kinds.shapes import is_day, is_moment, is_place
from app.kinds.vocabulary import Kind
from app.places import queries as places
from app.places import rules as place_rules
from app.records.models import Record
from app.review import queries, rules, shown

_MOST, _MOST_LIKELY = 12, 5


class Twin(NamedTuple):
    """`metres`: how far away, where both places are known. `score`: see rules.twin_score."""

    record: Record
    metres: int | None
    score: float


def candidates(actor: Actor, kind: Kind | None, record: Record) -> list[Twin]:
    """What lies near, in whichever group, and then what is alike: the likeliest of each first."""
    near = [Twin(other, one.metres, one.score) for other, one in places.near(actor, record)]
    known = {one.record.id for one in near}
    return near + [one for one in _alike(actor, kind, record) if one.record.id not in known]


def likely(actor: Actor, kind: Kind | None, record: Record) -> list[Twin]:
    """Those that are shown on the record's page before anybody asks; none for reports, which are never alike by
    what may be shown, and for records about another one, which name it."""
    if kind is None or kind.parent or not kind.title or record.status not in place_rules.OPEN:
        return []
    near = [Twin(other, one.metres, one.score) for other, one in places.near(actor, record)]
    if kind.mapped:
        return near[:_MOST_LIKELY]
    alike = (one for one in _alike(actor, kind, record) if one.score >= rules.LIKELY)
    return [one for one in alike if one.record.status in place_rules.OPEN][:_MOST_LIKELY]


def _alike(actor: Actor, kind: Kind | None, record: Record) -> list[Twin]:
    found = sorted(_scored(actor, kind, record), key=lambda one: -one.score)
    return found[:_MOST]


def _scored(actor: Actor, kind: Kind | None, record: Record) -> Iterator[Twin]:
    here = face(kind, record)
    for other in queries.neighbours(actor, record):
        there = face(kind, other)
        score = rules.twin_score(here, there)
        if score > 0:
            apart = place_rules.distance(here.place, there.place) if here.place and there.place else None
            yield Twin(other, None if apart is None else round(apart), score)


def face(kind: Kind | None, record: Record) -> rules.Face:
    """What is compared of a record."""
    place = record.data.get(kind.place) if kind and kind.place else None
    happened = record.data.get(kind.happened) if kind else None
    day = happened[:10] if is_day(happened) or is_moment(happened) else ""
    facts = {name: record.data.get(name) for name in kind.telling} if kind else {}
    return rules.Face(shown.title(record), place if is_place(place) else None, facts, day)
