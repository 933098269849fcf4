"""The program over a build that a test swaps while it runs, as a deployment would: a file says which, and what ails it.

Run by gunicorn as `tests.browser.deployed:application`. The file holds the build's folder and a word:

    old       the server before phones told their numbers: it neither hears nor says them
    demands   refuses requests that do not tell their numbers
    no worker, html worker     /sw.js is missing, or a page
    no sync   a gateway's page instead of the server
"""

import gzip
import json
import mimetypes
import os
from collections.abc import Callable, Iterable
from io import BytesIO
from pathlib import Path
from typing import Any

from app import shell
from wsgi import app

SAYS = Path(os.environ["TO_AM_TEST_DEPLOYED"])
Start = Callable[..., Any]
Environ = dict[str, Any]


def application(environ: Environ, start: Start) -> Iterable[bytes]:
    """One request, answered by what is deployed at this moment."""
    folder, ails = SAYS.read_text(encoding="utf-8").split("\n")
    if Path(folder) != shell.DIST:
        shell.DIST = Path(folder)
        shell.assets.cache_clear()
    path = environ["PATH_INFO"]
    if path.startswith("/assets/"):
        return _file(Path(folder) / path.removeprefix("/assets/"), start)
    if path == "/sw.js" and ails == "no worker":
        start("404 Not Found", [("Content-Type", "text/plain")])
        return [b"no"]
    if path == "/sw.js" and ails == "html worker":
        start("200 OK", [("Content-Type", "text/html")])
        return [b"<!doctype html><p>Wi-Fi"]
    if path == "/api/v1/sync" and ails == "no sync":
        start("502 Bad Gateway", [("Content-Type", "text/html")])
        return [b"<!doctype html><p>502"]
    if path == "/api/v1/sync" and ails in ("old", "demands"):
        return _sync(environ, start, ails)
    return app(environ, start)


def _file(path: Path, start: Start) -> Iterable[bytes]:
    if not path.is_file():
        start("404 Not Found", [("Content-Type", "text/plain")])
        return [b"no"]
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    start("200 OK", [("Content-Type", kind), ("Cache-Control", "max-age=31536000, immutable")])
    return [path.read_bytes()]


def _sync(environ: Environ, start: Start, ails: str) -> Iterable[bytes]:
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    if environ.pop("HTTP_CONTENT_ENCODING", "") == "gzip":
        body = gzip.decompress(body)
    asked = json.loads(body)
    if ails == "demands" and "issued" not in asked:
        start("422 Unprocessable Content", [("Content-Type", "application/problem+json")])
        return [b'{"code": "bad_envelope"}']
    if ails == "old":
        asked = {name: value for name, value in asked.items() if name not in ("issued", "unsent")}
    body = json.dumps(asked).encode()
    environ |= {"wsgi.input": BytesIO(body), "CONTENT_LENGTH": str(len(body))}
    environ.pop("HTTP_ACCEPT_ENCODING", None)
    return [_older(b"".join(app(environ, start)))] if ails == "old" else app(environ, start)


def _older(answer: bytes) -> bytes:
    """An answer without what a server of that time did not say; blanks instead keep its length."""
    said = json.loads(answer)
    plain = {name: value for name, value in said.items() if name not in ("last", "chain")}
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":")).encode().ljust(len(answer))
