"""A private folder for copies that are not encrypted, gone afterwards whatever happens."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.backup.rules import Trouble

_FOLDER, _LOCK = ".to-am-work", ".to-am-work.lock"


@contextmanager
def workplace(beside: Path, room: int) -> Iterator[Path]:
    """A folder that only this user can enter, with at least `room` bytes free; removed at the end, also on failure.

    What a killed command left there is removed first. Raises Trouble when another command works there.
    """
    beside.mkdir(parents=True, exist_ok=True)
    folder = beside / _FOLDER
    lock = os.open(beside / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if not _take(lock):
            raise Trouble("busy", folder=str(beside))
        shutil.rmtree(folder, ignore_errors=True)
        need_room(beside, room)
        folder.mkdir(mode=0o700)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    finally:
        os.close(lock)


def left_behind(beside: Path) -> bool:
    """Whether a killed command left its folder: copies that are not encrypted may lie in it."""
    if not (beside / _FOLDER).exists():
        return False
    lock = os.open(beside / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        return _take(lock)
    finally:
        os.close(lock)


def need_room(folder: Path, room: int) -> None:
    """Raises Trouble when the disk has fewer free bytes."""
    free = shutil.disk_usage(folder).free
    if free < room:
        raise Trouble("no_room", folder=str(folder), free=free // 1_000_000, need=room // 1_000_000 + 1)


def sync_folder(folder: Path) -> None:
    """Names in a folder are on disk only after this."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _take(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
