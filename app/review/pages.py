"""The ward desk's pages: queue, search, a record, and the forms of a verdict. All work without script."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from app import vietnamese
from app.clock import today
from app.db import transact
from app.form_text import whole
from app.http import actor
from app.i18n.formats import day
from app.kinds import registry
from app.problems import Problem
from app.records import queries as records
from app.review import address, choice, desk_fields, dossier, lines, lists, paper, rules, service, shown
from app.review.views import VIEWS
from app.saved import service as saved
from app.today import items
from app.units import queries as units

bp = Blueprint("review", __name__)
LONGEST_SEARCH = 100


@bp.app_context_processor
def _menu() -> dict[str, Any]:
    return {"nav_kinds": list(registry.values())}


@bp.get("/desk/")
def queue() -> str:
    """What needs doing today and what waits; or the list that the filters in the address ask for."""
    wanted, home = address.read(request.args, today()), not set(request.args) - {"lang"}
    rows, following = lists.page(actor(), wanted, rules.after(request.args.get("after", "")))
    tiles, waiting = items.tiles(actor()) if home else ([], lists.tallies(actor(), ["waiting"])["waiting"])
    return render_template(
        "review/queue.html",
        here="queue" if wanted.view != "all" or not wanted.kind else wanted.kind,
        home=home,
        tiles=tiles,
        wanted=wanted,
        asked=address.write(wanted),
        saved=saved.visible(actor()),
        senders=lists.senders(actor()),
        picked="pick" in request.args,
        none_picked="none" in request.args,
        risks=list(rules.RISKS),
        orders=rules.ORDERS,
        periods=address.PERIODS,
        sizes=lists.SIZES,
        rows=lines.lines(rows),
        waiting=waiting,
        groups=units.groups_of([actor().ward_id]),
        ward=units.path(actor().ward_id),
        views=list(VIEWS),
        banded=wanted.order == "urgent",
        next_after=following.text() if following else None,
        paged="after" in request.args,
        today=today(),
        day=day,
        query="",
    )


@bp.post("/desk/search")
def search() -> str:
    """Records found by name or title. A POST, so that no name is left in an address or a log."""
    query = vietnamese.clean(request.form.get("q", ""))[:LONGEST_SEARCH]
    wanted = address.read(request.form, today()) if "within" in request.form else lists.Wanted(view="all")
    rows = shown.by_given_name(lists.search(actor(), query, wanted))
    return render_template(
        "review/search.html",
        here="queue",
        rows=lines.lines(rows),
        query=query,
        asked=address.write(address.read(request.form, today())),
        within="within" in request.form,
        full=len(rows) >= lists.SEARCH_LIMIT,
    )


@bp.get("/desk/records/<record_id>")
def record(record_id: str) -> str:
    """A record with everything that is known about it, and the bar for the verdict."""
    return dossier.page(actor(), record_id, done=request.args.get("done", ""))


@bp.get("/desk/records/<record_id>/return")
def return_form(record_id: str) -> str:
    """Choose the fields in question, with a reason for each."""
    given = MultiDict({f"pin-{name}": "on" for name in request.args.getlist("pin")})
    return dossier.return_page(actor(), record_id, given)


@bp.get("/desk/records/<record_id>/duplicate")
def duplicate_form(record_id: str) -> str:
    """Choose the record that this one repeats."""
    return dossier.duplicate_page(actor(), record_id, MultiDict({"original": request.args.get("original", "")}))


@bp.post("/desk/records/<record_id>/verdict")
def verdict(record_id: str) -> Response | tuple[str, int]:
    """Write the verdict, or show the form again with what is missing or what has changed meanwhile."""
    records.get(actor(), record_id)
    given = read_verdict(request.form)
    try:
        with transact():
            service.decide(actor(), record_id, given)
    except Problem as problem:
        if problem.code not in ("newer_version", "bad_form", "not_possible_now"):
            raise
        return _again(record_id, given, problem), problem.status
    return redirect(url_for("review.record", record_id=record_id, done=1), 303)


@bp.post("/desk/records/<record_id>/undo")
def undo_duplicate(record_id: str) -> Response:
    """Take back that a record is a duplicate."""
    with transact():
        service.undo_duplicate(actor(), record_id)
    return redirect(url_for("review.record", record_id=record_id, done="undone"), 303)


@bp.get("/desk/records/<record_id>/print")
def printed(record_id: str) -> str:
    """A record on paper: its answers and photos, without who told us and without what the desk notes for itself."""
    return paper.page(actor(), record_id)


@bp.post("/desk/records/<record_id>/choice")
def choose(record_id: str) -> Response | tuple[str, int]:
    """Choose between what two phones wrote in one field; written only on the version that was on the screen."""
    records.get(actor(), record_id)
    seen, number = (_whole(request.form.get(name, "")) for name in ("seen", "choice"))
    try:
        with transact():
            choice.choose(actor(), record_id, seen, request.form.get("field", ""), number)
    except Problem as problem:
        if problem.code not in ("newer_version", "bad_form", "not_possible_now"):
            raise
        stale_from = seen if problem.code == "newer_version" else None
        return dossier.page(actor(), record_id, problem=problem, stale_from=stale_from), problem.status
    return redirect(url_for("review.record", record_id=record_id, done="choice"), 303)


@bp.post("/desk/records/<record_id>/fields")
def fill(record_id: str) -> Response | tuple[str, int]:
    """Write the fields that the desk owns, or show them again with what is wrong or what has changed meanwhile."""
    kind = registry.get(records.get(actor(), record_id).kind)
    seen = _whole(request.form.get("seen", ""))
    try:
        with transact():
            service.fill(actor(), record_id, seen, desk_fields.read(kind, request.form))
    except Problem as problem:
        if problem.code not in ("newer_version", "bad_form", "not_possible_now"):
            raise
        return dossier.filling_page(actor(), record_id, request.form, problem, seen), problem.status
    return redirect(url_for("review.record", record_id=record_id, done="fields"), 303)


def _whole(text: str) -> int:
    """A whole number out of a form, -1 for anything else."""
    number = whole(text)
    return -1 if number is None else number


def read_verdict(form: Mapping[str, Any]) -> rules.Verdict:
    """The form's answers. A reason that was typed pins its field even when the box was forgotten."""
    pins = {}
    for name in {
        key.removeprefix("pin-").removeprefix("reason-") for key in form if key.startswith(("pin-", "reason-"))
    }:
        reason = vietnamese.clean(form.get(f"reason-{name}", ""))
        if reason or f"pin-{name}" in form:
            pins[name] = reason
    original = form.get("pasted", "").strip() or form.get("original", "")
    return rules.Verdict(
        seen=max(_whole(str(form.get("seen", ""))), 0),
        verdict=form.get("verdict", ""),
        note=vietnamese.clean(form.get("note", "")),
        pins=pins,
        original=rules.record_id_in(original),
    )


def _again(record_id: str, given: rules.Verdict, problem: Problem) -> str:
    stale_from = given.seen if problem.code == "newer_version" else None
    # What was withdrawn meanwhile takes no verdict: then the record's page says so.
    forms = rules.possible(records.get(actor(), record_id).status)
    if given.verdict == "return" and given.verdict in forms:
        return dossier.return_page(actor(), record_id, request.form, problem, stale_from)
    if given.verdict == "duplicate" and given.verdict in forms:
        return dossier.duplicate_page(actor(), record_id, request.form, problem, stale_from)
    return dossier.page(actor(), record_id, problem=problem, stale_from=stale_from, typed=request.form)
