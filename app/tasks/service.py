"""The desk gives a task about a record, ends it or takes it back. A step in the record's history; the phone of
whoever has it hears it with its next pass. Runs inside the caller's transaction."""

from datetime import date

from app.clock import now, today
from app.identity.rights import Actor
from app.problems import Problem
from app.records import desk_steps
from app.records.queries import Row
from app.records.rules import stamp
from app.tasks import queries, rules
from app.vietnamese import clean


def give(actor: Actor, record_id: str, to: str, what: str, due: date | None, typed_due: str = "") -> None:
    """Give it, in place of the one before. Raises not_found, bad_form, or not_possible_now."""
    give_to(actor, desk_steps.held(actor, record_id), to, what, due, typed_due)


def give_to(actor: Actor, record: Row, to: str, what: str, due: date | None, typed_due: str = "") -> None:
    """The same for a record that this transaction holds."""
    may = {person_id: name for person_id, name, _ in queries.candidates(record)}
    what = " ".join(clean(what).split())
    if faults := rules.faults(what, due, typed_due, today(), may_have_it=to in may):
        raise Problem("bad_form", fields=faults)
    moment = now()
    told = {"by": actor.name, "by_id": actor.id, "at": stamp(moment)}
    task = {"to": to, "to_name": may[to], "what": what, "due": due.isoformat() if due else None, **told}
    said = {**told, "note": what, "to": to, "due": task["due"]}
    desk_steps.write(actor, record, "task", said, task=task, assignee_id=to, task_due=due, task_at=moment)


def end(actor: Actor, record_id: str, how: str) -> None:
    """`how`: done or dropped. Raises not_found, or not_possible_now when there is no open task."""
    record = desk_steps.held(actor, record_id)
    if record["assignee_id"] is None or how not in ("done", "dropped"):
        raise Problem("not_possible_now")
    told = {"by": actor.name, "by_id": actor.id, "at": stamp(now())}
    task = {**record["task"], "ended": how, "ended_by": actor.name, "ended_at": told["at"]}
    said = {**told, "note": record["task"]["what"]}
    desk_steps.write(actor, record, f"task_{how}", said, task=task, assignee_id=None, task_due=None, task_at=None)
