"""tus 1.0 for phones, and the pictures that a phone may see."""

from typing import Any

from flask import Blueprint, Response, request
from werkzeug.exceptions import ClientDisconnected

from app.http import actor
from app.photos import queries, rules, service
from app.photos.models import Photo
from app.photos.serving import picture_answer
from app.problems import Problem

bp = Blueprint("photos_api", __name__, url_prefix="/api/v1")


@bp.route("/uploads", methods=["OPTIONS"], provide_automatic_options=False)
def abilities() -> Response:
    """What this server can do (tus: OPTIONS)."""
    return _answer(
        204,
        {
            "Tus-Version": rules.TUS,
            "Tus-Extension": rules.EXTENSIONS,
            "Tus-Checksum-Algorithm": rules.ALGORITHMS,
            "Tus-Max-Size": str(rules.MOST_SENT),
        },
    )


@bp.post("/uploads")
def create() -> Response:
    """Begin an upload, or find the one that was begun (tus: creation, creation-with-upload)."""
    _speak_tus()
    wish = _sense(rules.wish, request.headers.get("Upload-Length"), request.headers.get("Upload-Metadata"))
    photo = service.begin(actor(), wish)
    if request.headers.get("Content-Type") == "application/offset+octet-stream" and photo.offset == 0:
        photo = _take(photo.id, 0)
    return _answer(201, {"Location": f"/api/v1/uploads/{photo.id}", "Upload-Offset": str(photo.offset)}, photo)


@bp.route("/uploads/<photo_id>", methods=["HEAD"])
def offset(photo_id: str) -> Response:
    """How much is here (tus: HEAD)."""
    _speak_tus()
    photo = queries.mine(actor(), photo_id)
    return _answer(200, {"Upload-Offset": str(photo.offset), "Upload-Length": str(photo.size)}, photo)


@bp.route("/uploads/<photo_id>", methods=["PATCH"])
def go_on(photo_id: str) -> Response:
    """More bytes (tus: PATCH). An empty one at the end asks to finish what was interrupted there."""
    _speak_tus()
    if request.headers.get("Content-Type") != "application/offset+octet-stream":
        raise Problem("bad_upload", fields=[{"field": "Content-Type", "code": "unreadable"}])
    at = _sense(rules.read_number, "Upload-Offset", request.headers.get("Upload-Offset"))
    photo = _take(photo_id, at)
    return _answer(204, {"Upload-Offset": str(photo.offset)}, photo)


@bp.get("/photos/<photo_id>")
def picture(photo_id: str) -> Response:
    """The redrawn picture."""
    return picture_answer(queries.visible(actor(), photo_id), "picture")


@bp.get("/photos/<photo_id>/thumb")
def thumb(photo_id: str) -> Response:
    """A small one."""
    return picture_answer(queries.visible(actor(), photo_id), "thumb")


def _take(photo_id: str, at: int) -> Photo:
    request.max_content_length = rules.MOST_SENT + 1
    checksum = _sense(rules.read_checksum, request.headers.get("Upload-Checksum"))
    try:
        return service.take(actor(), photo_id, at, request.stream, checksum)
    except ClientDisconnected:
        # What came in whole pieces is kept; nobody is there to be told.
        return queries.mine(actor(), photo_id)


def _speak_tus() -> None:
    if request.headers.get("Tus-Resumable") != rules.TUS:
        raise Problem("bad_tus")


def _sense(read: Any, *given: Any) -> Any:
    try:
        return read(*given)
    except rules.BadUpload as error:
        raise Problem("bad_upload", fields=[{"field": error.field, "code": "unreadable"}]) from None


def _answer(status: int, headers: dict[str, str], photo: Photo | None = None) -> Response:
    answer = Response(status=status)
    answer.headers["Tus-Resumable"] = rules.TUS
    for name, value in headers.items():
        answer.headers[name] = value
    if photo is not None:
        answer.headers["Photo-State"] = photo.state
        if photo.state == "receiving":
            answer.headers["Upload-Expires"] = (photo.touched_at + rules.LIFE).strftime("%a, %d %b %Y %H:%M:%S GMT")
    return answer
