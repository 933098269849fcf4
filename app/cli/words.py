"""What commands say, in the language asked for; Vietnamese when none is."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click

from app.backup.rules import Trouble
from app.i18n import LANGUAGES, t

in_language: Callable[[Any], Any] = click.option(
    "--lang", type=click.Choice(LANGUAGES), default="vi", show_default=True, help="Language of what is printed."
)


@contextmanager
def in_words(lang: str) -> Iterator[None]:
    """A Trouble ends the command with its words."""
    try:
        yield
    except Trouble as trouble:
        values = dict(trouble.values)
        if "part" in values:
            values["part"] = t(f"backup.part.{values['part']}", lang)
        raise click.ClickException(t(f"backup.trouble.{trouble.code}", lang).format(**values)) from None
