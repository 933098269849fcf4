"""What is due in a ward, worked out once a day and for what changes."""

from bisect import bisect_left
from functools import lru_cache
from typing import NamedTuple

from flask import current_app

from app.clock import today
from app.identity.rights import Actor
from app.kinds import registry
from app.rechecks import queries
from app.rechecks.rules import Calendar, Look, Standing, calendar, due_on, standing
from app.records.queries import Row

_calendar = lru_cache(maxsize=8)(calendar)
_AT_ONCE = 400  # changes; after more of them everything is worked out anew


class Due(NamedTuple):
    """A record that has to be looked at again by a day, ISO."""

    id: str
    group_id: int | None
    day: str
    standing: Standing


class _Kept(NamedTuple):
    """A ward's list as it was when the ward's number was `no`, on that day. `about`: of each look, its record."""

    no: int
    day: str
    listed: list[Due]
    about: dict[str, str]


def settings() -> Calendar:
    """The days and seasons of this installation."""
    given = current_app.config["TO_AM"]
    return _calendar(given.recheck_days, given.seasons)


def due(actor: Actor) -> list[Due]:
    """Everything in the officer's ward that will be due, the longest overdue first.

    Every page of the desk shows how much is overdue, so it is kept: until the day changes, and what changed in the
    ward since is worked out anew.
    """
    known: dict[int, _Kept] = current_app.extensions.setdefault("rechecks", {})
    no, day = queries.last_no(actor.ward_id), today().isoformat()
    kept = known.get(actor.ward_id)
    if kept is None or kept.day != day or kept.no > no:
        kept = known[actor.ward_id] = _begun(actor, no, day)
    elif kept.no < no:
        kept = known[actor.ward_id] = _brought_up(actor, kept, no)
    return kept.listed


def overdue(actor: Actor) -> int:
    """How many are overdue."""
    return bisect_left(due(actor), today().isoformat(), key=lambda one: one.day)  # the longest overdue stand first


def due_of(row: Row, looks: list[Look], day: str) -> str | None:
    """When a record is due."""
    kind = registry.get(row["kind"])
    if kind is None or kind.recheck is None:
        return None
    since = queries.day_of(row["happened_on"], row["received_at"])
    return due_on(kind.recheck, settings(), row["data"], since, looks, day)


def _begun(actor: Actor, no: int, day: str) -> _Kept:
    return _Kept(no, day, _listed(_worked_out(actor, day, None)), queries.look_parents(actor))


def _brought_up(actor: Actor, kept: _Kept, no: int) -> _Kept:
    """What was kept, with the records that changed since, and those that changed looks are or were about."""
    news = queries.changed(actor, kept.no)
    if len(news) > _AT_ONCE:
        return _begun(actor, no, kept.day)
    about = {**kept.about, **{id: parent for id, parent in news if parent}}
    touched = {id for id, _ in news} | {about[id] for id, _ in news if id in about}
    touched |= {kept.about[id] for id, _ in news if id in kept.about}
    if not touched:
        return _Kept(no, kept.day, kept.listed, about)
    others = [one for one in kept.listed if one.id not in touched]
    return _Kept(no, kept.day, _listed(others + _worked_out(actor, kept.day, touched)), about)


def _worked_out(actor: Actor, day: str, ids: set[str] | None) -> list[Due]:
    looks = queries.looks(actor, ids)
    found = []
    for row in queries.sites(actor, ids):
        when = due_of(row, looks.get(row["id"], []), day)
        if when is not None:
            found.append(Due(row["id"], row["group_id"], when, standing(when, day)))
    return found


def _listed(found: list[Due]) -> list[Due]:
    return sorted(found, key=lambda one: (one.day, one.id))
