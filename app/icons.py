"""The one way in which pages draw a picture of templates/icons.svg."""

from functools import cache

from markupsafe import Markup


@cache
def icon(name: str, size: str = "") -> Markup:
    """An icon by its name, `size` s or l; hidden from screen readers, which get the word beside it.

    In Python, because a list of 300 lines has 1,000 of them, and a macro of the template takes ten times as long.
    """
    look = f"i i-{size}" if size else "i"
    return Markup('<svg class="{}" aria-hidden="true"><use href="#i-{}"/></svg>').format(look, name)
