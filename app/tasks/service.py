"""The desk gives a task about a record, ends it or takes it back. A step in the record's history; the phone of
whoever has it hears it with its next pass. Runs inside the caller's transaction."""

from collections.abc import Sequence
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
    record = desk_steps.held(actor, record_id)
    given = give_all(actor, [(record, to)], what, due, typed_due)
    if not given:
        raise Problem("bad_form", fields=[{"field": "to", "code": "not_choice"}])


def give_all(
    actor: Actor, asked: Sequence[tuple[Row, str]], what: str, due: date | None, typed_due: str = ""
) -> list[str]:
    """Give the same task about records that this transaction holds, each to a person; in few statements.

    The ids of those about which it was given: a person who may not have it is passed over. Raises bad_form.
    """
    what = " ".join(clean(what).split())
    if faults := rules.faults(what, due, typed_due, today()):
        raise Problem("bad_form", fields=faults)
    names = queries.names_of(asked)
    moment = now()
    told = {"by": actor.name, "by_id": actor.id, "at": stamp(moment)}
    steps = []
    for record, to in asked:
        if (record["id"], to) in names:
            task = {"to": to, "to_name": names[record["id"], to], "what": what, "due": due.isoformat() if due else None}
            said = {**told, "note": what, "to": to, "due": task["due"]}
            changes = {"task": {**task, **told}, "assignee_id": to, "task_due": due, "task_at": moment}
            steps.append(desk_steps.DeskStep(record, "task", said, changes))
    desk_steps.write_all(actor, steps)
    return [step.record["id"] for step in steps]


def end(actor: Actor, record_id: str, how: str) -> None:
    """`how`: done or dropped. Raises not_found, or not_possible_now when there is no open task."""
    record = desk_steps.held(actor, record_id)
    if record["assignee_id"] is None or how not in ("done", "dropped"):
        raise Problem("not_possible_now")
    told = {"by": actor.name, "by_id": actor.id, "at": stamp(now())}
    task = {**record["task"], "ended": how, "ended_by": actor.name, "ended_at": told["at"]}
    said = {**told, "note": record["task"]["what"]}
    desk_steps.write(actor, record, f"task_{how}", said, task=task, assignee_id=None, task_due=None, task_at=None)
