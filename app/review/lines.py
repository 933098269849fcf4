"""The rows of a list in words, without names of children, families or informants."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from flask import url_for

from app.clock import now, today
from app.clocks import queries as clock_queries
from app.clocks import shown as clocks
from app.i18n.formats import day
from app.kinds import registry
from app.review import lists, rules, shown
from app.tasks import rules as tasks


def lines(rows: Sequence[lists.Row]) -> list[dict[str, Any]]:
    """The rows in their order. At most one statement, and only where one of them has a clock."""
    clocked = [row.id for row in rows if (kind := registry.get(row.kind)) and kind.clocks]
    ends = clock_queries.ends(clocked) if clocked else {}
    moment, day_of_it, any_record = now(), today(), url_for("review.record", record_id="0").removesuffix("0")
    return [{**_line(row, ends, moment, day_of_it), "at": f"{any_record}{row.id}"} for row in rows]


def _line(row: lists.Row, ends: clocks.Ends, now: datetime, today: date) -> dict[str, Any]:
    kind = registry.get(row.kind)
    since = row.changed_at if row.status == "answered" else row.received_at
    waits = row.status in rules.WAITING
    return {
        "id": row.id,
        "version": row.version,
        "icon": kind.icon if kind else "list",
        "band": rules.band(row.urgency) if waits else "rest",
        "title": shown.public_title(row.kind, row.data),
        "why": shown.why_urgent(row.kind, row.data, today.isoformat()),
        "sender": row.sender,
        "group": row.group,
        "received": shown.when(row.received_at, now),
        "answered": shown.when(row.changed_at, now) if row.status == "answered" else None,
        "waited": shown.waited(since, now) if waits else None,
        "clock": clocks.first_of(row.kind, row.status, row.id, row.received_at, ends),
        "task": _task(row, today),
        "again": day(row.again_on) if row.again_on and row.again_on < today else None,
        "status": row.status,
        "in_conflict": row.in_conflict,
        "missing": len(row.problems) if row.status == "needs_fixing" else 0,
    }


def _task(row: lists.Row, today: date) -> dict[str, Any] | None:
    """The open task about a record: who has it, how far it is, by when."""
    if row.task is None or row.task.get("ended"):
        return None
    standing = tasks.standing(row.task, today, answered=row.is_answered)
    return {"to": row.task["to_name"], "standing": standing, "due": day(row.task_due)}
