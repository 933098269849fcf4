"""Taking a list out of the house: what for, in which format, how much of it; then the file."""

from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse

from app.exports import lists, rules, service
from app.exports.lists import Listed
from app.exports.service import Asked
from app.exports.serving import file_answer
from app.http import actor
from app.i18n import language
from app.kinds import registry
from app.problems import Problem, faults
from app.step_up.rules import EXPORT
from app.step_up.service import require_step_up

# What an address of a list may hold; the form carries it on.
CARRIED = (
    *("state", "kind", "group", "risk", "person", "from", "to", "days", "sort", "q"),
    *("unit", "weeks", "indicator", "cell", "ward", "week", "what", "record", "within", "pick"),
)
bp = Blueprint("exports", __name__, url_prefix="/desk/export")


@bp.get("/<name>")
def form(name: str) -> Response:
    """What is asked before a list leaves, its filters in the address."""
    listed = lists.read(actor(), name, request.args)
    return _page(listed, request.args, _reason(listed, request.args.get("depth") or "open", None))


@bp.post("/<name>")
def file(name: str) -> AnyResponse:
    """The file; or the form, when it was only opened (a search goes by POST) or something is missing."""
    if name == "picked" and not request.form.getlist("pick"):
        return redirect(url_for("review.queue", none=1), 303)
    listed = lists.read(actor(), name, request.form)
    format, depth, said = (request.form.get(part, "") for part in ("format", "depth", "reason"))
    reason = _reason(listed, depth or "open", _again(listed))
    if not format:
        return _page(listed, request.form, reason)
    try:
        asked = service.checked(listed, Asked(format, depth, reason or said))
    except Problem as problem:
        if problem.code != "bad_form":
            raise
        return _page(listed, request.form, reason, problem)
    made = service.export(actor(), listed, asked, language())
    return file_answer(made.content, made.mime, made.name, attached=True)


def _reason(listed: Listed, depth: str, back: str | None) -> str:
    """Of what is not for everybody's eyes, the reason given with a fresh proof; empty where the form asks for one."""
    if not rules.needs_step_up([registry[code] for code in listed.kinds], depth):
        return ""
    about = f"{listed.name}/{listed.kinds[0]}" if len(listed.kinds) == 1 else listed.name
    return require_step_up(actor(), EXPORT, about, back=back)


def _again(listed: Listed) -> str:
    """Where the form stands; of what was searched for or ticked, the list: neither is kept in an address."""
    if listed.name in ("search", "picked"):
        return listed.back
    asked: dict[str, Any] = dict(_carried(request.form))
    return url_for("exports.form", name=listed.name, **asked, depth=request.form.get("depth") or None)


def _carried(typed: MultiDict[str, str]) -> list[tuple[str, str]]:
    return [(name, value) for name in CARRIED for value in typed.getlist(name) if value]


def _page(listed: Listed, typed: MultiDict[str, str], reason: str, problem: Problem | None = None) -> Response:
    kinds = [registry[code] for code in listed.kinds]
    page = render_template(
        "exports/form.html",
        here=listed.kinds[0] if len(listed.kinds) == 1 else listed.name,
        listed=listed,
        kind=kinds[0] if len(kinds) == 1 else None,
        formats=service.offered(listed),
        depths=rules.DEPTHS if len(kinds) == 1 else ("open",),
        carried=_carried(typed),
        typed=typed,
        reason=reason,
        longest=rules.LONGEST_REASON,
        problem=problem,
        faults=faults(problem),
    )
    return make_response(page, problem.status if problem else 200)
