"""Pictures at the desk. Looking at a report's leaves a trace."""

from flask import Blueprint, Response, render_template, url_for

from app.db import transact
from app.http import actor
from app.i18n import language
from app.i18n.formats import moment
from app.kinds import registry
from app.kinds.checks import in_language
from app.photos import queries
from app.photos.queries import Shown
from app.photos.serving import original_answer, picture_answer
from app.records import ledger
from app.review.pictures import described
from app.review.shown import public_title
from app.step_up.service import is_guarded, is_noted_when_read, open_record, require_step_up

bp = Blueprint("photos", __name__, url_prefix="/desk/photos")


@bp.get("/<photo_id>")
def picture(photo_id: str) -> Response:
    """The redrawn picture."""
    return picture_answer(_looked_at(photo_id, "picture"), "picture")


@bp.get("/<photo_id>/thumb")
def thumb(photo_id: str) -> Response:
    """A small one, as the record's page shows it."""
    return picture_answer(_looked_at(photo_id, "thumb"), "thumb")


@bp.get("/<photo_id>/look")
def look(photo_id: str) -> str:
    """A page with the large picture, what its record says of it, and the ways to the ones beside it."""
    shown = queries.visible(actor(), photo_id)
    if is_guarded(shown.kind):
        require_step_up(actor(), "report", shown.record.id)
    beside = queries.answers_of(shown.kind, shown.record.data)
    ids = [about["id"] for _, about in beside]
    here = ids.index(photo_id) if photo_id in ids else None
    kind = registry.get(shown.kind)
    return render_template(
        "photos/look.html",
        here=shown.kind,
        shown=shown,
        number=None if here is None else here + 1,
        count=len(ids),
        before=ids[here - 1] if here else None,
        after=ids[here + 1] if here is not None and here + 1 < len(ids) else None,
        about=described(shown.about),
        heading=public_title(shown.kind, shown.record.data),
        moment=moment,
        kind_label=in_language(kind.label, language()) if kind else shown.kind,
    )


@bp.get("/<photo_id>/original")
def original(photo_id: str) -> Response:
    """The untouched file, to be kept as evidence."""
    return original_answer(_looked_at(photo_id, "original"))


def _looked_at(photo_id: str, what: str) -> Shown:
    who = actor()
    shown = queries.visible(who, photo_id)
    if is_guarded(shown.kind):
        require_step_up(who, "report", shown.record.id, back=url_for("photos.look", photo_id=photo_id))
        with transact():
            ledger.note(
                shown.file.ward_id, "photo_read", photo=photo_id, record=shown.file.record_id, by=who.id, which=what
            )
        shown = queries.visible(who, photo_id)
    elif is_noted_when_read(shown.kind):
        open_record(who, shown.record.id)
        shown = queries.visible(who, photo_id)
    return shown
