"""How the server is: for a load balancer, for Prometheus, and for whoever stands before it."""

import hmac

from flask import Blueprint, Response, current_app, request
from prometheus_client import CONTENT_TYPE_LATEST

from app.config import Settings
from app.http import json_answer
from app.operations import metrics, rules, service
from app.problems import Problem

bp = Blueprint("health", __name__)


@bp.get("/healthz")
def ok() -> Response:
    """The process answers."""
    return json_answer({"ok": True})


@bp.get("/readyz")
def ready() -> Response:
    """Whether a phone could hand in its work here now; if not, 503 and what fails (database, schema, disk).

    `limited` (photos) keeps no record out: a proxy that turned phones away for it would.
    """
    failed = service.not_ready()
    return json_answer({"ready": not failed, "failed": failed, "limited": service.limited()}, 503 if failed else 200)


@bp.get("/metrics")
def figures() -> Response:
    """Prometheus' text, for this machine itself or whoever has the token; nobody else is told that it is here."""
    settings: Settings = current_app.config["TO_AM"]
    given, token = request.headers.get("Authorization", ""), settings.metrics_token
    with_token = bool(token) and hmac.compare_digest(given.encode(), f"Bearer {token}".encode())
    from_here = rules.may_read_metrics(request.remote_addr, production=settings.production, proxies=settings.proxies)
    if not (with_token or from_here):
        raise Problem("not_found")
    return Response(metrics.text(service.standing()), content_type=CONTENT_TYPE_LATEST)
