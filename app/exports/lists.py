"""The lists of the desk that can be exported, each read from the same address as its page."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from flask import url_for
from sqlalchemy import ColumnElement, and_
from werkzeug.datastructures import MultiDict

from app.audit import entries
from app.audit import pages as log
from app.clock import today
from app.exports import queries
from app.exports.columns import Cell, Column, Row, extra
from app.form_text import whole
from app.i18n import t
from app.identity.rights import ADMIN, LEADER, OFFICER, Actor
from app.kinds import registry
from app.overview import pages as figures
from app.places import pages as places
from app.places import queries as placed
from app.problems import Problem
from app.rechecks import service as rechecks
from app.records.models import Record
from app.records.queries import in_scope
from app.review import address as asked
from app.review import lists as reviewed
from app.review import pages as review
from app.vietnamese import clean

MOST_PICKED = 1000


@dataclass(frozen=True)
class Listed:
    """A list as it was asked for. `kinds`: whose records may be in it; with one, all its answers are columns.

    wanted: the filters, for the log. unit: whose log has it. back: the page that it was taken from. source: its
    rows in a language, and whether children may be called by name. columns: those of this list alone.
    """

    name: str
    kinds: tuple[str, ...]
    wanted: Mapping[str, Any]
    unit: int
    back: str
    source: Callable[[str, bool], Iterator[Row]]
    columns: tuple[Column, ...] = ()


def read(actor: Actor, name: str, args: MultiDict[str, str]) -> Listed:
    """The list of this name, filtered as the address or the form says. Raises not_found."""
    roles, reader = LISTS.get(name, (frozenset(), _queue))
    if actor.role not in roles:
        raise Problem("not_found")
    return reader(actor, args)


def _records(
    actor: Actor, held: ColumnElement[bool], more: Mapping[str, Mapping[str, Cell]] | None = None
) -> Callable[[str, bool], Iterator[Row]]:
    """Records for which the condition holds, within the person's scope."""
    return lambda lang, named: queries.rows(held, in_scope(actor), lang, named=named, more=more)


def _queue(actor: Actor, args: MultiDict[str, str]) -> Listed:
    wanted = asked.read(args, today())
    kinds = (wanted.kind,) if wanted.kind else tuple(registry)
    address: dict[str, Any] = {**asked.write(wanted)}
    source = _records(actor, reviewed.matching(actor, wanted))
    return Listed("queue", kinds, address, actor.ward_id, url_for("review.queue", **address), source)


def _search(actor: Actor, args: MultiDict[str, str]) -> Listed:
    """What was searched for is a name more often than not: only how many words is noted."""
    words = clean(args.get("q", ""))[: review.LONGEST_SEARCH]
    wanted = asked.read(args, today()) if "within" in args else reviewed.Wanted(view="all")
    kinds = (wanted.kind,) if wanted.kind else tuple(registry)
    noted = {**asked.write(wanted), "words": len(words.split())}
    source = _records(actor, and_(reviewed.matching(actor, wanted), reviewed.holding(words)))
    return Listed("search", kinds, noted, actor.ward_id, url_for("review.queue"), source)


def _picked(actor: Actor, args: MultiDict[str, str]) -> Listed:
    """What was ticked in a list: record ids, each with the version that was seen."""
    ids = sorted({pick.partition(":")[0] for pick in args.getlist("pick")})[:MOST_PICKED]
    kinds = tuple(code for code in registry if code in queries.kinds_of(actor, ids))
    noted = {"records": len(ids)}
    source = _records(actor, Record.id.in_(ids))
    return Listed("picked", kinds, noted, actor.ward_id, url_for("review.queue"), source)


def _map(actor: Actor, args: MultiDict[str, str]) -> Listed:
    wanted = places.filters(args)
    kinds = (wanted.kind,) if wanted.kind else tuple(placed.mapped_kinds())
    address = places.in_address(wanted)
    source = _records(actor, placed.matching(actor, wanted))
    return Listed("map", kinds, address, actor.ward_id, url_for("places.listing", **address), source)


def _rechecks(actor: Actor, args: MultiDict[str, str]) -> Listed:
    chosen = whole(args.get("group"))
    due = [one for one in rechecks.due(actor) if one.standing != "later" and chosen in (None, one.group_id)]
    more: dict[str, dict[str, Cell]] = {
        one.id: {"due": date.fromisoformat(one.day), "standing": t(f"export.standing.{one.standing}")} for one in due
    }
    kinds = tuple(code for code, kind in registry.items() if kind.recheck)
    columns = (
        extra("due", t("export.col.due"), "day"),
        extra("standing", t("export.col.standing"), "text"),
    )
    address: dict[str, Any] = {"group": chosen} if chosen is not None else {}
    source = _records(actor, Record.id.in_([one.id for one in due]), more)
    return Listed("rechecks", kinds, address, actor.ward_id, url_for("rechecks.listing", **address), source, columns)


def _figure(actor: Actor, args: MultiDict[str, str]) -> Listed:
    """The rows behind a number of the overview."""
    indicator, held, address = figures.behind(args)
    cell = address.get("cell", "")
    kinds = (cell,) if cell in registry else tuple(indicator.kinds())
    source = _records(actor, Record.id.in_(held))
    return Listed("figure", kinds, address, actor.ward_id, url_for("overview.rows", **address), source)


def _log(actor: Actor, args: MultiDict[str, str]) -> Listed:
    """The log itself; that somebody took it stands in it afterwards."""
    wanted = log.asked(args)
    address: dict[str, Any] = {**log.in_address(wanted)}
    back = url_for("audit.page", **address)
    return Listed("log", (), address, wanted.unit, back, partial(entries.rows, wanted), entries.columns())


_OF_RECORDS = frozenset({OFFICER, LEADER})
LISTS: dict[str, tuple[frozenset[str], Callable[[Actor, MultiDict[str, str]], Listed]]] = {
    "queue": (_OF_RECORDS, _queue),
    "search": (_OF_RECORDS, _search),
    "picked": (_OF_RECORDS, _picked),
    "map": (_OF_RECORDS, _map),
    "rechecks": (_OF_RECORDS, _rechecks),
    "figure": (_OF_RECORDS, _figure),
    "log": (frozenset({LEADER, ADMIN}), _log),
}
