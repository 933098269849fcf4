"""The forms that give a task about a record, and end it."""

from datetime import date

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from app.db import transact
from app.http import actor
from app.problems import Problem
from app.review import address, dossier
from app.tasks import service

bp = Blueprint("tasks", __name__)


@bp.post("/desk/records/<record_id>/task")
def write(record_id: str) -> Response | tuple[str, int]:
    """Give a task, or end the one that is open; or ask again for what is missing."""
    form = request.form
    typed = form.get("due", "").strip()
    due: date | None = address.day_of(typed)
    try:
        with transact():
            if form.get("end"):
                service.end(actor(), record_id, form["end"])
            else:
                service.give(actor(), record_id, form.get("to", ""), form.get("what", ""), due, typed)
    except Problem as problem:
        if problem.code != "bad_form":
            raise
        faults = {fault["field"]: fault["code"] for fault in problem.fields}
        return dossier.page(actor(), record_id, again={"task_typed": form, "task_faults": faults}), problem.status
    return redirect(url_for("review.record", record_id=record_id, done="task", _anchor="task"), 303)
