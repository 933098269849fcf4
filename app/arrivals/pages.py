"""The desk's page of what has not arrived: lost numbers, changes that wait, phones to ask about."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.arrivals import queries, rules, service
from app.clock import now
from app.db import transact
from app.http import actor
from app.i18n import w
from app.i18n.formats import moment
from app.kinds import registry
from app.problems import Problem
from app.vietnamese import given_name

bp = Blueprint("arrivals", __name__)
# The parts of the page that the numbers of the day open.
PARTS = ("gaps", "silent")


@bp.app_context_processor
def _count() -> dict[str, Any]:
    """For the navigation, which asks only where there is somebody to show it to."""
    return {"nav_arrivals": lambda: queries.count(actor())}


@bp.get("/desk/arrivals")
def listing() -> str:
    """What is missing, what waits, and whom to ask; ?only=gaps or silent shows a part."""
    only = request.args.get("only", "")
    return _page(done="done" in request.args, only=only if only in PARTS else "")


@bp.post("/desk/arrivals/close")
def close() -> Response | tuple[str, int]:
    """Close a line for good, with a reason; or show the page again with what is missing."""
    runs = rules.read(request.form.get("numbers", ""))
    if runs is None:
        raise Problem("bad_form", fields=[{"field": "numbers", "code": "unreadable"}])
    try:
        with transact():
            service.close(actor(), *_phone(request.form), runs, request.form.get("note", ""))
    except Problem as problem:
        if problem.code != "bad_form":
            raise
        return _page(typed=request.form, fault=problem.fields[0]["code"]), problem.status
    return redirect(url_for("arrivals.listing", done=1), 303)


def _phone(form: Mapping[str, str]) -> tuple[str, str]:
    return form.get("person", ""), form.get("device", "")


def _page(
    *, done: bool = False, only: str = "", typed: Mapping[str, str] | None = None, fault: str | None = None
) -> str:
    gaps = only != "silent"
    return render_template(
        "arrivals/listing.html",
        here="arrivals",
        only=only,
        lost=[_lost(one, place) for place, one in enumerate(queries.lost(actor()))] if gaps else [],
        held=[_held(one) for one in queries.held(actor())] if gaps else [],
        quiet=[one for one in queries.quiet(actor()) if one.silent or not only] if only != "gaps" else [],
        done=done,
        typed=typed or {},
        chosen=_phone(typed) if typed else None,
        fault=fault,
        moment=moment,
        longest_note=rules.LONGEST_NOTE,
        days=lambda at: (now() - at).days,
    )


def _lost(one: queries.Lost, place: int) -> dict[str, Any]:
    runs = rules.ranges(one.numbers)[: rules.MOST_RANGES]
    shown = sum(last - first + 1 for first, last in runs)
    return {
        "id": f"gap-{place}",
        "phone": (one.state.person_id, one.state.device),
        "name": given_name(one.name),
        "full_name": one.name,
        "count": len(one.numbers),
        "numbers": rules.spoken(runs),
        "written": rules.written(runs),
        "more": len(one.numbers) - shown,
        "unsent": one.state.unsent,
        "since": moment(one.since),
        "last_seen": moment(one.state.last_seen),
        "app": one.state.app,
    }


def _held(one: queries.Held) -> dict[str, Any]:
    kind = registry.get(one.kind or "")
    return {
        "name": one.name,
        "seq": one.seq,
        "received": moment(one.received_at),
        "record_id": one.record_id if one.kind else None,
        "kind": w(kind.label) if kind else one.kind,
    }
