"""Backups as files: written and read again before they get their name, listed, compared, pruned."""

import hashlib
import os
import secrets
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from app.backup import archive, rules, sealing
from app.backup.copies import measure
from app.backup.rules import Manifest, Side, Trouble
from app.backup.workplace import need_room, sync_folder

_MARGIN = 10_000_000


def write(folder: Path, manifest: Manifest, data: Path, keys: Sequence[str], moment: datetime) -> tuple[Path, Side]:
    """A backup in the folder: sealed to these keys, or plain when there are none.

    It gets its name when it was flushed to disk, read again from there, and opened. Raises Trouble;
    then nothing of it is left in the folder.
    """
    need_room(folder, manifest.data_bytes // 2 + _MARGIN)
    path = folder / rules.file_name(moment, secrets.token_hex(3), sealed=bool(keys))
    part, side_part = path.with_name(f".{path.name}.part"), path.with_name(f".{path.name}.side.part")
    try:
        size, sha256 = _write_checked(part, manifest, data, keys)
        side = Side(path.name, size, sha256, tuple(keys), manifest)
        write_private(side_part, side.text())
        if rules.read_side(side_part.read_text(encoding="utf-8", errors="replace")) != side:
            raise Trouble("damaged", part="side")
        # The backup itself last: where it is, what lies beside it is too.
        side_part.rename(beside(path))
        part.rename(path)
        sync_folder(folder)
    except OSError as error:
        raise Trouble("not_written", file=str(path), found=error.strerror or "?") from None
    finally:
        for left in (part, side_part):
            with suppress(OSError):
                left.unlink(missing_ok=True)
    return path, side


def open_backup(path: Path, identities: Sequence[sealing.Identity], folder: Path | None) -> archive.Unpacker:
    """Read a whole backup, sealed or plain; with a folder its data is written there. Raises Trouble."""
    unpacker = archive.Unpacker(folder)
    try:
        if is_sealed(path):
            if not identities:
                raise Trouble("key_needed")
            sealing.unseal(archive.pieces(path), unpacker, identities)
        else:
            for piece in archive.pieces(path):
                unpacker.write(piece)
        unpacker.finish()
    finally:
        unpacker.close()
    return unpacker


def is_sealed(path: Path) -> bool:
    """Whether the file begins as the age format does, whatever it is called."""
    try:
        with path.open("rb") as file:
            return file.read(len(sealing.MAGIC)) == sealing.MAGIC or path.name.endswith(".age")
    except OSError:
        raise Trouble("no_file", file=str(path)) from None


def beside(path: Path) -> Path:
    """Where a backup's manifest lies unencrypted."""
    return path.with_name(path.name + rules.SIDE)


def side_of(path: Path) -> Side | None:
    """What lies beside a backup; None when nothing does. Raises Trouble when it cannot be read, or is another's."""
    try:
        side = rules.read_side(beside(path).read_text(encoding="utf-8", errors="replace"))
    except FileNotFoundError:
        return None
    if side.file != path.name:
        raise Trouble("other_side", file=side.file)
    return side


def check_outside(path: Path) -> Side | None:
    """Compare a backup's size and hash with what lies beside it. Raises Trouble when they differ."""
    if not path.is_file():
        raise Trouble("no_file", file=str(path))
    side = side_of(path)
    if side is not None and measure(path) != (side.bytes, side.sha256):
        raise Trouble("damaged", part="file")
    return side


def listed(folder: Path) -> list[Path]:
    """The backups in a folder, oldest first by name."""
    return sorted(path for path in folder.glob("to-am-*") if rules.is_backup_name(path.name) and path.is_file())


def prune(folder: Path, just_made: str, keep: int) -> tuple[list[str], list[str]]:
    """Remove backups beyond the newest `keep` that are whole; (removed, damaged). Damaged ones count for nothing
    and stay for a person to look at, so that the last good one never goes."""
    good: list[Side] = []
    damaged: list[str] = []
    for path in listed(folder):
        try:
            side = check_outside(path)
        except Trouble:
            side = None
        if side:
            good.append(side)
        else:
            damaged.append(path.name)
    removed = rules.to_prune(good, just_made, keep)
    for name in removed:
        (folder / name).unlink()
        beside(folder / name).unlink()
    sync_folder(folder)
    return removed, damaged


def write_private(path: Path, text: str) -> None:
    """A new file that only this user can read. Raises FileExistsError rather than write over another."""
    with new_private(path) as file:
        file.write(text.encode())
        _flush(file)


def clear_parts(folder: Path) -> int:
    """Remove what killed commands left unfinished; how many files there were."""
    found = [path for path in folder.glob(".to-am-*.part") if path.is_file()]
    for path in found:
        path.unlink(missing_ok=True)
    return len(found)


def _write_checked(part: Path, manifest: Manifest, data: Path, keys: Sequence[str]) -> tuple[int, str]:
    """Write, flush, read again from disk, open. The size and hash of what is on disk."""
    moment_key = sealing.new_identity()
    with new_private(part) as file:
        counted = _Counted(file)
        if keys:
            sealing.seal(archive.pack(manifest, data), counted, keys, moment_key)
        else:
            for piece in archive.pack(manifest, data):
                counted.write(piece)
        _flush(file)
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)  # from the disk, not from memory
    if measure(part) != (counted.size, counted.sha256.hexdigest()):
        raise Trouble("damaged", part="file")
    if open_backup(part, [moment_key], None).manifest != manifest:
        raise Trouble("damaged", part="manifest")
    return counted.size, counted.sha256.hexdigest()


class _Counted:
    """A file being written, measured on the way."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.size = 0
        self.sha256 = hashlib.sha256()

    def write(self, piece: bytes) -> int:
        self._file.write(piece)
        self.size += len(piece)
        self.sha256.update(piece)
        return len(piece)


def new_private(path: Path) -> BinaryIO:
    """A new file that only this user can read."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def _flush(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())
