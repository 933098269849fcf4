"""How each contestant is spoken to: the bytes of a push, a pull and an idle question, and what an answer says.

Every dialect carries the same records in batches of the same size, keeps its connection open, packs what it
sends with gzip where the server takes that, and asks for gzip. Phones 0 to 9 see one another's records; what the
others send goes where those do not look.
"""

import base64
import gzip
import http.client
import json
import time
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from benchmarks.sync import ward
from tests.keys import Sealer

Json = dict[str, Any]
_QUIET = 1.0  # seconds; gunicorn keeps a silent connection for two
TOGETHER = 10  # phones below this number see one another's records


class Refused(Exception):
    """The server did not take what was sent."""


class Packed(NamedTuple):
    """A request made before the clock starts: its text, the same packed, and how long the packing took (seconds)."""

    text: bytes
    packed: bytes
    seconds: float = 0.0


@dataclass
class Line:
    """One kept-open connection that counts what goes over it. `took` are seconds, one for each request."""

    port: int
    headers: dict[str, str] = field(default_factory=dict)
    place: str = "ward"
    sent: int = 0
    got: int = 0
    took: list[float] = field(default_factory=list)
    cursor: str | None = None
    back: int = 0  # records that answers brought
    spoke: float = 0.0
    receipts: list[Json] | None = None  # of the last push, where a server gives some

    def __post_init__(self) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)

    def ask(self, method: str, path: str, body: bytes | None = None, **more: str) -> bytes:
        """One request; the answer's body, unpacked. Raises Refused for a status of 400 and more, or no answer."""
        headers = {"Accept-Encoding": "gzip", "Content-Type": "application/json", **self.headers, **more}
        started = time.perf_counter()
        if started - self.spoke > _QUIET:
            self.connection.close()  # the server has hung up by now, or is about to; a new one opens by itself
        try:
            self.connection.request(method, path, body, headers)
            answer = self.connection.getresponse()
            raw = answer.read()
        except (OSError, http.client.HTTPException) as error:
            self.connection.close()
            raise Refused(f"{type(error).__name__}: {error}") from error
        self.spoke = time.perf_counter()
        self.took.append(self.spoke - started)
        self.sent += len(body or b"")
        self.got += len(raw)
        if answer.status >= 400:
            raise Refused(f"{answer.status} {raw[:300]!r}")
        return gzip.decompress(raw) if answer.headers.get("Content-Encoding") == "gzip" else raw

    def forget(self) -> None:
        """Count from here."""
        self.sent = self.got = self.back = 0
        self.took.clear()

    def close(self) -> None:
        self.connection.close()


class Dialect(Protocol):
    """One phone's way of speaking with one kind of server."""

    def requests(self, phone: int, changes: Sequence[str], batch: int) -> list[Packed]:
        """The bodies of a push, made before the clock starts."""

    def line(self, port: int, phone: int) -> Line:
        """A connection with this phone's sign-in, which knows what there is to know; nothing counted yet."""

    def push(self, line: Line, body: Packed) -> int:
        """Send one body; how many of its records were taken, now or before."""

    def pull(self, line: Line, page: int) -> tuple[int, Any]:
        """Everything from the start, page by page; how many records, and the cursor after them."""

    def idle(self, line: Line, cursor: Any) -> None:
        """Ask for what is new since the cursor, when nothing is. Raises Refused when something is."""


def batches(items: Sequence[Any], size: int) -> list[Sequence[Any]]:
    return [items[start : start + size] for start in range(0, len(items), size)]


def place_of(phone: int) -> str:
    return "ward" if phone < TOGETHER else "elsewhere"


class Ours:
    """Sync protocol, version 1. `seals`: what the phones seal to; then they sign as well, as real ones do."""

    def __init__(self, seals: Sealer | None = None) -> None:
        self._seals = seals

    def requests(self, phone: int, changes: Sequence[str], batch: int) -> list[Packed]:
        return [_packed(self._text(phone, part)) for part in batches(changes, batch)]

    def line(self, port: int, phone: int) -> Line:
        cookie = f"__Host-phone={ward.token(phone)}"
        line = Line(port, {"Cookie": cookie, "Sec-Fetch-Site": "same-origin", "Content-Encoding": "gzip"})
        line.cursor = self.pull(line, 1000)[1]
        line.forget()
        return line

    def push(self, line: Line, body: Packed) -> int:
        answer = json.loads(line.ask("POST", "/api/v1/sync", _with_cursor(body, line.cursor)))
        line.cursor = answer["cursor"]
        line.back += len(answer["records"])
        line.receipts = answer["receipts"]
        return sum(receipt["outcome"] in ("applied", "needs_fixing") for receipt in answer["receipts"])

    def pull(self, line: Line, page: int) -> tuple[int, Any]:
        count, cursor = 0, None
        while True:
            asked = _with_cursor(_packed(self._text(0, [], page)), cursor)
            answer = json.loads(line.ask("POST", "/api/v1/sync", asked))
            count, cursor = count + len(answer["records"]), answer["cursor"]
            if not answer["more"]:
                return count, cursor

    def idle(self, line: Line, cursor: Any) -> None:
        asked = _with_cursor(_packed(self._text(0, [])), cursor)
        if json.loads(line.ask("POST", "/api/v1/sync", asked))["records"]:
            raise Refused("not idle")

    def _text(self, phone: int, changes: Sequence[str], limit: int = 500) -> bytes:
        device, key = ward.device(phone), ward.key(phone)
        asked: Json = {
            "device": device,
            "app": "benchmark",
            "limit": limit,
            "changes": [{"body": one} for one in changes],
        }
        if self._seals and changes:
            shut = [self._seals.entry(one, ward.person_id(phone), device, key) for one in changes]
            asked |= {"changes": shut, "key": key.public}
        return json.dumps(asked, ensure_ascii=False).encode()


class Floor(Ours):
    """The same bytes to an endpoint that does less: it says how many it took."""

    def line(self, port: int, phone: int) -> Line:
        return Line(port, {"Content-Encoding": "gzip"}, place_of(phone))

    def push(self, line: Line, body: Packed) -> int:
        return int(json.loads(line.ask("POST", f"/push/{line.place}", _with_cursor(body, "0" * 40)))["taken"])

    def pull(self, line: Line, page: int) -> tuple[int, Any]:
        return len(json.loads(line.ask("GET", "/pull"))["records"]), None

    def idle(self, line: Line, cursor: Any) -> None:
        line.ask("POST", "/idle", _with_cursor(_packed(self._text(0, [])), "0" * 40))


class Kinto:
    """Kinto's batch endpoint; one PUT a record, never over an existing one."""

    def requests(self, phone: int, changes: Sequence[str], batch: int) -> list[Packed]:
        # Kinto does not unpack a gzipped request; what a browser would send is plain.
        return [_plain(self._batch(place_of(phone), part)) for part in batches(changes, batch)]

    def line(self, port: int, phone: int) -> Line:
        who = base64.b64encode(b"bench:secret").decode()
        return Line(port, {"Authorization": f"Basic {who}"}, place_of(phone))

    def push(self, line: Line, body: Packed) -> int:
        answers = json.loads(line.ask("POST", "/v1/batch", body.text))["responses"]
        return sum(one["status"] in (200, 201, 412) for one in answers)

    def pull(self, line: Line, page: int) -> tuple[int, Any]:
        start = f"{self.records(line.place)}?_limit={page}&_sort=last_modified"
        count, path, stamp = 0, start, 0
        while path:
            rows = json.loads(line.ask("GET", path))["data"]
            count, stamp = count + len(rows), max([stamp, *(row["last_modified"] for row in rows)])
            path = f"{start}&_since={stamp}" if len(rows) == page else ""
        return count, stamp

    def idle(self, line: Line, cursor: Any) -> None:
        if json.loads(line.ask("GET", f"{self.records(line.place)}?_since={cursor}"))["data"]:
            raise Refused("not idle")

    def records(self, place: str) -> str:
        """The address of a collection's records."""
        return f"/v1/buckets/ward/collections/{place}/records"

    def _batch(self, place: str, changes: Sequence[str]) -> Json:
        def put(text: str) -> Json:
            change = json.loads(text)
            return {"path": f"{self.records(place)}/{change['record']}", "body": {"data": change["set"]}}

        return {
            "defaults": {"method": "PUT", "headers": {"If-None-Match": "*"}},
            "requests": [put(text) for text in changes],
        }


class Pouch:
    """PouchDB server: _bulk_docs and _changes. It is sent plain JSON, as PouchDB's own client does."""

    def requests(self, phone: int, changes: Sequence[str], batch: int) -> list[Packed]:
        return [_plain(self._docs(part)) for part in batches(changes, batch)]

    def line(self, port: int, phone: int) -> Line:
        return Line(port, place=place_of(phone))

    def push(self, line: Line, body: Packed) -> int:
        answers = json.loads(line.ask("POST", f"/{line.place}/_bulk_docs", body.text))
        return sum(bool(one.get("ok")) or one.get("error") == "conflict" for one in answers)

    def pull(self, line: Line, page: int) -> tuple[int, Any]:
        count, since = 0, 0
        while True:
            path = f"/{line.place}/_changes?include_docs=true&since={since}&limit={page}"
            answer = json.loads(line.ask("GET", path))
            count, since = count + len(answer["results"]), answer["last_seq"]
            if len(answer["results"]) < page:
                return count, since

    def idle(self, line: Line, cursor: Any) -> None:
        if json.loads(line.ask("GET", f"/{line.place}/_changes?include_docs=true&since={cursor}"))["results"]:
            raise Refused("not idle")

    def _docs(self, changes: Sequence[str]) -> Json:
        return {"docs": [{"_id": change["record"], **change["set"]} for change in map(json.loads, changes)]}


def _plain(value: Json) -> Packed:
    return Packed(json.dumps(value, ensure_ascii=False).encode(), b"")


def _packed(text: bytes) -> Packed:
    """All of a request but its cursor, deflated so that a beginning can be set before it (RFC 1951)."""
    started = time.perf_counter()
    press = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS)
    packed = press.compress(text[1:]) + press.flush()
    return Packed(text[1:], packed, time.perf_counter() - started)


def _with_cursor(body: Packed, cursor: str | None) -> bytes:
    """The request as gzip (RFC 1952), with the phone's cursor, which each answer moves on, as its first member."""
    head = b'{"cursor":' + json.dumps(cursor).encode() + b","
    press = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS)
    begun = press.compress(head) + press.flush(zlib.Z_FULL_FLUSH)
    whole = zlib.crc32(body.text, zlib.crc32(head)), len(head) + len(body.text)
    frame = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
    return frame + begun + body.packed + b"".join(number.to_bytes(4, "little") for number in whole)
