"""A photo that a phone shut before it was sent: its own key, sealed to the ward, and the file under it. Pure.

The file is cut into pieces of 64 KiB, each AES-256-GCM with a nonce of seven zeros, one byte that is 1 for the last
piece, and the piece's number in four bytes (the STREAM construction): none can be left out, added or moved. The key is
made for this photo alone, and lies with the file's SHA-256 and its sender in an HPKE seal (app/seals/rules.py) that is
bound to the photo and its record. See docs/decisions/0041.
"""

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.seals.rules import CannotOpen, Seal, open_text, unpadded

VERSION = "to-am-photo/1"
PIECE = 65_536
TAG = 16
_KEY = 32
_SHA256 = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True)
class Inside:
    """What a photo's seal holds: the key of the file (raw), the hash of what it opens to, and who sends it."""

    key: bytes
    sha256: str
    person: str


def shut_size(size: int) -> int:
    """How long a file of so many bytes is when it is shut."""
    return size + TAG * max(1, -(-size // PIECE))


def read_box(text: str) -> Seal:
    """The seal that an upload names as `<key>.<text>`; its head is made by whoever opens it. Raises ValueError."""
    key, dot, sealed = text.partition(".")
    if not (key and dot and sealed):
        raise ValueError("no seal")
    return Seal(sealed, key, "")


def open_box(seal: Seal, photo: str, record: str, private: str) -> Inside:
    """What is inside a photo's seal. Raises CannotOpen."""
    inside = open_text(seal.text, f"{VERSION}\n{seal.key}\n{photo}\n{record}".encode(), private)
    try:
        said = json.loads(inside)
        key, sha256, person = unpadded(said["key"]), said["sha256"], said["person"]
    except (ValueError, TypeError, KeyError) as error:
        raise CannotOpen from error
    if len(key) != _KEY or not isinstance(person, str) or not _SHA256.fullmatch(str(sha256)):
        raise CannotOpen
    return Inside(key, sha256, person)


def open_file(shut: Path, plain: Path, inside: Inside) -> bool:
    """Write what a shut file opens to, piece by piece; False when it is not the file that its phone shut."""
    cipher, digest = AESGCM(inside.key), hashlib.sha256()
    with shut.open("rb") as source, plain.open("wb") as target:
        piece, number = source.read(PIECE + TAG), 0
        while piece:
            following = source.read(PIECE + TAG)
            nonce = bytes(7) + bytes([0 if following else 1]) + number.to_bytes(4, "big")
            try:
                opened = cipher.decrypt(nonce, piece, None)
            except (InvalidTag, ValueError):
                return False
            digest.update(opened)
            target.write(opened)
            piece, number = following, number + 1
    return digest.hexdigest() == inside.sha256
