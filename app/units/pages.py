"""The administrator's pages of wards and their groups (tổ dân phố)."""

from datetime import date, timedelta
from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.clock import today
from app.db import transact
from app.http import actor
from app.i18n import formats
from app.identity import queries as identity
from app.kinds.shapes import is_day
from app.maps import queries as maps
from app.problems import Problem
from app.units import queries, rules, service
from app.units.models import Unit

SIDES = ("south", "west", "north", "east")
bp = Blueprint("units", __name__, url_prefix="/desk/units")


@bp.get("")
def listing() -> str:
    """Every ward within reach, with its groups."""
    wards = queries.wards_under(actor().ward_id)
    groups: dict[int, list[Unit]] = {ward.id: [] for ward in wards}
    for group in queries.groups_of(list(groups)):
        groups[group.parent_id or 0].append(group)
    changed = request.args.get("changed", "")
    day = formats.day(changed) if is_day(changed) else ""
    shown = {"wards": wards, "groups": groups, "heading": queries.heading, "changed": day}
    return render_template("units/listing.html", here="units", left=queries.ended_with_groups(actor().ward_id), **shown)


@bp.get("/<int:unit_id>")
def unit(unit_id: int) -> Response:
    """One ward: its duty number and its groups."""
    return _ward_page(_ward(unit_id))


@bp.post("/<int:unit_id>/groups")
def add_group(unit_id: int) -> AnyResponse:
    """A new group of the ward."""
    try:
        with transact():
            service.add_group(_ward(unit_id).id, request.form.get("name", ""))
    except Problem as problem:
        return _ward_page(_ward(unit_id), problem, "add")
    return redirect(url_for("units.unit", unit_id=unit_id))


@bp.post("/<int:unit_id>/rename")
def rename_group(unit_id: int) -> AnyResponse:
    """Another name for a group."""
    ward_id = _group(unit_id).parent_id or 0
    try:
        with transact():
            service.rename_group(_group(unit_id), request.form.get("name", ""))
    except Problem as problem:
        return _ward_page(_ward(ward_id), problem, f"group-{unit_id}")
    return redirect(url_for("units.unit", unit_id=ward_id))


@bp.post("/<int:unit_id>/close")
def close_group(unit_id: int) -> AnyResponse:
    """End a group with yesterday; people must have been moved before."""
    ward_id = _group(unit_id).parent_id or 0
    later = request.form.get("later", "")
    try:
        with transact():
            queries.hold(unit_id)
            if identity.somebody_at(unit_id):
                raise Problem("bad_form", fields=[{"field": "later", "code": "people_first"}])
            taken_over_by = _group(int(later)) if later.isascii() and later.isdecimal() else None
            service.close_group(_group(unit_id), _last_day(_group(unit_id).valid_from), taken_over_by)
    except Problem as problem:
        return _ward_page(_ward(ward_id), problem, f"group-{unit_id}")
    return redirect(url_for("units.unit", unit_id=ward_id))


@bp.post("/<int:unit_id>/phone")
def set_phone(unit_id: int) -> AnyResponse:
    """The ward's duty number."""
    try:
        with transact():
            service.set_phone(_ward(unit_id), request.form.get("phone", ""))
    except Problem as problem:
        return _ward_page(_ward(unit_id), problem, "phone")
    return redirect(url_for("units.unit", unit_id=unit_id))


@bp.post("/<int:unit_id>/box")
def set_box(unit_id: int) -> AnyResponse:
    """The ward's box: outside of it a phone asks whether a point is right."""
    try:
        with transact():
            service.set_box(_ward(unit_id), [request.form.get(side, "") for side in SIDES])
    except Problem as problem:
        return _ward_page(_ward(unit_id), problem, "box")
    return redirect(url_for("units.unit", unit_id=unit_id))


def _last_day(valid_from: date) -> date:
    """Yesterday; a group opened by mistake this morning ends on its only day."""
    return max(today() - timedelta(days=1), valid_from)


def _corners(ward: Unit) -> list[str]:
    """The box as it is typed: 20,99433; four empty texts without one."""
    return [f"{side:.5f}".replace(".", ",") for side in ward.box] if ward.box else [""] * len(SIDES)


def _ward(unit_id: int) -> Unit:
    found = queries.in_reach(actor().ward_id, unit_id)
    if found.level not in rules.WARD_LEVELS:
        raise Problem("not_found")
    return found


def _group(unit_id: int) -> Unit:
    found = queries.in_reach(actor().ward_id, unit_id)
    if found.level != rules.GROUP:
        raise Problem("not_found")
    return found


def _ward_page(ward: Unit, problem: Problem | None = None, at: str = "") -> Response:
    """The ward's page; after a refused form with what is wrong, beside the form (`at`) that it came from."""
    if problem is not None and not problem.fields:
        raise problem
    shown: dict[str, Any] = {
        "ward": ward,
        "heading": queries.heading,
        "groups": queries.groups_of([ward.id]),
        "past": queries.past_groups_of(ward.id),
        "people": identity.names_at([group.id for group in queries.groups_of([ward.id])]),
        "sides": SIDES,
        "box": [request.form.get(side, "") for side in SIDES] if at == "box" else _corners(ward),
        "map": maps.map_of(ward.id),
        "wrong": {at: problem.fields[0]["code"]} if problem else {},
        "typed": request.form,
        "day": formats.day,
    }
    return make_response(render_template("units/unit.html", here="units", **shown), problem.status if problem else 200)
