"""What must be true afterwards, read straight from the database: nothing acknowledged is lost, nothing is doubled.

Knows the tables' names and nothing of the program's code, so that one mistake cannot hide in both.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from campaigns.pg_place import PgLook
from tests.phone import Entry, Json

A_LIFE = 1000  # docs/sync-protocol.md, after a restore


def audit(
    look: Any, kept: Mapping[Any, Entry], acknowledged: Mapping[Any, Json], *, restored: bool = False
) -> list[str]:
    """Everything that is wrong with the database behind the connection `look`. Empty when all is well.

    `kept` and `acknowledged`: what phones wrote, and the receipts they had for it, under the same keys.
    `restored`: the database came out of a backup, after which versions go on at a multiple of 1000.
    """
    return [
        *_whole(look),
        *_there_once(look, kept, acknowledged),
        *_nothing_half(look),
        *_versions(look, restored=restored),
        *_feed(look),
        *_chain(look),
    ]


def receipts_there(look: Any, kept: Mapping[Any, Entry], acknowledged: Iterable[Any]) -> list[str]:
    """Whether each acknowledged change is in the log exactly once, with its bytes."""
    faults = []
    for key in acknowledged:
        entry = kept[key]
        found = look.execute("SELECT body FROM change WHERE change_id = ? AND sha256 = ?", [entry.id, entry.sha256])
        bodies = [bytes(row[0]) for row in found]
        if len(bodies) != 1:
            faults.append(f"acknowledged change {entry.id} is there {len(bodies)} times")
        elif bodies[0] != entry.body.encode("utf-8", "surrogatepass"):
            faults.append(f"acknowledged change {entry.id} has other bytes")
    return faults


def dump(look: Any) -> dict[str, list[Any]]:
    """Every row of every table, to compare two databases."""
    names = [row[0] for row in look.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    return {name: sorted(look.execute(f'SELECT * FROM "{name}"'), key=repr) for name in names}


def _whole(look: Any) -> list[str]:
    if isinstance(look, PgLook):
        return []  # PostgreSQL keeps its keys itself, and has no such question
    said = [row[0] for row in look.execute("PRAGMA integrity_check")]
    broken = look.execute("PRAGMA foreign_key_check").fetchall()
    faults = [f"integrity_check says {line}" for line in said if line != "ok"]
    return faults + [f"a key to nothing: {row}" for row in broken]


def _there_once(look: Any, kept: Mapping[Any, Entry], acknowledged: Mapping[Any, Json]) -> list[str]:
    faults = receipts_there(look, kept, acknowledged)
    for key, receipt in acknowledged.items():
        wanted = "SELECT receipt FROM change WHERE change_id = ? AND sha256 = ?"
        found = look.execute(wanted, [kept[key].id, kept[key].sha256]).fetchone()
        stored = json.loads(found[0]) if found else None
        if stored is not None and receipt["outcome"] != "held" and stored != as_sent(receipt):
            faults.append(f"the receipt of {kept[key].id} was {receipt} and is {stored}")
    return faults


def _nothing_half(look: Any) -> list[str]:
    bare = "SELECT change_id FROM change WHERE outcome = 'received' OR CAST(receipt AS TEXT) = '{}'"
    faults = [f"change {row[0]} was stored and never judged" for row in look.execute(bare)]
    doubled = "SELECT change_log_id FROM record_version WHERE change_log_id > 0 GROUP BY 1 HAVING count(*) > 1"
    faults += [f"log entry {row[0]} made two versions" for row in look.execute(doubled)]
    # Every outcome but these made a version of its record, unless it was a withdrawal.
    taken = (
        "SELECT change_id, outcome, body FROM change WHERE outcome NOT IN ('held', 'quarantined')"
        " AND log_id NOT IN (SELECT change_log_id FROM record_version WHERE change_log_id IS NOT NULL)"
    )
    idle = [row for row in look.execute(taken) if not _is_withdrawal(bytes(row[2]))]
    return faults + [f"change {row[0]} is {row[1]} and made no version" for row in idle]


def _is_withdrawal(body: bytes) -> bool:
    try:
        return json.loads(body).get("delete") is True
    except (ValueError, AttributeError):
        return False


def _versions(look: Any, *, restored: bool) -> list[str]:
    numbers: dict[str, list[int]] = {}
    for record, version in look.execute("SELECT record_id, version FROM record_version ORDER BY record_id, version"):
        numbers.setdefault(record, []).append(version)
    faults = [
        f"record {record} is at version {version} and has the versions {numbers.get(record)}"
        for record, version in look.execute("SELECT id, version FROM record")
        if not _follow(numbers.get(record, []), version, restored=restored)
    ]
    differs = (
        "SELECT r.id, CAST(r.data AS TEXT), CAST(v.data AS TEXT), r.status, v.status"
        " FROM record r JOIN record_version v ON v.record_id = r.id AND v.version = r.version"
    )
    for record, data, kept, status, left in look.execute(differs):  # opened: no two seals of one text are the same
        if (json.loads(data), status) != (json.loads(kept), left):
            faults.append(f"record {record} differs from its latest version")
    return faults


def _follow(numbers: list[int], latest: int, *, restored: bool) -> bool:
    """Whether each number follows the one before; after a restore one may follow a multiple of 1000 instead."""
    before = 0
    for number in numbers:
        if number != before + 1 and not (restored and number > before and number % A_LIFE == 1):
            return False
        before = number
    return before == latest


def _feed(look: Any) -> list[str]:
    faults = []
    for ward_id, last in look.execute("SELECT ward_id, last_no FROM ward").fetchall():
        wanted = "SELECT feed_no FROM record WHERE ward_id = ? ORDER BY feed_no"
        numbers = [row[0] for row in look.execute(wanted, [ward_id])]
        if len(set(numbers)) != len(numbers) or any(not 0 < number <= last for number in numbers):
            faults.append(f"the feed of ward {ward_id} up to {last} holds {numbers}")
    lost = "SELECT id FROM record WHERE ward_id NOT IN (SELECT ward_id FROM ward)"
    return faults + [f"record {row[0]} is in no feed" for row in look.execute(lost)]


def _chain(look: Any) -> list[str]:
    faults, linked = [], []
    for ward_id, chain_no, chain_hash in look.execute("SELECT ward_id, chain_no, chain_hash FROM ward").fetchall():
        before, no = "0" * 64, 0
        links = "SELECT no, facts, hash FROM link WHERE ward_id = ? ORDER BY no"
        for no, facts, found in look.execute(links, [ward_id]):
            if found != hashlib.sha256(f"{before}\n{facts}".encode()).hexdigest():
                faults.append(f"link {no} of ward {ward_id} does not follow from the one before")
            before = found
            fact = json.loads(facts)
            linked += [fact["log_id"]] if fact["what"] == "change" else []
        if (chain_no, chain_hash) != (no, before):
            faults.append(f"ward {ward_id} names link {chain_no} as its chain's head, and the last is {no}")
    stored = [row[0] for row in look.execute("SELECT log_id FROM change ORDER BY log_id")]
    return faults if sorted(linked) == stored else [*faults, "the chain does not name each change of the log once"]


def as_sent(receipt: Mapping[str, Any]) -> dict[str, Any]:
    """A receipt as it came, without what the tests' phone notes on it."""
    return {name: value for name, value in receipt.items() if name != "record"}
