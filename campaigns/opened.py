"""What the oracles read past the program, opened with a key file, as a thief with both would."""

import json
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from app.at_rest import keys
from app.at_rest.keys import Keyring
from app.at_rest.queries import SEALED
from app.at_rest.sealing import open_with
from app.config import ROOT, Settings
from app.db import db
from app.json_text import as_text


def opened(row: tuple[Any, ...], file: Path | None = None) -> tuple[Any, ...]:
    """A row of any query with everything in it that is sealed put into words; by the demo's keys unless told others."""
    if not any(_is_sealed(value) for value in row):
        return row
    ring = keys.read(file) if file else _of_the_demo()
    return tuple(_value(value, ring) if _is_sealed(value) else value for value in row)


def _is_sealed(value: Any) -> bool:
    if isinstance(value, bytes):
        return value.startswith(b"e1.")
    return isinstance(value, str) and value.startswith(('"e1.', '["e1.', "e1."))


def _value(value: Any, ring: Keyring) -> Any:
    if isinstance(value, bytes):
        return open_with(ring, _places(), value)
    if value.startswith('["e1.'):
        parts = [json.loads(_text(half, ring)) for half in json.loads(value)]
        return as_text({name: given for part in parts for name, given in part.items()})
    return _text(json.loads(value) if value.startswith('"') else value, ring)


def _text(sealed: str, ring: Keyring) -> str:
    return open_with(ring, _places(), sealed.encode()).decode("utf-8", "surrogatepass")


@cache
def _places() -> tuple[str, ...]:
    # A process that only looks on has no table yet: they come with the features.
    for path in (ROOT / "app").glob("*/models.py"):
        import_module(f"app.{path.parent.name}.models")
    tables = db.metadata.sorted_tables
    return tuple(
        f"{one.name}.{column.name}" for one in tables for column in one.columns if isinstance(column.type, SEALED)
    )


@cache
def _of_the_demo() -> Keyring:
    return keys.read(Settings().keys)
