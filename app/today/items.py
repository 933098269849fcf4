"""What needs doing today, one declaration an item: how it is counted, which list its number opens, how it looks.

An item of records names a view of the queue and is counted with all other views in one statement. Another item is a
function and the address of its list. Its words are `desk.today.<code>`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from app.arrivals import queries as arrivals
from app.identity.rights import Actor
from app.rechecks import service as rechecks
from app.review import lists


@dataclass(frozen=True)
class Item:
    """`colour`: brick for danger and overdue, lamp for what needs a hand, river for news. Either `view` or `count`."""

    code: str
    colour: str
    icon: str
    endpoint: str = "review.queue"
    arguments: dict[str, str] = field(default_factory=dict)
    view: str | None = None
    count: Callable[[Actor], int] | None = None


def _view(code: str, colour: str, icon: str) -> Item:
    return Item(code, colour, icon, arguments={"state": code}, view=code)


ITEMS = (
    _view("clocks", "brick", "clock"),
    _view("danger", "brick", "alert"),
    _view("high", "lamp", "hazard"),
    _view("answered", "river", "return"),
    _view("needs_fixing", "lamp", "edit"),
    _view("conflicts", "lamp", "fork"),
    _view("mine", "lamp", "user"),
    _view("tasks_late", "brick", "send"),
    _view("returned", "river", "wait"),
    Item("rechecks", "brick", "clock", "rechecks.listing", {"only": "overdue"}, count=rechecks.overdue),
    _view("visits", "brick", "child"),
    Item("silent", "lamp", "phone", "arrivals.listing", {"only": "silent"}, count=arrivals.count_silent),
    Item("gaps", "lamp", "nosignal", "arrivals.listing", {"only": "gaps"}, count=arrivals.count),
)


class Tile(NamedTuple):
    """An item with its number."""

    item: Item
    number: int


def tiles(actor: Actor) -> tuple[list[Tile], int]:
    """Every item with its number, and how many records wait for the ward."""
    counted: dict[str, Any] = lists.tallies(actor, ["waiting", *(item.view for item in ITEMS if item.view)])
    found = [Tile(item, item.count(actor) if item.count else counted[item.view or ""]) for item in ITEMS]
    return found, counted["waiting"]
