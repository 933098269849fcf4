"""Encryption in the age format: to public keys, so that no machine of ours can open what it wrote.

Any age program opens it: `age --decrypt -i KEYFILE FILE | tar xz`.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

import pyrage

from app.backup.rules import Trouble

_SECRET = re.compile(r"AGE-SECRET-KEY-1[0-9A-Z]{58}")
Identity = Any
MAGIC = b"age-encryption.org/v1\n"


class Taker(Protocol):
    """Where opened bytes go."""

    def write(self, piece: bytes, /) -> int:
        """Take the next piece."""


def new_identity() -> Identity:
    """A new key: the private half; `str` writes it, `to_public` gives the public one."""
    return pyrage.x25519.Identity.generate()


def public_keys(given: str) -> list[str]:
    """The public keys of a setting, separated by spaces or commas. Raises Trouble when one cannot be read."""
    keys = given.replace(",", " ").split()
    for key in keys:
        try:
            pyrage.x25519.Recipient.from_str(key)
        except pyrage.RecipientError:
            raise Trouble("bad_public_key", key=key[:16]) from None
    return list(dict.fromkeys(keys))


def read_identities(keyfile: Path) -> list[Identity]:
    """The private keys in a custodian's file, however it was typed off paper. Raises Trouble when none can be read."""
    try:
        text = keyfile.read_text(encoding="utf-8", errors="replace").upper()
    except OSError:
        raise Trouble("no_key_file", file=str(keyfile)) from None
    typed = "".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    found = _SECRET.findall("".join(typed.split()))
    try:
        identities = [pyrage.x25519.Identity.from_str(key) for key in found]
    except pyrage.IdentityError:
        identities = []
    if not identities:
        raise Trouble("bad_key_file", file=str(keyfile))
    return identities


def seal(pieces: Iterable[bytes], into: Taker, keys: Sequence[str], also: Identity) -> None:
    """Write pieces encrypted. `also` can open it too: a key of the moment, which nobody keeps."""
    recipients = [pyrage.x25519.Recipient.from_str(key) for key in keys]
    source, sink = _Source(pieces), _Watched(into)
    try:
        pyrage.encrypt_io(source, sink, [*recipients, also.to_public()])
    except pyrage.EncryptError:
        raise source.failure or sink.failure or Trouble("not_sealed") from None


def unseal(pieces: Iterable[bytes], into: Taker, identities: Sequence[Identity]) -> None:
    """Hand the opened bytes to `into`. Raises Trouble `wrong_key`, or `damaged` for a file that was altered or cut."""
    source, sink = _Source(pieces), _Watched(into)
    try:
        pyrage.decrypt_io(source, sink, list(identities))
    except (pyrage.DecryptError, OSError) as error:
        other = "No matching keys" in str(error)
        raise source.failure or sink.failure or _not_opened(other) from None


def _not_opened(other_key: bool) -> Trouble:
    return Trouble("wrong_key") if other_key else Trouble("damaged", part="sealed")


class _Source:
    """Pieces of any size, read as a file is. Keeps what went wrong: the library tells only its words."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces: Iterator[bytes] = iter(pieces)
        self._left = b""
        self.failure: BaseException | None = None

    def read(self, most: int = -1) -> bytes:
        try:
            while not self._left:
                piece = next(self._pieces, None)
                if piece is None:
                    return b""
                self._left = piece
        except BaseException as error:
            self.failure = error
            raise
        given, self._left = (self._left, b"") if most < 0 else (self._left[:most], self._left[most:])
        return given


class _Watched:
    """A taker that remembers its failure."""

    def __init__(self, into: Taker) -> None:
        self._into = into
        self.failure: BaseException | None = None

    def write(self, piece: bytes) -> int:
        try:
            self._into.write(piece)
        except BaseException as error:
            self.failure = error
            raise
        return len(piece)

    def flush(self) -> None:
        """Nothing waits here."""
