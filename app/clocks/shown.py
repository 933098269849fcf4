"""A record's legal times in words."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from flask import current_app

from app.clock import HANOI, now
from app.clocks import queries, rules
from app.clocks.models import ClockEnd
from app.i18n import t, w
from app.i18n.formats import clock_time, day, moment
from app.kinds import registry
from app.records.rules import ENDED

_RUNNING = ("over", "soon", "running")
Ends = Mapping[tuple[str, str], tuple[ClockEnd, str]]


class Shown(NamedTuple):
    """A clock. `standing`: running, soon, over, met or late (done after its time), not_needed, or stopped."""

    code: str
    label: str
    law: str
    due_at: datetime
    due: str
    standing: str
    words: str
    by: str
    done: str
    note: str


def clocks(kind_code: str, status: str, record_id: str, received: datetime, ends: Ends) -> list[Shown]:
    """All clocks of a record, in the order of its kind."""
    kind = registry.get(kind_code)
    found = []
    for clock in kind.clocks if kind else ():
        by = rules.due(clock, received, rules.days_off(current_app.config["TO_AM"].holidays))
        end, name = ends.get((record_id, clock.code), (None, ""))
        standing, words = _standing(received, by, end, status)
        told = (name, moment(end.done_at), end.note) if end else ("", "", "")
        due = day((by - timedelta(seconds=1)).astimezone(HANOI).date()) if clock.working_days else moment(by)
        found.append(Shown(clock.code, w(clock.label), w(clock.law), by, due, standing, words, *told))
    return found


def first_of(kind_code: str, status: str, record_id: str, received: datetime, ends: Ends) -> Shown | None:
    """The running clock that ends first, for a row of a list."""
    running = [one for one in clocks(kind_code, status, record_id, received, ends) if one.standing in _RUNNING]
    return min(running, key=lambda one: one.due_at, default=None)


def of(kind_code: str, status: str, record_id: str, received: datetime) -> list[Shown]:
    """All clocks of one record, with what was said about them."""
    kind = registry.get(kind_code)
    if kind is None or not kind.clocks:
        return []
    return clocks(kind_code, status, record_id, received, queries.ends([record_id]))


def _standing(received: datetime, due: datetime, end: ClockEnd | None, status: str) -> tuple[str, str]:
    if end is not None:
        standing = "not_needed" if end.outcome == "not_needed" else "met" if end.done_at <= due else "late"
        return standing, t(f"desk.clock.{standing}")
    if status in ENDED:
        return "stopped", t("desk.clock.stopped")
    left = rules.left(received, due, now())
    return left.standing, t("desk.clock.over" if left.standing == "over" else "desk.clock.left", time=_time(left))


def _time(left: rules.Left) -> str:
    """The two largest units; days alone from three days on."""
    if left.days:
        hours = f" {t('desk.time.hours', n=left.hours)}" if left.hours and left.days < 3 else ""
        return t("desk.time.days", n=left.days) + hours
    if left.hours:
        minutes = f" {t('desk.time.minutes', n=left.minutes)}" if left.minutes else ""
        return t("desk.time.hours", n=left.hours) + minutes
    return t("desk.time.minutes", n=max(left.minutes, 1))


def typed_now() -> str:
    """The present moment as an officer would type it."""
    return f"{day(now().astimezone(HANOI).date())} {clock_time(now())}"
