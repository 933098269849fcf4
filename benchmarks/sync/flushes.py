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
_CALL = re.compile(r"\b(fsync|fdatasync|sync_file_range)\(")


def flushes_of(server: Contestant, changes: Sequence[str], batch: int) -> tuple[int | None, int]:
    """Flushes (None without strace) and acknowledged batches of one more push."""
    bodies = server.dialect.requests(_PHONE, changes, batch)
    line = server.dialect.line(server.port, _PHONE)
    server.dialect.push(line, bodies[0])  # opens files, so that only pushes are counted
    if not shutil.which("strace"):
        return None, len(bodies)
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder) / "calls"
        pids = [part for one in server.everybody() for part in ("-p", str(one.pid))]
        calls = ["-f", "-e", "trace=fsync,fdatasync,sync_file_range", "-o", str(told)]
        tracer = subprocess.Popen(["strace", *calls, *pids], stderr=subprocess.PIPE)
        assert tracer.stderr is not None
        for _ in pids[::2]:
            tracer.stderr.readline()  # "Process N attached"
        for body in bodies[1:]:
            server.dialect.push(line, body)
        time.sleep(0.2)
        tracer.terminate()
        tracer.wait()
        line.close()
        return len(_CALL.findall(told.read_text())), len(bodies) - 1
