"""What the quarantine's pages show: lines without a word of anybody's report, and one change with all of it."""

from collections.abc import Mapping
from typing import Any

from app.clock import now, today
from app.i18n import language, t
from app.i18n.formats import iso_moment
from app.identity import senders
from app.identity.queries import names
from app.identity.rights import Actor
from app.identity.rules import device_name
from app.kinds import checks, registry
from app.problems import Problem
from app.quarantine import queries, rules, service
from app.quarantine.models import Repair
from app.records.models import Change
from app.review.shown import field_label
from app.seals import service as seals
from app.sync import log
from app.sync.judge import Judgement, Sender, judge, quarantined
from app.units import queries as units

# Look of each next step, and of each state: colour and picture.
STEP_LOOK = {
    "ready": ("leaf", "check"),
    "repair": ("lamp", "edit"),
    "file": ("river", "user"),
    "wait": ("", "wait"),
    "look": ("", "eye"),
}
STATE_LOOK = {"kept": ("lamp", "wait"), "aside": ("", "book"), "released": ("leaf", "done")}


def line(row: queries.Row, labels: Mapping[tuple[str, str], str]) -> dict[str, Any]:
    """A row of the list in words."""
    text = row.body.decode("utf-8", "surrogatepass")
    kind_code, at = rules.peek(text)
    state = state_of(row.outcome, row.last_step)
    reason = rules.reason_of(row.receipt) or row.first_reason or ""
    return {
        "log_id": row.log_id,
        "kind": kind_label(kind_code),
        "icon": registry[kind_code].icon if kind_code in registry else "info",
        "urgent": state == "kept" and is_urgent(kind_code),
        "reason": t(f"desk.quarantine.why.{rules.known_reason(reason)}"),
        "sender": row.sender,
        "phone": phone_name(labels.get((row.person_id, row.device), ""), row.device),
        "place": units.heading(row.ward),
        "received": row.received_at,
        "written": iso_moment(at),
        "state": state,
        "step": next_step(reason, text) if state != "released" else None,
    }


def page(actor: Actor, change: Change, typed: Mapping[str, str], problem: Problem | None) -> dict[str, Any]:
    """Everything about one change, for its template. After a refused form: with what was typed."""
    text, seen = service.standing_text(change)
    done = queries.steps(change.log_id)
    reason = rules.reason_of(change.receipt) or (done[0][0].reason if done else "")
    state = state_of(change.outcome, done[-1][0].outcome if done else None)
    original = seals.inside(change.body.decode("utf-8", "surrogatepass"))
    rights = service.sender_of(change, text)
    faults = {fault["field"]: fault["code"] for fault in problem.fields} if problem else {}
    return {
        "change": change,
        "sender": names([change.person_id]).get(change.person_id, ""),
        "phone": phone_name(senders.label_of(change.person_id, change.device), change.device),
        "seen": seen,
        "state": state,
        "reason": rules.known_reason(reason),
        "step": next_step(reason, text) if state != "released" else None,
        "kind": kind_label(rules.peek(text)[0]),
        "urgent": is_urgent(rules.peek(text)[0]),
        "written": iso_moment(rules.peek(text)[1]),
        "text": rules.shown(text),
        "original": rules.visible(original),
        "is_repaired": text != original,
        "fault": fault_words(rules.fault_of(text)),
        "rights": rights,
        "foreseen": _foreseen(change, text, rights) if state != "released" else None,
        "steps": [_step(step, name) for step, name in done],
        "typed": typed,
        "typed_fault": _typed_fault(change, typed) if "text" in faults else None,
        "faults": faults,
        "still": rules.known_reason(faults.get("release", "")),
        "problem": problem,
        **_places(actor),
    }


def state_of(outcome: str, last_step: str | None) -> str:
    """kept, aside or released."""
    if outcome != "quarantined":
        return "released"
    return "aside" if last_step == "set_aside" else "kept"


def kind_label(code: str) -> str:
    """A kind's name; its bare code when it is not known here."""
    if code in registry:
        return checks.in_language(registry[code].label, language())
    return code or t("desk.quarantine.no_kind")


def is_urgent(code: str) -> bool:
    """Whether such a record must not wait: the ward's clock runs from the moment at which it came in."""
    return code in registry and registry[code].calls_first


def phone_name(label: str, device: str) -> str:
    """The phone as it called itself, or the beginning of its id."""
    return device_name(label) or device[:8]


def next_step(reason: str, text: str) -> str:
    """What would let the change be taken."""
    readable, known = rules.fault_of(text) is None, rules.peek(text)[0] in registry
    return rules.next_step(reason, readable=readable, kind_is_known=known)


def fault_words(fault: rules.Fault | None) -> str:
    """What is wrong with a text, in words, with the place where it can be named."""
    if fault is None:
        return ""
    if fault.code == "json":
        what = t(f"desk.quarantine.json.{fault.what}")
        return t("desk.quarantine.json.at", line=fault.line, column=fault.column, what=what) if fault.line else what
    if fault.code == "member":
        return t(f"desk.quarantine.member.{fault.what or 'all'}")
    return t(f"desk.quarantine.text.{fault.code}")


def answers(judged: Judgement) -> list[tuple[str, str]]:
    """The fields that a change would leave wanting, with why."""
    kind = registry.get((judged.record or {}).get("kind", ""))
    return [(field_label(kind, p["field"]), t(f"check.{p['code']}")) for p in judged.problems if "field" in p]


def _foreseen(change: Change, text: str, rights: Actor | None) -> dict[str, Any] | None:
    """What would become of the change now; None when there is nobody to judge it for, or nothing to judge."""
    entry = log.reopened(change, text)
    if rights is None or entry.change is None:
        return None
    record = queries.record_as_it_stands(entry.change.record)
    sender = Sender(rights, change.device, now(), today().isoformat(), change.received_at)
    try:
        judged = judge(registry, record, entry.change, sender)
    except Exception:  # the stumble for which it was kept aside may still be there
        judged = quarantined("our_fault")
    code = str(judged.problems[0]["code"]) if judged.outcome == "quarantined" else ""
    return {"outcome": judged.outcome, "reason": rules.known_reason(code), "wanting": answers(judged)}


def _typed_fault(change: Change, typed: Mapping[str, str]) -> str:
    return fault_words(service.repair_fault(change, typed.get("text", "")))


def _step(step: Repair, name: str) -> dict[str, Any]:
    filed = step.filed or {}
    where = next(iter(filed.get("groups") or ()), filed.get("ward"))
    return {
        "what": step.outcome,
        "by": name,
        "at": step.at,
        "note": step.note,
        "where": units.place(where) if where else "",
    }


def _places(actor: Actor) -> dict[str, Any]:
    wards = units.wards_under(actor.ward_id)
    groups: dict[int, list[Any]] = {ward.id: [] for ward in wards}
    for group in units.groups_of(list(groups)):
        groups[group.parent_id or 0].append(group)
    return {"wards": wards, "groups": groups, "heading": units.heading, "place": units.place}
