"""Pictures at the desk. Looking at a report's leaves a trace."""

from flask import Blueprint, Response

from app.db import transact
from app.http import actor
from app.kinds import registry
from app.photos import queries
from app.photos.queries import Shown
from app.photos.serving import original_answer, picture_answer
from app.records import ledger

bp = Blueprint("photos", __name__, url_prefix="/desk/photos")


@bp.get("/<photo_id>")
def picture(photo_id: str) -> Response:
    """The redrawn picture."""
    return picture_answer(_looked_at(photo_id, "picture"), "picture")


@bp.get("/<photo_id>/thumb")
def thumb(photo_id: str) -> Response:
    """A small one, as the record's page shows it."""
    return picture_answer(queries.visible(actor(), photo_id), "thumb")


@bp.get("/<photo_id>/original")
def original(photo_id: str) -> Response:
    """The untouched file, to be kept as evidence."""
    return original_answer(_looked_at(photo_id, "original"))


def _looked_at(photo_id: str, what: str) -> Shown:
    who = actor()
    shown = queries.visible(who, photo_id)
    kind = registry.get(shown.kind)
    if kind is None or kind.calls_first:
        with transact():
            ledger.note(
                shown.file.ward_id, "photo_read", photo=photo_id, record=shown.file.record_id, by=who.id, which=what
            )
        shown = queries.visible(who, photo_id)
    return shown
