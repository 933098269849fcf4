"""Others' servers, installed from the registries into var/peers at the first run (never committed)."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HOME = ROOT / "var" / "peers"
KINTO = ("kinto[postgresql]==26.5.0", "gunicorn==27.0.1")
POUCH = {"express": "4.22.3", "express-pouchdb": "4.2.0", "pouchdb": "9.0.0"}

_POUCH_SERVER = """
const express = require("express");
const PouchDB = require("pouchdb").defaults({ prefix: process.argv[3] });
const app = express();
const options = { mode: "minimumForPouchDB", inMemoryConfig: true, logPath: "/dev/null" };
app.use("/", require("express-pouchdb")(PouchDB, options));
app.listen(+process.argv[2], "127.0.0.1");
"""


class NotThere(Exception):
    """A peer could not be installed here; the message says why."""


def kinto() -> Path:
    """The folder with Kinto's commands. Raises NotThere."""
    place = HOME / "kinto"
    if not (place / "ready").exists():
        _run([sys.executable, "-m", "venv", place])
        _run([place / "bin" / "pip", "install", "-q", "--disable-pip-version-check", *KINTO])
        (place / "ready").touch()
    return place / "bin"


def pouch() -> list[str | Path]:
    """How PouchDB's server is started; its port and its folder, with a slash, follow. Raises NotThere."""
    place = HOME / "pouch"
    if not (place / "ready").exists():
        place.mkdir(parents=True, exist_ok=True)
        (place / "package.json").write_text(json.dumps({"name": "peer", "private": True, "dependencies": POUCH}))
        (place / "server.cjs").write_text(_POUCH_SERVER)
        _run([_node("npm"), "install", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"], place)
        (place / "ready").touch()
    return [_node("node"), place / "server.cjs"]


def _node(program: str) -> str | Path:
    ours = ROOT / ".venv" / "node" / program
    return ours if ours.exists() else shutil.which(program) or program


def _run(words: list[str | Path], folder: Path | None = None) -> None:
    try:
        subprocess.run(words, cwd=folder, check=True, capture_output=True, text=True, timeout=300)
    except (OSError, subprocess.SubprocessError) as error:
        said = getattr(error, "stderr", "") or str(error)
        raise NotThere(said.strip().splitlines()[-1][:300] if said.strip() else "unknown") from error
