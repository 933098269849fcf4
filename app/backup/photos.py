"""The photos of a backup. A kept picture never changes, so each is written once and stands for every later backup.

They lie beside the backups: `photos/<whom they are sealed to>/<two letters>/<its SHA-256>.<SHA-256 of the file>.age`,
so that damage shows from outside. A backup says how many it needs; their addresses are in its own rows.
"""

import hashlib
import os
import secrets
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from app.backup import archive, sealing
from app.backup.copies import measure
from app.backup.files import new_private
from app.backup.rules import PhotoPrint, Trouble, photo_place
from app.backup.workplace import need_room, sync_folder
from app.photos.store import Missing, Store

FOLDER = "photos"
_MARGIN = 10_000_000


@dataclass(frozen=True)
class Written:
    """What became of a ward's pictures in a backup."""

    print: PhotoPrint
    fresh: int  # written now; the others were there from backups before


@dataclass(frozen=True)
class Found:
    """What a look at a backup's pictures found wrong; addresses, or names of files."""

    missing: list[str]
    damaged: list[str]


def write(folder: Path, addresses: Sequence[str], store: Store, keys: Sequence[str]) -> Written:
    """Put what is not there yet beside the backups, sealed to these keys, flushed and read again. Raises Trouble.

    Pictures that the store lacks, or whose bytes are not what their address says, are counted as lacking.
    """
    name = photo_place(keys)
    place = folder / FOLDER / name
    if not addresses:
        return Written(PhotoPrint(0, digest(()), 0, name), 0)
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    _clear(place)
    there, lacking, fresh = _there(place), [], 0
    for address in addresses:
        if address not in there:
            need_room(place, (store.size(address) or 0) + _MARGIN)
            fresh_one = _write_one(place, address, store, keys)
            fresh += fresh_one
            lacking += [] if fresh_one else [address]
    return Written(PhotoPrint(len(addresses), digest(addresses), len(lacking), name), fresh)


def look(backup: Path, told: PhotoPrint, addresses: Iterable[str], keys: Sequence[sealing.Identity]) -> Found:
    """Open each picture that a backup needs, as a restore would, and compare it with its address."""
    there = _there(backup.parent / FOLDER / told.place)
    missing, damaged = [], []
    for address in addresses:
        if address not in there:
            missing.append(address)
        elif not _opens(there[address], address, keys):
            damaged.append(address)
    return Found(missing, damaged)


def look_outside(backup: Path, told: PhotoPrint) -> Found:
    """Without a key: whether the files are as many as the backup needs, and each is what its name says."""
    there = _there(backup.parent / FOLDER / told.place)
    damaged = [path.name for address, path in there.items() if measure(path)[1] != _hash_in(path, address)]
    short = max(0, told.count - told.lacking - len(there))
    return Found(["?"] * short, damaged)


def bring_back(
    backup: Path, told: PhotoPrint, addresses: Iterable[str], keys: Sequence[sealing.Identity], store: Store, work: Path
) -> list[str]:
    """Put a backup's pictures into the store; the addresses of those that did not come. May be done again."""
    there = _there(backup.parent / FOLDER / told.place)
    lost = []
    for address in addresses:
        if is_whole(store, address):
            continue
        opened = work / f"photo-{secrets.token_hex(4)}"
        good = address in there and _opens(there[address], address, keys, opened)
        if not good or store.put(opened) != address:
            lost.append(address)
        opened.unlink(missing_ok=True)
    return lost


def digest(addresses: Iterable[str]) -> str:
    """One hash for a set of pictures."""
    return hashlib.sha256("".join(f"{address}\n" for address in sorted(addresses)).encode()).hexdigest()


def _write_one(place: Path, address: str, store: Store, keys: Sequence[str]) -> bool:
    """Write one picture; False when the store has not got it whole."""
    part = place / f".{secrets.token_hex(8)}.part"
    moment_key = sealing.new_identity()
    try:
        with new_private(part) as file:
            if keys:
                sealing.seal(_pieces(store, address), file, keys, moment_key)
            else:
                for piece in _pieces(store, address):
                    file.write(piece)
            file.flush()
            os.fsync(file.fileno())
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)  # from the disk, not from memory
        if not _opens(part, address, [moment_key], sealed=bool(keys)):
            return False
        home = place / address[:2]
        home.mkdir(exist_ok=True, mode=0o700)
        part.rename(home / (f"{address}.{measure(part)[1]}{_SEALED}" if keys else address))
        sync_folder(home)
    except Missing:
        return False
    except OSError as error:
        raise Trouble("not_written", file=str(place), found=error.strerror or "?") from None
    finally:
        part.unlink(missing_ok=True)
    return True


_SEALED = ".age"


def _pieces(store: Store, address: str) -> Iterator[bytes]:
    with store.open(address) as file:
        while piece := file.read(archive.PIECE):
            yield piece


def _opens(
    path: Path, address: str, keys: Sequence[sealing.Identity], into: Path | None = None, *, sealed: bool | None = None
) -> bool:
    """Whether a file holds the picture of this address; with `into` it is written there."""
    taken = _Hashed(into)
    try:
        if sealed if sealed is not None else path.name.endswith(_SEALED):
            sealing.unseal(archive.pieces(path), taken, keys)
        else:
            for piece in archive.pieces(path):
                taken.write(piece)
    except (Trouble, OSError):
        return False
    finally:
        taken.close()
    return taken.digest.hexdigest() == address


def is_there(store: Store, address: str) -> bool:
    """Whether the store has something under this address."""
    return store.size(address) is not None


def is_whole(store: Store, address: str) -> bool:
    """Whether the store has the picture of this address, byte for byte."""
    found = hashlib.sha256()
    with suppress(Missing):
        for piece in _pieces(store, address):
            found.update(piece)
    return found.hexdigest() == address


def _there(place: Path) -> dict[str, Path]:
    """The pictures that lie in a place, by address."""
    return {path.name[:64]: path for path in place.glob("??/*") if len(path.name.split(".")[0]) == 64}


def _hash_in(path: Path, address: str) -> str:
    return path.name.split(".")[1] if path.name.endswith(_SEALED) else address


def _clear(place: Path) -> None:
    """What a killed command left unfinished."""
    for path in place.glob(".*.part"):
        path.unlink(missing_ok=True)


class _Hashed:
    """Takes a picture piece by piece."""

    def __init__(self, into: Path | None) -> None:
        self.digest = hashlib.sha256()
        self._file = new_private(into) if into else None

    def write(self, piece: bytes) -> int:
        self.digest.update(piece)
        if self._file:
            self._file.write(piece)
        return len(piece)

    def close(self) -> None:
        if self._file:
            self._file.close()
