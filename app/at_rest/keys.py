"""The keys that what is written about children is kept under. They are in a file, never in the database.

A line of the file is one generation: `<name> <data key> <informant key>`, both 32 random bytes in base64url. The first
line seals; every line opens. Under a generation each ward and family of rows has its own key (HKDF, RFC 5869), so
nothing about keys is stored beside the data and nothing can be lost between two commits.
"""

import base64
import contextlib
import hmac
import os
import re
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NAME = re.compile(r"[a-z0-9]{1,16}")
DATA, INFORMANT = "d", "i"


class NoKey(Exception):
    """What is stored was sealed under a key that is not in the key file, or is not what was sealed."""


@dataclass(frozen=True)
class Keyring:
    """All generations by name, the one that seals first."""

    generations: dict[str, dict[str, bytes]]
    _made: dict[tuple[str, str, int, str], AESGCM] = field(default_factory=dict)
    _index: dict[str, bytes] = field(default_factory=dict)

    @property
    def current(self) -> str:
        """The generation that seals. Raises NoKey when there is none: nothing may then be written in the clear."""
        try:
            return next(iter(self.generations))
        except StopIteration:
            raise NoKey("there is no key file") from None

    def cipher(self, generation: str, which: str, ward: int, family: str) -> AESGCM:
        """AES-256-GCM for one ward and family. Raises NoKey."""
        place = (generation, which, ward, family)
        if place not in self._made:
            self._made[place] = AESGCM(self._derived(generation, which, f"rows|{ward}|{family}"))
        return self._made[place]

    def blind(self, generation: str, word: str) -> str:
        """What stands in the search index for a folded beginning of a word: 48 bits of an HMAC."""
        if generation not in self._index:
            self._index[generation] = self._derived(generation, DATA, "search")
        mac = hmac.digest(self._index[generation], word.encode("utf-8", "surrogatepass"), "sha256")
        return base64.urlsafe_b64encode(mac[:6]).decode()

    def _derived(self, generation: str, which: str, use: str) -> bytes:
        try:
            master = self.generations[generation][which]
        except KeyError:
            raise NoKey(generation) from None
        return HKDF(SHA256(), 32, salt=None, info=f"to-am at rest v1|{use}".encode()).derive(master)


def new_line() -> str:
    """A fresh generation as it stands in the file."""
    parts = (base64.urlsafe_b64encode(secrets.token_bytes(32)).decode() for _ in range(2))
    return " ".join((secrets.token_hex(4), *parts))


def read(path: Path) -> Keyring:
    """The keys of a file. Raises ValueError, saying what is wrong with it and never what is in it."""
    generations: dict[str, dict[str, bytes]] = {}
    for number, line in enumerate(path.read_text(encoding="ascii").splitlines(), start=1):
        parts = line.split()
        if not parts:
            continue
        try:
            name, keys = parts[0], [base64.urlsafe_b64decode(part) for part in parts[1:]]
        except ValueError:
            raise ValueError(f"line {number} is not base64url") from None
        if not _NAME.fullmatch(name) or name in generations or [len(key) for key in keys] != [32, 32]:
            raise ValueError(f"line {number} must be a new name and two keys of 32 bytes")
        generations[name] = {DATA: keys[0], INFORMANT: keys[1]}
    if not generations:
        raise ValueError("it holds no key")
    return Keyring(generations)


def state_of(path: Path) -> tuple[str, int, int, int] | None:
    """What changes whenever the file does; None when it is away."""
    try:
        found = path.stat()
    except OSError:
        return None
    return str(path), found.st_ino, found.st_mtime_ns, found.st_size


def make(path: Path) -> None:
    """A first key file, readable by its owner alone; the one that is there stays."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists():
        return
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.write_text(f"{new_line()}\n", encoding="ascii")
    draft.chmod(0o600)
    with contextlib.suppress(FileExistsError):  # another worker was quicker
        os.link(draft, path)
    draft.unlink()


def add(path: Path) -> str:
    """Put a new generation before the others; its name. The file is replaced whole, or not at all."""
    line, draft = new_line(), path.with_name(f"{path.name}.{os.getpid()}")
    with draft.open("w", encoding="ascii") as file:
        os.fchmod(file.fileno(), 0o600)
        file.write(f"{line}\n{path.read_text(encoding='ascii')}")
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    return line.split()[0]
