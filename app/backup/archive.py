"""The inside of a backup: a gzipped tar of the manifest and the database's copy, written and read as a stream."""

import hashlib
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from app.backup.rules import Manifest, Trouble, read_manifest

PIECE = 1 << 16
_BLOCK = 512
_MANIFEST = "manifest.json"
_MOST_MANIFEST = 1_000_000
_LEVEL = 5
_GZIP = bytes.fromhex("1f8b0800000000000003")  # gzip's own head has no checksum, so it must be exactly ours


def pieces(path: Path) -> Iterator[bytes]:
    """A file, piece by piece."""
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            yield piece


def pack(manifest: Manifest, data: Path) -> Iterator[bytes]:
    """The archive, piece by piece. Raises Trouble when the data is not what the manifest says."""
    squeezing = zlib.compressobj(_LEVEL, wbits=31)
    for piece in _tar(manifest, data):
        yield squeezing.compress(piece)
    yield squeezing.flush()


def _tar(manifest: Manifest, data: Path) -> Iterator[bytes]:
    text = manifest.text().encode()
    yield _header(_MANIFEST, len(text)) + text + _padding(len(text))
    yield _header(manifest.data_name, manifest.data_bytes)
    size = 0
    for piece in pieces(data):
        size += len(piece)
        yield piece
    if size != manifest.data_bytes:
        raise Trouble("damaged", part="data")
    yield _padding(size) + bytes(2 * _BLOCK)


def _header(name: str, size: int) -> bytes:
    member = tarfile.TarInfo(name)
    member.size, member.mode = size, 0o600
    return member.tobuf(tarfile.GNU_FORMAT)


def _padding(size: int) -> bytes:
    return bytes(-size % _BLOCK)


class Unpacker:
    """Takes an archive piece by piece and checks it. With a folder it also writes the data there, as `data`.

    Call `finish` after the last piece: only then is the archive known to be whole.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.manifest: Manifest | None = None
        self.path = folder / "data" if folder else None
        self._file: BinaryIO | None = self.path.open("xb") if self.path else None
        self._inflating = zlib.decompressobj(wbits=31)
        self._waiting = bytearray()
        self._member = ""
        self._left = self._pad = 0
        self._manifest = bytearray()
        self._sha256 = hashlib.sha256()
        self._zeros = self._taken = 0

    def write(self, piece: bytes) -> int:
        """Take the next piece. Raises Trouble as soon as something is wrong."""
        head = _GZIP[self._taken : self._taken + len(piece)]
        self._taken += len(piece)
        if piece[: len(head)] != head:
            raise Trouble("damaged", part="archive")
        try:
            given = self._inflating.decompress(piece, PIECE * 16)
            self._take(given)
            while self._inflating.unconsumed_tail:
                self._take(self._inflating.decompress(self._inflating.unconsumed_tail, PIECE * 16))
        except (zlib.error, tarfile.HeaderError):
            raise Trouble("damaged", part="archive") from None
        if self._inflating.unused_data:
            raise Trouble("damaged", part="archive")
        return len(piece)

    def finish(self) -> Manifest:
        """The manifest, when everything was there and is what the manifest says. Raises Trouble otherwise."""
        self.close()
        whole = self._inflating.eof and self._zeros == 2 and not self._waiting and not self._left
        if not whole or self.manifest is None:
            raise Trouble("damaged", part="archive")
        if self._sha256.hexdigest() != self.manifest.data_sha256:
            raise Trouble("damaged", part="data")
        return self.manifest

    def close(self) -> None:
        """Let go of the file."""
        if self._file:
            self._file.close()

    def _take(self, given: bytes) -> None:
        self._waiting += given
        while self._waiting:
            if self._left:
                self._content(bytes(self._waiting[: self._left]))
            elif self._pad:
                self._skip()
            elif len(self._waiting) >= _BLOCK:
                self._begin(bytes(self._waiting[:_BLOCK]))
                del self._waiting[:_BLOCK]
            else:
                return

    def _begin(self, block: bytes) -> None:
        if not any(block):
            self._zeros += 1
            return
        member = tarfile.TarInfo.frombuf(block, "utf-8", "strict")
        if self._member == "":
            expected = member.name == _MANIFEST and 0 < member.size <= _MOST_MANIFEST
        else:
            told = self.manifest
            expected = told is not None and (member.name, member.size) == (told.data_name, told.data_bytes)
        if not expected or self._zeros or self._member == "data":
            raise Trouble("damaged", part="archive")
        self._member = "manifest" if self._member == "" else "data"
        self._left, self._pad = member.size, -member.size % _BLOCK

    def _content(self, piece: bytes) -> None:
        del self._waiting[: len(piece)]
        self._left -= len(piece)
        if self._member == "data":
            self._sha256.update(piece)
            if self._file:
                self._file.write(piece)
            return
        self._manifest += piece
        if not self._left:
            self.manifest = read_manifest(self._manifest.decode("utf-8", "replace"))

    def _skip(self) -> None:
        some = min(self._pad, len(self._waiting))
        if any(self._waiting[:some]):
            raise Trouble("damaged", part="archive")
        del self._waiting[:some]
        self._pad -= some
