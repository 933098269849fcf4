"""One act on many records. Runs inside the caller's transaction."""

from collections.abc import Iterable
from datetime import date

from app.identity.rights import OFFICER, Actor
from app.kinds import registry
from app.many import rules
from app.problems import Problem
from app.records import queries as records
from app.records import service as writer
from app.tasks import service as tasks

AUTHOR = "author"


def accept(actor: Actor, picks: Iterable[rules.Pick]) -> dict[str, str | None]:
    """Accept each on the version that was seen. Why it was not, by id; None: it was accepted. One that cannot be
    accepted stops no other. What is out of scope is `gone`."""
    if actor.role != OFFICER:
        raise Problem("not_found")
    wanted = {pick.id: pick.version for pick in picks}
    reach = records.within_scope(actor, wanted)
    standing = records.standing(reach)
    outcome: dict[str, str | None] = dict.fromkeys(wanted, "gone")
    for record_id, record in standing.items():
        outcome[record_id] = rules.bar_to_accepting(record, registry.get(record["kind"]), wanted[record_id])
    writer.write_acceptances(actor, [standing[one] for one, bar in outcome.items() if bar is None])
    return outcome


def assign(
    actor: Actor, picks: Iterable[rules.Pick], to: str, what: str, due: date | None, typed_due: str
) -> tuple[int, set[str]]:
    """Give the same task about each, to a person of the desk or, AUTHOR, to whoever wrote the record.

    How many, and the records about which it was not given: what was withdrawn, and what is of somebody who does not
    work there any more. What is out of reach is left out. Raises bad_form with the fields at fault.
    """
    if actor.role != OFFICER:
        raise Problem("not_found")
    reach = records.within_scope(actor, {pick.id for pick in picks})
    standing = [record for record in records.standing(reach).values() if record["status"] != "withdrawn"]
    asked = [(record, record["author_id"] if to == AUTHOR else to) for record in standing]
    given = tasks.give_all(actor, asked, what, due, typed_due)
    if standing and not given:
        raise Problem("bad_form", fields=[{"field": "to", "code": "not_choice"}])
    return len(given), reach - set(given)
