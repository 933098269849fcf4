"""What is due in a ward, worked out once for each state of the ward and each day."""

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


class Due(NamedTuple):
    """A record that has to be looked at again by a day, ISO."""

    id: str
    group_id: int | None
    day: str
    standing: Standing


def settings() -> Calendar:
    """The days and seasons of this installation."""
    given = current_app.config["TO_AM"]
    return _calendar(given.recheck_days, given.seasons)


def due(actor: Actor) -> list[Due]:
    """Everything in the officer's ward that will be due, the longest overdue first.

    Kept until the ward changes or the day does: every page of the desk shows how much is overdue.
    """
    kept: dict[int, tuple[int, str, list[Due]]] = current_app.extensions.setdefault("rechecks", {})
    now, day = queries.last_no(actor.ward_id), today().isoformat()
    before = kept.get(actor.ward_id)
    if before is None or before[:2] != (now, day):
        kept[actor.ward_id] = before = (now, day, _worked_out(actor, day))
    return before[2]


def overdue(actor: Actor) -> int:
    """How many are overdue."""
    return sum(1 for one in due(actor) if one.standing == "overdue")


def due_of(row: Row, looks: list[Look], day: str) -> str | None:
    """When a record is due."""
    kind = registry.get(row["kind"])
    if kind is None or kind.recheck is None:
        return None
    since = queries.day_of(row["happened_on"], row["received_at"])
    return due_on(kind.recheck, settings(), row["data"], since, looks, day)


def _worked_out(actor: Actor, day: str) -> list[Due]:
    looks = queries.looks(actor)
    found = []
    for row in queries.sites(actor):
        when = due_of(row, looks.get(row["id"], []), day)
        if when is not None:
            found.append(Due(row["id"], row["group_id"], when, standing(when, day)))
    return sorted(found, key=lambda one: (one.day, one.id))
