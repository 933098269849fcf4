"""The log chain of a ward: facts as canonical text, each sealed by a hash over it and all before it. Pure."""

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

NO_HASH = "0" * 64  # what stands before the first link
_HEAD = re.compile(r"(0|[1-9][0-9]{0,17}):([0-9a-f]{64})")
_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode
# A kept answer may hold what UTF-8 cannot; escaped it can.
_escaped = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode


class Head(NamedTuple):
    """How far a chain reached at some moment. Whoever keeps one can later tell whether the past was rewritten."""

    no: int
    hash: str

    def text(self) -> str:
        """As it travels in answers: "<no>:<hash>"."""
        return f"{self.no}:{self.hash}"


START = Head(0, NO_HASH)


def canonical(facts: Mapping[str, Any]) -> str:
    """Facts as compact JSON with sorted keys, Vietnamese unescaped."""
    return _encode(facts)


def seal(before: str, facts: str) -> str:
    """The hash of a link: over the hash before it and its own facts."""
    return hashlib.sha256(f"{before}\n{facts}".encode()).hexdigest()


def fingerprint(value: Mapping[str, Any]) -> str:
    """What a link says of something whose content it must not show: the hash of its JSON, ASCII and keys sorted."""
    return hashlib.sha256(_escaped(value).encode()).hexdigest()


def read_head(text: str) -> Head | None:
    """A head as it travels, None for anything else."""
    match = _HEAD.fullmatch(text)
    return Head(int(match[1]), match[2]) if match else None
