"""The forms that keep a list under a name and let it go."""

from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.clock import today
from app.db import transact
from app.http import actor
from app.problems import Problem
from app.review import address
from app.saved import service

bp = Blueprint("saved", __name__)


@bp.post("/desk/lists")
def save() -> Response | tuple[str, int]:
    """Keep the list that the form was on; or ask for its name again."""
    asked = address.write(address.read(request.form, today()))
    typed, shared = request.form.get("name", ""), "shared" in request.form
    try:
        with transact():
            service.save(actor(), typed, urlencode(asked), shared=shared)
    except Problem as problem:
        if problem.code != "bad_form":
            raise
        fault = problem.fields[0]["code"]
        page = render_template("saved/again.html", here="queue", asked=asked, typed=typed, shared=shared, fault=fault)
        return page, problem.status
    return redirect(url_for("review.queue", **_shown(asked)), 303)


@bp.post("/desk/lists/<int:saved_id>/drop")
def drop(saved_id: int) -> Response:
    """Let go of one."""
    asked = address.write(address.read(request.form, today()))
    with transact():
        service.drop(actor(), saved_id)
    return redirect(url_for("review.queue", **_shown(asked)), 303)


def _shown(asked: dict[str, str]) -> dict[str, Any]:
    return asked or {"state": "waiting"}
