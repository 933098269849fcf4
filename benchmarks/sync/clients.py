"""How each contestant is spoken to: the bytes of a push, a pull and an idle question, and what an answer says.

Every dialect carries the same records in batches of the same size, keeps its connection open, packs what it
sends with gzip where the server takes that, and asks for gzip.
"""

import base64
import gzip
import http.client
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from benchmarks.sync import ward

Json = dict[str, Any]


class Refused(Exception):
    """The server did not take what was sent."""


@dataclass
class Line:
    """One kept-open connection that counts what goes over it. `took` are seconds, one for each request."""

    port: int
    headers: dict[str, str] = field(default_factory=dict)
    sent: int = 0
    got: int = 0
    took: list[float] = field(default_factory=list)
    cursor: str | None = None

    def __post_init__(self) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)

    def ask(self, method: str, path: str, body: bytes | None = None, **more: str) -> bytes:
        """One request; the answer's body, unpacked. Raises Refused for a status of 400 and more."""
        started = time.perf_counter()
        headers = {"Accept-Encoding": "gzip", "Content-Type": "application/json", **self.headers, **more}
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        raw = answer.read()
        self.took.append(time.perf_counter() - started)
        self.sent += len(body or b"")
        self.got += len(raw)
        if answer.status >= 400:
            raise Refused(f"{answer.status} {raw[:300]!r}")
        return gzip.decompress(raw) if answer.headers.get("Content-Encoding") == "gzip" else raw

    def close(self) -> None:
        self.connection.close()


class Dialect(Protocol):
    """One phone's way of speaking with one kind of server."""

    def requests(self, phone: int, changes: Sequence[str], batch: int) -> list[bytes]:
        """The bodies of a push, made before the clock starts."""

    def line(self, port: int, phone: int) -> Line:
        """A connection with this phone's sign-in."""

    def push(self, line: Line, body: bytes) -> int:
        """Send one body; how many of its records were taken."""

    def pull(self, line: Line, page: int) -> tuple[int, Any]:
        """Everything from the start, page by page; how many records, and the cursor after them."""

    def idle(self, line: Line, cursor: Any) -> None:
        """Ask for what is new since the cursor, when nothing is."""


def batches(items: Sequence[Any], size: int) -> list[Sequence[Any]]:
    return [items[start : start + size] for start in range(0, len(items), size)]


class Ours:
    """Sync protocol, version 1."""

    def requests(self, phone: int, changes: Sequence[str], batch: int) -> list[bytes]:
        return [self._text(phone, part) for part in batches(changes, batch)]

    def line(self, port: int, phone: int) -> Line:
        cookie = f"__Host-phone={ward.token(phone)}"
        return Line(port, {"Cookie": cookie, "Sec-Fetch-Site": "same-origin", "Content-Encoding": "gzip"})

    def push(self, line: Line, body: bytes) -> int:
        if line.cursor is None:
            line.cursor = self.pull(line, 1000)[1]
            line.sent, line.got = 0, 0
            line.took.clear()
        answer = json.loads(line.ask("POST", "/api/v1/sync", self._packed(body, line.cursor)))
        line.cursor = answer["cursor"]
        return sum(receipt["outcome"] in ("applied", "needs_fixing") for receipt in answer["receipts"])

    def pull(self, line: Line, page: int) -> tuple[int, Any]:
        count, cursor = 0, None
        while True:
            asked = self._packed(self._text(0, [], page), cursor)
            answer = json.loads(line.ask("POST", "/api/v1/sync", asked))
            count, cursor = count + len(answer["records"]), answer["cursor"]
            if not answer["more"]:
                return count, cursor

    def idle(self, line: Line, cursor: Any) -> None:
        if json.loads(line.ask("POST", "/api/v1/sync", self._packed(self._text(0, []), cursor)))["records"]:
            raise Refused("not idle")

    def _text(self, phone: int, changes: Sequence[str], limit: int = 500) -> bytes:
        packed = [{"body": one} for one in changes]
        asked = {"device": ward.device(phone), "app": "benchmark", "limit": limit, "changes": packed}
        return json.dumps(asked, ensure_ascii=False).encode()

    def _packed(self, text: bytes, cursor: str | None) -> bytes:
        """The request with the phone's cursor, which each answer moves on."""
        return gzip.compress(b'{"cursor":' + json.dumps(cursor).encode() + b"," + text[1:], 6)


class Floor(Ours):
    """The same bytes to an endpoint that does less: it says how many it took."""

    def push(self, line: Line, body: bytes) -> int:
        return int(json.loads(line.ask("POST", "/push", self._packed(body, "0" * 40)))["taken"])

    def pull(self, line: Line, page: int) -> tuple[int, Any]:
        return len(json.loads(line.ask("GET", "/pull"))["records"]), None

    def idle(self, line: Line, cursor: Any) -> None:
        line.ask("POST", "/idle", self._packed(self._text(0, []), "0" * 40))


class Kinto:
    """Kinto's batch endpoint; one PUT a record, never over an existing one."""

    place = "/v1/buckets/ward/collections/hazards"

    def requests(self, phone: int, changes: Sequence[str], batch: int) -> list[bytes]:
        return [gzip.compress(json.dumps(self._batch(part)).encode(), 6) for part in batches(changes, batch)]

    def line(self, port: int, phone: int) -> Line:
        who = base64.b64encode(b"bench:secret").decode()
        return Line(port, {"Authorization": f"Basic {who}"})

    def push(self, line: Line, body: bytes) -> int:
        # Kinto does not unpack a gzipped request; what a browser would send is plain.
        answers = json.loads(line.ask("POST", "/v1/batch", gzip.decompress(body)))["responses"]
        return sum(one["status"] in (200, 201, 412) for one in answers)

    def pull(self, line: Line, page: int) -> tuple[int, Any]:
        count, path, stamp = 0, f"{self.place}/records?_limit={page}&_sort=last_modified", 0
        while path:
            rows = json.loads(line.ask("GET", path))["data"]
            count, stamp = count + len(rows), max([stamp, *(row["last_modified"] for row in rows)])
            path = f"{self.place}/records?_limit={page}&_sort=last_modified&_since={stamp}" if len(rows) == page else ""
        return count, stamp

    def idle(self, line: Line, cursor: Any) -> None:
        if json.loads(line.ask("GET", f"{self.place}/records?_since={cursor}"))["data"]:
            raise Refused("not idle")

    def _batch(self, changes: Sequence[str]) -> Json:
        def put(text: str) -> Json:
            change = json.loads(text)
            return {"path": f"{self.place}/records/{change['record']}", "body": {"data": change["set"]}}

        return {
            "defaults": {"method": "PUT", "headers": {"If-None-Match": "*"}},
            "requests": [put(text) for text in changes],
        }


class Pouch:
    """PouchDB server: _bulk_docs and _changes."""

    def requests(self, phone: int, changes: Sequence[str], batch: int) -> list[bytes]:
        return [self._docs(part) for part in batches(changes, batch)]

    def line(self, port: int, phone: int) -> Line:
        return Line(port)

    def push(self, line: Line, body: bytes) -> int:
        return sum(bool(one.get("ok")) for one in json.loads(line.ask("POST", "/ward/_bulk_docs", body)))

    def pull(self, line: Line, page: int) -> tuple[int, Any]:
        count, since = 0, 0
        while True:
            path = f"/ward/_changes?include_docs=true&since={since}&limit={page}"
            answer = json.loads(line.ask("GET", path))
            count, since = count + len(answer["results"]), answer["last_seq"]
            if len(answer["results"]) < page:
                return count, since

    def idle(self, line: Line, cursor: Any) -> None:
        if json.loads(line.ask("GET", f"/ward/_changes?include_docs=true&since={cursor}"))["results"]:
            raise Refused("not idle")

    def _docs(self, changes: Sequence[str]) -> bytes:
        docs = [{"_id": change["record"], **change["set"]} for change in map(json.loads, changes)]
        return json.dumps({"docs": docs}, ensure_ascii=False).encode()
