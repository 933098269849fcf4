"""From a received file to a clean picture, in a child process that may fail without harm."""

import hashlib
import json
import os
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from app.config import ROOT

# Of address space, in which libraries count; what is really used has a limit of its own in `picture`.
MEMORY = 640_000_000
SECONDS = 5
# Two at a time: decoding may use the processor, but never all threads of the server.
_turns = threading.BoundedSemaphore(2)


@dataclass(frozen=True)
class Clean:
    """A redrawn picture: temporary files and its size in pixels."""

    picture: Path
    thumb: Path
    width: int
    height: int


def sha256_of(path: Path) -> str:
    """The digest of a file, read piece by piece."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            digest.update(piece)
    return digest.hexdigest()


def clean(source: Path, media_type: str, folder: Path) -> Clean | str:
    """Redraw a file into `folder`; the reason as text when it is refused."""
    # Names of its own: the same file may be asked for twice at once.
    turn = uuid4().hex
    picture, thumb = folder / f"{source.name}.{turn}.jpg", folder / f"{source.name}.{turn}.thumb.jpg"
    with _turns:
        said = _ask_child(source, media_type, picture, thumb)
    refused = said.get("refused")
    if refused:
        picture.unlink(missing_ok=True)
        thumb.unlink(missing_ok=True)
        return str(refused)
    return Clean(picture, thumb, said["width"], said["height"])


def _ask_child(source: Path, media_type: str, picture: Path, thumb: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "app.photos.picture", source, media_type, picture, thumb, MEMORY, SECONDS]
    child = subprocess.Popen(
        [str(part) for part in command],
        cwd=ROOT,
        env={"PATH": os.environ.get("PATH", ""), "PYTHONDONTWRITEBYTECODE": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        out, _ = child.communicate(timeout=SECONDS * 3)
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)
        child.communicate()
        return {"refused": "too_costly"}
    if child.returncode != 0:
        return {"refused": "too_costly" if child.returncode < 0 else "not_a_picture"}
    said: dict[str, Any] = json.loads(out)
    return said
