"""What an officer reads on the page of what has not arrived."""

import re
from html import unescape

from flask.testing import FlaskClient

_LOST = re.compile(r"Điện thoại của ([^:<]+): (?:các mục|mục) số ([0-9–, ]+) chưa về phường")
_UNSENT = re.compile(r"<td>([^<]+)</td>\s*(?:(?!</tr>).)*?Còn ([0-9]+) mục chưa gửi", re.DOTALL)


def page(officer: FlaskClient) -> str:
    """The page as it stands."""
    answer = officer.get("/desk/arrivals")
    assert answer.status_code == 200
    return unescape(answer.text)


def lost(officer: FlaskClient) -> dict[str, set[int]]:
    """Given name -> the numbers that never came."""
    found: dict[str, set[int]] = {}
    for name, text in _LOST.findall(page(officer)):
        for run in text.split(", "):
            first, _, last = run.partition("–")
            found.setdefault(name, set()).update(range(int(first), int(last or first) + 1))
    return found


def unsent(officer: FlaskClient) -> dict[str, int]:
    """Name -> how many entries the phone still had at its last word."""
    return {name: int(count) for name, count in _UNSENT.findall(page(officer))}
