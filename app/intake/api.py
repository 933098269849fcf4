"""Phones hand in what they cannot send: no sign-in, no cookie, and nothing comes back but receipts."""

from flask import Blueprint, Response, current_app

from app.http import json_answer, read_json
from app.intake import service
from app.sync.envelopes import MOST_BYTES, read_envelope

bp = Blueprint("intake_api", __name__, url_prefix="/api/v1")


@bp.post("/intake")
def intake() -> Response:
    """Receipts for signed changes, whoever carries them here."""
    asked = read_envelope(read_json(MOST_BYTES))
    return json_answer({"receipts": service.hand_in(asked, current_app.config["TO_AM"].intake_bytes_a_day)})
