"""HTTP by hand over a bare socket: what no honest client would send, and lines that break in the middle."""

import gzip
import json
import socket
import struct
from collections.abc import Mapping
from typing import Any

from campaigns.line import Answer
from tests.cast import Someone

JSON = "application/json"


def request(person: Someone | None, body: bytes, more: Mapping[str, str | None] | None = None, **line: str) -> bytes:
    """The bytes of a sync request. `more`: headers added, replaced, or with None left out."""
    headers: dict[str, str | None] = {
        "Host": "localhost",
        "Content-Type": JSON,
        "Content-Encoding": "gzip",
        "Content-Length": str(len(body)),
        "Sec-Fetch-Site": "same-origin",
        "Cookie": f"{person.cookie}={person.token}" if person else None,
        "Connection": "close",
        **(more or {}),
    }
    first = f"{line.get('method', 'POST')} {line.get('path', '/api/v1/sync')} {line.get('version', 'HTTP/1.1')}\r\n"
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items() if value is not None)
    return f"{first}{head}\r\n".encode("latin-1") + body


def packed(envelope: Any) -> bytes:
    """An envelope as a phone packs it."""
    return gzip.compress(json.dumps(envelope).encode())


def call(port: int, timeout: float = 20) -> socket.socket:
    """An open line."""
    return socket.create_connection(("127.0.0.1", port), timeout=timeout)


def break_off(line: socket.socket) -> None:
    """Hang up as a lost radio link looks to the server: a reset, nothing is read any more."""
    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    line.close()


def hear(line: socket.socket, most: int | None = None) -> bytes:
    """What comes back until the server hangs up, or until `most` bytes are here."""
    came = b""
    while most is None or len(came) < most:
        piece = line.recv(65536 if most is None else most - len(came))
        if not piece:
            break
        came += piece
    return came


def exchange(port: int, sent: bytes, timeout: float = 20) -> Answer:
    """Send bytes, and read the answer to its end. Raises OSError when the line breaks."""
    with call(port, timeout) as line:
        line.sendall(sent)
        return answer_of(hear(line))


def answer_of(came: bytes) -> Answer:
    """An answer out of its bytes; status 0 when there is none."""
    head, _, body = came.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    status = int(lines[0].split()[1]) if lines[0].startswith("HTTP/") else 0
    headers = dict(line.split(": ", 1) for line in lines[1:] if ": " in line)
    return Answer(status, headers, body)
