"""The desk's map: a list that works without script, and the same as GeoJSON for the drawing."""

import json
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, make_response, render_template, request

from app.clock import HANOI
from app.form_text import whole
from app.http import actor, with_pictures_from
from app.i18n import language
from app.kinds import checks, registry
from app.kinds.vocabulary import Choice
from app.maps.ground import ground, tile_origin
from app.places import queries, rules
from app.units import queries as units

bp = Blueprint("places", __name__, url_prefix="/desk")


@bp.get("/map")
def listing() -> Response:
    """Places by risk and state; the filters stand in the address."""
    who, wanted = actor(), filters(request.args)
    rows, following = queries.listed(who, wanted, _after(request.args.get("after", "")))
    whole, with_point = queries.counted(who, wanted)
    page = render_template(
        "places/map.html",
        here="map",
        wanted=wanted,
        address=in_address(wanted),
        rows=[_line(row) for row in rows],
        next_after=f"{following[0]}.{following[1]}" if following else None,
        paged="after" in request.args,
        whole=whole,
        with_point=with_point,
        kinds=[registry[code] for code in queries.mapped_kinds()],
        risks=_risks(),
        states=queries.states(),
        groups=units.groups_of([who.ward_id]),
        ward=units.path(who.ward_id),
        ground=ground(who.ward_id),
    )
    return with_pictures_from(make_response(page), tile_origin())


@bp.get("/map.geojson")
def geojson() -> Response:
    """The same places (RFC 7946), with the fields of their kinds that anybody of the ward may know.

    For the drawing on the page; a file leaves the house through the exports, which leave a trace.
    """
    wanted = filters(request.args)
    names = {code: rules.told(registry[code]) for code in queries.mapped_kinds()}
    features = [
        rules.feature(registry[row.kind], names[row.kind], row.data, _facts(row))
        for row in queries.placed(actor(), wanted)
    ]
    made = {"type": "FeatureCollection", "features": features}
    return Response(json.dumps(made, ensure_ascii=False, separators=(",", ":")), mimetype="application/geo+json")


def _facts(row: queries.Row) -> dict[str, Any]:
    return {
        "id": row.id,
        "kind": row.kind,
        "title": checks.public_title(registry[row.kind], row.data, language()),
        "state": row.status,
        "group": row.group,
        "version": row.version,
        "happened": row.happened_on.isoformat() if row.happened_on else None,
        "received": row.received_at.astimezone(HANOI).isoformat(timespec="seconds"),
    }


def _line(row: queries.Row) -> dict[str, Any]:
    kind = registry[row.kind]
    risk = kind.fields.get(queries.RISK)
    given = row.data.get(queries.RISK)
    return {
        "id": row.id,
        "icon": kind.icon,
        "title": checks.public_title(kind, row.data, language()),
        "risk": given if isinstance(risk, Choice) and isinstance(given, str) and given in risk.known else None,
        "risk_words": checks.show_value(risk, given, language()) if risk and given else "",
        "status": row.status,
        "group": row.group,
        "point": rules.point(kind, row.data) if row.is_placed else None,
    }


def _risks() -> list[tuple[str, str]]:
    """The levels of the kinds on the map, in words, the gravest first."""
    fields = [registry[code].fields.get(queries.RISK) for code in queries.mapped_kinds()]
    options = [option for field in fields if isinstance(field, Choice) for option in field.options]
    return list({o.code: (o.code, checks.in_language(o.words, language())) for o in options}.values())


def filters(args: Mapping[str, str]) -> queries.Wanted:
    """The filters in an address; nonsense is no filter."""
    kind, state, risk = (args.get(name, "") for name in ("kind", "state", "risk"))
    return queries.Wanted(
        kind=kind if kind in queries.mapped_kinds() else None,
        state=state if state in ("all", *queries.states()) else "open",
        group=whole(args.get("group")),
        risk=risk if risk in (queries.UNJUDGED, *dict(_risks())) else None,
    )


def in_address(wanted: queries.Wanted) -> dict[str, Any]:
    """The filters that differ from the plain map, for links."""
    given = {"kind": wanted.kind, "group": wanted.group, "risk": wanted.risk}
    given["state"] = wanted.state if wanted.state != "open" else None
    return {name: value for name, value in given.items() if value is not None}


def _after(text: str) -> tuple[int, int] | None:
    """Where a page begins; None, the beginning, for anything unreadable."""
    parts = text.split(".")
    if len(parts) != 2 or not all(p.isascii() and p.isdigit() and len(p) < 19 for p in parts):
        return None
    return int(parts[0]), int(parts[1])
