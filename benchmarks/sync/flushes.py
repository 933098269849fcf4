"""How often a server makes the disk flush, counted by strace on its processes while it takes pushes."""

import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.sync.servers import Contestant

_PHONE = 8
_CALL = re.compile(r"\b(fsync|fdatasync|sync_file_range)\b.*= 0$", re.MULTILINE)


def flushes_of(server: Contestant, changes: Sequence[str], batch: int) -> list[int] | None:
    """Flushes that had ended before each acknowledgement, batch by batch; None without strace."""
    bodies = server.dialect.requests(_PHONE, changes, batch)
    line = server.dialect.line(server.port, _PHONE)
    server.dialect.push(line, bodies[0])  # opens files, so that only pushes are counted
    if not shutil.which("strace"):
        return None
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder) / "calls"
        tracer = _attach(server, told)
        counts, seen = [], 0
        for body in bodies[1:]:
            server.dialect.push(line, body)
            now = len(_CALL.findall(told.read_text()))
            counts.append(now - seen)
            seen = now
        tracer.terminate()
        tracer.wait()
        line.close()
    return counts


def _attach(server: Contestant, told: Path) -> "subprocess.Popen[str]":
    pids = [str(one.pid) for one in server.everybody()]
    words = ["strace", "-f", "-e", "trace=fsync,fdatasync,sync_file_range", "-o", str(told)]
    tracer = subprocess.Popen([*words, *(f"-p{pid}" for pid in pids)], stderr=subprocess.PIPE, text=True)
    assert tracer.stderr is not None
    for _ in pids:
        tracer.stderr.readline()  # one for each process, attached or gone by now
    deadline = time.monotonic() + 5
    while not told.exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    return tracer
