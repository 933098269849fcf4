"""A phone over real HTTP: the tests' phone, with a socket in the place of the test client."""

import http.client
import json
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.cast import Someone
from tests.phone import Entry, Json, Phone


@dataclass(frozen=True)
class Answer:
    """What came back, under the names that a test client's answer has."""

    status_code: int
    headers: Mapping[str, str]
    data: bytes

    @property
    def text(self) -> str:
        return self.data.decode("utf-8", "replace")

    def get_json(self) -> Any:
        return json.loads(self.data)


class Line:
    """One kept-alive connection of one signed-in person. Raises OSError or HTTPException when it breaks."""

    def __init__(self, port: int, person: Someone, timeout: float = 30) -> None:
        self._open = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
        self._cookie = f"{person.cookie}={person.token}"

    def post(self, path: str, data: bytes, headers: Mapping[str, str]) -> Answer:
        """Send a body."""
        return self._exchange("POST", path, data, headers)

    def get(self, path: str) -> Answer:
        """Ask for a page."""
        return self._exchange("GET", path, None, {})

    def is_left(self) -> bool:
        """Whether the other side has hung up in a pause, as gunicorn does after two silent seconds. A browser sees
        that and calls again; who sends without looking finds that the line is broken."""
        held = self._open.sock
        try:
            return held is not None and held.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
        except BlockingIOError:
            return False
        except OSError:
            return True

    def close(self) -> None:
        """Hang up; the next request calls again."""
        self._open.close()

    def _exchange(self, method: str, path: str, data: bytes | None, headers: Mapping[str, str]) -> Answer:
        try:
            self._open.request(method, path, data, {**headers, "Cookie": self._cookie})
            came = self._open.getresponse()
            return Answer(came.status, dict(came.headers), came.read())
        except BaseException:
            self._open.close()
            raise


@dataclass
class Caller(Phone):
    """The tests' phone over a real line. `kept` is all that it ever wrote, `acknowledged` what it got receipts for."""

    port: int = 0
    kept: dict[str, Entry] = field(default_factory=dict)
    acknowledged: dict[str, Json] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.device = self.device or str(self.person.device)
        self.client: Any = Line(self.port, self.person)

    def _write(self, parts: Json) -> str:
        change_id = super()._write(parts)
        self.kept[change_id] = self.outbox[-1]
        return change_id

    def _acknowledge(self, entry: Entry, receipt: Json) -> None:
        super()._acknowledge(entry, receipt)
        self.acknowledged[entry.id] = receipt
