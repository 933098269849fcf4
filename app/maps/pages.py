"""The ward's map for its desk."""

from flask import Blueprint, Response

from app.http import actor
from app.maps.serving import map_answer

bp = Blueprint("maps", __name__, url_prefix="/desk/maps")


@bp.get("/<sha256>")
def file(sha256: str) -> Response:
    """The file that the desk's maps are drawn from, in ranges."""
    return map_answer(actor(), sha256)
