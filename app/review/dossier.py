"""The pages about one record: what they show, put together for their templates."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import render_template, request
from werkzeug.datastructures import MultiDict

from app.clock import now, today
from app.clocks import shown as clocks
from app.i18n import language, t
from app.i18n.formats import day, iso_moment, moment
from app.identity.queries import names
from app.identity.rights import OFFICER, Actor
from app.kinds import checks, registry
from app.kinds.vocabulary import Kind
from app.maps.ground import ground
from app.photos.queries import files_of
from app.problems import Problem
from app.rechecks import shown as rechecks
from app.records import queries as records
from app.records.models import Record, RecordVersion
from app.remarks import service as remarks
from app.review import clashes, desk_fields, queries, rules, shown, twins
from app.step_up import queries as step_up
from app.step_up.service import is_guarded, is_noted_when_read, open_record
from app.tasks import queries as tasks
from app.tasks import rules as task_rules
from app.units import queries as units

History = Sequence[tuple[RecordVersion, str]]
_FORMS: dict[str, Any] = {name: {} for name in ("clock_typed", "clock_faults", "remark", "task_typed", "task_faults")}


def page(
    actor: Actor,
    record_id: str,
    *,
    done: str = "",
    problem: Problem | None = None,
    stale_from: int | None = None,
    typed: Mapping[str, str] | None = None,
    filled: MultiDict[str, str] | None = None,
    field_faults: Mapping[str, str] | None = None,
    again: Mapping[str, Any] | None = None,
) -> str:
    """The record itself. After a stale or incomplete verdict: the same page with what was typed.

    `filled`, `field_faults`: the desk's own fields as they were typed, and what is wrong with them. `again`: the same
    of one of the smaller forms, by the names that their templates have.
    """
    open_record(actor, record_id)
    record = records.get(actor, record_id)
    kind = registry.get(record.kind)
    history = queries.history(record.id)
    linked = _linked(actor, kind, record, history)
    people = names(clashes.writers(record))
    doubles = queries.doubles(actor, record.id)
    below = queries.below(actor, [record.id, *(one.id for one in doubles)])
    return render_template(
        "review/record.html",
        **_common(actor, kind, record, history, linked, problem, stale_from),
        sheet=shown.sheet(kind, record.data, _context(record, linked)),
        clashes=clashes.clashes(kind, record, people, linked),
        point=shown.point(kind, record.data),
        ground=ground(record.ward_id),
        likely=twins.likely(actor, kind, record),
        doubles=doubles,
        steps=shown.steps(kind, history, linked),
        versions=[version.version for version, _ in history],
        compared=_compared(kind, history, linked),
        parent=linked.get(record.parent_id or ""),
        original=linked.get((record.review or {}).get("original") or ""),
        below=below,
        recheck=rechecks.summary(kind, record, below, today()),
        day=day,
        reads=step_up.readings_of(record.id) if is_noted_when_read(record.kind) else (),
        title_of=shown.title,
        public_title_of=lambda other: shown.public_title(other.kind, other.data),
        kind_of=lambda other: registry.get(other.kind),
        done=done,
        moment=moment,
        may_choose=actor.role == OFFICER and kind is not None and record.status != "withdrawn",
        typed=typed or {},
        ward_boxes=_boxes(actor, kind, record, filled, field_faults or {}),
        ward_open=filled is not None,
        clocks=clocks.of(record.kind, record.status, record.id, record.received_at),
        clock_now=clocks.typed_now(),
        notes=remarks.notes(record.id),
        iso_moment=iso_moment,
        **_task(actor, record),
        **{**_FORMS, **(again or {})},
    )


def _task(actor: Actor, record: Record) -> dict[str, Any]:
    """How far the record's task is, and for an officer whom one may be given."""
    task = record.task or {}
    answered = record.assignee_id is not None and tasks.has_answer(record.id)
    row = {name: getattr(record, name) for name in ("kind", "group_id", "author_id", "ward_id")}
    return {
        "task_standing": task_rules.standing(task, today(), answered=answered),
        "task_people": tasks.candidates(row) if actor.role == OFFICER else [],
    }


def filling_page(actor: Actor, record_id: str, typed: MultiDict[str, str], problem: Problem, seen: int) -> str:
    """The record with the desk's own fields as they were typed: some are wrong, or somebody wrote meanwhile."""
    faults = {fault["field"]: fault["code"] for fault in problem.fields}
    plain = Problem(problem.code) if problem.code == "bad_form" else problem
    stale_from = seen if problem.code == "newer_version" else None
    return page(actor, record_id, problem=plain, stale_from=stale_from, filled=typed, field_faults=faults)


def _boxes(
    actor: Actor, kind: Kind | None, record: Record, typed: MultiDict[str, str] | None, faults: Mapping[str, str]
) -> list[desk_fields.Box]:
    """The form of the desk's own fields, for whoever may fill it in."""
    if actor.role != OFFICER or kind is None or record.status == "withdrawn":
        return []
    return desk_fields.boxes(kind, record.data, today().isoformat(), typed, faults)


def return_page(
    actor: Actor,
    record_id: str,
    typed: Mapping[str, str],
    problem: Problem | None = None,
    stale_from: int | None = None,
) -> str:
    """Each field with a box and a reason. On a first look, what the form found missing is already chosen."""
    record, kind, history, linked = _load(actor, record_id)
    sheet = shown.sheet(kind, record.data, _context(record, linked))
    if not typed:
        typed = {f"pin-{p['field']}": "on" for p in record.problems}
        typed |= {f"reason-{p['field']}": t(f"check.{p['code']}") for p in record.problems}
    return render_template(
        "review/return.html",
        **_common(actor, kind, record, history, linked, problem, stale_from),
        sheet=sheet,
        typed=typed,
    )


def duplicate_page(
    actor: Actor,
    record_id: str,
    typed: Mapping[str, str],
    problem: Problem | None = None,
    stale_from: int | None = None,
) -> str:
    """Records that may be the same thing, the likeliest first, and a box for another one's id."""
    named = typed.get("original") or ""
    if any(not is_guarded(beside.kind) for beside in queries.among(actor, [named]).values()):
        open_record(actor, named)
    record, kind, history, linked = _load(actor, record_id)
    other = queries.among(actor, [named]).get(named)
    return render_template(
        "review/duplicate.html",
        **_common(actor, kind, record, history, linked, problem, stale_from),
        candidates=twins.candidates(actor, kind, record),
        beside=_beside(kind, record, other, linked),
        title_of=shown.title,
        when=lambda at: shown.when(at, now()),
        typed=typed,
    )


def _beside(
    kind: Kind | None, record: Record, other: Record | None, linked: Mapping[str, Record]
) -> list[shown.Difference] | None:
    """Where the two differ; of reports nothing, since the other one may be read only on its own page."""
    if other is None or other.id == record.id or is_guarded(other.kind):
        return None
    return shown.differences(kind, record.data, other.data, linked)


def _load(actor: Actor, record_id: str) -> tuple[Record, Kind | None, History, dict[str, Record]]:
    if not rules.possible(records.get(actor, record_id).status):
        raise Problem("not_possible_now")
    open_record(actor, record_id)
    record = records.get(actor, record_id)
    kind = registry.get(record.kind)
    history = queries.history(record.id)
    return record, kind, history, _linked(actor, kind, record, history)


def _common(
    actor: Actor,
    kind: Kind | None,
    record: Record,
    history: History,
    linked: Mapping[str, Record],
    problem: Problem | None,
    stale_from: int | None,
) -> dict[str, Any]:
    """What the three pages share: heading, the verdict's problems, and what changed since the officer looked."""
    author = next((name for _, name in history), "")
    seen = next((v.data for v, _ in history if v.version == stale_from), None)
    return {
        "here": kind.code if kind else "queue",
        "record": record,
        "kind": kind,
        "heading_words": shown.public_title(record.kind, record.data),
        "kind_label": checks.in_language(kind.label, language()) if kind else record.kind,
        "author": author,
        "unit": units.path(record.unit_id or record.group_id or record.ward_id),
        "why": shown.why_urgent(record.kind, record.data, today().isoformat()) if record.urgency >= rules.HIGH else "",
        "band": rules.band(record.urgency),
        "possible": rules.possible(record.status) if actor.role == OFFICER else (),
        "problem": problem,
        "faults": {fault["field"]: fault["code"] for fault in problem.fields} if problem else {},
        "stale_from": stale_from,
        "stale": shown.differences(kind, seen, record.data, linked) if seen is not None else None,
        "files": files_of(record),
        "guarded": is_guarded(record.kind),
        "field_label": lambda name: shown.field_label(kind, name),
    }


def _context(record: Record, linked: Mapping[str, Record]) -> shown.Context:
    pins = (record.review or {}).get("pins") or {} if record.status in ("returned", "answered") else {}
    return shown.Context(today().isoformat(), linked, record.problems, pins)


def _linked(actor: Actor, kind: Kind | None, record: Record, history: History) -> dict[str, Record]:
    """Every record that this one or an earlier version of it speaks of, within the person's reach."""
    wanted = {record.parent_id, (record.review or {}).get("original")} - {None, ""}
    for data in [record.data, *(version.data for version, _ in history)]:
        wanted |= shown.references(kind, data)
    return queries.among(actor, {str(id) for id in wanted})


def _compared(kind: Kind | None, history: History, linked: Mapping[str, Record]) -> dict[str, Any] | None:
    """Two versions side by side, as ?from= and ?to= ask."""
    known = {str(version.version): version for version, _ in history}
    old, new = known.get(request.args.get("from", "")), known.get(request.args.get("to", ""))
    if old is None or new is None:
        return None
    changes = shown.differences(kind, old.data, new.data, linked)
    return {"old": old, "new": new, "changes": changes}
