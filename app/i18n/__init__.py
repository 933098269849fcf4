"""Words in two languages: flat JSON catalogs, shared with the phone."""

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from flask import g, has_request_context, request

LANGUAGES = ("vi", "en")
_FOLDER = Path(__file__).parent / "catalogs"


@cache
def catalog(lang: str) -> dict[str, str]:
    """All words of a language, from every catalogs/*.<lang>.json."""
    words: dict[str, str] = {}
    for path in sorted(_FOLDER.glob(f"*.{lang}.json")):
        words |= json.loads(path.read_text(encoding="utf-8"))
    return words


def language() -> str:
    """The language of this request: ?lang=, then the cookie, then what the browser asks for; Vietnamese first."""
    if not has_request_context():
        return "vi"
    if "lang" not in g:
        asked = request.args.get("lang") or request.cookies.get("lang")
        g.lang = asked if asked in LANGUAGES else (request.accept_languages.best_match(LANGUAGES) or "vi")
    return str(g.lang)


def t(key: str, lang: str | None = None, **values: object) -> str:
    """The words of `key`. A missing key raises KeyError: a test makes sure that none is missing."""
    text = catalog(lang or language())[key]
    return text.format(**values) if values else text


def w(words: Sequence[str]) -> str:
    """The current language's half of a (vi, en) pair."""
    return words[LANGUAGES.index(language())]
