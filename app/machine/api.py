"""The machine door: other programs read, by their token, what it opens. Nothing can be written here."""

import tempfile
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from flask import Blueprint, Response, request
from sqlalchemy import ColumnElement

from app.clock import HANOI
from app.db import transact
from app.exports import columns, formats
from app.exports import queries as exports
from app.exports.columns import Cell, Column, Row
from app.exports.serving import file_answer
from app.form_text import whole
from app.http import actor, json_answer
from app.kinds import registry
from app.kinds.checks import in_language
from app.kinds.vocabulary import Kind
from app.machine import openapi, power_query, queries, rules, service
from app.machine.models import MachineToken
from app.problems import Problem
from app.units import queries as units

bp = Blueprint("machine_api", __name__, url_prefix="/api/v1")


@bp.get("/openapi.json")
def document() -> Response:
    """What can be asked here, in OpenAPI 3.1, drawn from the kinds. It holds nothing of anybody."""
    return json_answer(openapi.document())


@bp.get("/data")
def tables() -> Response:
    """What this token opens: its kinds and their columns."""
    token = queries.token_of(actor())
    kinds = [registry[code] for code in token.kinds if code in registry]
    said = {
        "unit": units.place(token.unit_id),
        "last_day": token.last_day.isoformat(),
        "depth": token.depth,
        "kinds": [_told(kind, token) for kind in kinds],
    }
    return json_answer(said)


@bp.get("/data/<kind>")
def records(kind: str) -> Response:
    """A page of records, in the order in which they changed; the cursor of the last answer asks for what is new."""
    token, found = _opened(kind)
    limit, read = _limit(request.args), _cursor(request.args)
    page = queries.page(token, kind, read, limit)
    shown = page[:limit]
    for row in shown:
        read[row.facts["ward"]] = max(row.facts["feed_no"], read.get(row.facts["ward"], 0))
    named = columns.of_kind(found, token.depth, "vi", codes=True)
    said = {"records": [record_json(row, named) for row in shown], "more": len(page) > limit}
    return json_answer({**said, "after": rules.write_cursor(read) or None})


@bp.get("/data/<kind>/<record>")
def record(kind: str, record: str) -> Response:
    """One record."""
    token, found = _opened(kind)
    row = queries.one(token, kind, record)
    return json_answer(record_json(row, columns.of_kind(found, token.depth, "vi", codes=True)))


@bp.get("/data/<kind>.csv")
def sheet(kind: str) -> Response:
    """The table, for spreadsheets that fetch it again by themselves; all of it, or what changed since a day."""
    token, found = _opened(kind)
    named = columns.of_kind(found, token.depth, "vi", codes=True)
    since = _since(request.args)
    made = formats.Sheet(kind, [_kept_back(one) for one in _chosen(request.args, named)], (), "vi")
    return _file(token, queries.rows_of(kind, since), made, "csv")


@bp.get("/data/<kind>.pq")
def query(kind: str) -> Response:
    """A query for Power Query (Excel, Power BI) that fetches the table and gives each column its type."""
    token, found = _opened(kind)
    named = columns.of_kind(found, token.depth, "vi", codes=True)
    text = power_query.written(request.url_root, f"api/v1/data/{kind}.csv", named)
    return Response(text, mimetype="text/plain")


@bp.get("/data/<kind>.geojson")
def places(kind: str) -> Response:
    """The places of a kind that stands on a map, for QGIS and its like."""
    token, found = _opened(kind)
    if not found.mapped:
        raise Problem("not_found")
    return _file(token, queries.rows_of(kind), formats.Sheet(kind, (), (), "vi"), "geojson")


def record_json(row: Row, named: list[Column]) -> dict[str, Any]:
    """A record: what is known of it, and its answers, which are gone when its author took it back."""
    cells = {column.name: json_cell(column.read(row)) for column in named}
    facts = {name.removeprefix("record_"): value for name, value in cells.items() if name.startswith("record_")}
    withdrawn = row.facts["state"] == "withdrawn"
    answers = {} if withdrawn else {name: v for name, v in cells.items() if not name.startswith("record_")}
    return {**facts, "answers": answers}


def json_cell(value: Cell) -> Any:
    """A cell as JSON: moments with their zone, days as they are."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=HANOI).isoformat(timespec="seconds")
    return value.isoformat() if isinstance(value, date) else value


def _opened(code: str) -> tuple[MachineToken, Kind]:
    """The token and the kind, its use noted. Raises not_found for a kind that it does not open."""
    token = queries.token_of(actor())
    if code not in token.kinds or code not in registry:
        raise Problem("not_found")
    if not service.is_noted(token, code):
        number = token.id
        with transact():
            service.note_use(number, code)
        token = queries.token_of(actor())
    return token, registry[code]


def _file(token: MachineToken, held: ColumnElement[bool], sheet: formats.Sheet, format: str) -> Response:
    write = formats.csv_for_programs if format == "csv" else formats.places_for_programs
    rows = exports.rows(held, queries.reach(token), "vi", named=token.depth != "open")
    content = tempfile.TemporaryFile()  # noqa: SIM115 - the answer closes it
    try:
        write(sheet, rows, content)
    except BaseException:
        content.close()
        raise
    name = f"to-am-{sheet.title.replace('_', '-')}.{format}"
    return file_answer(content, formats.MIME[format], name, attached=False)


def _told(kind: Kind, token: MachineToken) -> dict[str, Any]:
    named = columns.of_kind(kind, token.depth, "vi", codes=True)
    listed = [{"name": column.name, "label": column.label, "type": column.type} for column in named]
    return {"code": kind.code, "label": in_language(kind.label, "vi"), "columns": listed, "mapped": bool(kind.mapped)}


def _kept_back(column: Column) -> Column:
    """An answer of a record that its author took back is gone; what is known of the record stays."""
    if column.name.startswith("record_"):
        return column
    return replace(column, read=lambda row: None if row.facts["state"] == "withdrawn" else column.read(row))


def _chosen(args: Mapping[str, str], named: list[Column]) -> list[Column]:
    """The columns that are asked for by name, in the order of the question; all when none is."""
    if "columns" not in args:
        return named
    known = {column.name: column for column in named}
    asked = list(dict.fromkeys(args["columns"].split(",")))
    if not all(name in known for name in asked):
        raise Problem("bad_form", fields=[{"field": "columns", "code": "not_choice"}])
    return [known[name] for name in asked]


def _since(args: Mapping[str, str]) -> date | None:
    if "changed_since" not in args:
        return None
    since = rules.read_day(args["changed_since"])
    if since is None:
        raise Problem("bad_form", fields=[{"field": "changed_since", "code": "not_date"}])
    return since


def _limit(args: Mapping[str, str]) -> int:
    number = whole(args.get("limit", str(rules.USUAL))) or 0
    if not 1 <= number <= rules.MOST:
        raise Problem("bad_form", fields=[{"field": "limit", "code": "out_of_range"}])
    return number


def _cursor(args: Mapping[str, str]) -> dict[int, int]:
    read = rules.read_cursor(args["after"]) if "after" in args else {}
    if read is None:
        raise Problem("bad_form", fields=[{"field": "after", "code": "unreadable"}])
    return read
