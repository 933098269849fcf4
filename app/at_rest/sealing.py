"""Answers and texts as they are stored: AES-256-GCM, bound to table, column, row, ward and family.

A sealed text is `e1.<d|i>.<generation>.<ward>.<family>.<row>.<nonce and ciphertext>`; everything before the last dot
and the column's name are authenticated. What is moved to another row is told by the row's name in it: see `row_of`.
"""

import base64
import contextlib
import hashlib
import json
import os
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidTag
from flask import current_app
from sqlalchemy import JSON, LargeBinary, String
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from app.at_rest import keys
from app.at_rest.keys import DATA, INFORMANT, Keyring, NoKey
from app.json_text import as_text
from app.kinds import registry

_NONCE = 12
_LONGEST_BEGINNING = 12
_HEAD = re.compile(r"e1\.[di]\.[a-z0-9]{1,16}\.\d+\.")


class Placed(NamedTuple):
    """A value on its way into a sealed column: where it belongs, and which of its answers name who told us."""

    value: Any
    ward: int
    family: str
    row: str
    informants: tuple[str, ...] = ()
    which: str = DATA


def keyring() -> Keyring:
    """The keys of this server, as their file has them now.

    A worker that was not started again must not go on sealing under a generation that is about to leave the file. One
    that is away or half written changes nothing.
    """
    file = current_app.config["TO_AM"].keys
    seen = keys.state_of(file)
    if seen is not None and seen != current_app.extensions.get("keyring_seen"):
        with contextlib.suppress(OSError, ValueError):
            current_app.extensions["keyring"] = keys.read(file)
        current_app.extensions["keyring_seen"] = seen
    found: Keyring = current_app.extensions["keyring"]
    return found


def is_sealed(kind_code: str | None) -> bool:
    """Whether records of a kind are kept sealed: those that speak of a child. A kind that is not known is."""
    kind = registry.get(kind_code or "")
    return kind is None or kind.sealed


def placed_record(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of `record` ready to be stored."""
    return _placed(row, row["kind"], row["ward_id"], row["id"], ("data", "conflicts", "review", "said", "task"))


def placed_version(row: Mapping[str, Any], kind_code: str, ward: int) -> dict[str, Any]:
    """A row of `record_version` ready to be stored."""
    return _placed(row, kind_code, ward, f"{row['record_id']}:{row['version']}", ("data", "review"))


def placed_body(body: bytes, kind_code: str | None, ward: int, sha256: str) -> Any:
    """A change's text ready to be stored. Of a report, and of what could not be read, under the informants' key."""
    if not is_sealed(kind_code) and not body.startswith(b"e1."):
        return body
    kind = registry.get(kind_code or "")
    which = INFORMANT if kind is None or kind.informants else DATA
    return Placed(body, ward, "log", sha256, which=which)


def placed_text(body: bytes, ward: int) -> Any:
    """The same for a text of which nothing else is known."""
    return placed_body(body, kind_in(body), ward, hashlib.sha256(body).hexdigest())


def kind_in(body: bytes) -> str | None:
    """The kind that a change's text names; None when it cannot be read."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return None
    kind = value.get("kind") if isinstance(value, dict) else None
    return kind if isinstance(kind, str) else None


def index(kind_code: str, folded: str) -> str:
    """What the desk's search looks in: of sealed kinds no words, but every beginning of each word, blinded."""
    if not is_sealed(kind_code) or not folded:
        return folded
    ring = keyring()
    beginnings = {word[:end] for word in folded.split() for end in range(1, min(len(word), _LONGEST_BEGINNING) + 1)}
    # Sorted, so that their order tells nothing.
    return " " + " ".join(sorted(ring.blind(ring.current, one) for one in beginnings))


def blinded(folded_word: str) -> list[str]:
    """How a typed word stands in that index, once for each generation of keys."""
    ring = keyring()
    return [f" {ring.blind(generation, folded_word[:_LONGEST_BEGINNING])}" for generation in ring.generations]


def _placed(row: Mapping[str, Any], kind_code: str, ward: int, name: str, columns: tuple[str, ...]) -> dict[str, Any]:
    if not is_sealed(kind_code):
        return dict(row)
    kind = registry.get(kind_code)
    informants = kind.informants if kind else ()
    sealed = {column: Placed(row[column], ward, kind_code, name, informants) for column in columns if column in row}
    return {**row, **sealed}


class SealedJson(TypeDecorator[Any]):
    """A JSON column whose `Placed` values are sealed. `place`: table and column, which the seal is bound to."""

    impl = JSON
    cache_ok = True

    def __init__(self, place: str, *, none_as_null: bool = False) -> None:
        super().__init__(none_as_null=none_as_null)
        self.place = place
        self.none_as_null = none_as_null
        self.should_evaluate_none = not none_as_null

    def coerce_compared_value(self, op: Any, value: Any) -> Any:
        return self.impl_instance.coerce_compared_value(op, value)

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        if not isinstance(value, Placed):
            return value
        if not value.value:
            return value.value  # nothing, and no conflicts: that is no secret
        if not self.place.endswith(".data"):
            which = INFORMANT if value.informants else DATA
            return _seal(self.place, value._replace(which=which), _json(value.value)).decode()
        told = {name: value.value[name] for name in value.informants if name in value.value}
        rest = {name: given for name, given in value.value.items() if name not in told}
        sealed = _seal(self.place, value, _json(rest)).decode()
        if not told:
            return sealed
        return [sealed, _seal(self.place, value._replace(which=INFORMANT), _json(told)).decode()]

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        if isinstance(value, str) and value.startswith("e1."):
            return json.loads(_open((self.place,), value.encode()).decode("utf-8", "surrogatepass"))
        if isinstance(value, list) and len(value) == 2 and all(isinstance(half, str) for half in value):
            parts = (self.process_result_value(half, dialect) for half in value)
            return {name: given for part in parts for name, given in part.items()}
        return value


class SealedBytes(TypeDecorator[bytes]):
    """A binary column whose `Placed` values are sealed. Opens what belongs to any place, seals for the first."""

    impl = LargeBinary
    cache_ok = True

    def __init__(self, *places: str) -> None:
        super().__init__()
        self.places = places

    def process_bind_param(self, value: Any, dialect: Dialect) -> bytes | None:
        given: bytes | None = _seal(self.places[0], value, value.value) if isinstance(value, Placed) else value
        return given

    def process_result_value(self, value: Any, dialect: Dialect) -> bytes | None:
        if value is None or not bytes(value).startswith(b"e1."):
            stored: bytes | None = value
            return stored
        return _open(self.places, bytes(value))


class SealedText(TypeDecorator[str]):
    """A column of short texts that are sealed whoever writes them: what people of the desk note, private keys.

    Bound to table and column, not to the row. Nothing can be looked for in it.
    """

    impl = String
    cache_ok = True

    def __init__(self, place: str) -> None:
        super().__init__()
        self.place = place

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        if not value:
            return value
        placed = Placed(value, 0, self.place.partition(".")[0], "-")
        return _seal(self.place, placed, value.encode("utf-8", "surrogatepass")).decode()

    def process_result_value(self, value: Any, dialect: Dialect) -> str | None:
        if value is None or not _HEAD.match(value):
            stored: str | None = value  # of before columns were sealed
            return stored
        return _open((self.place,), value.encode()).decode("utf-8", "surrogatepass")


def row_of(stored: str | bytes) -> str | None:
    """The row that a sealed text says it belongs to; None for what is not sealed."""
    raw = stored if isinstance(stored, str) else stored.decode("ascii", "replace")
    parts = raw.split(".", 5)
    return parts[5].rpartition(".")[0] if len(parts) == 6 and parts[0] == "e1" else None


def _seal(place: str, value: Placed, plain: bytes) -> bytes:
    ring = keyring()
    head = f"e1.{value.which}.{ring.current}.{value.ward}.{value.family}.{value.row}"
    nonce = os.urandom(_NONCE)
    cipher = ring.cipher(ring.current, value.which, value.ward, value.family)
    sealed = nonce + cipher.encrypt(nonce, plain, f"{place}\n{head}".encode())
    return f"{head}.".encode() + base64.urlsafe_b64encode(sealed)


def _open(places: tuple[str, ...], stored: bytes) -> bytes:
    return open_with(keyring(), places, stored)


def generation_of(stored: bytes) -> str:
    """The name of the keys that a sealed text is under; empty for what is not sealed."""
    parts = stored.split(b".", 3)
    return parts[2].decode("ascii", "replace") if len(parts) == 4 and parts[0] == b"e1" else ""


def open_with(ring: Keyring, places: tuple[str, ...], stored: bytes) -> bytes:
    """What was sealed for one of the places. Raises NoKey."""
    head, _, payload = stored.rpartition(b".")
    try:
        _, which, generation, ward, family, _ = head.decode().split(".", 5)
        raw = base64.urlsafe_b64decode(payload)
        cipher = ring.cipher(generation, which, int(ward), family)
    except ValueError:
        raise NoKey("a sealed text that is none") from None
    for place in places:
        try:
            return cipher.decrypt(raw[:_NONCE], raw[_NONCE:], f"{place}\n".encode() + head)
        except InvalidTag:
            continue
    raise NoKey("a sealed text that was changed, or moved to another column")


def _json(value: Any) -> bytes:
    return as_text(value).encode("utf-8", "surrogatepass")
