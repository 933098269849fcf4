"""The desk's door: signing in with phone number and passphrase, or with a one-time code, and signing out."""

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.db import transact
from app.http import actor
from app.identity import login, queries, service, sessions
from app.identity.rights import ADMIN, OVERSEER
from app.passkeys import queries as passkeys
from app.problems import Problem, faults

bp = Blueprint("desk_sign", __name__, url_prefix="/desk")
# Where a role begins, unless it is the queue.
_HOMES = {ADMIN: "people.listing", OVERSEER: "overview.page"}


@bp.get("/sign-in")
def form() -> Response:
    """Two ways in, on one page."""
    return _page()


@bp.post("/sign-in")
def sign_in() -> AnyResponse:
    """Try one of the two ways; on failure the page again, saying what to do."""
    origin = sessions.Origin(
        address=request.remote_addr, label=request.user_agent.string, token=login.token_in(request, "desk")
    )
    try:
        token = _token(origin)
    except Problem as problem:
        if problem.code not in ("bad_sign_in", "slow_down", "bad_form"):
            raise
        return _page(problem)
    person = queries.find_actor(sessions.hash_token(token), "desk")
    home = _HOMES.get(person.role, "review.queue") if person is not None else "second_factor.second_step_form"
    answer = redirect(url_for(home), 303)
    login.give_token(answer, "desk", token)  # type: ignore[arg-type]
    return answer


@bp.post("/sign-out")
def sign_out() -> AnyResponse:
    """End this browser's sign-in."""
    person = actor()
    with transact():
        service.sign_out(person.sign_in)
    answer = redirect(url_for("desk_sign.form"), 303)
    login.take_token(answer, "desk")  # type: ignore[arg-type]
    return answer


def _token(origin: sessions.Origin) -> str:
    sent = request.form
    if sent.get("way") == "code":
        return service.sign_in_with_code(sent.get("code", ""), "desk", origin, sent.get("new_passphrase", ""))
    return service.sign_in_with_passphrase(sent.get("phone", ""), sent.get("passphrase", ""), "desk", origin)


def _page(problem: Problem | None = None) -> Response:
    # What was typed as a secret is never sent back; the number is, so that only the passphrase is typed again.
    page = render_template(
        "identity/sign_in.html",
        problem=problem,
        way=request.form.get("way", "passphrase"),
        phone=request.form.get("phone", ""),
        faults=faults(problem),
        offers_passkeys=passkeys.site() is not None,
    )
    answer = make_response(page, problem.status if problem else 200)
    if problem is not None and problem.retry_after is not None:
        answer.headers["Retry-After"] = str(problem.retry_after)
    return answer
