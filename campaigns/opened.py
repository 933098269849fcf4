"""What the oracles read past the program, opened with the key file of the demo, as a thief with both would."""

import json
from functools import cache
from typing import Any

from app.at_rest import keys
from app.at_rest.keys import Keyring
from app.at_rest.sealing import open_with
from app.config import Settings
from app.json_text import as_text

_PLACES = (
    "record.data",
    "record.conflicts",
    "record.review",
    "record.said",
    "record.task",
    "record_version.data",
    "record_version.review",
    "change.body",
    "repair.body",
)


def opened(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """A row of any query with everything in it that is sealed put into words."""
    return tuple(_value(value) for value in row)


def _value(value: Any) -> Any:
    if isinstance(value, bytes) and value.startswith(b"e1."):
        return open_with(_keyring(), _PLACES, value)
    if isinstance(value, str) and value.startswith('"e1.'):
        return _text(json.loads(value))
    if isinstance(value, str) and value.startswith('["e1.'):
        parts = [json.loads(_text(half)) for half in json.loads(value)]
        return as_text({name: given for part in parts for name, given in part.items()})
    return value


def _text(sealed: str) -> str:
    return open_with(_keyring(), _PLACES, sealed.encode()).decode("utf-8", "surrogatepass")


@cache
def _keyring() -> Keyring:
    return keys.read(Settings().keys)
