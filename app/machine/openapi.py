"""The machine door described in OpenAPI 3.1, drawn from the kinds: a new kind is in it without a word here."""

from typing import Any

from app.exports import columns
from app.exports.columns import Column
from app.exports.rules import DEPTHS, is_sensitive
from app.kinds import registry
from app.kinds.vocabulary import Kind
from app.machine import rules

Json = dict[str, Any]
_TYPES: dict[str, Json] = {
    "text": {"type": ["string", "null"]},
    "number": {"type": ["number", "string", "null"]},
    "day": {"type": ["string", "integer", "null"], "description": "YYYY-MM-DD; a year alone where no more is known."},
    "moment": {"type": ["string", "null"], "description": "ISO 8601, Hà Nội."},
    "codes": {"type": ["array", "null"], "items": {"type": "string"}},
}
_ABOUT = (
    "Read-only. A token is made at the desk by an administrator; it opens some kinds of records of one unit until a "
    "day. It goes into `Authorization: Bearer …`, or into the password of HTTP Basic (any user name) for programs that "
    "know only that. Who told the ward of a violation is never told here. What a token does not open is not found."
)


def document() -> Json:
    """The whole document."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "Tổ Ấm", "version": "1", "description": _ABOUT},
        "servers": [{"url": "/"}],
        "security": [{"bearer": []}, {"basic": []}],
        "paths": _paths(),
        "components": {
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "basic": {"type": "http", "scheme": "basic"},
            },
            "schemas": {
                "Problem": _PROBLEM,
                "Tables": _TABLES,
                "Features": _FEATURES,
                **{_name(kind): _record(kind) for kind in registry.values()},
            },
        },
    }


def _paths() -> Json:
    found: Json = {"/api/v1/data": {"get": _operation("tables", "What this token opens", _json("Tables"))}}
    for kind in registry.values():
        base, name = f"/api/v1/data/{kind.code}", _name(kind)
        page = {
            "type": "object",
            "required": ["records", "more", "after"],
            "properties": {
                "records": {"type": "array", "items": {"$ref": f"#/components/schemas/{name}"}},
                "more": {"type": "boolean"},
                "after": {"type": ["string", "null"], "description": "The cursor for the next page, now or later."},
            },
        }
        about = f"{kind.label.en} ({kind.label.vi})"
        found[base] = {
            "get": _operation(
                f"list_{kind.code}", about, {"application/json": {"schema": page}}, _PAGING, faults=(422,)
            )
        }
        found[f"{base}/{{record}}"] = {"get": _operation(f"get_{kind.code}", f"One: {about}", _json(name), _ONE)}
        table = {"text/csv": {"schema": {"type": "string"}}}
        asked = _asked_of_table(kind)
        found[f"{base}.csv"] = {"get": _operation(f"csv_{kind.code}", f"Table: {about}", table, asked, faults=(422,))}
        text = {"text/plain": {"schema": {"type": "string"}}}
        found[f"{base}.pq"] = {"get": _operation(f"pq_{kind.code}", f"Query for Excel and Power BI: {about}", text)}
        if kind.mapped:
            features = {"application/geo+json": {"schema": {"$ref": "#/components/schemas/Features"}}}
            found[f"{base}.geojson"] = {"get": _operation(f"geojson_{kind.code}", f"Places: {about}", features)}
    return found


def _operation(
    id: str, summary: str, content: Json, parameters: list[Json] | None = None, faults: tuple[int, ...] = ()
) -> Json:
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    told = {
        401: "No token, or one that opens nothing any more",
        404: "Not there, or not for this token",
        410: "The token's ward has ended; `now` names the units that have its records",
        422: "Not right",
    }
    failing = {str(code): {"description": told[code], "content": problem} for code in (401, 404, 410, *faults)}
    return {
        "operationId": id,
        "summary": summary,
        "parameters": parameters or [],
        "responses": {"200": {"description": "Found", "content": content}, **failing},
    }


def _json(name: str) -> Json:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}


def _name(kind: Kind) -> str:
    return "".join(word.capitalize() for word in kind.code.split("_"))


def _record(kind: Kind) -> Json:
    """A record of the kind at the greatest depth; a token of less depth is told less."""
    named = columns.of_kind(kind, DEPTHS[-1], "en", codes=True)
    facts = {c.name.removeprefix("record_"): _property(c) for c in named if c.name.startswith("record_")}
    facts["id"], facts["version"] = {"type": "string"}, {"type": "integer"}
    facts["state"] = {"type": "string", "examples": ["received"]}
    answers = {column.name: _property(column) for column in named if not column.name.startswith("record_")}
    schema: Json = {
        "type": "object",
        "required": ["id", "state", "version", "received", "changed", "answers"],
        "properties": {**facts, "answers": {"type": "object", "properties": answers, "additionalProperties": False}},
    }
    if is_sensitive(kind):
        schema["description"] = "Only with a token to which the ward's leader has agreed."
    return schema


def _asked_of_table(kind: Kind) -> list[Json]:
    names = [column.name for column in columns.of_kind(kind, DEPTHS[-1], "en", codes=True)]
    one = {"type": "string", "enum": names}
    return [
        {
            "name": "columns",
            "in": "query",
            "description": "Only these columns, in this order.",
            "style": "form",
            "explode": False,
            "schema": {"type": "array", "items": one, "minItems": 1},
        },
        {
            "name": "changed_since",
            "in": "query",
            "description": "What changed from this day on, Hà Nội; with what was taken back, whose answers are empty.",
            "schema": {"type": "string", "format": "date"},
        },
    ]


def _property(column: Column) -> Json:
    return {"title": column.label, **_TYPES[column.type]}


_PAGING: list[Json] = [
    {
        "name": "limit",
        "in": "query",
        "schema": {"type": "integer", "minimum": 1, "maximum": rules.MOST, "default": rules.USUAL},
    },
    {
        "name": "after",
        "in": "query",
        "description": "The cursor of the last answer. Kept, it asks later for what has changed since.",
        "schema": {"type": "string", "pattern": rules.CURSOR},
    },
]
_ONE: list[Json] = [
    {"name": "record", "in": "path", "required": True, "schema": {"type": "string", "minLength": 1, "maxLength": 64}}
]
_PROBLEM: Json = {
    "type": "object",
    "description": "RFC 9457",
    "required": ["type", "code", "status", "title", "detail"],
    "properties": {
        "type": {"type": "string"},
        "code": {"type": "string"},
        "status": {"type": "integer"},
        "title": {"type": "string"},
        "detail": {"type": "string"},
        "fields": {"type": "array", "items": {"type": "object"}},
    },
}
_COLUMN: Json = {
    "type": "object",
    "required": ["name", "label", "type"],
    "properties": {"name": {"type": "string"}, "label": {"type": "string"}, "type": {"enum": list(_TYPES)}},
}
_TABLES: Json = {
    "type": "object",
    "required": ["unit", "last_day", "depth", "kinds"],
    "properties": {
        "unit": {"type": "string"},
        "last_day": {"type": "string", "format": "date"},
        "depth": {"enum": list(DEPTHS)},
        "kinds": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["code", "label", "columns", "mapped"],
                "properties": {
                    "code": {"type": "string"},
                    "label": {"type": "string"},
                    "mapped": {"type": "boolean"},
                    "columns": {"type": "array", "items": _COLUMN},
                },
            },
        },
    },
}
_FEATURES: Json = {
    "type": "object",
    "description": "A FeatureCollection (RFC 7946) with what anybody of the ward may know.",
    "required": ["type", "features"],
    "properties": {"type": {"const": "FeatureCollection"}, "features": {"type": "array", "items": {"type": "object"}}},
}
