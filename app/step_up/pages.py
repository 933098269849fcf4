"""Confirming who one is, with a reason; and, for the ward's leader, who read which report and why."""

from typing import Any

from flask import Blueprint, Response, g, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.db import transact
from app.http import actor
from app.i18n.formats import moment
from app.passkeys import queries as passkeys
from app.passkeys import rules as passkey_rules
from app.passkeys import service as passkey_service
from app.problems import Problem, faults
from app.records import queries as records
from app.records.models import Record
from app.review import shown
from app.step_up import queries, rules, service

bp = Blueprint("step_up", __name__, url_prefix="/desk")


@bp.app_errorhandler(service.StepUpNeeded)
def ask(needed: service.StepUpNeeded) -> AnyResponse:
    """Lead to the question. What was posted is asked about at once and carried, so that nothing is typed twice."""
    g.problem = needed.code
    files = any(file.filename for file in request.files.values())
    carried = "" if files else rules.packed(request.form.items(multi=True))
    if request.method != "POST" or not carried:
        return redirect(url_for("step_up.form", purpose=needed.purpose, about=needed.about, next=needed.on), 303)
    question = _page(needed.purpose, needed.about, request.path, carried=carried, stands=needed.on)
    question.status_code = needed.status
    return question


@bp.get("/confirm")
def form() -> Response:
    """What is asked for and why it is asked; of a report only what stands in lists too."""
    return _page(*_asked())


@bp.post("/confirm")
def confirm() -> AnyResponse:
    """Take proof and reason, and lead on; or say what is missing."""
    purpose, about, on = _asked()
    try:
        reason, proof, passkey = (request.form.get(name, "") for name in ("reason", "proof", "passkey"))
        service.confirm(actor(), purpose, about, reason, proof, passkey)
    except Problem as problem:
        if problem.code not in ("bad_form", "slow_down"):
            raise
        return _page(purpose, about, on, problem, request.form.get("carried", ""), _stands())
    if carried := request.form.get("carried"):
        fields = rules.unpacked(carried)
        page = render_template("step_up/again.html", purpose=purpose, to=on, fields=fields, back=_stands())
        return make_response(page)
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


def _stands() -> str:
    """Where the form stands that is carried through the question."""
    return rules.safe_next(request.form.get("stands", ""))


def _page(
    purpose: str, about: str, on: str, problem: Problem | None = None, carried: str = "", stands: str = ""
) -> Response:
    proven = queries.is_proven(actor())
    asked = None if proven else _asked_for_a_passkey()
    record = _record(purpose, about)
    page = render_template(
        "step_up/confirm.html",
        here="queue",
        purpose=purpose,
        about=about,
        next=on,
        record=record,
        heading=shown.public_title(record.kind, record.data) if record else "",
        carried=carried,
        stands=stands,
        back=stands if carried else url_for("review.queue") if purpose == rules.REPORT else "/desk/",
        proven=proven,
        asked=asked,
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


def _asked_for_a_passkey() -> dict[str, Any] | None:
    """What the browser may ask instead of passphrase or code, of whoever has a passkey."""
    who = actor()
    if not passkeys.that_open(who.id):
        return None
    with transact():
        return passkey_service.ask(passkey_rules.STEP_UP, who.sign_in, who.id)


def _record(purpose: str, about: str) -> Record | None:
    return records.get(actor(), about) if purpose == rules.REPORT else None
