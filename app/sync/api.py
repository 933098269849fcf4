"""The phones' one endpoint, and the digest that tells a phone whether it has everything."""

from flask import Blueprint, Response, current_app, request

from app.http import actor, json_answer, read_json
from app.sync import service
from app.sync.envelopes import MOST_BYTES, read_envelope

bp = Blueprint("sync_api", __name__, url_prefix="/api/v1")


@bp.post("/sync")
def sync() -> Response:
    """Receipts for what was sent, and what is new."""
    asked = read_envelope(read_json(MOST_BYTES))
    answer = service.round_trip(actor(), asked, str(current_app.secret_key))
    return json_answer(answer, hashes=not answer["records"])


@bp.get("/digest")
def digest() -> Response:
    """How many records this phone should hold, and their fingerprint; whether the chain still has what it saw."""
    return json_answer(service.digest(actor(), request.args.get("seen")))
