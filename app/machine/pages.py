"""Tokens at the desk: an administrator makes and ends them, the ward's leader agrees where it is the ward's to say."""

from datetime import date, timedelta
from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.clock import today
from app.db import transact
from app.exports.rules import DEPTHS, is_sensitive
from app.form_text import whole
from app.http import actor
from app.i18n.formats import day, moment
from app.identity import queries as identity
from app.identity.rights import ADMIN, LEADER
from app.kinds import registry
from app.kinds.shapes import is_day
from app.machine import queries, rules, service
from app.machine.models import MachineToken
from app.problems import Problem, faults
from app.step_up.rules import RIGHTS
from app.step_up.service import require_step_up
from app.units import queries as units
from app.units.rules import WARD_LEVELS

bp = Blueprint("tokens", __name__, url_prefix="/desk/tokens")


@bp.get("")
def listing() -> Response:
    """Every token, with its last use."""
    return _page()


@bp.get("/new")
def new() -> Response:
    """The form for a new one."""
    _confirmed(None)
    return _page(form=True)


@bp.post("")
def make() -> Response:
    """A new token. Its text is in this answer and nowhere else."""
    _confirmed(url_for("tokens.new"))
    try:
        with transact():
            made, text = service.make(actor(), _asked())
            number = made.id
    except Problem as problem:
        if problem.code != "bad_form":
            raise
        return _page(problem, form=True)
    return _page(made=(number, text))


@bp.post("/<int:token_id>/agree")
def agree(token_id: int) -> AnyResponse:
    """The leader agrees."""
    with transact():
        service.agree(actor(), token_id)
    return redirect(url_for("tokens.listing"), 303)


@bp.post("/<int:token_id>/end")
def end(token_id: int) -> AnyResponse:
    """The token opens nothing any more."""
    with transact():
        service.end(actor(), token_id)
    return redirect(url_for("tokens.listing"), 303)


def _confirmed(back: str | None) -> None:
    """Whoever gives a program rights shows once more who he or she is, and says why."""
    if actor().role != ADMIN:
        raise Problem("not_found")
    require_step_up(actor(), RIGHTS, "token", back=back)


def _asked() -> service.Asked:
    form = request.form
    unit, last = whole(form.get("unit")), form.get("last_day", "")
    return service.Asked(
        name=form.get("name", ""),
        unit_id=actor().ward_id if unit is None else unit,
        kinds=form.getlist("kinds"),
        depth=form.get("depth", ""),
        last_day=date.fromisoformat(last) if is_day(last) else None,
    )


def _page(problem: Problem | None = None, made: tuple[int, str] | None = None, *, form: bool = False) -> Response:
    tokens = queries.listed(actor())
    names = identity.names({one.made_by for one in tokens} | {one.agreed_by for one in tokens if one.agreed_by})
    top = units.get(actor().ward_id)
    wards = units.wards_under(top.id)
    page = render_template(
        "machine/tokens.html",
        here="tokens",
        rows=[_line(one, names) for one in tokens],
        made=made,
        may_make=actor().role == ADMIN,
        form=form,
        may_agree=actor().role == LEADER,
        units=[(one.id, units.heading(one)) for one in ([] if top.level in WARD_LEVELS else [top]) + wards],
        kinds=[(kind, is_sensitive(kind)) for kind in registry.values()],
        depths=DEPTHS,
        first=today().isoformat(),
        last=(today() + rules.LONGEST_LIFE).isoformat(),
        usual=(today() + timedelta(days=90)).isoformat(),
        longest=rules.LONGEST_NAME,
        address=url_for("machine_api.tables", _external=True),
        typed=request.form,
        problem=problem,
        faults=faults(problem),
    )
    return make_response(page, problem.status if problem else 200)


def _line(token: MachineToken, names: dict[str, str]) -> dict[str, Any]:
    waits, late = queries.waits(token), token.last_day < today()
    standing = "over" if queries.is_over(token) else "waits" if waits else "open"
    state = "ended" if token.ended_at else "late" if late else standing
    return {
        "id": token.id,
        "name": token.name,
        "unit": units.place(token.unit_id),
        "kinds": [registry[code].label for code in token.kinds if code in registry],
        "depth": token.depth,
        "state": state,
        "last_day": day(token.last_day),
        "used": moment(token.used_at),
        "made_by": names.get(token.made_by, ""),
        "made": moment(token.made_at),
        "agreed_by": names.get(token.agreed_by or "", ""),
    }
