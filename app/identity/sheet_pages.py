"""One-time codes for a whole group on one sheet to print: who is new is added by the way, a line each."""

from typing import Any

from flask import Blueprint, Response, current_app, make_response, render_template, request, url_for

from app.clock import now
from app.db import transact
from app.http import actor
from app.i18n import formats
from app.identity import people_pages as pages
from app.identity import queries, rules, service, sheets
from app.identity.rights import COLLABORATOR
from app.problems import Problem
from app.step_up.service import require_step_up
from app.units import queries as units
from app.units import rules as unit_rules
from app.vietnamese import name_key

bp = Blueprint("code_sheet", __name__, url_prefix="/desk/people/codes")
MOST = 60


@bp.get("")
def choose() -> Response:
    """Which group or ward, and who of it."""
    chosen = request.args.get("unit", "")
    return _choose_page(pages.unit_sent(chosen) if chosen else None)


@bp.post("")
def issue() -> Response:
    """A code for each who was ticked and for each new line. They are shown in this answer only."""
    unit_id = pages.unit_sent(request.form.get("unit", ""))
    require_step_up(actor(), "rights", f"codes {unit_id}", back=url_for("code_sheet.choose", unit=unit_id))
    here = {person.id for person in _recording_at(unit_id)}
    chosen = [person_id for person_id in request.form.getlist("person") if person_id in here]
    lines = rules.read_people(request.form.get("new", ""))
    issuer = actor().id
    try:
        if not chosen and not lines:
            raise Problem("bad_form", fields=[{"field": "person", "code": "required"}])
        if len(chosen) + len(lines) > MOST:
            raise Problem("bad_form", fields=[{"field": "person", "code": "too_many"}])
        with transact():
            chosen += sheets.create_many(lines, COLLABORATOR, unit_id)
            codes = {person_id: service.issue_code(person_id, issuer) for person_id in sorted(chosen)}
    except Problem as problem:
        return _choose_page(unit_id, problem)
    cards = [_card(person, codes[person.id]) for person in _recording_at(unit_id) if person.id in codes]
    page = render_template(
        "identity/code_sheet.html",
        here="people",
        unit_id=unit_id,
        place=units.place(unit_id),
        cards=cards,
        until=formats.moment(now() + rules.CODE_LIFE),
        address=f"{current_app.config['TO_AM'].public_origin}/app/",
    )
    return make_response(page)


def _card(person: queries.Listed, code: str) -> dict[str, Any]:
    link = pages.sign_in_link(code, COLLABORATOR)
    return {"name": person.name, "where": person.where, "code": code, "qr": pages.qr(link, scale=4)}


def _recording_at(unit_id: int) -> list[queries.Listed]:
    """Who records at the unit or beneath it, by given name."""
    found = [one for one in queries.people_under(unit_id) if one.role == COLLABORATOR and not one.closed]
    return sorted(found, key=lambda person: name_key(person.name))


def _choose_page(unit_id: int | None, problem: Problem | None = None) -> Response:
    if problem is not None and not problem.fields:
        raise problem
    page = render_template(
        "identity/choose_codes.html",
        here="people",
        unit_id=unit_id,
        is_group=unit_id is not None and units.get(unit_id).level == unit_rules.GROUP,
        people=_recording_at(unit_id) if unit_id is not None else [],
        ticked=set(request.form.getlist("person")) if problem else None,
        typed=request.form.get("new", ""),
        faults=problem.fields if problem else [],
        **pages.choices(),
    )
    return make_response(page, problem.status if problem else 200)
