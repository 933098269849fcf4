"""Around every request: its id, its line in the log, and what is counted of it."""

import logging
import secrets
import time
from typing import Any

from flask import Flask, Response, g, request

from app.config import Settings
from app.operations import metrics, rules
from app.operations.logs import NAME

HEADER = "X-Request-ID"
_log = logging.getLogger(f"{NAME}.request")


def init_requests(app: Flask, settings: Settings) -> None:
    """Hang it on. Before all other guards, so that it sees what they refuse, and their last answer."""

    def begin() -> None:
        g.began = time.perf_counter()
        g.request_id = rules.request_id(request.headers.get(HEADER), secrets.token_hex(8), proxies=settings.proxies)

    def end(answer: Response) -> Response:
        seconds = time.perf_counter() - g.began
        # The route's pattern and never the address itself, which holds ids and what somebody searched for.
        route = request.endpoint or "none"
        problem = g.get("problem")
        metrics.note_request(route, answer.status_code, seconds, problem)
        answer.headers[HEADER] = g.request_id
        if settings.json_logs:
            _log.info("answered", extra={"facts": _facts(answer, seconds, problem)})
        return answer

    app.before_request(begin)
    app.after_request(end)


def _facts(answer: Response, seconds: float, problem: str | None) -> dict[str, Any]:
    """Who asked is left out on purpose, the address of the line too."""
    rule = request.url_rule.rule if request.url_rule else None
    facts = {"method": _method(), "route": rule, "status": answer.status_code, "ms": round(seconds * 1000, 1)}
    return {**facts, "problem": problem} if problem else facts


def _method() -> str:
    # Anything may stand there; what is no method of ours is not repeated.
    return request.method if request.method in ("GET", "HEAD", "POST", "PATCH", "PUT", "DELETE", "OPTIONS") else "other"
