"""The overview, for the ward and for the level above it: numbers by place and week, and the rows behind each."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from flask import Blueprint, render_template, request, url_for
from sqlalchemy import Select, select

from app.clock import now, today
from app.form_text import whole
from app.http import actor
from app.i18n import language, t
from app.i18n.formats import day, moment
from app.identity.rights import OVERSEER
from app.kinds import checks, registry
from app.overview import queries, rules
from app.overview.indicators import indicators
from app.overview.picture import Frame, picture
from app.overview.queries import Behind
from app.overview.shape import Indicator
from app.problems import Problem
from app.units import queries as units
from app.units.models import Unit
from app.units.rules import WARD_LEVELS

bp = Blueprint("overview", __name__, url_prefix="/desk/overview")


@bp.get("")
def page() -> str:
    """Every indicator by group or ward, and by week; the unit and the time stand in the address."""
    unit, weeks = _asked(request.args)
    mondays = rules.mondays(today(), weeks)
    period = queries.period(unit, mondays[0], now())
    frame = Frame(
        unit,
        mondays,
        rows_at=lambda **where: url_for("overview.rows", unit=unit.id, weeks=weeks, **where),
        place_at=lambda **where: url_for("overview.page", weeks=weeks, **where),
    )
    return render_template(
        "overview/page.html",
        here="overview",
        unit=unit,
        place=units.place(unit.id),
        above=unit.id != actor().ward_id,
        weeks=weeks,
        offered=rules.WEEKS,
        since=day(mondays[0]),
        until=moment(now()),
        by_ward=unit.level not in WARD_LEVELS,
        pictures=[picture(one, period, frame) for one in indicators().values()],
    )


@bp.get("/rows")
def rows() -> str:
    """What is behind one number, exactly as many."""
    unit, weeks = _asked(request.args)
    indicator, wanted = asked_for(request.args)
    mondays = rules.mondays(today(), weeks)
    found = queries.ids(indicator, queries.period(unit, mondays[0], now()), mondays, wanted)
    number = max(whole(request.args.get("page")) or 1, 1)
    count, listed = queries.behind(found, number)
    words = {
        cell.code: cell.words or t(f"overview.{indicator.code}.{cell.code}") for cell in indicator.cells(language())
    }
    return render_template(
        "overview/rows.html",
        here="overview",
        title=t(f"overview.{indicator.code}.title"),
        cell=words.get(wanted.cell or ""),
        about=_about(unit, wanted, mondays),
        since=day(mondays[0]),
        whole=count,
        rows=[_line(row) for row in listed],
        page=number,
        more=count > number * queries.PAGE,
        address={name: value for name, value in request.args.items() if name not in ("page", "lang")},
        back=url_for("overview.page", unit=unit.id, weeks=weeks),
        may_export=actor().role != OVERSEER,
    )


def behind(args: Mapping[str, str]) -> tuple[Indicator, Select[Any], dict[str, Any]]:
    """The number that an address means: its indicator, a SELECT of the ids behind it, and the address again."""
    unit, weeks = _asked(args)
    indicator, wanted = asked_for(args)
    mondays = rules.mondays(today(), weeks)
    found = queries.ids(indicator, queries.period(unit, mondays[0], now()), mondays, wanted).subquery()
    names = ("unit", "weeks", "indicator", "cell", "ward", "group", "week")
    return indicator, select(found.c.id), {name: args[name] for name in names if args.get(name)}


def _asked(args: Mapping[str, str]) -> tuple[Unit, int]:
    return queries.place(actor(), whole(args.get("unit"))), rules.weeks(args.get("weeks", ""))


def asked_for(args: Mapping[str, str]) -> tuple[Indicator, Behind]:
    """The number that an address means. Raises not_found for an indicator or a cell that there is not."""
    indicator = indicators().get(args.get("indicator", ""))
    cell = args.get("cell") or None
    if indicator is None or (cell and cell not in {one.code for one in indicator.cells(language())}):
        raise Problem("not_found")
    return indicator, Behind(cell, *(whole(args.get(name)) for name in ("ward", "group", "week")))


def _about(unit: Unit, wanted: Behind, mondays: Sequence[date]) -> str:
    """Where and when, in words."""
    inner = wanted.group or wanted.ward
    place = units.find_by_id(inner) if inner else None
    parts = [units.place(place.id if place else unit.id)]
    if wanted.group == queries.NO_GROUP:
        parts.append(t("overview.no_group"))
    if wanted.week is not None and 0 <= wanted.week < len(mondays):
        parts.append(t("overview.week", day=mondays[wanted.week].strftime("%d/%m")))
    return " · ".join(parts)


def _line(row: queries.Row) -> dict[str, Any]:
    """A row in words, without a name of anybody. The level above is not told which report or child it is."""
    kind, distant = registry.get(row.kind), actor().role == OVERSEER
    open_to_all = kind is not None and kind.mapped is not None
    shown = kind is not None and (open_to_all or not distant)
    return {
        "id": None if distant else row.id,
        "icon": kind.icon if kind else "list",
        "title": checks.public_title(kind, row.data, language()) if shown and kind else _label(row.kind),
        "group": row.group if open_to_all or not distant else None,
        "ward": units.place(row.ward_id) if distant else None,
        "at": moment(row.at or row.received_at),
        "status": row.status,
    }


def _label(code: str) -> str:
    kind = registry.get(code)
    return checks.in_language(kind.label, language()) if kind else code
