"""What may be said of a request in a log, and who may ask how the server is. Pure."""

import ipaddress
import re
from collections.abc import Mapping

# A UUID or that much of hex: no name and no number of anybody can look like it.
_REQUEST_ID = re.compile(r"[0-9a-f-]{16,64}")
_WORD = re.compile(r"[a-z]{1,8}")
_BEFORE_VALUES = re.compile(r"[=:'\"\n]")
# Below this the disk counts as full: the largest request, its log and a photo must still fit many times.
LEAST_ROOM = 200_000_000


def request_id(given: str | None, made: str, *, proxies: int) -> str:
    """The id that the proxy gave the request, if it is well-formed and there is a proxy of ours; else our own.

    Anybody could have written the header where no proxy of ours stands before us, and it goes into the log.
    """
    told = (given or "").lower()
    return told if proxies and _REQUEST_ID.fullmatch(told) else made


def bare(message: object, values: object) -> str:
    """A library's words for the log without what it quotes: numbers and short plain words of it stay, texts go.

    What it has put together itself is cut off where the first value may stand.
    """
    text = str(message)
    if not values:
        return _BEFORE_VALUES.split(text)[0].strip()
    try:
        if isinstance(values, Mapping):
            return text % {name: _shown(value) for name, value in values.items()}
        return text % tuple(_shown(value) for value in (values if isinstance(values, tuple) else (values,)))
    except (TypeError, ValueError):
        return _BEFORE_VALUES.split(text)[0].strip()


def may_read_metrics(address: str | None, *, production: bool, proxies: int) -> bool:
    """Whether a request without the token may read the metrics: one from this machine itself.

    Behind a proxy that we were not told of, every request comes from this machine.
    """
    if production and not proxies:
        return False
    try:
        return ipaddress.ip_address(address or "").is_loopback
    except ValueError:
        return False


def _shown(value: object) -> object:
    if isinstance(value, int | float):
        return value
    return value if isinstance(value, str) and _WORD.fullmatch(value) else "…"
