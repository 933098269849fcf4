"""The two forms beside a record."""

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from app.db import transact
from app.http import actor
from app.problems import Problem
from app.records import queries as records
from app.remarks import service
from app.review import dossier

bp = Blueprint("remarks", __name__)
_WAYS = {"comment": service.comment, "note": service.note}


@bp.post("/desk/records/<record_id>/remarks")
def write(record_id: str) -> Response | tuple[str, int]:
    """Send a comment to the collaborator, or keep a note at the desk; or ask again for what is missing."""
    records.get(actor(), record_id)
    way, text = request.form.get("way", ""), request.form.get("text", "")
    if way not in _WAYS:
        raise Problem("bad_form", fields=[{"field": "way", "code": "not_choice"}])
    try:
        with transact():
            _WAYS[way](actor(), record_id, text)
    except Problem as problem:
        if problem.code != "bad_form":
            raise
        said = {"way": way, "text": text, "fault": problem.fields[0]["code"]}
        return dossier.page(actor(), record_id, again={"remark": said}), problem.status
    return redirect(url_for("review.record", record_id=record_id, done=way, _anchor=way), 303)
