"""The desk's page of what has to be looked at again: overdue first, then what is due in the next days."""

from typing import Any

from flask import Blueprint, render_template, request

from app.clock import today
from app.form_text import whole
from app.http import actor
from app.rechecks import queries, rules, service, shown
from app.rechecks.service import Due
from app.units import queries as units

bp = Blueprint("rechecks", __name__)
PAGE = 50


@bp.app_context_processor
def _count() -> dict[str, Any]:
    """For the navigation, which asks only where there is somebody to show it to."""
    return {"nav_rechecks": lambda: service.overdue(actor())}


@bp.get("/desk/rechecks")
def listing() -> str:
    """What is overdue and what is due soon; the group, ?only=overdue and the page stand in the address."""
    only_overdue = request.args.get("only") == "overdue"
    group, page = whole(request.args.get("group", "")), whole(request.args.get("page", "")) or 1
    now = [one for one in service.due(actor()) if one.standing != "later"]
    chosen = [one for one in now if group in (None, one.group_id)]
    listed = [one for one in chosen if one.standing == "overdue"] if only_overdue else chosen
    groups = units.groups_of([actor().ward_id])
    names = {unit.id: unit.name for unit in groups}
    return render_template(
        "rechecks/listing.html",
        here="rechecks",
        rows=_rows(listed[(page - 1) * PAGE : page * PAGE], names),
        only="overdue" if only_overdue else None,
        overdue=sum(1 for one in chosen if one.standing == "overdue"),
        soon=sum(1 for one in chosen if one.standing == "due"),
        groups=groups,
        group=group,
        page=page,
        more=len(listed) > page * PAGE,
        ahead=rules.SOON,
    )


def _rows(listed: list[Due], names: dict[int, str]) -> list[dict[str, Any]]:
    """The lines of one page, in their order, without a name of anybody."""
    ids = [one.id for one in listed]
    sites = {row["id"]: row for row in queries.sites(actor(), ids)}
    looks = queries.looks(actor(), ids)
    return [
        {**shown.line(sites[one.id], looks.get(one.id, []), one.day, today()), "group": names.get(one.group_id or 0)}
        for one in listed
        if one.id in sites
    ]
