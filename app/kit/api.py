"""The kit: everything a phone needs to draw and check forms, and whom to call, in one answer."""

import hashlib
import json
from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, current_app, request

from app.config import Settings
from app.http import actor, json_answer
from app.identity import queries as people
from app.identity.rights import Actor
from app.kinds import registry
from app.kinds.codes import LONG_BIEN
from app.maps import queries as maps
from app.rechecks import service as rechecks
from app.seals import service as seals
from app.units import queries as units

bp = Blueprint("kit_api", __name__, url_prefix="/api/v1")

# The nation's numbers; the ward's own is a setting of the ward.
_NUMBERS = (
    {"tel": "111", "label": ["Bảo vệ trẻ em", "Child protection"], "icon": "child"},
    {"tel": "113", "label": ["Công an", "Police"], "icon": "police"},
    {"tel": "114", "label": ["Cứu hỏa, cứu nạn", "Fire and rescue"], "icon": "flame"},
    {"tel": "115", "label": ["Cấp cứu", "Ambulance"], "icon": "cross"},
)


@bp.get("/kit")
def kit() -> Response:
    """Forms, numbers, ward and person. 304 when the phone has this one already."""
    person = actor()
    own = _own(person)
    etag = hashlib.sha256(f"{registry.forms_tag}\n{json.dumps(own)}".encode()).hexdigest()[:32]
    known = request.if_none_match.contains_weak(etag)
    answer = Response(status=304) if known else json_answer({"etag": etag, "kinds": registry.forms, **own})
    # Weak, because the bytes differ with the compression.
    answer.set_etag(etag, weak=True)
    return answer


def _own(person: Actor) -> dict[str, Any]:
    """The part that differs between people and wards."""
    unit = units.get(person.ward_id)  # kept, so that nobody below has to ask for it again
    described = people.describe(person)
    ward = described["ward"]
    numbers: list[dict[str, Any]] = [*_NUMBERS]
    if ward["phone"]:
        numbers.append({"tel": ward["phone"], "label": _ward_words(person.ward_id), "icon": "ward"})
    own, box = maps.map_of(person.ward_id), unit.box
    around = box or (own.box if own else None) or list(LONG_BIEN)
    told = {"file": own.sha256, "size": own.size, "look": own.look, "credit": own.credit} if own else None
    shared = {
        "box": around,
        "map": told,
        "calendar": asdict(rechecks.settings()),
        "photoSide": _photo_side(),
        "lock": _lock(),
        "seal": seals.told(),
    }
    return {"numbers": numbers, "ward": ward, "person": described, **shared}


def _photo_side() -> int:
    settings: Settings = current_app.config["TO_AM"]
    return settings.photo_side


def _lock() -> dict[str, int]:
    """When the app locks by itself."""
    settings: Settings = current_app.config["TO_AM"]
    return {"idle": settings.lock_idle, "away": settings.lock_away}


def _ward_words(ward_id: int) -> list[str]:
    names = [units.title(units.get(ward_id), lang) for lang in ("vi", "en")]
    return [name[:1].upper() + name[1:] for name in names]
