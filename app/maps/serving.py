"""A ward's map file as an answer, whole or in ranges, to people of that ward."""

from flask import Response, request, send_file

from app.identity.rights import Actor
from app.maps import queries
from app.problems import Problem


def map_answer(actor: Actor, sha256: str) -> Response:
    """The file, or the range that was asked for (RFC 9110, 14). Its address changes with its bytes.

    Raises not_found for any other ward's, as if it did not exist.
    """
    own = queries.map_of(actor.ward_id)
    if own is None or own.sha256 != sha256:
        raise Problem("not_found")
    # Asked before the file is opened: Flask would leave it open.
    if request.range is not None and request.range.range_for_length(own.size) is None:
        raise Problem("bad_form")
    answer = send_file(queries.path_of(sha256), mimetype="application/vnd.pmtiles", conditional=True, etag=sha256)
    answer.headers["Cache-Control"] = "private, max-age=31536000, immutable"
    return answer
