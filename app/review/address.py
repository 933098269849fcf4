"""What a list is asked for, as it stands in an address or a form: read, and written again. Holds no names."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

from app.form_text import whole
from app.kinds import registry
from app.kinds.shapes import is_day, is_record_id
from app.review.lists import SIZES, Wanted
from app.review.rules import ORDERS, RISKS
from app.review.views import VIEWS

# Days back from today that a list may be asked for by one choice.
PERIODS = (1, 7, 30, 90, 365)
_TYPED = re.compile(r"([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4})")


def read(given: Mapping[str, str], today: date) -> Wanted:
    """What is asked for. Nonsense is as if it were not there."""
    view, kind, risk, sort = (given.get(name, "") for name in ("state", "kind", "risk", "sort"))
    days, size = whole(given.get("days", "")), whole(given.get("size", ""))
    person = given.get("person", "")
    wanted = Wanted(
        view=view if view in VIEWS else "waiting",
        kind=kind if kind in registry else None,
        group=whole(given.get("group", "")),
        risk=risk if risk in RISKS else None,
        person=person if is_record_id(person) else None,
        since=day_of(given.get("from", "")),
        until=day_of(given.get("to", "")),
        days=days if days in PERIODS else None,
        sort=next((order for order in ORDERS if order == sort), None),
        size=size if size in SIZES else SIZES[0],
    )
    return replace(wanted, since=today - timedelta(days=wanted.days - 1)) if wanted.days else wanted


def write(wanted: Wanted) -> dict[str, str]:
    """The same, as names and values, without what goes without saying."""
    usual = Wanted()
    period = {"days": wanted.days} if wanted.days else {"from": wanted.since, "to": wanted.until}
    given = {
        "state": wanted.view if wanted.view != usual.view else None,
        "kind": wanted.kind,
        "group": wanted.group,
        "risk": wanted.risk,
        "person": wanted.person,
        **period,
        "sort": wanted.sort,
        "size": wanted.size if wanted.size != usual.size else None,
    }
    return {name: str(value) for name, value in given.items() if value is not None}


def day_of(text: str) -> date | None:
    """2026-06-03 as an address has it, or 3/6/2026 as people write it."""
    typed = _TYPED.fullmatch(text.strip())
    plain = f"{typed[3]}-{int(typed[2]):02}-{int(typed[1]):02}" if typed else text.strip()
    return date.fromisoformat(plain) if is_day(plain) else None
