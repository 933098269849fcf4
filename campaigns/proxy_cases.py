"""The requests of R-21, and the answers that are right for each."""

import gzip
import json
import random
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from campaigns.by_hand import packed, request
from tests.cast import Someone

TAKEN = (200,)
REFUSED = (400, 401, 403, 404, 405, 408, 411, 413, 414, 415, 417, 422, 431, 501, 505)
NO_ANSWER = (0, *REFUSED)


@dataclass(frozen=True)
class Case:
    """Bytes on the line, and which answers are right. `says`: the code of the problem document."""

    name: str
    sent: bytes
    right: tuple[int, ...] = TAKEN
    says: str = ""


def cases(who: Someone, envelope: Any) -> list[Case]:
    """Every case, around this envelope."""
    return [*_taken(who, envelope), *_headers(who, envelope), *_bodies(who, envelope), *_heads(who, envelope)]


@cache
def bomb(size: int) -> bytes:
    """Gzip that opens into so many zeros."""
    small = zlib.compressobj(6, wbits=31)
    piece = b"0" * 10_000_000
    return b"".join(small.compress(piece) for _ in range(size // len(piece))) + small.flush()


def spoilt(sent: bytes, chance: random.Random) -> bytes:
    """A few bytes changed, left out, doubled, or put in."""
    made = bytearray(sent)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(made))
        what = chance.randrange(5)
        if what == 0:
            made[at] = chance.randrange(256)
        elif what == 1:
            del made[at : at + chance.randint(1, 40)]
        elif what == 2:
            made[at:at] = made[at : at + chance.randint(1, 40)]
        elif what == 3:
            made[at:at] = bytes(chance.choice((b"\x00", b"\r\n", b"\xff", b'"', b"{", b"9" * 30, b"\xed\xa0\x80")))
        else:
            made[at] ^= 1 << chance.randrange(8)
        made = made or bytearray(b"x")
    return bytes(made)


def _taken(who: Someone, envelope: Any) -> list[Case]:
    """Odd, and right all the same."""
    plain, small = json.dumps(envelope).encode(), packed(envelope)
    chunked = {"Transfer-Encoding": "chunked", "Content-Length": None}
    return [
        Case("an honest request", request(who, small)),
        Case("HTTP/1.0", request(who, small, {"Connection": None}, version="HTTP/1.0")),
        Case("HTTP/1.0 without Host", request(who, small, {"Host": None}, version="HTTP/1.0")),
        Case("in chunks", request(who, b"", chunked) + _chunks(small, 50)),
        Case("in chunks of one byte", request(who, b"", chunked) + _chunks(small, 1)),
        Case("in chunks with extensions", request(who, b"", chunked) + _chunks(small, 99, b";a=b")),
        Case("in chunks with a trailer", request(who, b"", chunked) + _chunks(small, 99, last=b"X-A: b\r\n")),
        Case("unpacked on the way, header taken off", request(who, plain, {"Content-Encoding": None})),
        Case("unpacked on the way, header left on", request(who, plain)),
        Case("packed, header lost on the way", request(who, small, {"Content-Encoding": None})),
        Case("packed, header in capitals", request(who, small, {"Content-Encoding": "GZIP"})),
        Case("packed, header of old", request(who, small, {"Content-Encoding": "x-gzip"})),
        Case("packed, with something behind it", request(who, small + b"\r\n")),
        Case(
            "with a byte order mark",
            request(who, b"\xef\xbb\xbf" + plain, {"Content-Encoding": "identity"}),
            (200, 400),
        ),
        *(
            Case(f"as {kind}", request(who, small, {"Content-Type": kind}))
            for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "", None)
        ),
        Case("for another host", request(who, small, {"Host": "wifi.example:8080"})),
        Case("with the whole address", request(who, small, path="http://localhost/api/v1/sync")),
        Case("with names in small letters", request(who, small).replace(b"Content-L", b"content-l", 1)),
        Case(
            "a proxy's marks", request(who, small, {"X-Forwarded-For": "1.2.3.4", "Via": "1.1 x", "Forwarded": "for=x"})
        ),
        Case(
            "Origin instead of Sec-Fetch-Site",
            request(who, small, {"Sec-Fetch-Site": None, "Origin": "https://localhost"}),
        ),
        Case("no gzip wanted", request(who, small, {"Accept-Encoding": "identity"})),
        Case("gzip ruled out", request(who, small, {"Accept-Encoding": "gzip;q=0"})),
        Case("only a part wanted", request(who, small, {"Range": "bytes=0-9", "If-None-Match": "*"})),
        Case("an upgrade offered", request(who, small, {"Upgrade": "h2c, websocket", "HTTP2-Settings": "AAMAAABk"})),
        Case("doubled keys", request(who, plain[:-1] + b',"device":"lan-1","limit":5}', {"Content-Encoding": None})),
    ]


def _headers(who: Someone, envelope: Any) -> list[Case]:
    """What a phone needs was taken away."""
    small = packed(envelope)
    return [
        Case("no cookie", request(None, small), (401,), "sign_in_needed"),
        Case("a cookie of nobody", request(who, small, {"Cookie": "__Host-phone=x"}), (401,), "sign_in_needed"),
        Case("from nowhere", request(who, small, {"Sec-Fetch-Site": None}), (403,), "from_elsewhere"),
        Case("from elsewhere", request(who, small, {"Sec-Fetch-Site": "cross-site"}), (403,), "from_elsewhere"),
        Case(
            "a packing that nobody knows",
            request(who, zlib.compress(small), {"Content-Encoding": "br"}),
            (400,),
            "not_json",
        ),
        Case("read instead of sent", request(who, small, method="GET"), (405,), "method_not_allowed"),
        Case("put instead of sent", request(who, small, method="PUT"), (405,), "method_not_allowed"),
        Case("a method that nobody knows", request(who, small, method="SYNC"), REFUSED),
        Case("traced", request(who, small, method="TRACE"), REFUSED),
        Case("an address that is none", request(who, small, path="/api/v1/sync%00"), (404,)),
        Case("an address on the way up", request(who, small, path="/api/../api/v1/sync"), (200, 308, 404)),
    ]


def _bodies(who: Someone, envelope: Any) -> list[Case]:
    """What is inside cannot be taken."""
    plain, small = json.dumps(envelope).encode(), packed(envelope)
    bare = {"Content-Encoding": None}
    return [
        Case("gzip cut short", request(who, small[:-30]), (400,), "not_gzip"),
        Case("gzip without its last byte", request(who, small[:-1]), (400,), "not_gzip"),
        Case("gzip without its sum", request(who, small[:-8]), (400,), "not_gzip"),
        Case("gzip with a wrong sum", request(who, small[:-8] + b"\0" * 8), (400,), "not_gzip"),
        Case("gzip within gzip", request(who, gzip.compress(small)), (400,), "not_json"),
        Case("a gzip bomb", request(who, bomb(300_000_000)), (413,), "too_large"),
        Case("a bomb of holes", request(who, gzip.compress(b'{"a":' * 60_000)), REFUSED),
        Case("nothing", request(who, b"", bare), (400,), "not_json"),
        Case("JSON cut short", request(who, plain[:-1], bare), (400,), "not_json"),
        Case("JSON twice", request(who, plain + plain, bare), (400,), "not_json"),
        Case("a captive portal's page", request(who, b"<html>Wi-Fi</html>", bare), (400,), "not_json"),
        Case("a huge number", request(who, b'{"device":"d","limit":' + b"9" * 6000 + b"}", bare), (400,), "not_json"),
        Case("a number beyond floats", request(who, b'{"device":"d","limit":1e999}', bare), (422,), "bad_envelope"),
        Case("NaN", request(who, b'{"device":"d","limit":NaN}', bare), (400,), "not_json"),
        Case("deep arrays", request(who, b"[" * 200_000, bare), (400,), "not_json"),
        Case("deep objects", request(who, b'{"a":' * 40_000 + b"1" + b"}" * 40_000, bare), REFUSED),
        Case("just too large", request(who, b" " * 262_143 + b"{}", bare), (413,), "too_large"),
        Case("far too large", request(who, b" " * 1_100_000, bare), (413,), "too_large"),
        Case(
            "said to be two gigabytes",
            request(who, b"{}", {**bare, "Content-Length": "2000000000"}),
            (413,),
            "too_large",
        ),
    ]


def _heads(who: Someone, envelope: Any) -> list[Case]:
    """What gunicorn has to refuse before the program sees it."""
    small = packed(envelope)
    honest = request(who, small)
    length = f"Content-Length: {len(small)}\r\n".encode()
    both = request(who, b"", {"Transfer-Encoding": "chunked"}) + _chunks(small, 50)
    broken = request(who, b"", {"Transfer-Encoding": "chunked", "Content-Length": None})
    return [
        Case("two lengths", honest.replace(length, length + b"Content-Length: 5\r\n"), NO_ANSWER),
        Case("a length below nothing", honest.replace(length, b"Content-Length: -5\r\n"), NO_ANSWER),
        Case("a length in words", honest.replace(length, b"Content-Length: many\r\n"), NO_ANSWER),
        Case("a length with a plus", honest.replace(length, b"Content-Length: +%d\r\n" % len(small)), NO_ANSWER),
        Case("a length and chunks", both, (*NO_ANSWER, 200)),
        Case("a chunk of no size", broken + b"zz\r\nabc\r\n0\r\n\r\n", NO_ANSWER),
        Case("a chunk below nothing", broken + b"-5\r\nabcde\r\n0\r\n\r\n", NO_ANSWER),
        Case("an endless chunk", broken + b"FFFFFFFFFFFFFFFFF\r\nabc\r\n0\r\n\r\n", NO_ANSWER),
        Case(
            "a packing of the line that nobody knows", broken.replace(b"chunked", b"xchunked") + b"0\r\n\r\n", NO_ANSWER
        ),
        Case("a folded header", honest.replace(b"Host: localhost", b"Host: localhost\r\n more"), NO_ANSWER),
        Case("a NUL in a header", honest.replace(b"localhost", b"local\x00host"), NO_ANSWER),
        Case("a header without a colon", honest.replace(b"Host: localhost", b"Host: localhost\r\nnothing"), NO_ANSWER),
        Case("a header of 60 kB", request(who, small, {"X-Long": "a" * 60_000}), NO_ANSWER),
        Case("a thousand headers", request(who, small, {f"X-{n}": "a" for n in range(1000)}), NO_ANSWER),
        Case("a head of 200 kB", request(who, small, {f"X-{n}": "a" * 4000 for n in range(50)}), (*NO_ANSWER, 200)),
        Case("an address of 10 kB", request(who, small, path="/api/v1/sync?" + "a" * 10_000), NO_ANSWER),
        Case("lines that end with LF alone", honest.replace(b"\r\n", b"\n"), (*NO_ANSWER, 200)),
        Case("HTTP/9.9", request(who, small, version="HTTP/9.9"), NO_ANSWER),
        Case("HTTP/2 without asking", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0" * 30, NO_ANSWER),
        Case(
            "TLS on the plain port",
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 200 + b"\r\n\r\n",
            NO_ANSWER,
        ),
    ]


def _chunks(body: bytes, size: int, extension: bytes = b"", last: bytes = b"") -> bytes:
    pieces: Sequence[bytes] = [body[first : first + size] for first in range(0, len(body), size)]
    sent = b"".join(b"%x%s\r\n%s\r\n" % (len(piece), extension, piece) for piece in pieces)
    return sent + b"0\r\n" + last + b"\r\n"
