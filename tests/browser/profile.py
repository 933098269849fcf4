"""A browser's profile on the disk, searched for words in every spelling in which a browser may have written them."""

import base64
import random
import unicodedata
import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

LETTERS = "abcdeghiklmnopqrstuvxyàáảãạăằắẵặâầấậèéẹêềếệìíịòóọôồốộơờớợùúụưừứựỳýđ"


def planted(count: int, seed: int) -> list[str]:
    """So many made-up words with Vietnamese letters, of which no part is in another or in any text."""
    chance = random.Random(seed)
    return ["".join(chance.choice(LETTERS) for _ in range(14)) for _ in range(count)]


def spellings(word: str) -> set[bytes]:
    """The bytes of a word as text files, JavaScript strings, addresses and encodings have it."""
    found: set[bytes] = set()
    for text in (unicodedata.normalize(form, word) for form in ("NFC", "NFD")):
        utf8 = text.encode()
        found |= {utf8, text.encode("utf-16-le"), text.encode("utf-16-be"), quote(text).encode(), utf8.hex().encode()}
        found |= {"".join(letter if letter.isascii() else f"\\u{ord(letter):04x}" for letter in text).encode()}
        # Wherever it begins in a longer text: the letters of base64 that depend on the word alone.
        for shift in range(3):
            packed = base64.b64encode(bytes(shift) + utf8)
            found.add(packed[4 if shift else 0 : (shift + len(utf8)) // 3 * 4])
    return found


def hits(profile: Path, words: Iterable[str]) -> dict[str, set[str]]:
    """Which words stand in which files."""
    wanted = {word: spellings(word) for word in words}
    found: dict[str, set[str]] = {}
    for path in profile.rglob("*"):
        if not path.is_file():
            continue
        for data in layers(path.read_bytes()):
            for word, ways in wanted.items():
                if any(way in data for way in ways):
                    found.setdefault(str(path.relative_to(profile)), set()).add(word)
    return found


_TABLE = bytes.fromhex("57fb808b247547db")


def layers(data: bytes) -> Iterator[bytes]:
    """A file as it lies, what its gzip and zlib streams hold, and a LevelDB table's blocks without their snappy."""
    yield data
    for start, wbits in ((b"\x1f\x8b\x08", 31), (b"\x78\x01", 15), (b"\x78\x9c", 15), (b"\x78\xda", 15)):
        at = data.find(start)
        while at >= 0:
            with suppress(zlib.error):
                yield zlib.decompressobj(wbits).decompress(data[at:], 50_000_000)
            at = data.find(start, at + 1)
    if data.endswith(_TABLE):
        yield from _blocks(data)


def _blocks(table: bytes) -> Iterator[bytes]:
    """See LevelDB's table_format.md: the footer leads to the index, and that to the blocks."""
    handle = _varint(table, _varint(table, _varint(table, len(table) - 48)[1])[1])
    offset, (size, _) = handle[0], _varint(table, handle[1])
    index = _block(table, offset, size)
    at, end = 0, len(index) - 4 - 4 * int.from_bytes(index[-4:], "little")
    while at < end:
        _, at = _varint(index, at)
        key, at = _varint(index, at)
        value, at = _varint(index, at)
        offset, rest = _varint(index, at + key)
        yield _block(table, offset, _varint(index, rest)[0])
        at += key + value


def _block(table: bytes, offset: int, size: int) -> bytes:
    raw = table[offset : offset + size]
    return unsnapped(raw) if table[offset + size] == 1 else raw


def unsnapped(data: bytes) -> bytes:
    """What a snappy block holds (google/snappy, format_description.txt)."""
    _, at = _varint(data, 0)
    out = bytearray()
    while at < len(data):
        tag, kind = data[at] >> 2, data[at] & 3
        if kind == 0:
            more = max(0, tag - 59)
            length = 1 + (int.from_bytes(data[at + 1 : at + 1 + more], "little") if more else tag)
            out += data[at + 1 + more : at + 1 + more + length]
            at += 1 + more + length
            continue
        width = (1, 2, 4)[kind - 1]
        back = int.from_bytes(data[at + 1 : at + 1 + width], "little")
        length = tag + 1
        if kind == 1:
            back, length = back + (tag >> 3 << 8), (tag & 7) + 4
        for _ in range(length):
            out.append(out[-back])
        at += 1 + width
    return bytes(out)


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """A number in groups of seven bits, and where the next thing begins."""
    value = shift = 0
    while data[at] & 128:
        value |= (data[at] & 127) << shift
        at, shift = at + 1, shift + 7
    return value | data[at] << shift, at + 1
