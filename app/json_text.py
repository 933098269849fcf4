"""JSON as we write it, into the database and into answers: UTF-8, no spaces. Pure."""

import json
from typing import Any

import orjson

_SORTED = orjson.OPT_SORT_KEYS
_plain = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_plain_sorted = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode


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


def sorted_text(value: Any) -> str:
    """A value as JSON text with sorted keys: two are one as JSON when their texts are."""
    try:
        return orjson.dumps(value, option=_SORTED).decode()
    except TypeError:
        return _plain_sorted(value)


def strict(text: str) -> Any:
    """A text as JSON, without the constants that JavaScript has and JSON has not. Raises ValueError, RecursionError."""
    return _decode(text)


def _refuse(_: str) -> None:
    raise ValueError("not a JSON number")


_decode = json.JSONDecoder(parse_constant=_refuse).decode
