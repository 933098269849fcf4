"""Labels in both languages, code lists and warnings: the words of a record kind."""

from typing import NamedTuple

from app.kinds.conditions import Condition


class Words(NamedTuple):
    """A label in both languages. Neither may be empty."""

    vi: str
    en: str


class Code(NamedTuple):
    """One entry of a code list."""

    code: str
    words: Words
    hint: Words | None = None


class Warn(NamedTuple):
    """A warning that never blocks: shown while `when` holds."""

    when: Condition
    say: Words


def codes(*rows: tuple[str, str, str]) -> tuple[Code, ...]:
    """A code list from (code, Vietnamese, English) rows."""
    return tuple(Code(code, Words(vi, en)) for code, vi, en in rows)
