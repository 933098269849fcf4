"""Phones sign in, sign out, and ask who they are."""

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, current_app, request

from app.db import transact
from app.http import actor, json_answer, read_json
from app.identity import keys, login, queries, reading, service, sessions
from app.problems import Problem
from app.seals import service as seals
from app.vietnamese import is_storable

bp = Blueprint("identity_api", __name__, url_prefix="/api/v1")
_LARGEST = 4_000  # bytes; a sign-in is a code or a passphrase, nothing more


@bp.post("/sign-in")
def sign_in() -> Response:
    """With a one-time code, or with phone number and passphrase. Answers who it is, and the cookie."""
    sent = read_json(_LARGEST)
    if not isinstance(sent, dict):
        raise Problem("bad_form")
    device = _device(sent)
    label = _text(sent, "label") if "label" in sent else request.user_agent.string
    origin = sessions.Origin(request.remote_addr, device, label, login.token_in(request, "phone"))
    if "code" in sent:
        token = service.sign_in_with_code(_text(sent, "code"), "phone", origin)
    else:
        phone, passphrase = _text(sent, "phone"), _text(sent, "passphrase")
        token = service.sign_in_with_passphrase(phone, passphrase, "phone", origin)
    person = queries.find_actor(sessions.hash_token(token), "phone")
    if person is None:
        raise Problem("bad_sign_in")
    lock = reading.lock_kept(person.id, device)
    told = {"person": queries.describe(person), "seal": seals.told()}
    answer = json_answer({**told, **({"lock": lock} if lock else {})})
    login.give_token(answer, "phone", token)
    return answer


@bp.post("/sign-out")
def sign_out() -> Response:
    """End this phone's sign-in. What it holds unsent is its own business and stays there."""
    person = actor()
    with transact():
        service.sign_out(person.sign_in)
    answer = Response(status=204)
    login.take_token(answer, "phone")
    return answer


@bp.get("/me")
def me() -> Response:
    """Who is signed in on this phone."""
    return json_answer({"person": queries.describe(actor()), "seal": seals.told()})


@bp.post("/device-key")
def device_key() -> Response:
    """Register the public half of this phone's key. The same again changes nothing."""
    person, sent = actor(), read_json(_LARGEST)
    if not isinstance(sent, dict):
        raise Problem("bad_form")
    if sent.get("person") not in (None, person.id):
        raise Problem("sign_in_needed")  # another tab's key, not this person's
    device, public_key = _text(sent, "device"), _text(sent, "public_key")
    with transact():
        keys.register(person, device, public_key)
    return Response(status=204)


@bp.post("/reading")
def read_with() -> Response:
    """The ward's half of what this phone reads with, and for how many hours it holds without contact."""
    person, sent = actor(), read_json(_LARGEST)
    if not isinstance(sent, dict):
        raise Problem("bad_form")
    if sent.get("person") not in (None, person.id):
        raise Problem("sign_in_needed")
    hours = current_app.config["TO_AM"].read_hours
    return json_answer({"half": reading.half(person.id, _device(sent)), "hours": hours})


@bp.post("/wiped")
def wiped() -> Response:
    """A phone whose sign-in the ward ended says, signed, that it can read nothing any more."""
    sent = read_json(_LARGEST)
    if not isinstance(sent, dict):
        raise Problem("bad_form")
    body, signature = _text(sent, "body"), _text(sent, "sig")
    with transact():
        reading.take_report(body, signature)
    return Response(status=204)


def _text(sent: dict[str, Any], field: str) -> str:
    value = sent.get(field)
    if value is None:
        raise Problem("bad_form", fields=[{"field": field, "code": "required"}])
    if not isinstance(value, str):
        raise Problem("bad_form", fields=[{"field": field, "code": "not_text"}])
    if not is_storable(value):
        raise Problem("bad_form", fields=[{"field": field, "code": "bad_characters"}])
    return value


def _device(sent: dict[str, Any]) -> str:
    """The phone's own uuid, in its one spelling."""
    text = _text(sent, "device")
    try:
        return str(UUID(text))
    except ValueError:
        raise Problem("bad_form", fields=[{"field": "device", "code": "not_record"}]) from None
