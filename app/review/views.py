"""The views of the queue, each declared once: which records it holds, and in which order they stand.

What a view holds is a condition within the person's scope, so that it can be counted, listed and combined.
"""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, Text, and_, cast, literal_column, select, true
from sqlalchemy.orm import aliased

from app.clock import today
from app.clocks.queries import is_running
from app.identity.rights import Actor
from app.records import again
from app.records.models import Record
from app.records.rules import ENDED
from app.review.rules import DANGER, HIGH, STATUSES, WAITING, Order
from app.tasks.queries import is_answered

# Where nobody needs to choose any more between what two phones wrote.
_DECIDED = tuple(status for status in STATUSES if status not in (*WAITING, "returned"))
# Spelled out, not bound: only so a database sees that its indexes of what waits and of open conflicts will do.
IS_WAITING = Record.status.in_([literal_column(f"'{status}'") for status in WAITING])
_other = aliased(Record)


@dataclass(frozen=True)
class View:
    """A list: what it holds, within somebody's scope, and its order."""

    holds: Callable[[Actor], ColumnElement[bool]]
    order: Order = "latest"


def has_conflicts(record: type[Record] = Record) -> ColumnElement[bool]:
    """Whether somebody still has to choose between two values."""
    return cast(record.conflicts, Text) != literal_column("'[]'")


def _in_conflict(actor: Actor) -> ColumnElement[bool]:
    return and_(Record.status.not_in(_DECIDED), has_conflicts(), Record.id.in_(_ids_in_conflict(actor)))


def _ids_in_conflict(actor: Actor) -> Select[str]:
    """Looked up by themselves: PostgreSQL cannot know how few they are, and would read the whole ward in order."""
    open_ = select(_other.id).where(_other.ward_id == actor.ward_id, has_conflicts(_other)).cte("in_conflict")
    return select(open_.prefix_with("MATERIALIZED", dialect="postgresql").c.id)


def _visit_overdue(_: Actor) -> ColumnElement[bool]:
    """Children whom somebody meant to see again before today: see app/records/again.py."""
    return and_(Record.kind.in_(again.parents()), Record.status.not_in(ENDED), Record.again_on < today())


def _status(status: str, order: Order) -> View:
    return View(lambda _: Record.status == status, order)


VIEWS: dict[str, View] = {
    "waiting": View(lambda _: IS_WAITING, "urgent"),
    "clocks": View(lambda _: is_running(), "soonest"),
    "danger": View(lambda _: and_(IS_WAITING, Record.urgency >= DANGER), "gravest"),
    "high": View(lambda _: and_(IS_WAITING, Record.urgency >= HIGH, Record.urgency < DANGER), "gravest"),
    "conflicts": View(_in_conflict, "soonest"),
    "mine": View(lambda actor: Record.assignee_id == actor.id, "due"),
    "tasks": View(lambda _: Record.assignee_id.is_not(None), "due"),
    "tasks_answered": View(lambda _: is_answered(), "due"),
    "tasks_late": View(
        lambda _: and_(Record.assignee_id.is_not(None), Record.task_due < today(), ~is_answered()), "due"
    ),
    "visits": View(_visit_overdue, "again"),
    **{status: _status(status, "urgent" if status in WAITING else "latest") for status in STATUSES},
    "all": View(lambda _: true()),
}
