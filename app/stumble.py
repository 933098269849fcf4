"""How a fault of ours is spoken of in the log: where it happened, never in the error's own words.

Those words may quote what was being written, and a child's name must not reach a log.
"""

import traceback

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from app.db import is_not_now, is_worth_a_second_try


def place_of(error: BaseException) -> str:
    """The error's kind and the lines of the program that it went through, those of its causes too."""
    frames = "".join(traceback.format_tb(error.__traceback__))
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return f"{place_of(cause) if cause else ''}{type(error).__name__}\n{frames}"


def is_database_away(error: BaseException) -> bool:
    """Whether the database is busy or gone, so that nothing was kept now, and the same request may do later."""
    return is_not_now(error) if isinstance(error, DBAPIError) else isinstance(error, NoConnectionFree)


def is_bad_luck(error: BaseException) -> bool:
    """Whether the database let one of two go first, or lost the line: the whole transaction may be tried again now."""
    return isinstance(error, DBAPIError) and is_worth_a_second_try(error)
