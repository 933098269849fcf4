"""A disk that remembers in which order files were written, and shows what a power cut may leave of them.

What was synced is there. Each write, truncation or deletion since the file's last sync is there, or not, or, a write,
only in some of its 512-byte sectors, each drawn by chance and independently of the order. SQLite's shared memory is
no file of the disk's: after a cut it is gone, or full of rubbish.
"""

import random
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import apsw

SECTOR = 512


@dataclass(frozen=True)
class Step:
    """One thing that a file went through: created, write, truncate, sync, or deleted."""

    what: str
    file: str
    at: int = 0
    data: bytes = b""


@dataclass
class Platter:
    """One file: what is safe, and what came since the last sync. `there`: whether its name is safe."""

    there: bool = False
    safe: bytearray = field(default_factory=bytearray)
    since: list[Step] = field(default_factory=list)

    def takes(self, step: Step) -> None:
        """Go one step on."""
        if step.what != "sync":
            self.since.append(step)
            return
        for one in self.since:
            _does(self.safe, one)
        self.there = not self.since or self.since[-1].what != "deleted"
        self.since.clear()

    def after_a_cut(self, chance: random.Random) -> bytes | None:
        """What may be left of it; None when even its name may be gone and is."""
        left, there = bytearray(self.safe), self.there
        for one in self.since:
            kept = chance.choice(("kept", "kept", "dropped", "torn"))
            if kept == "dropped":
                continue
            there = one.what != "deleted"
            _does(left, one, chance if kept == "torn" else None)
        return bytes(left) if there else None


class Recorder(apsw.VFS):
    """Passes everything to the operating system and notes it in `steps`."""

    def __init__(self, name: str) -> None:
        self.steps: list[Step] = []
        self.name = name
        super().__init__(name, "unix")

    def xOpen(self, name: Any, flags: list[int]) -> "_File":
        path = name if isinstance(name, str) or name is None else name.filename()
        return _File(self, path, flags)

    def xDelete(self, name: str, sync_directory: bool) -> None:
        super().xDelete(name, sync_directory)
        self.steps.append(Step("deleted", Path(name).name))
        if sync_directory:
            self.steps.append(Step("sync", Path(name).name))


class _File(apsw.VFSFile):
    def __init__(self, disk: Recorder, path: str | None, flags: list[int]) -> None:
        self._disk, self._name = disk, Path(path).name if path else ""
        is_new = bool(path) and not Path(str(path)).exists()
        super().__init__("unix", path, flags)
        if is_new:
            self._note("created")

    def xWrite(self, data: bytes, offset: int) -> None:
        super().xWrite(data, offset)
        self._note("write", offset, bytes(data))

    def xTruncate(self, size: int) -> None:
        super().xTruncate(size)
        self._note("truncate", size)

    def xSync(self, flags: int) -> None:
        super().xSync(flags)
        self._note("sync")

    def _note(self, what: str, at: int = 0, data: bytes = b"") -> None:
        if self._name:
            self._disk.steps.append(Step(what, self._name, at, data))


def spread(files: dict[str, bytes], where: Path, name: str, chance: random.Random) -> None:
    """Put the files of a cut into an empty folder, beside whatever shared memory."""
    for old in where.iterdir():
        old.unlink()
    for file, data in files.items():
        (where / file).write_bytes(data)
    if chance.random() < 0.5:
        (where / f"{name}-shm").write_bytes(chance.randbytes(32768))


def _does(data: bytearray, step: Step, torn: random.Random | None = None) -> None:
    if step.what == "truncate":
        del data[step.at :]
    elif step.what == "deleted":
        data.clear()
    elif step.what == "write":
        for first in range(0, len(step.data), SECTOR):
            if torn and torn.random() < 0.5:
                continue
            piece = step.data[first : first + SECTOR]
            at = step.at + first
            if len(data) < at:
                data.extend(bytes(at - len(data)))
            data[at : at + len(piece)] = piece
