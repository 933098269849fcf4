"""The pages of one act on many records: what was chosen, then what became of it. All work without script."""

from collections import Counter
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.clock import today
from app.db import transact
from app.http import actor
from app.kinds import registry
from app.many import rules, service
from app.problems import Problem
from app.review import address, lines, lists
from app.tasks import queries as tasks

bp = Blueprint("many", __name__)


@bp.post("/desk/many")
def look() -> str | Response | tuple[str, int]:
    """What was ticked, and which of it can be accepted at once: nothing is written yet."""
    picks, asked = rules.picks(request.form.getlist("pick")), _asked()
    if not picks:
        return redirect(url_for("review.queue", **asked, none=1), 303)
    if request.form.get("do") == "assign":
        return assign()
    seen = {pick.id: pick.version for pick in picks}
    rows = lists.chosen(actor(), seen)
    barred = {row.id: _bar(row, seen[row.id]) for row in rows}
    return render_template(
        "many/look.html",
        here="queue",
        asked=asked,
        picks=[f"{pick.id}:{pick.version}" for pick in picks if barred.get(pick.id, "gone") is None],
        **_sorted(rows, barred),
    )


@bp.post("/desk/many/accept")
def accept() -> str:
    """Accept what was looked at; each line that could not be is named with the reason."""
    picks = rules.picks(request.form.getlist("pick"))
    with transact():
        outcome = service.accept(actor(), picks)
    rows = lists.chosen(actor(), [record_id for record_id, bar in outcome.items() if bar])
    return render_template(
        "many/done.html",
        here="queue",
        asked=_asked(),
        count=sum(1 for bar in outcome.values() if bar is None),
        **_sorted(rows, outcome),
    )


@bp.post("/desk/many/assign")
def assign() -> str | tuple[str, int]:
    """Give one task about all that were ticked; without `what` only the form is shown."""
    form, picks = request.form, rules.picks(request.form.getlist("pick"))
    typed = form.get("due", "").strip()
    fault = ""
    if "what" in form:
        try:
            with transact():
                due = address.day_of(typed)
                count, without = service.assign(actor(), picks, form.get("to", ""), form["what"], due, typed)
            left = lines.lines(lists.chosen(actor(), without))
            return render_template("many/assigned.html", here="queue", asked=_asked(), count=count, left=left)
        except Problem as problem:
            if problem.code != "bad_form":
                raise
            fault = problem.fields[0]["field"]
    page = render_template(
        "many/assign.html",
        here="queue",
        asked=_asked(),
        ready=lines.lines(lists.chosen(actor(), (pick.id for pick in picks))),
        picks=form.getlist("pick"),
        people=tasks.at_desk(actor().ward_id),
        typed=form,
        fault=fault,
    )
    return page, 422 if fault else 200


def _asked() -> dict[str, Any]:
    """The list to go back to; the first page, with its numbers, is another one."""
    return address.write(address.read(request.form, today())) or {"state": "waiting"}


def _bar(row: lists.Row, seen: int) -> str | None:
    standing = {"version": row.version, "status": row.status, "urgency": row.urgency, "problems": row.problems}
    return rules.bar_to_accepting({**standing, "conflicts": row.in_conflict}, registry.get(row.kind), seen)


def _sorted(rows: list[lists.Row], barred: dict[str, str | None]) -> dict[str, Any]:
    """Those that may be accepted (or were), and those that may not with the reason."""
    shown = lines.lines(rows)
    return {
        "ready": [line for line in shown if barred[line["id"]] is None],
        "barred": [(line, barred[line["id"]]) for line in shown if barred[line["id"]] is not None],
        "reasons": Counter(bar for bar in barred.values() if bar),
    }
