"""The desk takes in a file of unsent work: choose, look, take. Works without script. In between the page carries the
file's text; the bytes of its photos, if it has any, lie on a shelf for at most a day."""

from collections import Counter
from contextlib import closing
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, make_response, render_template, request

from app.clock import now
from app.http import actor, json_answer
from app.i18n import formats
from app.intake import files, handover, photos, shelf
from app.intake.files import BadFile, UnsentFile
from app.kinds import registry
from app.sync.envelopes import Unreadable, read_body, read_change
from app.sync.log import Receipt

bp = Blueprint("handover", __name__, url_prefix="/desk/handover")
_ROOM = 100_000  # of a form around its file
_MOST_SENT = files.MOST_BYTES + files.MOST_PHOTO_BYTES
_MOST_CARRIED = files.MOST_BYTES * 2 + _ROOM  # as text in a form
_MOST_HEARD = 200_000_000


@bp.get("")
def form() -> Response:
    """Choose a file."""
    return _form()


@bp.post("")
def look() -> Response:
    """What the file would bring, before anything is taken."""
    try:
        raw, file, laid = _uploaded()
        seen = handover.look(actor(), file)
    except BadFile as bad:
        return _form(bad)
    return make_response(
        render_template(
            "intake/look.html",
            here="handover",
            file=file,
            seen=seen,
            kinds=[(registry.get(code), count) for code, count in seen.kinds],
            made=_in_words(file.made),
            packed=files.pack(raw),
            laid=laid,
            photos=Counter(photos.states(file)),
        )
    )


@bp.post("/take")
def take() -> Response:
    """Take it in; the receipts. The same again gives the same receipts."""
    try:
        file, packed = _carried()
        receipts = handover.take(actor(), file)
    except BadFile as bad:
        return _form(bad)
    laid = request.form.get("laid", "")
    states = photos.take(actor(), file, shelf.find(laid)) if file.photos else []
    if photos.WAITS not in states:
        shelf.forget(laid)
    page = render_template(
        "intake/taken.html",
        here="handover",
        rows=_rows(file, receipts),
        outcomes=Counter(receipt["outcome"] for receipt in receipts),
        drafts=file.drafts,
        packed=packed,
        laid=laid if shelf.find(laid) else "",
        photos=states,
    )
    return make_response(page)


@bp.post("/receipts")
def receipts() -> Response:
    """The receipts as a file, to go back with the phone."""
    try:
        file, _ = _carried()
    except BadFile as bad:
        return _form(bad)
    found = handover.receipts_for(file), photos.receipts(file)
    answer = json_answer(files.receipts_file(file, *found, now().isoformat(timespec="seconds")))
    answer.headers["Content-Disposition"] = f'attachment; filename="to-am-receipts-{now():%Y-%m-%d}.json"'
    return answer


def _form(bad: BadFile | None = None) -> Response:
    page = render_template("intake/form.html", here="handover", bad=bad.code if bad else "")
    return make_response(page, 422 if bad else 200)


def _uploaded() -> tuple[bytes, UnsentFile, str]:
    """The text of the file that was chosen, what it says, and where the bytes of its photos lie."""
    if (request.content_length or 0) > _MOST_SENT + _ROOM:
        _hear_out()
        raise BadFile("too_large")
    request.max_content_length = _MOST_SENT + _ROOM
    chosen = request.files.get("file")
    if chosen is None or not chosen.filename:
        raise BadFile("forgotten")
    with closing(chosen):  # a large one lies in a file of the system's
        source = chosen.stream
        has_photos = files.has_photos(source.read(200))
        source.seek(0)
        raw = source.readline(files.MOST_BYTES + 1) if has_photos else source.read(files.MOST_BYTES + 1)
        file = files.read_file(raw)
        if not file.photos:
            return raw, file, ""
        laid, size = shelf.lay(source, file.photo_bytes + 1)
    if size != file.photo_bytes:
        shelf.forget(laid)
        raise BadFile("cut_short" if size < file.photo_bytes else "damaged")
    return raw, file, laid


def _hear_out() -> None:
    """Let a browser finish sending what is too large; one that is cut off shows its own page instead of our words."""
    request.max_content_length = _MOST_HEARD
    if (request.content_length or 0) <= _MOST_HEARD:
        while request.stream.read(1 << 16):
            pass


def _carried() -> tuple[UnsentFile, str]:
    """The file that the page before carried along. It is checked like any other: it was in the browser's hands."""
    request.max_content_length = request.max_form_memory_size = _MOST_CARRIED
    packed = request.form.get("packed", "")
    if not packed:
        raise BadFile("forgotten")
    return files.read_file(files.unpack(packed)), packed


def _rows(file: UnsentFile, receipts: list[Receipt]) -> list[dict[str, Any]]:
    return [
        {
            "kind": registry.get(handover.kind_of(one.body)),
            "written": _written_in(one.body),
            "outcome": receipt["outcome"],
            "reasons": [problem["code"] for problem in receipt["problems"] if "field" not in problem],
            "receipt": receipt["sha256"][:4],
        }
        for one, receipt in zip(handover.contents(file), receipts, strict=True)
    ]


def _in_words(text: str) -> str:
    """A moment that a phone wrote; empty when it is none."""
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        return ""
    return formats.moment(read) if read.tzinfo else ""


def _written_in(body: str) -> str:
    try:
        return formats.moment(read_change(read_body(body)).written_at)
    except Unreadable:
        return ""
