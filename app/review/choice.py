"""An officer chooses between what two phones wrote: a change like any other, made at the desk.

It goes into the log with the officer as its sender and "desk:<person>" as its device, meets the record in
the same merge, and travels to the phones as the record's next version. Runs inside the caller's transaction.
"""

import json
from typing import Any
from uuid import uuid4

from app.clock import HANOI, now
from app.db import take_turns
from app.identity.rights import OFFICER, Actor
from app.problems import Problem
from app.records import ledger
from app.records import queries as records
from app.records.queries import Row
from app.sync import queries
from app.sync.envelopes import Sent
from app.sync.merge import sides
from app.sync.service import take_in


def choose(actor: Actor, record_id: str, seen: int, field: str, number: int) -> int:
    """Take the `number`-th of the values that stand open for a field; the record's new version.

    Raises not_found, newer_version when there is a version that the officer has not seen, not_possible_now
    for a withdrawn record, or bad_form when no such choice is open.
    """
    if actor.role != OFFICER:
        raise Problem("not_found")
    records.get(actor, record_id)
    take_turns(f"changes of {actor.id}")
    record = records.standing([record_id])[record_id]
    _refuse_unseen(record, seen)
    if record["status"] == "withdrawn":
        raise Problem("not_possible_now")
    open_ = sides(field, record["data"], record["writers"], record["conflicts"])
    if number not in range(len(open_)):
        raise Problem("bad_form", fields=[{"field": "choice", "code": "not_choice"}])
    device = f"desk:{actor.id}"
    (receipt,) = take_in(actor, device, (_change(actor, device, record, field, open_[number].value),))
    if receipt["outcome"] == "quarantined":
        raise Problem("our_fault")
    said = {"field": field, "version": receipt["version"], "change": receipt["id"], "sha256": receipt["sha256"]}
    at = now().isoformat(timespec="seconds")
    ledger.note(record["ward_id"], "choice", record=record_id, by=actor.id, at=at, **said)
    return int(receipt["version"])


def _refuse_unseen(record: Row, seen: int) -> None:
    if record["version"] != seen:
        raise Problem("newer_version", version=record["version"])


def _change(actor: Actor, device: str, record: Row, field: str, value: Any) -> Sent:
    body = {
        "id": str(uuid4()),
        "seq": queries.highest_seq(actor.id, device) + 1,
        "record": record["id"],
        "kind": record["kind"],
        "form": record["form"],
        "base": record["version"],
        "at": now().astimezone(HANOI).isoformat(timespec="seconds"),
        "set": {field: value},
    }
    return Sent(json.dumps(body, ensure_ascii=False), None)
