"""Signing in with a passkey, and the list of them on "My account". What a browser is asked stands in the page."""

import secrets
from typing import Any

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.db import transact
from app.http import actor
from app.identity import login, sessions
from app.identity.rights import Actor
from app.passkeys import rules, service
from app.problems import Problem, faults
from app.second_factor import queries as second_factor
from app.step_up.service import require_step_up

bp = Blueprint("passkeys", __name__, url_prefix="/desk")
# Whose try to sign in a challenge belongs to; lives as long as that.
_TRY = "__Host-passkey"


@bp.post("/sign-in/passkey")
def ask() -> AnyResponse:
    """The page on which the browser asks for a passkey, of anybody."""
    return _ask()


@bp.post("/sign-in/passkey/answer")
def answer() -> AnyResponse:
    """Let in whoever showed a passkey; or ask anew, saying that it was none."""
    token = request.cookies.get(_TRY)
    return _let_in(rules.SIGN_IN, token) or _ask(wrong=True)


@bp.post("/sign-in/code/passkey")
def second_step() -> AnyResponse:
    """A passkey instead of the code, after the passphrase."""
    return _let_in(rules.SECOND_STEP, login.token_in(request, "desk")) or redirect(
        url_for("second_factor.second_step_form", wrong="passkey"), 303
    )


@bp.get("/me/passkeys/new")
def add_form() -> AnyResponse:
    """Where a passkey is made."""
    return _add_page(_sure())


@bp.post("/me/passkeys/new")
def add() -> AnyResponse:
    """Keep it; who had no second step before gets recovery codes, in this answer only."""
    who = _sure()
    try:
        codes = service.add(who, request.form.get("passkey", ""), request.form.get("name", ""))
    except Problem as problem:
        if problem.code != "bad_form":
            raise
        return _add_page(who, problem)
    if codes:
        return make_response(render_template("second_factor/codes.html", here="me", codes=codes, name=who.name))
    return redirect(url_for("second_factor.mine"), 303)


@bp.post("/me/passkeys/<int:passkey_id>/name")
def rename(passkey_id: int) -> AnyResponse:
    """Call an own passkey otherwise."""
    with transact():
        service.rename(actor(), passkey_id, request.form.get("name", ""))
    return redirect(url_for("second_factor.mine"), 303)


@bp.post("/me/passkeys/<int:passkey_id>/remove")
def remove(passkey_id: int) -> AnyResponse:
    """An own passkey opens nothing from now on."""
    require_step_up(actor(), "rights", "passkeys", back=url_for("second_factor.mine"))
    with transact():
        service.remove(actor(), passkey_id)
    return redirect(url_for("second_factor.mine"), 303)


def _sure() -> Actor:
    """Who adds one. Whoever sits down at an open desk must not add a key to somebody's second step."""
    who = actor()
    if second_factor.has_one(who.id):
        require_step_up(who, "rights", "passkeys", back=url_for("passkeys.add_form"))
    return who


def _let_in(purpose: str, token: str | None) -> AnyResponse | None:
    held = login.token_in(request, "desk")
    origin = sessions.Origin(address=request.remote_addr, label=request.user_agent.string, token=held)
    try:
        given = service.sign_in(purpose, token, request.form.get("passkey", ""), origin)
    except Problem as problem:
        if problem.code != "bad_sign_in":
            raise
        return None
    answer = redirect("/desk/", 303)
    login.give_token(answer, "desk", given)  # type: ignore[arg-type]
    answer.delete_cookie(_TRY, secure=True, httponly=True, samesite="Strict", path="/")
    return answer


def _ask(wrong: bool = False) -> AnyResponse:
    token = secrets.token_urlsafe(32)
    with transact():
        asked = service.ask(rules.SIGN_IN, sessions.hash_token(token))
    page = make_response(render_template("passkeys/sign_in.html", asked=asked, wrong=wrong), 401 if wrong else 200)
    life = int(rules.LIFE.total_seconds())
    page.set_cookie(_TRY, token, max_age=life, secure=True, httponly=True, samesite="Strict", path="/")
    return page


def _add_page(who: Actor, problem: Problem | None = None) -> AnyResponse:
    with transact():
        asked: dict[str, Any] | None = service.ask_to_add(who)
    page = render_template(
        "passkeys/add.html",
        here="me",
        asked=asked,
        faults=faults(problem),
        name=request.form.get("name", ""),
        longest=rules.LONGEST_NAME,
        due=who.must_enrol,
    )
    return make_response(page, problem.status if problem else 200)
