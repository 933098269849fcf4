"""The log: who did and read what, in the order of the chain that seals it."""

from collections.abc import Mapping
from datetime import date

from flask import Blueprint, render_template, request, url_for

from app.audit import queries, shown
from app.audit.queries import Entry, Wanted
from app.form_text import whole
from app.http import actor
from app.i18n.formats import day
from app.identity import queries as identity
from app.identity.rights import LEADER
from app.kinds.shapes import is_day, is_record_id
from app.problems import Problem
from app.records.queries import within_scope
from app.units import queries as units
from app.vietnamese import name_key

bp = Blueprint("audit", __name__, url_prefix="/desk/log")


@bp.get("")
def page() -> str:
    """A chain's links, the latest first; the filters stand in the address."""
    chains = queries.chains(actor())
    wanted = asked(request.args)
    entries, following = queries.page(wanted, whole(request.args.get("before")))
    names = identity.names({one.person for one in entries if one.person})
    records = _open(entries)
    people = sorted(queries.people(actor(), wanted.unit).items(), key=lambda one: name_key(one[1]))
    return render_template(
        "audit/page.html",
        here="log",
        wanted=wanted,
        address=in_address(wanted),
        rows=[shown.line(one, names, records.get(str(one.facts.get("record")))) for one in entries],
        chains=[(unit.id, units.place(unit.id)) for unit in chains],
        people=people,
        reads=[(what, shown.deed(what)) for what in shown.READS],
        deeds=[(what, shown.deed(what)) for what in shown.DEEDS],
        next_before=following,
        paged="before" in request.args,
        day=day,
    )


def asked(args: Mapping[str, str]) -> Wanted:
    """What an address asks for; nonsense is as if it were not there. Raises not_found for another's log."""
    reach = {unit.id for unit in queries.chains(actor())} | {actor().ward_id}
    unit = whole(args.get("unit"))
    if unit is None:
        unit = actor().ward_id if actor().role == LEADER or len(reach) == 1 else min(reach - {actor().ward_id})
    if unit not in reach:
        raise Problem("not_found")
    what, person, record = (args.get(name, "").strip() for name in ("what", "person", "record"))
    return Wanted(
        unit=unit,
        what=what if what in (*shown.READS, *shown.DEEDS) else None,
        person=person if is_record_id(person) else None,
        record=record if is_record_id(record) else None,
        since=_day(args.get("from", "")),
        until=_day(args.get("to", "")),
    )


def in_address(wanted: Wanted) -> dict[str, str]:
    """The same, for links. Holds ids and days, no names."""
    given = {
        "unit": wanted.unit,
        "what": wanted.what,
        "person": wanted.person,
        "record": wanted.record,
        "from": wanted.since,
        "to": wanted.until,
    }
    return {name: str(value) for name, value in given.items() if value is not None}


def _open(entries: list[Entry]) -> dict[str, str]:
    """The addresses of those records that this person may open. An administrator opens none."""
    ids = {record for one in entries if isinstance(record := one.facts.get("record"), str)}
    found = within_scope(actor(), ids) if ids and actor().role == LEADER else set()
    return {record: url_for("review.record", record_id=record) for record in found}


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if is_day(text) else None
