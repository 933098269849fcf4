"""What becomes of one change: the record as it is now goes in, the verdict and the record afterwards come out. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from app.identity.rights import COLLABORATOR, OFFICER, Actor, may_write
from app.kinds import checks
from app.kinds.vocabulary import Kind
from app.records import rules
from app.sync.envelopes import ChangeBody
from app.sync.merge import Incoming, Merged, is_late, merge, same, sides
from app.sync.scope import hidden_from
from app.vietnamese import clean

Row = Mapping[str, Any]
Problems = list[dict[str, str]]
# Who withdrew the record stands among its writers. No field can have this name: names are stored without white space.
_WITHDRAWAL = " withdrawn"


@dataclass(frozen=True)
class Sender:
    """Who sends, with which phone, and when it came in. `floor`: see `records.queries.version_floor`."""

    actor: Actor
    device: str
    received_at: datetime
    today: str
    # When the ward first had it, where that was before it could be judged.
    arrived_at: datetime | None = None
    floor: int = 0


@dataclass(frozen=True)
class Judgement:
    """What the receipt says. `record` is the record afterwards, None when nothing is written."""

    outcome: str
    problems: Problems
    version: int = 0
    record: dict[str, Any] | None = None
    what: str = ""
    # Whether the phone, if it had the base, now has exactly this record and need not be sent it.
    quiet: bool = False


def quarantined(code: str, field: str | None = None, version: int = 0) -> Judgement:
    """Kept whole, nothing else done."""
    return Judgement("quarantined", [{"code": code} if field is None else {"field": field, "code": code}], version)


def judge(kinds: Mapping[str, Kind], record: Row | None, change: ChangeBody, sender: Sender) -> Judgement:
    """Decide about a change. `record` is what stands under its id, whoever it belongs to."""
    kind = kinds.get(change.kind)
    if kind is None:
        return quarantined("unknown_kind")
    if record is None:
        waits = change.base > 0 or change.answers is None
        return Judgement("held", []) if waits else _edit(kind, None, change, sender)
    known = kinds.get(record["kind"])
    here = record["ward_id"] == sender.actor.ward_id
    if here and sender.actor.role == OFFICER:
        return _choose(kind, record, change, sender)
    if not here or not may_write(
        sender.actor, known.sharing if known else "author", record["author_id"], record["group_id"]
    ):
        return quarantined("out_of_scope")
    if record["kind"] != change.kind:
        return quarantined("unreadable", "kind", record["version"])
    # A base from before a restore may name a version that was lost and will never come again.
    if change.base > max(record["version"], sender.floor):
        return Judgement("held", [], record["version"])
    return _withdraw(record, change, sender) if change.answers is None else _edit(kind, record, change, sender)


def _edit(kind: Kind, record: Row | None, change: ChangeBody, sender: Sender) -> Judgement:
    answers, refused = _allowed(kind, record, change, sender)
    values, found = checks.normalise(kind, answers)
    merged = _merged(kind, record, change, sender, values)
    data = _consented(kind, merged.data, sender.today)
    problems = _problems(kind, merged, found, record, values, sender)
    status = rules.after_edit(record["status"] if record else None, record["review"] if record else None, problems)
    if record and record["status"] == "withdrawn" and _overtaken(record, change, sender):
        status = "withdrawn"
    after = {
        **(record or _blank(change, sender)),
        "version": merged.version,
        "status": status,
        "data": data,
        "writers": _writers(merged, status),
        "conflicts": merged.conflicts,
        "problems": problems,
        "changed_at": sender.received_at,
        "form": max(change.form, record["form"] if record else 0),
    }
    author = after["author_id"]
    shown = [p for p in problems if not hidden_from(sender.actor.id, author, kind, p["field"])]
    expected = ("received", "needs_fixing") if record is None else (record["status"], "needs_fixing")
    return Judgement(
        "needs_fixing" if problems else merged.outcome,
        shown + refused,
        merged.version,
        after,
        "edited" if record else "created",
        quiet=merged.outcome == "applied"
        and not refused
        and status in expected
        and data == merged.data
        and _unaltered(values, answers),
    )


def _choose(kind: Kind, record: Row, change: ChangeBody, sender: Sender) -> Judgement:
    """An officer takes one of the values that stand open for a field. It asks nobody for anything: verdicts stand."""
    answers = change.answers or {}
    open_ = {name: sides(name, record["data"], record["writers"], record["conflicts"]) for name in answers}
    known = change.base == record["version"] and change.kind == record["kind"] and record["status"] != "withdrawn"
    if not known or len(answers) != 1 or not any(same(side.value, answers[n]) for n in open_ for side in open_[n]):
        return quarantined("out_of_scope", version=record["version"])
    judged = _edit(kind, record, change, sender)
    after = {**record, **(judged.record or {})}
    status = rules.after_choice(record["status"], record["review"], after["problems"])
    return replace(judged, what="choice", record={**after, "status": status})


def _consented(kind: Kind, data: Row, today: str) -> Row:
    """The answers without an informant who did not agree to be named (Mẫu số 01, A.3), whatever the phone sent."""
    unasked = {name for name in kind.informants if not checks.is_shown(kind.fields[name], data, today)}
    return {name: value for name, value in data.items() if name not in unasked}


def _withdraw(record: Row, change: ChangeBody, sender: Sender) -> Judgement:
    version = record["version"]
    if record["status"] == "withdrawn":
        return Judgement("applied", [], version)
    others = [wrote for wrote in record["writers"].values() if wrote[0] > change.base and wrote[3] != sender.actor.id]
    own = record["author_id"] == sender.actor.id
    if not own or others or not rules.may_withdraw(record["status"], record["review"]):
        return quarantined("not_withdrawable", version=version)
    incoming = _incoming(change, sender, {})
    if any(is_late(wrote, incoming) for wrote in record["writers"].values()):
        return Judgement("merged", [], version)  # the same phone wrote on after it withdrew the record
    version = max(version, sender.floor) + 1
    writer = [version, sender.device, change.seq, sender.actor.id, change.at]
    after = {
        **record,
        "version": version,
        "status": "withdrawn",
        "writers": {**record["writers"], _WITHDRAWAL: writer},
        "changed_at": sender.received_at,
    }
    return Judgement("applied", [], version, after, "withdrawn")


def _allowed(kind: Kind, record: Row | None, change: ChangeBody, sender: Sender) -> tuple[dict[str, Any], Problems]:
    """The answers that this person may give, and a problem for each other."""
    answers, refused = {}, []
    for name, value in (change.answers or {}).items():
        stored = name if name in kind.fields else clean(name)
        field = kind.fields.get(stored)
        if field is not None and field.owner == "desk":
            refused.append({"field": stored, "code": "desk_owned"})
        elif field is not None and record and _is_hidden(kind, stored, record, sender.actor):
            refused.append({"field": stored, "code": "out_of_scope"})
        else:
            answers[name] = value
    return answers, refused


def _is_hidden(kind: Kind, name: str, record: Row, actor: Actor) -> bool:
    """Whether the field is one that this person is not shown. The ward's desk is shown all of them."""
    return actor.role == COLLABORATOR and hidden_from(actor.id, record["author_id"], kind, name)


def _merged(kind: Kind, record: Row | None, change: ChangeBody, sender: Sender, values: Row) -> Merged:
    incoming = _incoming(change, sender, values)
    if record is None:
        return merge({}, {}, sender.floor, [], incoming, kind.safety)
    version = max(record["version"], sender.floor)
    return merge(record["data"], record["writers"], version, record["conflicts"], incoming, kind.safety)


def _incoming(change: ChangeBody, sender: Sender, values: Row) -> Incoming:
    return Incoming(sender.device, change.seq, sender.actor.id, change.at, change.base, values)


def _problems(kind: Kind, merged: Merged, found: Problems, record: Row | None, values: Row, sender: Sender) -> Problems:
    """What the whole record lacks. Characters that could not be stored are gone from it, so their problem is kept."""
    faulty = {problem["field"] for problem in found}
    sound = {name for name, value in values.items() if name not in faulty and merged.data.get(name) is value}
    problems = checks.check(kind, merged.data, sender.today, sound)
    listed = {problem["field"] for problem in problems}
    before: Sequence[dict[str, str]] = record["problems"] if record else ()
    fresh = [problem for problem in found if same(merged.data.get(problem["field"]), values[problem["field"]])]
    lasting = [problem for problem in before if problem["field"] not in values]
    for problem in [*fresh, *lasting]:
        if problem["code"] == "bad_characters" and problem["field"] not in listed and problem["field"] in merged.data:
            problems.append(problem)
            listed.add(problem["field"])
    return problems


def _writers(merged: Merged, status: str) -> dict[str, Any]:
    return {name: wrote for name, wrote in merged.writers.items() if name != _WITHDRAWAL or status == "withdrawn"}


def _overtaken(record: Row, change: ChangeBody, sender: Sender) -> bool:
    """Whether the same phone wrote this before it withdrew the record."""
    withdrawal = record["writers"].get(_WITHDRAWAL)
    return withdrawal is not None and is_late(withdrawal, _incoming(change, sender, {}))


def _unaltered(values: Row, answers: Row) -> bool:
    try:
        # Most are the very same value, and need not be written out to be compared.
        kept = (value is answers[name] or same(value, answers[name]) for name, value in values.items())
        return values.keys() == answers.keys() and all(kept)
    except RecursionError:  # nested deeper than JSON can be written again; it was stored as text
        return False


def _blank(change: ChangeBody, sender: Sender) -> dict[str, Any]:
    return {
        "id": change.record,
        "kind": change.kind,
        "author_id": sender.actor.id,
        "ward_id": sender.actor.ward_id,
        "group_id": None,
        "parent_id": None,
        "review": None,
        "again_on": None,
        "original_id": None,
        "said": None,
        "task": None,
        "assignee_id": None,
        "task_due": None,
        "task_at": None,
        "received_at": sender.arrived_at or sender.received_at,
        "feed_no": 0,
    }
