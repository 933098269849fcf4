"""What an officer says about a record's legal times."""

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from app.clocks import rules, service
from app.db import transact
from app.http import actor
from app.problems import Problem, faults
from app.review import dossier

bp = Blueprint("clocks", __name__)


@bp.post("/desk/records/<record_id>/clocks/<clock>")
def end(record_id: str, clock: str) -> Response | tuple[str, int]:
    """Say that it was done or does not apply; or show the record again with what is missing."""
    form = request.form
    typed = form.get("done_at", "").strip()
    try:
        with transact():
            if form.get("outcome") == "resume":
                service.resume(actor(), record_id, clock)
            else:
                at = rules.read_moment(typed)
                if typed and at is None:
                    raise Problem("bad_form", fields=[{"field": "done_at", "code": "not_date"}])
                service.end(actor(), record_id, clock, form.get("outcome", ""), at, form.get("note", ""))
    except Problem as problem:
        if problem.code != "bad_form":
            raise
        again = {"clock_typed": {"clock": clock, **form.to_dict()}, "clock_faults": faults(problem)}
        return dossier.page(actor(), record_id, again=again), problem.status
    return redirect(url_for("review.record", record_id=record_id, done="clock", _anchor="clocks"), 303)
