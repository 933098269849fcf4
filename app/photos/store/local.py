"""A folder as the home of pictures: two letters of the address, then the address."""

import hashlib
import os
import tempfile
from pathlib import Path
from typing import IO

from app.photos.store.home import Missing, is_address


class LocalStore:
    """See `Store`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, source: Path) -> str:
        """Written under another name, flushed, then renamed: a reader sees all of it or nothing."""
        digest = hashlib.sha256()
        self.folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=self.folder, prefix=".new-")
        try:
            with os.fdopen(handle, "wb") as new, source.open("rb") as old:
                while piece := old.read(1 << 20):
                    digest.update(piece)
                    new.write(piece)
                new.flush()
                os.fsync(new.fileno())
            address = digest.hexdigest()
            place = self._place(address)
            place.parent.mkdir(exist_ok=True)
            os.replace(name, place)
            _flush(place.parent)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        return address

    def open(self, address: str) -> IO[bytes]:
        try:
            return self._place(address).open("rb")
        except FileNotFoundError:
            raise Missing(address) from None

    def size(self, address: str) -> int | None:
        try:
            return self._place(address).stat().st_size
        except FileNotFoundError:
            return None

    def is_ready(self) -> bool:
        # It is made with the first photo: before that, the nearest folder that is there decides.
        here = next(place for place in (self.folder, *self.folder.absolute().parents) if place.exists())
        return here.is_dir() and os.access(here, os.W_OK | os.X_OK)

    def remove(self, address: str) -> None:
        self._place(address).unlink(missing_ok=True)

    def _place(self, address: str) -> Path:
        if not is_address(address):
            raise ValueError("not an address")
        return self.folder / address[:2] / address


def _flush(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
