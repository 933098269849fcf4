"""An officer's own page: second factor, recovery codes, sign-ins. And the second step of signing in."""

from typing import Any

import segno
from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response as AnyResponse

from app.db import db, transact
from app.http import actor
from app.i18n.formats import day, moment
from app.identity import login, sessions
from app.identity import queries as identity
from app.identity.models import Person
from app.identity.people_pages import handle_of
from app.identity.rights import Actor
from app.passkeys import queries as passkeys
from app.passkeys import rules as passkey_rules
from app.passkeys import service as passkey_service
from app.problems import Problem, faults
from app.second_factor import queries, rules, service
from app.step_up.service import require_step_up

bp = Blueprint("second_factor", __name__, url_prefix="/desk")


@bp.get("/sign-in/code")
def second_step_form() -> Response:
    """Where whoever has just shown the passphrase types the code, or shows a passkey."""
    return _second_step()


@bp.post("/sign-in/code")
def second_step() -> AnyResponse:
    """Take the code; on failure the page again, saying what to do."""
    token = login.token_in(request, "desk")
    origin = sessions.Origin(address=request.remote_addr, label=request.user_agent.string, token=token)
    try:
        given = service.second_step(token, request.form.get("code", ""), origin)
    except Problem as problem:
        if problem.code == "sign_in_needed":
            return redirect(url_for("desk_sign.form"), 303)
        if problem.code not in ("bad_sign_in", "slow_down"):
            raise
        return _second_step(problem)
    answer = redirect("/desk/", 303)
    login.give_token(answer, "desk", given)  # type: ignore[arg-type]
    return answer


@bp.get("/me")
def mine() -> str:
    """What the person has, and where he or she is signed in."""
    who = actor()
    desk = [one for one in identity.sign_ins(who.id) if identity.is_alive(one)]
    return render_template(
        "second_factor/mine.html",
        here="me",
        factor=queries.standing(who.id),
        has_one=queries.has_one(who.id),
        passkeys=passkeys.of(who.id),
        most=passkey_rules.MOST,
        offered=passkeys.site() is not None,
        left=queries.codes_left(who.id),
        due=day(queries.due_on(who.id)),
        sign_ins=desk,
        own=who.sign_in,
        handle_of=handle_of,
        moment=moment,
    )


@bp.post("/me/end")
def end() -> AnyResponse:
    """End one of one's own sign-ins, or all others."""
    who, handle = actor(), request.form.get("sign_in", "")
    with transact():
        for one in identity.sign_ins(who.id):
            if one.token_hash != who.sign_in and handle in ("others", handle_of(one)):
                sessions.end(one.token_hash)
    return redirect(url_for("second_factor.mine"), 303)


@bp.get("/me/second-factor")
def add_form() -> AnyResponse:
    """The picture that the authenticator app reads."""
    _sure()
    return _add_page()


@bp.post("/me/second-factor")
def add() -> AnyResponse:
    """Take the first code; then the recovery codes, in this answer only."""
    who = _sure()
    try:
        with transact():
            codes = service.finish(who, request.form.get("code", ""))
    except Problem as problem:
        if problem.code != "bad_form":
            raise
        return _add_page(problem)
    return _codes(codes)


@bp.post("/me/recovery-codes")
def print_codes() -> AnyResponse:
    """New recovery codes, in this answer only."""
    require_step_up(actor(), "rights", "recovery codes", back=url_for("second_factor.mine"))
    with transact():
        codes = service.print_codes(actor())
    return _codes(codes)


@bp.post("/people/<person_id>/second-factor/drop")
def drop(person_id: str) -> AnyResponse:
    """For somebody whose phone is lost."""
    identity.person_in_reach(actor(), person_id)
    require_step_up(actor(), "rights", person_id, back=url_for("people.person", person_id=person_id))
    with transact():
        service.drop(actor(), person_id)
    return redirect(url_for("people.person", person_id=person_id), 303)


def _sure() -> Actor:
    """Who adds an app. Whoever sits down at an open desk must not add one beside somebody's passkeys."""
    who = actor()
    if passkeys.has_any(who.id):
        require_step_up(who, "rights", "authenticator app", back=url_for("second_factor.add_form"))
    return who


def _second_step(problem: Problem | None = None) -> Response:
    answer = make_response(
        render_template(
            "second_factor/second_step.html",
            problem=problem,
            wrong=request.args.get("wrong") == "passkey",
            asked=_asked_for_a_passkey(),
        ),
        problem.status if problem else 200,
    )
    if problem is not None and problem.retry_after is not None:
        answer.headers["Retry-After"] = str(problem.retry_after)
    return answer


def _asked_for_a_passkey() -> dict[str, Any] | None:
    """What the browser may ask instead of the code, of whoever showed the passphrase and has a passkey."""
    token = login.token_in(request, "desk")
    person_id = service.half_of(token)
    if token is None or person_id is None or not passkeys.that_open(person_id):
        return None
    with transact():
        return passkey_service.ask(passkey_rules.SECOND_STEP, sessions.hash_token(token), person_id)


def _add_page(problem: Problem | None = None) -> AnyResponse:
    who = actor()
    if queries.standing(who.id) is not None:
        return redirect(url_for("second_factor.mine"), 303)
    with transact():
        secret = service.begin(who.id)
    person = db.session.get_one(Person, who.id)
    picture = segno.make(rules.address(secret, person.phone or person.name), error="m")
    page = render_template(
        "second_factor/add.html",
        here="me",
        qr=Markup(picture.svg_inline(scale=5, border=3, dark="#000", light="#fff")),
        typed=" ".join(secret[start : start + 4] for start in range(0, len(secret), 4)),
        faults=faults(problem),
        due=who.must_enrol,
    )
    return make_response(page, problem.status if problem else 200)


def _codes(codes: list[str]) -> Response:
    return make_response(render_template("second_factor/codes.html", here="me", codes=codes, name=actor().name))
