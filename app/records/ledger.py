"""What a transaction adds to the wards' feeds and log chains: gathered on the way, numbered as its last thing.

The row of a ward is locked once, after all other work, wards in ascending order. So the order of commits
is the order of numbers, the lock is held for the shortest time, and nobody waits in a circle.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, insert, select, text, update

from app.clock import now
from app.db import at_the_end, db, take_turns
from app.json_text import as_text
from app.records.chain import START, Head, canonical, seal
from app.records.models import Leaving, Link, Ward

# Statements of every writing transaction are put together once.
# All records at once: their ids as a JSON list, numbered in its order from one above on.
_PLACES = {
    "sqlite": "json_each(:ids) AS listed WHERE record.id = listed.value",
    "postgresql": (
        "json_array_elements_text(CAST(:ids AS json)) WITH ORDINALITY AS listed(id, no) WHERE record.id = listed.id"
    ),
}
_NO = {"sqlite": "listed.key + 1", "postgresql": "listed.no"}
_NUMBER = {name: text(f"UPDATE record SET feed_no = :above + {_NO[name]} FROM {_PLACES[name]}") for name in _PLACES}
_LAST = select(Ward.last_no, Ward.chain_no, Ward.chain_hash).where(Ward.ward_id == bindparam("ward")).with_for_update()
_NEW_LINK = insert(Link.__table__)  # type: ignore[arg-type]
_RAISE = (
    update(Ward.__table__)  # type: ignore[arg-type]
    .where(Ward.ward_id == bindparam("ward"))
    .values(last_no=bindparam("last"), chain_no=bindparam("no"), chain_hash=bindparam("head"))
)


def note(ward_id: int, what: str, **facts: Any) -> None:
    """Add a fact to the ward's chain before this transaction commits. Call inside `transact`.

    `facts` are JSON values that say who did what to which row: ids, versions, hashes, moments as
    text; never a name or an answer. Those that are None are left out. Without a moment it gets the present one.
    """
    if "received" not in facts and facts.get("at") is None:
        facts["at"] = now().isoformat(timespec="seconds")
    current().note(ward_id, {"what": what, **{name: value for name, value in facts.items() if value is not None}})


def touch(ward_id: int, record_id: str, *, left: bool) -> None:
    """Give a record its new place in the ward's feed. `left`: it went out of its readers' scope."""
    current().touch(ward_id, record_id, left=left)


def leave(ward_id: int, record_id: str) -> None:
    """Say in a ward's feed that a record which lies elsewhere by now left the scope of some who had it there."""
    current().leave(ward_id, record_id)


class Ledger:
    """The gathered numbers and facts of one transaction."""

    def __init__(self) -> None:
        self._touched: dict[int, dict[str, bool]] = {}  # ward -> record -> whether it left its scope
        self._left: dict[int, list[str]] = {}
        self._facts: dict[int, list[str]] = {}
        self.given: dict[int, tuple[int, int]] = {}  # ward -> the feed numbers above the one, up to the other

    def note(self, ward_id: int, facts: dict[str, Any]) -> None:
        """See the function of this name."""
        self._facts.setdefault(ward_id, []).append(canonical(facts))

    def touch(self, ward_id: int, record_id: str, *, left: bool) -> None:
        """See the function of this name."""
        self._touched.setdefault(ward_id, {})[record_id] = left

    def leave(self, ward_id: int, record_id: str) -> None:
        """See the function of this name."""
        self._left.setdefault(ward_id, []).append(record_id)

    def close(self) -> None:
        """Number and link everything. Nothing may be written after this."""
        for ward_id in sorted(self._touched.keys() | self._facts.keys() | self._left.keys()):
            touched, facts = self._touched.get(ward_id, {}), self._facts.get(ward_id, ())
            left = self._left.get(ward_id, ())
            last_no, head = _lock(ward_id)
            last = last_no + len(touched) + len(left)
            self._place(ward_id, last_no, touched, left)
            head = self._link(ward_id, head, facts)
            self.given[ward_id] = last_no, last
            raised = {"ward": ward_id, "last": last, "no": head.no, "head": head.hash}
            db.session.connection().execute(_RAISE, raised)

    def _place(self, ward_id: int, last_no: int, touched: dict[str, bool], left: Sequence[str]) -> None:
        """Number what was touched, and after it what only left."""
        numbers = {record_id: last_no + place for place, record_id in enumerate(touched, start=1)}
        if numbers:
            connection = db.session.connection()
            placed = {"above": last_no, "ids": as_text(list(numbers))}
            connection.execute(_NUMBER[connection.dialect.name], placed)
        leaving = [
            {"ward_id": ward_id, "feed_no": numbers[record_id], "record_id": record_id}
            for record_id, has_left in touched.items()
            if has_left
        ]
        above = last_no + len(touched)
        leaving += [
            {"ward_id": ward_id, "feed_no": above + place, "record_id": record_id}
            for place, record_id in enumerate(left, start=1)
        ]
        if leaving:
            db.session.connection().execute(insert(Leaving), leaving)

    def _link(self, ward_id: int, head: Head, facts: Sequence[str]) -> Head:
        rows, at = [], now()
        for fact in facts:
            head = Head(head.no + 1, seal(head.hash, fact))
            rows.append({"ward_id": ward_id, "no": head.no, "at": at, "facts": fact, "hash": head.hash})
        if rows:
            db.session.connection().execute(_NEW_LINK, rows)
        return head


def current() -> Ledger:
    """The ledger of the running transaction. Call inside `transact`."""
    ledger: Ledger = at_the_end("ledger", Ledger)
    return ledger


def _lock(ward_id: int) -> tuple[int, Head]:
    """The ward's latest feed number and chain head, its row locked until the commit."""
    connection = db.session.connection()
    found = connection.execute(_LAST, {"ward": ward_id}).one_or_none()
    if found is None and take_turns(f"ward {ward_id}"):
        found = connection.execute(_LAST, {"ward": ward_id}).one_or_none()  # another may have been the first
    if found is None:
        connection.execute(insert(Ward), [{"ward_id": ward_id}])
        return 0, START
    return found.last_no, Head(found.chain_no, found.chain_hash)
