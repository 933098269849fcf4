"""Where the bytes of a file's photos lie between looking at the file and taking it in: at most a day."""

import hashlib
import re
import tempfile
from pathlib import Path
from typing import IO

from app.clock import now
from app.photos.service import incoming_folder

_LIFE = 86_400.0
_PIECE = 1 << 20
_NAME = re.compile("[0-9a-f]{64}")


def lay(source: IO[bytes], most: int) -> tuple[str, int]:
    """Lay by what follows in `source`, but no more than so many bytes; its name here, and how many they are."""
    _sweep()
    digest, size = hashlib.sha256(), 0
    folder = incoming_folder()
    with tempfile.NamedTemporaryFile(dir=folder, prefix=".handed-", delete=False) as new:
        while piece := source.read(min(_PIECE, most - size)):
            digest.update(piece)
            size += new.write(piece)
    name = digest.hexdigest()
    Path(new.name).replace(_place(name))
    return name, size


def find(name: str) -> Path | None:
    """What was laid by under this name; None when it is gone, or was never here."""
    place = _place(name) if _NAME.fullmatch(name) else None
    return place if place and place.exists() else None


def forget(name: str) -> None:
    """It is not needed any more."""
    if _NAME.fullmatch(name):
        _place(name).unlink(missing_ok=True)


def _place(name: str) -> Path:
    return incoming_folder() / f"handed-{name}"


def _sweep() -> None:
    for path in [*incoming_folder().glob("handed-*"), *incoming_folder().glob(".handed-*")]:
        try:
            if path.stat().st_mtime < now().timestamp() - _LIFE:
                path.unlink()
        except FileNotFoundError:
            pass  # somebody else was quicker
