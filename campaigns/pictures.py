"""A-07: files made to harm, over a real socket to a real server. None crashes it, none is served as it came, none costs
more than 256 MB or 5 seconds, and others go on meanwhile.

    python -m campaigns.pictures                 the tests' corpus five times over, and pictures as large as are taken

A file goes up as its phone's client would send it, in one piece; the time is that of the request with the last byte.
The memory is the most that a process which draws ever held, as the kernel counted it (VmHWM, looked at every few
milliseconds). All the while another phone sends records, and how long it waits is set against an idle server's.
"""

import base64
import hashlib
import io
import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from uuid import UUID

from PIL import Image

from campaigns import by_hand
from campaigns.line import Caller
from campaigns.place import Place, folder
from campaigns.report import Report, command
from campaigns.server import Server, warm
from tests.cast import PEOPLE
from tests.photos.test_receiving import CORPUS, PNG

MOST_MEMORY = 256_000  # kB
MOST_SECONDS = 5.0
PATCH = "application/offset+octet-stream"


@dataclass
class Seen:
    """What the drawing processes held at most, by their ids, and how long another phone's requests took."""

    memory: dict[str, int] = field(default_factory=dict)
    waits: list[float] = field(default_factory=list)
    refused: int = 0


def run(seed: int, times: int = 5, planted: str = "") -> Report:
    """Send every file so many times while another phone works."""
    del planted
    report = Report("A-07 files made to harm, and large ones (SQLite, a folder, gunicorn as in README)", seed)
    dice = Random(seed)
    with folder() as where, warm(Place(where)) as zygote:
        server = Server(zygote, where, bugs="campaigns.pictures")
        server.start()
        try:
            with _another_phone(server) as idle:
                time.sleep(5)
            with _another_phone(server) as seen, _watched(server, seen):
                for name, file in [*(CORPUS.items()), *_large(dice)] * times:
                    _send(report, server, name, file, dice)
            report.figures["most memory of a process that draws"] = f"{max(seen.memory.values()) // 1000} MB"
            report.figures["most memory of a worker"] = f"{server.memory() // 1000} MB"
            report.figures["another phone's request, median and p95"] = (
                f"{_told(seen)}; on an idle server {_told(idle)}"
            )
            report.counts["requests of another phone"] = len(seen.waits)
            if max(seen.memory.values()) > MOST_MEMORY:
                report.fail("memory", f"{max(seen.memory.values())} kB")
            if seen.refused:
                report.fail("others", f"{seen.refused} requests were not answered with 200")
        finally:
            server.kill()
    return report


TAKEN = ("JPEG of 50 MP", "progressive JPEG of 16 MP", "PNG of 10 MP", "WebP of 10 MP")


def _large(dice: Random) -> Iterator[tuple[str, bytes]]:
    """Pictures of the largest size that is taken, in each format, and some that are larger."""
    grain = Image.frombytes("L", (1020, 765), dice.randbytes(1020 * 765))
    for name, fmt, size, more in (
        ("JPEG of 50 MP", "JPEG", (8160, 6120), {"quality": 70}),
        ("progressive JPEG of 16 MP", "JPEG", (4610, 3460), {"quality": 70, "progressive": True}),
        ("progressive JPEG of 50 MP", "JPEG", (8160, 6120), {"quality": 70, "progressive": True}),
        ("PNG of 10 MP", "PNG", (3640, 2730), {"compress_level": 1}),
        ("PNG of 24 MP", "PNG", (6000, 4000), {"compress_level": 1}),
        ("WebP of 10 MP", "WEBP", (3640, 2730), {"quality": 60, "method": 0}),
        ("WebP of 24 MP", "WEBP", (6000, 4000), {"quality": 60, "method": 0}),
    ):
        out = io.BytesIO()
        grain.resize(size).convert("RGB").save(out, fmt, **more)
        yield name, out.getvalue()


def _send(report: Report, server: Server, name: str, file: bytes, dice: Random) -> None:
    if not file:
        return  # an upload of no bytes cannot be declared
    photo = str(UUID(int=dice.getrandbits(128), version=4))
    kind = "image/png" if file.startswith(PNG) else "image/webp" if file.startswith(b"RIFF") else "image/jpeg"
    said = {
        "photo": photo,
        "record": f"r-{photo}",
        "sha256": hashlib.sha256(file).hexdigest(),
        "type": kind,
        "original": "1",
    }
    pairs = ",".join(f"{part} {base64.b64encode(value.encode()).decode()}" for part, value in said.items())
    plain = {"Content-Encoding": None, "Tus-Resumable": "1.0.0"}
    begins = {**plain, "Content-Type": None, "Upload-Length": str(len(file)), "Upload-Metadata": pairs}
    by_hand.exchange(server.port, by_hand.request(PEOPLE["Lan"], b"", begins, path="/api/v1/uploads"))
    brings = {**plain, "Content-Type": PATCH, "Upload-Offset": "0"}
    request = by_hand.request(PEOPLE["Lan"], file, brings, method="PATCH", path=f"/api/v1/uploads/{photo}")
    began = time.monotonic()
    answer = by_hand.exchange(server.port, request, timeout=60)
    took = time.monotonic() - began
    state = answer.headers.get("Photo-State", str(answer.status_code))
    report.counts[state] += 1
    longest = report.figures.get("longest", "0 s")
    if took > float(longest.split()[0]):
        report.figures["longest"] = f"{took:.2f} s ({name})"
    if state not in ("kept", "refused"):
        report.fail(name, f"answered {answer.status_code}")
    if (state == "kept") is not (name in TAKEN):
        report.fail(name, state)
    if took > MOST_SECONDS:
        report.fail(name, f"took {took:.1f} s")
    seen = by_hand.exchange(
        server.port, by_hand.request(PEOPLE["Lan"], b"", plain, method="GET", path=f"/api/v1/photos/{photo}")
    )
    if seen.status_code != 404:
        report.fail(name, f"served although no record names it: {seen.status_code}")


@contextmanager
def _another_phone(server: Server) -> Iterator[Seen]:
    """Hoa records and sends, one thing after the other."""
    seen, over = Seen(), threading.Event()
    hoa = Caller(None, PEOPLE["Hoa"], device=f"hoa-{time.monotonic_ns()}", port=server.port)

    def works() -> None:
        while not over.wait(0.05):
            hoa.record("hazard_site", type="DN2", name="Hố ga", address="Ngõ 5")
            began = time.monotonic()
            hoa.round_trip()
            seen.waits.append(time.monotonic() - began)
            seen.refused += bool(hoa.outbox)

    thread = threading.Thread(target=works)
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join()
        hoa.client.close()


@contextmanager
def _watched(server: Server, seen: Seen) -> Iterator[None]:
    """Look at the processes that draw, every few milliseconds."""
    over = threading.Event()

    def looks() -> None:
        while not over.wait(0.004):
            for worker in server._workers():
                for child in Path(f"/proc/{worker}/task").glob("*/children"):
                    for pid in _read(child).split():
                        text = _read(Path(f"/proc/{pid}/status"))
                        if "VmHWM:" in text:
                            held = int(text.split("VmHWM:")[1].split()[0])
                            seen.memory[pid] = max(held, seen.memory.get(pid, 0))

    thread = threading.Thread(target=looks)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""


def _told(seen: Seen) -> str:
    waits = sorted(seen.waits)
    return f"{statistics.median(waits) * 1000:.0f} and {waits[int(len(waits) * 0.95)] * 1000:.0f} ms"


if __name__ == "__main__":
    command(run, __doc__, {"times": 5})
