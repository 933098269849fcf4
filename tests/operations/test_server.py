"""The real server: workers count together, the log stays clean, and SIGTERM finishes what is in hand."""

import json
import re
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPResponse, RemoteDisconnected
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import text

from app.db import db, transact
from app.records.models import Record
from tests.conftest import make_app, put_away
from tests.operations.conftest import Gunicorn, push

Starts = Callable[..., Gunicorn]


@contextmanager
def nobody_else_writes(database: Path) -> Iterator[None]:
    """Hold what every push needs, so that one stays in a worker's hand for as long as it takes."""
    app = make_app(database)
    with app.app_context(), transact():
        if db.engine.dialect.name == "postgresql":
            db.session.execute(text("LOCK TABLE change IN ACCESS EXCLUSIVE MODE"))
        yield
    put_away(app)


def half_way_in(server: Gunicorn, record: str) -> tuple[socket.socket, bytes]:
    """A push of which the last bytes have not come; the line, and those bytes."""
    body, headers = push(record)
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    whole = (
        f"POST /api/v1/sync HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n{head}\r\n".encode() + body
    )
    line = socket.create_connection(("127.0.0.1", server.port), timeout=60)
    line.sendall(whole[:-40])
    return line, whole[-40:]


def sent(server: Gunicorn, record: str) -> HTTPConnection:
    """A push that has gone out whole."""
    link, (body, headers) = server.link(), push(record)
    link.request("POST", "/api/v1/sync", body, headers)
    return link


def stopped_meanwhile(server: Gunicorn, database: Path) -> tuple[list[int], list[str], int]:
    """SIGTERM while one push is at work and another half-way in: the statuses of both answers, the records that were
    promised, and the exit code. No answer is status 0."""
    in_hand, arriving = str(uuid4()), str(uuid4())
    with nobody_else_writes(database):
        link = sent(server, in_hand)
        line, rest = half_way_in(server, arriving)
        assert server.get("/healthz")[0] == 200  # whoever connected before was let in before
        server.process.terminate()
        server.hears("Handling signal: term")
        statuses, promised = [], []
    for take in (lambda: link.getresponse(), lambda: _finish(line, rest)):
        try:
            answer = take()
            statuses.append(answer.status)
            promised += [receipt["id"] for receipt in json.loads(answer.read())["receipts"]]
        except (RemoteDisconnected, ConnectionError):
            statuses.append(0)
    line.close()
    link.close()
    return statuses, promised, server.wait()


def _finish(line: socket.socket, rest: bytes) -> HTTPResponse:
    line.sendall(rest)
    answer = HTTPResponse(line)
    answer.begin()
    return answer


def test_sigterm_finishes_what_is_in_hand_and_half_way_in(gunicorn: Starts, tmp_path: Path) -> None:
    server = gunicorn("--log-level", "info")
    statuses, promised, code = stopped_meanwhile(server, tmp_path / "served.db")
    assert (statuses, code) == ([200, 200], 0)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", server.port), timeout=5)
    app = make_app(tmp_path / "served.db")
    with app.app_context():
        assert {*promised} == {*db.session.scalars(db.select(Record.id))} and len(promised) == 2
    put_away(app)
    assert not list(tmp_path.glob("to-am-metrics-*")), "it leaves nothing behind"


def test_a_server_that_lets_go_at_once_is_seen(gunicorn: Starts, tmp_path: Path) -> None:
    server = gunicorn("--log-level", "info", "--graceful-timeout", "0")
    statuses, _, _ = stopped_meanwhile(server, tmp_path / "served.db")
    assert 0 in statuses


def test_two_workers_count_together_and_log_lines_of_json(gunicorn: Starts) -> None:
    server = gunicorn("--workers", "2", "--log-level", "info")
    secret = "AB12-CD34-Nguyễn Thị Hằng-0987654321"
    body, headers = push(str(uuid4()))
    link = server.link()
    link.request("POST", "/api/v1/sync", body, headers)
    assert link.getresponse().read()
    link.close()
    for _ in range(30):
        assert server.get("/healthz")[0] == 200
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as line:
        line.sendall(f"GET /desk/?q={secret} HTTP/9.9\r\nHost: x\r\n\r\n".encode())
        assert b"400" in line.recv(100)
    status, figures = server.get("/metrics")
    assert status == 200
    counted = dict(re.findall(r"^(to_am_\w+(?:{[^}]*})?) ([\d.e+]+)$", figures, re.MULTILINE))
    assert float(counted['to_am_requests_total{route="health.ok",status="200"}']) == 30
    assert [float(value) for name, value in counted.items() if name.startswith("to_am_receipts_total")] == [1]
    assert float(counted['to_am_request_seconds_count{route="health.ok"}']) == 30
    assert float(counted["to_am_records_waiting"]) == 1
    assert server.stop() == 0
    told = [json.loads(line) for line in server.log]
    assert len({line["message"] for line in told}) > 3
    said = "".join(server.log)
    assert not [word for word in ("AB12", "CD34", "Hằng", "0987654321") if word in said]
    assert [line for line in told if line["message"].startswith("Invalid request")]
