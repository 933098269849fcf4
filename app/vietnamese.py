"""Vietnamese text as data: cleaning, folding for search, and sorting people by given name.

Pure. The phone has the same functions in static/client/vietnamese.ts; both run
tests/vectors/vietnamese.json. Rules: names are called and sorted by the last word,
search ignores marks and đ, and phones mix NFC with NFD.
"""

import re
import unicodedata

_ALPHABET = {letter: place for place, letter in enumerate("aăâbcdđeêfghijklmnoôơpqrstuưvwxyz", 1)}
# The order of tones in Vietnamese dictionaries: level, grave, hook, tilde, acute, dot below.
_TONES = {"\u0300": 1, "\u0309": 2, "\u0303": 3, "\u0301": 4, "\u0323": 5}
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_MARK = "\ufeff"
# JavaScript counts the byte order mark as white space, Python does not; texts from elsewhere often begin with one.
_EDGES = re.compile(r"\A[\s\ufeff]+|[\s\ufeff]+\Z")
_MOBILE = re.compile(r"^(?:\+?84|0)([35789][0-9]{8})$")
_LANDLINE = re.compile(r"^(?:\+?84|0)(2[0-9]{9})$")


class _Folding(dict[int, str | int | None]):
    """For str.translate: marks go, the rest stays; what was looked up once is known."""

    def __missing__(self, code: int) -> int | None:
        kept = None if unicodedata.combining(chr(code)) else code
        if len(self) < 2000:
            self[code] = kept
        return kept


_WITHOUT_MARKS = _Folding({ord("đ"): "d", ord("\ufeff"): " "})


def clean(text: str) -> str:
    """Text as it is stored: NFC, line ends as \\n, outer white space gone.

    NUL and lone surrogates, which no database takes, become U+FFFD; `is_storable`
    tells beforehand whether that happened.
    """
    if text.isascii() and text.isprintable():  # codes, numbers, dates: most of what comes
        return text.strip(" ")
    if text.isascii() and "\0" not in text and "\r" not in text:
        return text.strip()
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not is_storable(text):
        text = _UNSTORABLE.sub("\ufffd", text)
    text = unicodedata.normalize("NFC", text).strip()
    return _EDGES.sub("", text) if _MARK in (text[:1], text[-1:]) else text


def is_storable(text: str) -> bool:
    """False when text holds NUL or a lone surrogate."""
    try:
        text.encode()  # refuses lone surrogates, many times as fast as an expression finds them
    except UnicodeEncodeError:
        return False
    return "\0" not in text


def fold(text: str) -> str:
    """The search key: lower case, no marks, đ as d, single spaces. fold("Đức ") == "duc"."""
    if not is_storable(text):
        text = _UNSTORABLE.sub(" ", text)
    marked = unicodedata.normalize("NFD", text.lower())
    return " ".join(marked.translate(_WITHOUT_MARKS).split())


def sort_key(text: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Dictionary order: letters first (a ă â … d đ), tones only between equal letters."""
    letters: list[int] = []
    tones: list[int] = []
    for char in unicodedata.normalize("NFC", text.lower()):
        marks = unicodedata.normalize("NFD", char)
        tone = next((_TONES[mark] for mark in marks if mark in _TONES), 0)
        base = unicodedata.normalize("NFC", "".join(m for m in marks if m not in _TONES))
        letters.append(_ALPHABET.get(base, 0 if base == " " else 100 + ord(base[0])))
        tones.append(tone)
    return tuple(letters), tuple(tones)


def name_key(name: str) -> tuple[object, ...]:
    """How people are listed: by given name (the last word), then by the rest from the left."""
    words = name.split()
    return (sort_key(words[-1]), sort_key(" ".join(words[:-1]))) if words else ()


def given_name(name: str) -> str:
    """The word a person is called by: given_name("Nguyễn Minh Đức") == "Đức"."""
    words = name.split()
    return words[-1] if words else ""


def phone_number(text: str) -> str | None:
    """A Vietnamese number in E.164 (+84…), or None. Accepts +84, 0, spaces, dots, dashes."""
    digits = re.sub(r"[\s.\-()]", "", text)
    match = _MOBILE.match(digits) or _LANDLINE.match(digits)
    return f"+84{match[1]}" if match else None
