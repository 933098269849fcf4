"""What every home for pictures can do."""

from pathlib import Path
from typing import IO, Protocol


class Missing(Exception):
    """The store has nothing under this address."""


class Store(Protocol):
    """A home for files. An address is the SHA-256 of the bytes, in hex."""

    def put(self, source: Path) -> str:
        """Keep a file's bytes, safely there when this returns; their address. Keeping them twice is no fault."""

    def open(self, address: str) -> IO[bytes]:
        """The bytes. Raises Missing."""

    def size(self, address: str) -> int | None:
        """How many bytes lie there; None when nothing does."""

    def is_ready(self) -> bool:
        """Whether it could keep something now."""

    def remove(self, address: str) -> None:
        """Forget the bytes; nothing happens when there are none."""


def is_address(text: str) -> bool:
    """Whether a text can be an address at all."""
    return len(text) == 64 and all(char in "0123456789abcdef" for char in text)
