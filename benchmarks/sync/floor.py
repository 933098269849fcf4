"""The floors: Flask endpoints that take the same bytes and do nothing, or only put them into SQLite."""

import gzip
import hashlib
import json
import os
import threading

import pysqlite3.dbapi2 as sqlite
from flask import Flask, Response, request

app = Flask("floor")
STORE = os.environ.get("FLOOR_STORE", "")
_mine = threading.local()


def _changes() -> list[str]:
    asked = json.loads(gzip.decompress(request.get_data()))
    return [one["body"] for one in asked["changes"]]


def _answer(value: object) -> Response:
    return Response(json.dumps(value), mimetype="application/json")


def _open() -> sqlite.Connection:
    """This thread's connection."""
    if not hasattr(_mine, "db"):
        _mine.db = _connect()
    return _mine.db


def _connect() -> sqlite.Connection:
    db = sqlite.connect(STORE, timeout=20, isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL"):
        db.execute(f"PRAGMA {pragma}")
    db.execute("CREATE TABLE IF NOT EXISTS raw (id TEXT PRIMARY KEY, place TEXT, sha256 TEXT, body BLOB)")
    return db


@app.post("/push/<place>")
def push(place: str) -> Response:
    """Read the bytes and, with a store, keep them: one transaction, on disk before the answer."""
    if not STORE:
        request.get_data()
        return _answer({"taken": 50})
    bodies = _changes()
    rows = [
        (json.loads(body)["id"], place, hashlib.sha256(body.encode()).hexdigest(), body.encode()) for body in bodies
    ]
    db = _open()
    db.execute("BEGIN IMMEDIATE")
    db.executemany("INSERT OR IGNORE INTO raw VALUES (?, ?, ?, ?)", rows)
    db.execute("COMMIT")
    return _answer({"taken": len(rows)})


@app.post("/idle")
def idle() -> Response:
    """Nothing new."""
    request.get_data()
    return _answer({"records": []})


@app.get("/pull")
def pull() -> Response:
    """Every row of the ward as it lies there."""
    rows = _open().execute("SELECT body FROM raw WHERE place = 'ward'")
    text = "[" + ",".join(body.decode() for (body,) in rows) + "]"
    packed = gzip.compress(b'{"records":' + text.encode() + b"}", 1)
    return Response(packed, mimetype="application/json", headers={"Content-Encoding": "gzip"})
