"""The administrator's pages of what came in and could not be taken: read, repair, release, set aside."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from app.db import transact
from app.form_text import whole
from app.http import actor
from app.i18n import formats
from app.identity.rights import ADMIN
from app.problems import Problem
from app.quarantine import dossier, queries, rules, service
from app.step_up.service import require_step_up

bp = Blueprint("quarantine", __name__, url_prefix="/desk/quarantine")
_SHOWN_AGAIN = ("newer_version", "bad_form", "not_possible_now")


@bp.app_context_processor
def _menu() -> dict[str, Any]:
    """How many wait, for the navigation of those who can do something about it."""
    person = getattr(current_user, "actor", None)
    return {"nav_kept": queries.count_open(person)} if person and person.role == ADMIN else {}


@bp.get("")
def listing() -> str:
    """The latest first; the view, the reason and the place in the list stand in the address."""
    reason, view = request.args.get("reason"), request.args.get("state", "open")
    wanted = queries.Wanted(view if view in rules.VIEWS else "open", reason if reason in rules.REASONS else None)
    rows, following = queries.page(actor(), wanted, whole(request.args.get("before")) or None)
    labels = queries.phone_labels(rows)
    return render_template(
        "quarantine/listing.html",
        here="quarantine",
        wanted=wanted,
        rows=[dossier.line(row, labels) for row in rows],
        tallies=queries.tallies(actor()),
        reasons=rules.REASONS,
        step_look=dossier.STEP_LOOK,
        state_look=dossier.STATE_LOOK,
        moment=formats.moment,
        next_before=following,
        paged="before" in request.args,
    )


@bp.get("/<int:log_id>")
def change(log_id: int) -> Response:
    """One change, its text as it came. That it was opened stands in the ward's chain."""
    return _page(log_id)


@bp.post("/<int:log_id>/repair")
def repair(log_id: int) -> AnyResponse:
    """Keep a corrected text beside the original."""
    text = request.form.get("text", "").replace("\r\n", "\n")
    return _do(log_id, lambda seen: service.repair(actor(), log_id, seen, text, request.form.get("note", "")))


@bp.post("/<int:log_id>/release")
def release(log_id: int) -> AnyResponse:
    """Judge it again; then it is in the ward's queue like any other."""
    unit, filing = whole(request.form.get("unit")) or 0, None
    if request.form.get("whose") == "chosen":
        filing = service.Filing(unit, request.form.get("phone", ""))
    return _do(log_id, lambda seen: service.release(actor(), log_id, seen, filing))


@bp.post("/<int:log_id>/aside")
def set_aside(log_id: int) -> AnyResponse:
    """Out of the open list, with a reason."""
    return _do(log_id, lambda seen: service.set_aside(actor(), log_id, seen, request.form.get("note", "")))


@bp.post("/<int:log_id>/back")
def bring_back(log_id: int) -> AnyResponse:
    """Back into the open list."""
    return _do(log_id, lambda seen: service.bring_back(actor(), log_id, seen))


def _do(log_id: int, verb: Callable[[int], object]) -> AnyResponse:
    """Run a verb on what was seen; a refusal shows the page again with everything that was typed."""
    try:
        with transact():
            verb(whole(request.form.get("seen")) or 0)
    except Problem as problem:
        if problem.code not in _SHOWN_AGAIN:
            raise
        return _page(log_id, problem)
    done = (request.endpoint or "").rpartition(".")[2]
    return redirect(url_for("quarantine.change", log_id=log_id, done=done), 303)


def _page(log_id: int, problem: Problem | None = None) -> Response:
    queries.get(actor(), log_id)
    require_step_up(actor(), "quarantine", str(log_id), back=url_for("quarantine.change", log_id=log_id))
    with transact():
        found = service.read(actor(), log_id)
    page = render_template(
        "quarantine/change.html",
        here="quarantine",
        done=request.args.get("done", ""),
        step_look=dossier.STEP_LOOK,
        state_look=dossier.STATE_LOOK,
        moment=formats.moment,
        **dossier.page(actor(), found, request.form, problem),
    )
    return make_response(page, problem.status if problem else 200)
