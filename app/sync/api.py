"""The phones' one endpoint, and the digest that tells a phone whether it has everything."""

from flask import Blueprint, Response, current_app, request
from sqlalchemy.exc import OperationalError

from app.http import actor, json_answer, read_json
from app.problems import Problem
from app.sync import service
from app.sync.envelopes import MOST_BYTES, read_envelope

bp = Blueprint("sync_api", __name__, url_prefix="/api/v1")


@bp.post("/sync")
def sync() -> Response:
    """Receipts for what was sent, and what is new."""
    asked = read_envelope(read_json(MOST_BYTES))
    try:
        return json_answer(service.round_trip(actor(), asked, str(current_app.secret_key)))
    except OperationalError as error:
        # The database is locked or away. Nothing was committed that was not receipted; the phone sends it again.
        # The driver's own words only: SQLAlchemy's would quote what was to be written.
        current_app.logger.error("the database did not answer: %s", error.orig)
        raise Problem("not_ready", retry_after=10) from None


@bp.get("/digest")
def digest() -> Response:
    """How many records this phone should hold, and their fingerprint; whether the chain still has what it saw."""
    return json_answer(service.digest(actor(), request.args.get("seen")))
