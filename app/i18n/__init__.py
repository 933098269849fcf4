"""Words in two languages: flat JSON catalogs, shared with the phone."""

import json
from collections.abc import Callable, Sequence
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
    try:
        known: str = g.lang  # asked for hundreds of times a page
    except (AttributeError, RuntimeError):
        return _asked_for() if has_request_context() else "vi"
    return known


def _asked_for() -> str:
    asked = request.args.get("lang") or request.cookies.get("lang")
    g.lang = asked if asked in LANGUAGES else (request.accept_languages.best_match(LANGUAGES) or "vi")
    return str(g.lang)


def t(key: str, lang: str | None = None, **values: object) -> str:
    """The words of `key`. A missing key raises KeyError: a test makes sure that none is missing."""
    text = catalog(lang or language())[key]
    return text.format(**values) if values else text


def of_a_page() -> dict[str, Callable[..., str]]:
    """`t` for a template: the same in the page's language, which is looked up once and not for every word."""
    words = catalog(language())

    def of_it(key: str, lang: str | None = None, **values: object) -> str:
        text = catalog(lang)[key] if lang else words[key]
        return text.format(**values) if values else text

    return {"t": of_it}


def w(words: Sequence[str]) -> str:
    """The current language's half of a (vi, en) pair."""
    return words[LANGUAGES.index(language())]
