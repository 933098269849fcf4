"""The ward's map for its phones."""

from flask import Blueprint, Response

from app.http import actor
from app.maps.serving import map_answer

bp = Blueprint("maps_api", __name__, url_prefix="/api/v1/maps")


@bp.get("/<sha256>")
def file(sha256: str) -> Response:
    """The file whose address the kit told; phones ask for it piece by piece."""
    return map_answer(actor(), sha256)
