"""Confirming who one is, with a reason; and, for the ward's leader, who read which report and why."""

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.http import actor
from app.i18n.formats import moment
from app.problems import Problem, faults
from app.records import queries as records
from app.records.models import Record
from app.review import shown
from app.step_up import queries, rules, service

bp = Blueprint("step_up", __name__, url_prefix="/desk")


@bp.get("/confirm")
def form() -> Response:
    """What is asked for and why it is asked; of a report only what stands in lists too."""
    return _page(*_asked())


@bp.post("/confirm")
def confirm() -> AnyResponse:
    """Take proof and reason, and lead on; or say what is missing."""
    purpose, about, on = _asked()
    try:
        service.confirm(actor(), purpose, about, request.form.get("reason", ""), request.form.get("proof", ""))
    except Problem as problem:
        if problem.code not in ("bad_form", "slow_down"):
            raise
        return _page(purpose, about, on, problem)
    return redirect(on, 303)


@bp.get("/readings")
def readings() -> str:
    """Every reading of a report in the ward, the latest first."""
    return render_template(
        "step_up/readings.html",
        here="readings",
        rows=queries.readings_in(actor()),
        limit=queries.LIMIT,
        moment=moment,
        title_of=lambda kind: shown.public_title(kind, {}),
    )


def _asked() -> tuple[str, str, str]:
    sent = request.values
    purpose, about = sent.get("purpose", ""), sent.get("about", "")
    if purpose not in rules.PURPOSES or len(about) > rules.LONGEST_ABOUT:
        raise Problem("not_found")
    if purpose == rules.REPORT:
        records.get(actor(), about)
    return purpose, about, rules.safe_next(sent.get("next", ""))


def _page(purpose: str, about: str, on: str, problem: Problem | None = None) -> Response:
    record = _record(purpose, about)
    page = render_template(
        "step_up/confirm.html",
        here="queue",
        purpose=purpose,
        about=about,
        next=on,
        record=record,
        heading=shown.public_title(record.kind, record.data) if record else "",
        back=url_for("review.queue") if purpose == rules.REPORT else "/desk/",
        proven=queries.is_proven(actor()),
        minutes=queries.minutes(),
        reason=request.form.get("reason", ""),
        problem=problem,
        faults=faults(problem),
        moment=moment,
    )
    answer = make_response(page, problem.status if problem else 200)
    if problem is not None and problem.retry_after is not None:
        answer.headers["Retry-After"] = str(problem.retry_after)
    return answer


def _record(purpose: str, about: str) -> Record | None:
    return records.get(actor(), about) if purpose == rules.REPORT else None
