"""JSON as we write it, into the database and into answers: UTF-8, no spaces. Pure."""

import json
from typing import Any

import orjson

_plain = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def as_text(value: Any) -> str:
    """A value as JSON text; a lone surrogate stays one."""
    try:
        return orjson.dumps(value).decode()
    except TypeError:  # what it refuses and JSON takes: long whole numbers, lone surrogates, deep nesting
        return _plain(value)


def as_bytes(value: Any) -> bytes:
    """A value as JSON in UTF-8; when it holds a lone surrogate, which UTF-8 cannot, everything is escaped."""
    try:
        return orjson.dumps(value)
    except TypeError:
        pass
    try:
        return _plain(value).encode()
    except UnicodeEncodeError:
        return json.dumps(value, separators=(",", ":")).encode()
