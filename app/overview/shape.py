"""What an indicator is: a SELECT whose rows are counted on the overview and shown behind each number."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select

Look = Literal["good", "new", "late", "run"]


@dataclass(frozen=True)
class Period:
    """From when to when, and of which records. `reach`: a condition on Record that no indicator may leave out."""

    since: datetime
    until: datetime
    now: datetime
    reach: ColumnElement[bool]


@dataclass(frozen=True)
class Cell:
    """One number of an indicator. `look`: how its piece of the bar is drawn; None: only the number.

    words: a label that comes from elsewhere (a kind's, a state's); else the catalog's overview.<indicator>.<cell>.
    """

    code: str
    look: Look | None = None
    words: str | None = None


@dataclass(frozen=True)
class Indicator:
    """One file of app/overview/indicators assigns one of these to INDICATOR; its words are overview.<code>.… .

    kinds: whose records are behind the numbers. cells: what is counted, in order, in the language of the page.
    rows: SELECT of id, ward_id, group_id, at (when, for the week; may be NULL), cell: one row for each unit counted.
    weekly: the cells that are also shown week by week.
    spans: SELECT of ward_id, group_id and days: how long something took, for the median beside `spans_of`.
    share: the cell whose part of all is told in per cent.
    """

    code: str
    order: int
    icon: str
    kinds: Callable[[], list[str]]
    cells: Callable[[str], list[Cell]]
    rows: Callable[[Period], Select[Any]]
    headline: str
    weekly: tuple[str, ...] | Literal["all"] = ()
    spans: Callable[[Period], Select[Any]] | None = None
    spans_of: str = ""
    share: bool = False
