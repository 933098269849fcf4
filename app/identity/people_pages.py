"""The administrator's pages of people: who they are, what they do, their phones and one-time codes."""

from datetime import date, timedelta
from typing import Any

import segno
from flask import Blueprint, Response, current_app, make_response, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response as AnyResponse

from app.clock import now, today
from app.db import transact
from app.http import actor
from app.i18n import formats
from app.identity import queries, reading, rules, service
from app.identity.models import Person, SignIn
from app.identity.rights import COLLABORATOR, DOOR_OF, ROLES
from app.kinds.shapes import is_day
from app.problems import Problem, faults
from app.second_factor import queries as second_factor
from app.step_up.service import require_step_up
from app.units import queries as units
from app.vietnamese import name_key

bp = Blueprint("people", __name__, url_prefix="/desk/people")
QUIET_AFTER = timedelta(days=3)
STATES = ("all", "unsent", "quiet", "none", "gone")


@bp.get("")
def listing() -> str:
    """Everybody within reach, by given name; ?state= picks those who need a hand."""
    people = sorted(queries.people_under(actor().ward_id), key=lambda person: name_key(person.name))
    by_state: dict[str, list[queries.Listed]] = {state: [] for state in STATES}
    for person in people:
        by_state[state_of(person)].append(person)
    by_state["all"] = [person for person in people if not person.closed]
    by_state["unsent"] = [person for person in by_state["all"] if person.unsent]
    chosen = request.args.get("state", "all")
    chosen = chosen if chosen in STATES else "all"
    return render_template(
        "identity/people.html",
        here="people",
        people=by_state[chosen],
        counts={state: len(by_state[state]) for state in STATES},
        chosen=chosen,
        state_of=state_of,
        moment=formats.moment,
    )


@bp.get("/new")
def new() -> Response:
    """The form for somebody new; the proof is asked for before anything is typed."""
    _may_invite()
    return _new_page()


@bp.post("")
def create() -> AnyResponse:
    """Add the person, then show the page that issues the first code."""
    _may_invite()
    try:
        unit_id = unit_sent(request.form.get("unit", ""))
        with transact():
            person_id = service.create_person(
                request.form.get("name", ""), request.form.get("phone", ""), request.form.get("role", ""), unit_id
            ).id
    except Problem as problem:
        return _new_page(problem)
    return redirect(url_for("people.person", person_id=person_id), 303)


@bp.get("/<person_id>")
def person(person_id: str) -> Response:
    """One person."""
    return _person_page(queries.person_in_reach(actor(), person_id))


@bp.post("/<person_id>/assign")
def assign(person_id: str) -> AnyResponse:
    """Another role or unit, or the end of one of several groups."""
    _not_oneself(person_id)
    found = queries.person_in_reach(actor(), person_id)
    _confirmed(person_id)
    try:
        unit_id = unit_sent(request.form.get("unit", ""))
        with transact():
            if request.form.get("end"):
                service.unassign(person_id, unit_id)
            else:
                first, last = _days_sent()
                service.assign(person_id, request.form.get("role", ""), unit_id, first, last)
    except Problem as problem:
        return _person_page(found, problem=problem)
    return redirect(url_for("people.person", person_id=person_id), 303)


@bp.post("/<person_id>/code")
def code(person_id: str) -> AnyResponse:
    """A one-time code, shown in this answer only."""
    queries.person_in_reach(actor(), person_id)
    _confirmed(person_id)
    issuer = actor().id
    with transact():
        issued = service.issue_code(person_id, issuer)
    return _person_page(queries.person_in_reach(actor(), person_id), issued=issued)


@bp.post("/<person_id>/revoke")
def revoke(person_id: str) -> AnyResponse:
    """End one phone's sign-in, or all of them and every unused code."""
    queries.person_in_reach(actor(), person_id)
    handle = request.form.get("sign_in", "")
    with transact():
        service.revoke(person_id, None if handle == "all" else _token_hash(person_id, handle))
    return redirect(url_for("people.person", person_id=person_id), 303)


@bp.post("/<person_id>/close")
def close(person_id: str) -> AnyResponse:
    """The person leaves."""
    _not_oneself(person_id)
    found = queries.person_in_reach(actor(), person_id)
    if request.form.get("sure") != "yes":
        return _person_page(found, problem=Problem("bad_form", fields=[{"field": "sure", "code": "required"}]))
    _confirmed(person_id)
    with transact():
        service.close_person(person_id)
    return redirect(url_for("people.listing"), 303)


def state_of(person: queries.Listed) -> str:
    """all (well), quiet (no word for three days), none (no phone yet) or gone."""
    if person.closed:
        return "gone"
    if not person.labels:
        return "none"
    quiet = person.role == COLLABORATOR and person.last_contact and now() - person.last_contact > QUIET_AFTER
    return "quiet" if quiet else "all"


def handle_of(sign_in: SignIn) -> str:
    """How a form names a sign-in: the start of its hash, which opens nothing."""
    return sign_in.token_hash[:16]


def sign_in_link(issued: str, role: str) -> str:
    """Where the code is used. In a fragment, so that it never stands in a server's log."""
    origin = str(current_app.config["TO_AM"].public_origin)
    return f"{origin}/app/#/sign-in?code={issued}" if role == COLLABORATOR else f"{origin}/desk/sign-in"


def _token_hash(person_id: str, handle: str) -> str:
    for sign_in in queries.sign_ins(person_id):
        if handle_of(sign_in) == handle:
            return sign_in.token_hash
    raise Problem("not_found")


def _days_sent() -> tuple[date, date | None]:
    """The days from which and until which a role is given: today, and without an end, when nothing is said."""
    days: dict[str, date | None] = {}
    for name in ("first", "last"):
        text = request.form.get(name, "").strip()
        if text and not is_day(text):
            raise Problem("bad_form", fields=[{"field": name, "code": "not_date"}])
        days[name] = date.fromisoformat(text) if text else None
    return days["first"] or today(), days["last"]


def _not_oneself(person_id: str) -> None:
    # The last administrator must not be able to leave the ward without one by a slip.
    if person_id == actor().id:
        raise Problem("not_possible_now")


def _confirmed(person_id: str) -> None:
    """Rights, and codes that open somebody's door, are given only by whoever has just proved who he is."""
    require_step_up(actor(), "rights", person_id, back=url_for("people.person", person_id=person_id))


def _may_invite() -> None:
    """The same for letting somebody new in."""
    require_step_up(actor(), "rights", "new person", back=url_for("people.new"))


def unit_sent(text: str) -> int:
    """The chosen unit, which must lie within reach; whether it fits the role is the service's to say."""
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise Problem("bad_form", fields=[{"field": "unit", "code": "required"}])
    return units.in_reach(actor().ward_id, int(text)).id


def choices() -> dict[str, Any]:
    """Roles, and the units to hold them at: the own one, its wards, each with its groups."""
    top = units.get(actor().ward_id)
    wards = units.wards_under(top.id)
    groups: dict[int, list[Any]] = {ward.id: [] for ward in wards}
    for group in units.groups_of(list(groups)):
        groups[group.parent_id or 0].append(group)
    words = {"heading": units.heading, "place": units.place}
    return {"roles": ROLES, "top": top, "wards": wards, "groups": groups, **words}


def _new_page(problem: Problem | None = None) -> Response:
    if problem is not None and not problem.fields:
        raise problem
    shown = {"faults": faults(problem), "typed": request.form, **choices()}
    page = render_template("identity/new_person.html", here="people", **shown)
    return make_response(page, problem.status if problem else 200)


def _person_page(found: Person, *, issued: str | None = None, problem: Problem | None = None) -> Response:
    if problem is not None and not problem.fields and problem.code != "not_possible_now":
        raise problem
    held = queries.assignments(found.id)
    current = queries.at_work(held)
    role = current[0].role if current else ""
    page = render_template(
        "identity/person.html",
        here="people",
        person=found,
        role=role,
        door=DOOR_OF.get(role),
        held=held,
        several=len([item for item in held if not queries.is_over(item)]) > 1,
        day=formats.day,
        moment=formats.moment,
        sign_ins=queries.sign_ins(found.id),
        has_factor=second_factor.has_one(found.id),
        wipes=reading.wipes(found.id),
        unsent=queries.unsent_on_phones(found.id),
        today=today(),
        is_over=queries.is_over,
        typed=request.form,
        is_alive=queries.is_alive,
        handle_of=handle_of,
        issued=issued,
        link=sign_in_link(issued, role) if issued else None,
        qr=qr(sign_in_link(issued, role)) if issued and role == COLLABORATOR else None,
        code_hours=int(rules.CODE_LIFE.total_seconds() // 3600),
        problem=problem,
        faults=faults(problem),
        **choices(),
    )
    return make_response(page, problem.status if problem else 200)


def qr(text: str, scale: int = 6) -> Markup:
    """An inline picture without a style attribute, black on white in both themes so that any phone reads it."""
    return Markup(segno.make(text, error="m").svg_inline(scale=scale, border=3, dark="#000", light="#fff"))
