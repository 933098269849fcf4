"""The two doors: who may come in, how bodies are read, how failures and answers look on the wire."""

import json
import zlib
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, g, make_response, redirect, render_template, request
from flask_login import AnonymousUserMixin, current_user
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from app.i18n import t
from app.identity import ending
from app.identity.rights import BEFORE_SECOND_FACTOR, DOORS, OPEN, WITHOUT_COOKIE, Actor, may_enter
from app.json_text import as_bytes
from app.problems import Problem
from app.stumble import is_database_away, place_of

_GZIP = b"\x1f\x8b"
_EFFORT = 5
_WORTH_PACKING = 400
_SAFE = ("GET", "HEAD", "OPTIONS")
_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
    "manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": _CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "geolocation=(self), camera=(self), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_USUAL = {**HEADERS, "Cache-Control": "no-store"}
_FOR_PRODUCTION = {**_USUAL, "Strict-Transport-Security": "max-age=31536000"}
_VARY = ("Sec-Fetch-Site", "Origin", "Accept-Encoding", "Accept-Language", "Cookie")


def init_http(app: Flask) -> None:
    """Hang the guards before every view and the headers behind it."""
    app.before_request(_refuse_other_sites)
    app.before_request(_guard_door)
    app.after_request(_finish)
    app.register_error_handler(Problem, answer_problem)
    app.register_error_handler(HTTPException, _answer_http)
    app.register_error_handler(Exception, _answer_unexpected)


def actor() -> Actor:
    """The person behind this request. Raises sign_in_needed when nobody is signed in."""
    person = current_user._get_current_object()
    if not getattr(person, "is_authenticated", False):
        raise Problem("sign_in_needed")
    found: Actor = person.actor
    return found


def with_pictures_from(answer: Response, origin: str) -> Response:
    """Let this page draw pictures of another origin, which an administrator has set; empty: of none."""
    if origin:
        policy = _CSP.replace("img-src 'self'", f"img-src 'self' {origin}")
        answer.headers["Content-Security-Policy"] = policy
    return answer


def is_api() -> bool:
    """Whether the request came through the phones' door."""
    return request.path.startswith("/api/")


def read_body(limit: int) -> bytes:
    """The request's body, inflated when it is gzip. Raises not_gzip, or too_large above `limit` bytes.

    Its first bytes decide: proxies unpack a body and leave the header on, or take the header off and leave it packed.
    """
    try:
        raw = request.get_data(cache=False)
    except HTTPException:
        raise
    except Exception:
        raise Problem("not_json") from None  # gunicorn stumbles over chunks that are none
    if raw.startswith(_GZIP):
        raw = _inflated(raw, limit)
    elif "gzip" in request.headers.get("Content-Encoding", "").lower() and not raw.lstrip().startswith(b"{"):
        raise Problem("not_gzip")
    if len(raw) > limit:
        raise Problem("too_large", limit=limit)
    return raw


def read_json(limit: int) -> Any:
    """The body as JSON. Raises not_json for anything else, NaN and too deep nesting among it."""
    raw = read_body(limit)
    try:
        return json.loads(raw, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise Problem("not_json") from None


def _inflated(raw: bytes, limit: int) -> bytes:
    """At most one byte more than `limit`; less than that is the whole of it, its checksum right."""
    inflater = zlib.decompressobj(wbits=31)
    try:
        found = inflater.decompress(raw, limit + 1)
    except zlib.error:
        raise Problem("not_gzip") from None
    if len(found) <= limit and not inflater.eof:
        raise Problem("not_gzip")
    return found


def json_answer(value: Any, status: int = 200, *, hashes: bool = False) -> Response:
    """JSON in UTF-8, never ASCII-escaped; a lone surrogate (which UTF-8 cannot hold) goes out escaped.

    `hashes`: most of it are ids and hashes, which are packed better when no short likenesses are looked for in them.
    """
    answer = Response(as_bytes(value), status=status, mimetype="application/json")
    return _compressed(answer, zlib.Z_FILTERED) if hashes else answer


def _refuse_constant(_: str) -> None:
    raise ValueError("not a JSON number")


def _refuse_other_sites() -> None:
    """CSRF: no token that could go stale in a cached shell, but where the request comes from (Fetch Metadata).

    What another site makes a browser post is refused everywhere. A browser too old to say where a request
    comes from is refused only where it sends a cookie that could lend its rights.
    """
    if request.method in _SAFE:
        return
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        if site != "same-origin":
            raise Problem("from_elsewhere")
        return
    origin = request.headers.get("Origin")
    if origin is None:
        lends = any(name in request.cookies for name in ("__Host-phone", "__Host-desk"))
        if lends and request.endpoint not in WITHOUT_COOKIE:
            raise Problem("from_elsewhere")
        return
    if urlsplit(origin).netloc != request.host and origin != current_app.config["TO_AM"].public_origin:
        raise Problem("from_elsewhere")


def _guard_door() -> Any:
    """Closed by default: a route that DOORS does not open to this role does not exist for it."""
    if request.endpoint is None or DOORS.get(request.endpoint) is OPEN:
        return None
    if request.endpoint not in DOORS:
        raise Problem("not_found")
    person = actor() if getattr(current_user, "is_authenticated", False) else None
    if person is None:
        if is_api():
            raise Problem("sign_in_needed", **ending.told(request))
        return redirect("/desk/sign-in")
    if not may_enter(request.endpoint, person):
        raise Problem("not_found")
    if person.must_enrol and request.endpoint not in BEFORE_SECOND_FACTOR:
        return redirect("/desk/me/second-factor", 303)
    return None


def answer_problem(problem: Problem) -> Response:
    """A problem document for phones, a page for people."""
    g.problem = problem.code
    title, detail = t(f"problem.{problem.code}.title"), t(f"problem.{problem.code}.detail")
    if is_api():
        answer = json_answer(problem.document(title, detail), problem.status)
        answer.mimetype = "application/problem+json"
    else:
        page = render_template("problem.html", title=title, detail=detail, problem=problem)
        answer = make_response(page, problem.status)
    if problem.status == 401 and request.path.startswith("/api/v1/data"):
        answer.headers["WWW-Authenticate"] = 'Bearer, Basic realm="to-am", charset="UTF-8"'
    if problem.retry_after is not None:
        answer.headers["Retry-After"] = str(problem.retry_after)
    return answer


def _answer_http(error: HTTPException) -> Response:
    codes = {404: "not_found", 405: "method_not_allowed", 413: "too_large", 401: "sign_in_needed"}
    if error.code is not None and error.code < 400:
        return make_response(error.get_response())
    answer = answer_problem(
        Problem(codes.get(error.code or 500, "bad_form" if (error.code or 500) < 500 else "our_fault"))
    )
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        answer.headers["Allow"] = ", ".join(sorted(error.valid_methods))
    return answer


def _answer_unexpected(error: Exception) -> Response:
    """A fault of ours: logged with its trace but without the request's body, and told plainly."""
    if "_login_user" not in g:
        g._login_user = AnonymousUserMixin()  # it failed over who this is, and the page must not ask again
    if is_database_away(error):
        # Nothing was committed that was not receipted, and a phone sends it again.
        current_app.logger.error("the database did not answer in %s: %s", request.endpoint, type(error).__name__)
        return answer_problem(Problem("not_ready", retry_after=10))
    if current_app.testing and not current_app.config.get("ANSWER_FAULTS"):
        raise error
    current_app.logger.error("fault in %s: %s", request.endpoint, place_of(error))
    return answer_problem(Problem("our_fault"))


def _finish(answer: Response) -> Response:
    said = {name.lower() for name in answer.headers.keys()}  # noqa: SIM118  they are pairs when iterated over
    for name, value in (_FOR_PRODUCTION if current_app.config["TO_AM"].production else _USUAL).items():
        if name.lower() not in said:
            answer.headers.add(name, value)
    if "vary" in said:
        answer.vary.update(_VARY)
    else:
        answer.headers.add("Vary", ", ".join(_VARY))
    if request.args.get("lang") in ("vi", "en"):
        answer.set_cookie("lang", g.get("lang", "vi"), max_age=31_536_000, samesite="Lax", secure=True)
    return _compressed(answer)


def _wants_gzip() -> bool:
    return request.accept_encodings.quality("gzip") > 0


def packed(body: bytes, strategy: int = zlib.Z_DEFAULT_STRATEGY) -> bytes:
    """As gzip (RFC 1952)."""
    press = zlib.compressobj(_EFFORT, zlib.DEFLATED, zlib.MAX_WBITS | 16, 9, strategy)
    return press.compress(body) + press.flush()


def _compressed(answer: Response, strategy: int = zlib.Z_DEFAULT_STRATEGY) -> Response:
    """gzip where it helps. No answer mixes a secret with reflected input, so length tells nothing."""
    if answer.direct_passthrough or answer.status_code != 200:
        return answer
    body = answer.get_data()
    if len(body) > _WORTH_PACKING and "Content-Encoding" not in answer.headers and _wants_gzip():
        answer.set_data(packed(body, strategy))
        answer.headers["Content-Encoding"] = "gzip"
    return answer
