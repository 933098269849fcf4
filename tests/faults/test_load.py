"""R-24: many phones at once, against the real server. How long it takes is for the long run to say."""

import json
import socket
import threading
from contextlib import closing
from pathlib import Path

import pytest

from app.config import ROOT
from campaigns import load
from campaigns.line import Caller
from campaigns.place import Place
from campaigns.report import Report
from campaigns.server import Server, warm
from tests.cast import PEOPLE
from tests.faults import bugs_of

PHONES = 30


@pytest.mark.sqlite
def test_many_phones_at_once_lose_and_double_nothing():
    came(load.run(seed=24, phones=PHONES, seconds=1))


@pytest.mark.postgresql
def test_many_phones_at_once_on_several_workers():
    came(load.run(seed=25, phones=PHONES, seconds=1, on="postgresql"))


def came(report: Report) -> None:
    print(report.text())
    assert report.failures == []
    assert report.counts["receipts"] == report.counts["records"] == PHONES * load.RECORDS
    assert report.counts["answers lost on purpose"]


def served(tmp_path: Path, config: str) -> list[int]:
    """Three pushes wait for one thread, and the second phone hangs up; how often the log has each of their changes."""
    place = Place(tmp_path)
    phones = [Caller(None, PEOPLE["Lan"], device=f"lan-{number}") for number in range(3)]
    for phone in phones:
        phone.record("hazard_site", type="DN1", name="Ao nhà văn hóa")
    with warm(place) as zygote, closing(place.look()) as held:
        server = Server(zygote, tmp_path, bugs="campaigns.load", words=["-c", config, "--threads", "1"])
        server.start()
        try:
            held.isolation_level = None
            held.execute("BEGIN IMMEDIATE")  # the first push waits for this, and the others for the first
            lines = [raw_push(phone, server.port) for phone in phones[:1]]
            until_read(lines[0])  # so that it has the thread, or stands first in the line
            lines += [raw_push(phone, server.port) for phone in phones[1:]]
            lines[1].close()
            held.execute("ROLLBACK")
            for line in (lines[0], lines[2]):
                assert line.recv(12) == b"HTTP/1.1 200"
                line.close()
        finally:
            server.kill()
        counted = "SELECT count(*) FROM change WHERE change_id = ?"
        return [held.execute(counted, [phone.outbox[0].id]).fetchone()[0] for phone in phones]


def raw_push(phone: Caller, port: int) -> socket.socket:
    body = json.dumps(phone.envelope([phone.outbox[0].body])).encode()
    head = (
        f"POST /api/v1/sync HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: same-origin\r\n"
        f"Cookie: {phone.person.cookie}={phone.person.token}\r\nX-Forwarded-Proto: https\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    line = socket.create_connection(("127.0.0.1", port), timeout=30)
    line.sendall(head.encode() + body)
    return line


def until_read(line: socket.socket) -> None:
    """Wait until the server has read what was sent."""
    ours, theirs = (f":{place[1]:04X}" for place in (line.getsockname(), line.getpeername()))
    for _ in range(2000):
        for row in Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]:
            _, local, remote, _, queues, *_ = row.split()
            if local.endswith(theirs) and remote.endswith(ours) and queues.endswith(":00000000"):
                return
        threading.Event().wait(0.01)
    raise AssertionError("the server does not read")


@pytest.mark.sqlite
def test_nothing_is_done_for_who_has_hung_up(tmp_path: Path):
    assert served(tmp_path, "serving.py") == [1, 0, 1]


@pytest.mark.sqlite
def test_without_the_look_a_crowd_that_gave_up_is_served_first(tmp_path: Path):
    text = (ROOT / "serving.py").read_text(encoding="utf-8")
    careless = tmp_path / "careless.py"
    careless.write_text(text.replace("_has_hung_up(conn.sock):", "False:"), encoding="utf-8")
    assert served(tmp_path, str(careless)) == [1, 1, 1]


@pytest.mark.parametrize("bug", bugs_of("R-24"))
def test_a_planted_bug_is_seen(bug: str):
    assert load.run(seed=24, phones=25, seconds=1, planted=bug).failures
