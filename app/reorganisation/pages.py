"""The administrator's pages for groups and wards that change on a day: a wish, what it would move, then doing it."""

from collections.abc import Callable
from datetime import date

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.clock import today
from app.db import transact
from app.http import actor
from app.i18n import formats
from app.identity import queries as identity
from app.kinds.shapes import is_day
from app.machine import queries as machine
from app.problems import Problem
from app.reorganisation import rules, service
from app.reorganisation.rules import Made, Place, Plan
from app.step_up.service import require_step_up
from app.units import queries as units
from app.units import rules as unit_rules
from app.units.models import Unit
from app.vietnamese import clean

bp = Blueprint("reorganisation", __name__, url_prefix="/desk/units/<int:unit_id>/change")
NEW = "new"


@bp.get("")
def wishes(unit_id: int) -> str:
    """What can be done with this ward and its groups."""
    return _wishes_page(_ward(unit_id))


@bp.post("")
def change(unit_id: int) -> AnyResponse:
    """Show what the wish would move; when it is agreed to as it was shown, do it."""
    ward = _ward(unit_id)
    try:
        plan = _plan(ward)
    except Problem as problem:
        return make_response(_wishes_page(ward, problem), problem.status)
    require_step_up(actor(), "rights", f"units {unit_id}", back=_back_to_the_wish(unit_id))
    if request.form.get("go"):
        try:
            with transact():
                follow = "tokens" in request.form
                service.carry_out(actor(), plan, request.form.get("seen", ""), tokens_follow=follow)
            return redirect(url_for("units.listing", changed=plan.day.isoformat()), 303)
        except Problem as problem:
            if problem.code not in ("newer_version", "not_possible_now", "bad_form"):
                raise
            return _preview_page(_ward(unit_id), _plan(_ward(unit_id)), problem)
    return _preview_page(ward, plan)


def _wishes_page(ward: Unit, problem: Problem | None = None) -> str:
    if problem is not None and not problem.fields:
        raise problem
    return render_template(
        "reorganisation/wishes.html",
        here="units",
        ward=ward,
        heading=units.heading,
        groups=_groups(ward),
        others=[one for one in units.wards_under(actor().ward_id) if one.id != ward.id],
        heirs=[one.id for one in units.heirs_of(ward.id)],
        faults=[fault["code"] for fault in problem.fields] if problem else [],
        is_above=_is_above(ward),
        wish=request.values.get("wish", ""),
        typed=request.values,
        today=today(),
    )


def _preview_page(ward: Unit, plan: Plan, problem: Problem | None = None) -> Response:
    shown = service.preview(plan)
    if shown.faults:
        problem = Problem("bad_form", fields=[{"field": "plan", "code": code} for code in shown.faults])
        return make_response(_wishes_page(ward, problem), problem.status)
    made = {one.key: one for one in plan.made}
    page = render_template(
        "reorganisation/preview.html",
        here="units",
        ward=ward,
        heading=units.heading,
        plan=plan,
        shown=shown,
        name_of=_namer(made),
        names=identity.names(held.person_id for held, _ in shown.people),
        parts=[one for one in plan.made if one.key.startswith("part-")],
        tokens=[token.name for token in machine.of_units(plan.heirs)],
        sent=[(name, value) for name, value in request.form.items(multi=True) if _is_kept(name)],
        problem=problem,
        day=formats.day(plan.day),
        is_time=plan.day <= today(),
    )
    return make_response(page, problem.status if problem else 200)


def _back_to_the_wish(unit_id: int) -> str:
    """Where the wish stands again as it was typed. It holds ids, days and names of units, none of a person."""
    wish: dict[str, list[str]] = {name: values for name, values in request.form.lists() if _is_kept(name)}
    return url_for("reorganisation.wishes", unit_id=unit_id, **wish)  # type: ignore[arg-type]


def _is_kept(name: str) -> bool:
    """Whether a field travels hidden through the preview; people's places are chosen there anew."""
    return name not in ("go", "seen", "tokens") and not name.startswith("person.")


def _namer(made: dict[str, Made]) -> Callable[[Place], str]:
    """How the preview calls a unit, also one that is not there yet."""

    def name_of(place: Place) -> str:
        if isinstance(place, int):
            return units.place(place)
        one = made[place]
        title = units.titled(one.level, one.name)
        own = title[:1].upper() + title[1:]
        return f"{own}, {_lower(name_of(one.parent))}" if one.level == unit_rules.GROUP else own

    return name_of


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def _plan(ward: Unit) -> Plan:
    """The plan that the form wishes for. Raises bad_form with what is missing."""
    day = request.form.get("day", "")
    if not is_day(day):
        raise _fault("not_date")
    makers = {"merge": _merge, "split": _split, "rename": _rename, "ward": _part_ward}
    maker = makers.get(request.form.get("wish", ""))
    if maker is None:
        raise Problem("bad_form")
    return maker(ward, date.fromisoformat(day))


def _merge(ward: Unit, day: date) -> Plan:
    groups = [one for one in _groups(ward) if str(one.id) in request.form.getlist("group")]
    into = request.form.get("into", "")
    if into == NEW:
        plan = rules.merged(day, groups, None, _name())
    else:
        plan = rules.merged(day, groups, _group_of(ward, into).id, "")
    if not plan.heirs:
        raise _fault("too_few")
    return plan


def _split(ward: Unit, day: date) -> Plan:
    names = [clean(line) for line in request.form.get("names", "").splitlines() if line.strip()]
    if len(names) < 2:
        raise _fault("too_few")
    people: dict[str, Place] = {
        name.removeprefix("person."): value for name, value in request.form.items() if name.startswith("person.")
    }
    return rules.split(day, _group_of(ward, request.form.get("group", "")), names, people)


def _rename(ward: Unit, day: date) -> Plan:
    chosen = request.form.get("group", "")
    unit = ward if chosen == str(ward.id) and _is_above(ward) else _group_of(ward, chosen)
    return rules.renamed(day, unit, unit.code, _name(), _groups(ward) if unit is ward else [])


def _part_ward(ward: Unit, day: date) -> Plan:
    if not _is_above(ward):
        raise Problem("not_found")
    reach = {str(one.id): one.id for one in units.wards_under(actor().ward_id) if one.id != ward.id}
    groups = _groups(ward)
    places: dict[str, Place] = {**reach, NEW: NEW}
    main = places.get(request.form.get("main", ""))
    if main is None:
        raise _fault("required")
    wished = {one.id: places.get(request.form.get(f"to.{one.id}", ""), main) for one in groups}
    taken = {f"{one.parent_id}/{one.name}" for one in units.groups_of(list(reach.values()))}
    plan = rules.parted(day, ward, groups, main, wished, taken)
    if NEW not in {main, *wished.values()}:
        return plan
    code = clean(request.form.get("code", ""))
    if not code:
        raise _fault("required")
    return rules.with_ward(plan, Made(NEW, ward.level, _name(), actor().ward_id, code))


def _name() -> str:
    name = clean(request.form.get("name", ""))
    if not name:
        raise _fault("required")
    return name


def _fault(code: str) -> Problem:
    return Problem("bad_form", fields=[{"field": "plan", "code": code}])


def _groups(ward: Unit) -> list[Unit]:
    """The ward's groups, those too of a ward that the official list has ended already."""
    return units.groups_of([ward.id])


def _group_of(ward: Unit, text: str) -> Unit:
    found = next((one for one in _groups(ward) if str(one.id) == text), None)
    if found is None:
        raise _fault("required")
    return found


def _ward(unit_id: int) -> Unit:
    found = units.in_reach(actor().ward_id, unit_id)
    if found.level not in unit_rules.WARD_LEVELS:
        raise Problem("not_found")
    return found


def _is_above(ward: Unit) -> bool:
    """Whether the administrator is not the ward's own: a ward is ended and begun by whoever stands above it."""
    return actor().ward_id != ward.id
