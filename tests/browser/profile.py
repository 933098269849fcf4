"""A browser's profile on the disk, searched for words in every spelling in which a browser may have written them."""

import base64
import random
import unicodedata
from collections.abc import Iterable
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
        data = path.read_bytes()
        for word, ways in wanted.items():
            if any(way in data for way in ways):
                found.setdefault(str(path.relative_to(profile)), set()).add(word)
    return found
