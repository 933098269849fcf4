"""A finished file as an answer, given out piece by piece and gone afterwards."""

from collections.abc import Iterator
from typing import IO
from urllib.parse import quote

from flask import Response

_PIECE = 1 << 16


def file_answer(content: IO[bytes], mime: str, name: str, *, attached: bool) -> Response:
    """The whole of a file that is at its beginning. It is closed when it was given out, or when nobody takes it."""
    length = content.seek(0, 2)
    content.seek(0)
    answer = Response(_pieces(content), content_type=mime, direct_passthrough=True)
    answer.content_length = length
    answer.headers["Content-Disposition"] = f"{'attachment' if attached else 'inline'}; filename={quote(name)}"
    answer.call_on_close(content.close)
    return answer


def _pieces(content: IO[bytes]) -> Iterator[bytes]:
    try:
        while piece := content.read(_PIECE):
            yield piece
    finally:
        content.close()
