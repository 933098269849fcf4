"""What must be true in R-01: after every step, after every whole pass of a phone, and when everything has healed."""

import json
from typing import Any

from app.kinds import registry
from app.records.audit import Audit
from app.records.chain import Head, read_head
from campaigns import oracle
from campaigns.machine_phone import Handset
from campaigns.machine_world import RESTRICTED, World, Wrong
from campaigns.rivals import vanished, written
from tests.phone import Json

MOST_ROUNDS = 200
UNPROVEN = ("bad_signature", "unsigned")
_CHANGES = "SELECT log_id, change_id, sha256, device, seq, person_id, record_id, body, outcome, receipt FROM change"
_RECORDS = "SELECT * FROM record"


def after_a_step(world: World) -> None:
    """Nothing promised is lost or doubled, the chain holds, and what became of each new change can be explained."""
    (version,) = world.look.execute("PRAGMA data_version").fetchone()
    if version == world.seen_version:
        return
    world.seen_version = version
    told = {key: receipt for key, (_, receipt) in world.told.items()}
    for fault in oracle.audit(world.look, world.kept, told, restored=len(world.floors) > 1):
        raise Wrong(fault)
    fresh = world.rows(f"{_CHANGES} WHERE log_id > ? ORDER BY log_id", world.judged)
    if not fresh:
        return
    world.judged = fresh[-1]["log_id"]
    records = {row["id"]: row for row in world.rows(_RECORDS)}
    for record in records.values():
        place = record["ward_id"], record["author_id"]
        if world.places.setdefault(record["id"], place) != place:
            raise Wrong(f"record {record['id']} went from {world.places[record['id']]} to {place}")
    for row in fresh:
        world.counts[f"outcome {row['outcome']}"] += 1
        if fault := _unexplained(world, row, records.get(row["record_id"])):
            raise Wrong(f"change {row['change_id']} of {row['person_id']}, {bytes(row['body']).decode()}: {fault}")


def after_a_pass(world: World, phone: Handset) -> None:
    """A phone that has sent and heard everything holds what its person may carry, as it stands, and nothing else."""
    held = dict(phone.store)
    for row in world.rows(_RECORDS):
        if not world.may_carry(phone.person.id, row):
            continue
        here = held.pop(row["id"], None)
        if here is None:
            raise Wrong(f"{phone.device} is not given record {row['id']}")
        for name, theirs, ours in _pairs(phone.person.id, row, here):
            if theirs != ours:
                raise Wrong(f"{phone.device} has {name} of {row['id']}: {ours} instead of {theirs}")
    if held:
        raise Wrong(f"{phone.device} still has {sorted(held)}, which is not for {phone.person.id}")


def heal(world: World) -> None:
    """No more faults: everybody signs in and sends until nothing waits any more."""
    for phone in world.phones:
        phone.online = True
        phone.fates.clear()
        if not phone.passes():
            world.signs_in(phone)
    turns = 0
    while any(phone.outbox for phone in world.phones) or not turns:
        if turns == MOST_ROUNDS:
            raise Wrong(f"{[len(phone.outbox) for phone in world.phones]} changes wait after {MOST_ROUNDS} rounds")
        turns += 1
        for phone in world.phones:
            if not phone.passes():
                raise Wrong(f"{phone.device} cannot send, though nothing fails")
    world.counts["most rounds to heal"] = max(world.counts["most rounds to heal"], turns)
    after_a_step(world)
    for phone in world.phones:
        phone.passes()
        after_a_pass(world, phone)
        if phone.digest() != (said := phone.asks_digest()):
            raise Wrong(f"{phone.device} has {phone.digest()}, the ward says {said}")


def in_the_end(world: World) -> None:
    """Everything that was ever written is there, has its effect or its reason, and what was lost is known."""
    _whole(world)
    changes = world.rows(_CHANGES)
    log = {(row["change_id"], row["sha256"]): row for row in changes}
    for phone in world.phones:
        for entry in phone.written.values():
            row = log.get((entry.id, entry.sha256))
            if row is None and entry.id not in phone.lost:
                raise Wrong(f"change {entry.seq} of {phone.device} is lost: {entry.body}")
        _gaps(world, phone, changes)
    lost = {phone.written[change].record for phone in world.phones for change in phone.lost}
    records = {row["id"]: row for row in world.rows(_RECORDS)}
    for row in changes:
        # What builds on a change that a phone lost waits for ever, and the desk is told so.
        if row["outcome"] == "held" and (row["record_id"] in records or row["record_id"] not in lost):
            raise Wrong(f"change {row['change_id']} is held for nothing")
    for record, row in records.items():
        for fault in vanished(written(world.look, record), json.loads(row["data"]), json.loads(row["conflicts"])):
            raise Wrong(f"record {record}: {fault}")


def _whole(world: World) -> None:
    """By the program's own `verify`, with the heads that phones saw."""
    heads = [(ward, head) for ward, text in world.witnesses.items() if (head := read_head(text))]
    with world.app.app_context():
        for finding in Audit().findings(heads):
            raise Wrong(f"verify: {finding.words}")
    assert all(isinstance(head, Head) for _, head in heads)


def _gaps(world: World, phone: Handset, changes: list[Json]) -> None:
    """The desk sees exactly the numbers that never came, or that came without a proof."""
    came = {
        row["seq"]
        for row in changes
        if (row["device"], row["person_id"]) == (phone.device, phone.person.id)
        and row["sha256"] not in world.garbled
        and not (row["outcome"] == "quarantined" and _code(row) in UNPROVEN)
    }
    missing = set(range(1, phone.seq + 1)) - came
    asked = "SELECT seq FROM gap WHERE person_id = ? AND device = ? AND filled_at IS NULL"
    shown = {row["seq"] for row in world.rows(asked, phone.person.id, phone.device)}
    world.counts["planted losses flagged"] += len(shown & missing)
    if shown != missing:
        raise Wrong(f"{phone.device}: {sorted(missing)} are missing, the desk sees {sorted(shown)}")


def _unexplained(world: World, row: Json, record: Json | None) -> str:
    """Why this change should not have become what it has; "" when all is well. `record` as it is afterwards."""
    outcome, code = row["outcome"], _code(row)
    change = json.loads(bytes(row["body"]))
    wanted = "change_id_reused" if row["sha256"] in world.garbled else world.by_intake.get(row["sha256"])
    if wanted:
        return "" if (outcome, code) == ("quarantined", wanted) else f"{outcome} {code} instead of {wanted}"
    if outcome == "held":
        known = record is not None and change["base"] <= max(record["version"], *world.floors)
        return "held, and what it waits for is here" if known else ""
    if row["device"].startswith("desk:"):
        return "" if outcome in ("applied", "merged", "needs_fixing") else f"a choice became {outcome}"
    if record is None:
        return f"{outcome} {code} without a record"
    if not world.may_write(row["person_id"], record):
        return "" if code == "out_of_scope" else f"{outcome} {code}, and the record is out of its writer's reach"
    if outcome == "quarantined":
        return "" if code == "not_withdrawable" and change.get("delete") else f"quarantined for {code}"
    return ""


def _pairs(person: str, row: Json, here: Json) -> list[tuple[str, Any, Any]]:
    hidden = RESTRICTED.get(row["kind"], ()) if row["author_id"] != person else ()
    data = {name: value for name, value in json.loads(row["data"]).items() if name not in hidden}
    review = json.loads(row["review"] or "null") or {}
    clashes = json.loads(row["conflicts"])
    if registry[row["kind"]].write_only:
        data, clashes = {}, []
    return [
        ("version", row["version"], here["version"]),
        ("status", row["status"], here["status"]),
        ("data", data, here["data"]),
        ("conflicts", _bare(clashes, hidden), _bare(here["conflicts"], ())),
        ("review", review.get("version"), (here["review"] or {}).get("version")),
    ]


def _bare(conflicts: list[Json], hidden: Any) -> list[Any]:
    names = ("field", "kept", "other", "version")
    return [[clash[name] for name in names] for clash in conflicts if clash["field"] not in hidden]


def _code(row: Json) -> str:
    problems = json.loads(row["receipt"])["problems"]
    return str(problems[0]["code"]) if problems else ""
