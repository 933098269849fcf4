"""The log as JSON, a line each: for journald and whatever reads it. It says what was asked, never who or about whom."""

import json
import logging
from datetime import UTC, datetime
from typing import Any

from flask import g, has_request_context

from app.config import Settings
from app.operations.rules import bare
from app.stumble import place_of

NAME = "to-am"  # the program's own logger, Flask's too
_OURS = (NAME, "app")


class JsonLines(logging.Formatter):
    """{"at", "level", "logger", "message"}, within a request its id, and the `facts` that were given."""

    def format(self, record: logging.LogRecord) -> str:
        """The line. Only our own words are written out: a library may quote what it stumbled over."""
        is_ours = record.name.split(".")[0] in _OURS
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage() if is_ours else bare(record.msg, record.args),
        }
        if has_request_context() and "request_id" in g:
            line["request"] = g.request_id
        line.update(getattr(record, "facts", {}))
        if record.exc_info and record.exc_info[1]:
            line["fault"] = place_of(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False)


class _Handler(logging.StreamHandler[Any]):
    """Ours, so that a second application in the same process does not say everything twice."""


def init_logs(settings: Settings) -> None:
    """Let everything that is logged come out as JSON, gunicorn's words in this worker too, where settings want it."""
    if not settings.json_logs:
        return
    root, lines = logging.getLogger(), JsonLines()
    for handler in [one for one in root.handlers if isinstance(one, _Handler)]:
        root.removeHandler(handler)
    handler = _Handler()
    handler.setFormatter(lines)
    root.addHandler(handler)
    logging.getLogger(NAME).setLevel(logging.INFO)
    for gunicorns in logging.getLogger("gunicorn.error").handlers:
        gunicorns.setFormatter(lines)
