"""A kind as the JSON that a phone draws and checks, and back to fields."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from app.kinds.pictures import Photos
from app.kinds.vocabulary import (
    Answer,
    Choice,
    Choices,
    Day,
    Kind,
    Moment,
    Name,
    Number,
    Phone,
    Place,
    RecordRef,
    Text,
)
from app.kinds.words import Code, Words

JsonObject = dict[str, Any]


def form_spec(kind: Kind) -> JsonObject:
    """Everything that a phone needs to draw, check and list records of a kind."""
    return {
        "kind": kind.code,
        "form": kind.form,
        "icon": kind.icon,
        "order": kind.order,
        "tile": kind.tile,
        "label": list(kind.label),
        "menu": list(kind.menu),
        "examples": list(kind.examples),
        "sharing": kind.sharing,
        "parent": kind.parent,
        "place": kind.place,
        "happened": kind.happened,
        "callsFirst": kind.calls_first,
        "title": list(kind.title),
        "sections": [{"id": part.id, "label": list(part.label), "fields": list(part.fields)} for part in kind.sections],
        "fields": {name: _field_spec(field) for name, field in kind.fields.items()},
        **_as_a_follower(kind),
        **({"recheck": _json(asdict(kind.recheck))} if kind.recheck else {}),
    }


def _as_a_follower(kind: Kind) -> JsonObject:
    """What a form that begins on another record's page has besides."""
    invited: JsonObject = {"invite": list(kind.invite)} if kind.invite else {}
    return invited | ({"carries": list(kind.carries)} if kind.carries else {})


def fields_of_spec(spec: Mapping[str, Any]) -> dict[str, Answer]:
    """The fields that a form spec describes: what `form_spec` wrote, read back."""
    return {name: _read_field(field) for name, field in spec["fields"].items()}


def _field_spec(field: Answer) -> JsonObject:
    spec: JsonObject = {"widget": field.widget, "label": list(field.label)}
    if field.hint:
        spec["hint"] = list(field.hint)
    if field.needed:
        spec["required"] = True if field.needed is True else _json(field.needed)
    if field.show is not None:
        spec["show"] = _json(field.show)
    if field.warnings:
        spec["warn"] = [{"when": _json(warning.when), "say": list(warning.say)} for warning in field.warnings]
    spec |= {"owner": field.owner, "sensitivity": field.sensitivity}
    if field.safety:
        spec["safety"] = list(field.safety)
    if field.quick:
        spec["quick"] = True
    if field.retired:
        spec["retired"] = True
    return spec | {part: _json(value) for part, value in field.limits().items()}


def _json(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _json(part) for name, part in value.items()}
    return [_json(part) for part in value] if isinstance(value, (tuple, list)) else value


def _read_field(spec: Mapping[str, Any]) -> Answer:
    label: tuple[str, str] = tuple(spec.get("label", ("", "")))
    more: JsonObject = {
        "hint": spec.get("hint"),
        "required": spec.get("required", False),
        "show": spec.get("show"),
        "warn": [(warning["when"], warning["say"]) for warning in spec.get("warn", ())],
        "owner": spec.get("owner", "phone"),
        "sensitivity": spec.get("sensitivity", "normal"),
        "safety": spec.get("safety", ()),
        "quick": spec.get("quick", False),
        "retired": spec.get("retired", False),
    }
    match spec["widget"]:
        case "text":
            return Text(label, longest=spec.get("longest", 2000), lines=spec.get("lines", 1), **more)
        case "number":
            limits = {part: spec[part] for part in ("least", "most", "decimals") if part in spec}
            return Number(label, **limits, **more)
        case "choice":
            return Choice(label, _read_codes(spec), suggest=_read_suggestions(spec), **more)
        case "choices":
            return Choices(label, _read_codes(spec), suggest=_read_suggestions(spec), **more)
        case "day":
            return Day(label, year_alone=spec.get("yearAlone", False), **more)
        case "photos":
            return Photos(label, most=spec.get("most", 8), original=spec.get("original", False), **more)
        case "record":
            return RecordRef(label, spec["kind"], **more)
    plain: dict[str, type[Answer]] = {"name": Name, "phone": Phone, "moment": Moment, "place": Place}
    return plain[spec["widget"]](label, **more)


def _read_suggestions(spec: Mapping[str, Any]) -> list[tuple[Any, Any]]:
    return [(one["when"], one["codes"]) for one in spec.get("suggest", ())]


def _read_codes(spec: Mapping[str, Any]) -> list[Code]:
    return [
        Code(code["code"], Words(*code["label"]), Words(*code["hint"]) if "hint" in code else None)
        for code in spec["codes"]
    ]
