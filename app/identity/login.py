"""Flask-Login's hook and the two cookies: who is behind a request, and how a token travels."""

from typing import Any

from flask import Flask, Request, Response, after_this_request
from flask.sessions import NullSession, SessionInterface, SessionMixin
from flask_login import LoginManager, UserMixin, current_user
from werkzeug.datastructures import Authorization

from app.clock import now
from app.db import db, transact
from app.identity import queries, rules, sessions
from app.identity.models import SignIn
from app.identity.rights import Actor
from app.machine import queries as machine

COOKIE = {"phone": "__Host-phone", "desk": "__Host-desk"}
# The desk's cookie outlives its sign-in on purpose: an ended token still tells a known browser,
# so that guessing from elsewhere never slows down the office's own computer.
_COOKIE_DAYS = {"phone": 180, "desk": 180}


class SignedIn(UserMixin):  # type: ignore[misc]
    """What Flask-Login carries through a request."""

    def __init__(self, actor: Actor) -> None:
        self.actor = actor

    def get_id(self) -> str:
        """The person's id; nothing is kept in a session cookie, though."""
        return self.actor.id


class NoSession(SessionInterface):
    """Flask's own session: nobody has one, so that no request has to look for its cookie."""

    def open_session(self, app: Flask, request: Request) -> SessionMixin:
        """An empty one that cannot be written."""
        return NullSession()

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Nothing to save."""


def init_login(app: Flask) -> None:
    """Find the person of each request by its door's cookie, and show him or her to every page."""
    manager = LoginManager(app)
    app.session_interface = NoSession()
    manager.session_protection = None
    manager.request_loader(_load)
    app.context_processor(_person_of_page)


def door_of(request: Request) -> str | None:
    """Which of the two doors an address belongs to; other pages know nobody."""
    if request.path.startswith("/api/"):
        return "phone"
    return "desk" if request.path == "/desk" or request.path.startswith("/desk/") else None


def token_in(request: Request, door: str) -> str | None:
    """The token that the browser sent for this door."""
    return request.cookies.get(COOKIE[door]) or None


def give_token(response: Response, door: str, token: str) -> None:
    """Lay the token into the door's cookie: this host only, HTTPS only, out of scripts' reach."""
    response.set_cookie(
        COOKIE[door],
        token,
        max_age=_COOKIE_DAYS[door] * 86_400,
        secure=True,
        httponly=True,
        samesite="Lax",
        path="/",
    )


def take_token(response: Response, door: str) -> None:
    """Remove the door's cookie."""
    response.delete_cookie(COOKIE[door], secure=True, httponly=True, samesite="Lax", path="/")


def _load(request: Request) -> SignedIn | None:
    if request.authorization is not None and request.path.startswith("/api/v1/data"):
        program = machine.actor_of(sessions.hash_token(_secret_of(request.authorization)))
        return SignedIn(program) if program else None
    door = door_of(request)
    token = token_in(request, door) if door else None
    if door is None or token is None:
        return None
    found = queries.find_sign_in(sessions.hash_token(token), door)
    if found is None:
        return None
    actor, seen_at = found
    if now() - seen_at >= rules.RENEW_AFTER[door]:
        _renew(actor, token)
    return SignedIn(actor)


def _secret_of(given: Authorization) -> str:
    """A program's token: alone (RFC 6750), or as the password of programs that know only those (RFC 7617)."""
    return (given.token if given.type == "bearer" else given.password if given.type == "basic" else "") or ""


def _renew(actor: Actor, token: str) -> None:
    """Write the last contact, and send a phone its cookie again so that it does not run out."""
    with transact():
        row = db.session.get(SignIn, actor.sign_in)
        if row is not None:
            sessions.renew(row)
    if actor.door == "phone":
        after_this_request(lambda response: _again(response, token))


def _again(response: Response, token: str) -> Response:
    # Signing out or in during the same request has already said what the cookie shall be.
    if not any(value.startswith(COOKIE["phone"]) for value in response.headers.getlist("Set-Cookie")):
        give_token(response, "phone", token)
    return response


def _person_of_page() -> dict[str, Any]:
    person = current_user._get_current_object()
    return {"actor": getattr(person, "actor", None)}
