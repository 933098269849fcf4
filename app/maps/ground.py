"""What the desk's maps of a ward are drawn on."""

from typing import Any

from flask import current_app, url_for

from app.config import Settings
from app.maps import queries
from app.units import queries as units


def ground(ward_id: int) -> dict[str, Any]:
    """The ward's file, the server of pictures if one is set, the box; what the templates hand to the drawing."""
    own, ward = queries.map_of(ward_id), units.get(ward_id)
    settings: Settings = current_app.config["TO_AM"]
    return {
        "file": url_for("maps.file", sha256=own.sha256) if own else "",
        "size": own.size if own else 0,
        "look": own.look if own else "",
        "credit": own.credit if own else "",
        "tiles": settings.tiles,
        "box": ward.box or (own.box if own else None),
    }


def tile_origin() -> str:
    """The server of pictures that an administrator has set; empty without one."""
    settings: Settings = current_app.config["TO_AM"]
    return settings.tile_origin
