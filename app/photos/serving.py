"""A picture as an answer: never a path that runs script, and never the file that a stranger made."""

from flask import Response

from app.kinds import registry
from app.photos import store as stores
from app.photos.queries import Shown
from app.problems import Problem

# A picture is drawn by our own pages only, and opened by itself it may do nothing.
HEADERS = {
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def picture_answer(shown: Shown, which: str) -> Response:
    """The redrawn picture or its `thumb`. A report's is kept by no browser."""
    address = shown.file.thumb if which == "thumb" else shown.file.picture
    answer = _file(address, "inline", "anh.jpg")
    answer.mimetype = "image/jpeg"
    kind = registry.get(shown.kind)
    guarded = kind is None or kind.calls_first
    answer.headers["Cache-Control"] = "no-store" if guarded else "private, max-age=86400"
    return answer


def original_answer(shown: Shown) -> Response:
    """The untouched file, as a download: evidence, and a stranger's bytes."""
    answer = _file(shown.original, "attachment", "ban-goc.bin")
    answer.mimetype = "application/octet-stream"
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _file(address: str | None, how: str, name: str) -> Response:
    if address is None:
        raise Problem("not_found")
    try:
        file = stores.current().open(address)
    except stores.Missing:
        raise Problem("not_found") from None
    with file:
        answer = Response(file.read())
    answer.headers["Content-Disposition"] = f'{how}; filename="{name}"'
    answer.headers.update(HEADERS)
    return answer
