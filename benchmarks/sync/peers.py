"""Others' servers, installed from the registries into var/peers (never committed)."""

import json
import subprocess
import sys
from pathlib import Path

HOME = Path(__file__).resolve().parents[2] / "var" / "peers"
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


def kinto() -> Path:
    """The folder with Kinto's commands."""
    place = HOME / "kinto"
    if not (place / "ready").exists():
        subprocess.run([sys.executable, "-m", "venv", place], check=True)
        pip = [place / "bin" / "pip", "install", "-q", "--disable-pip-version-check"]
        subprocess.run([*pip, *KINTO], check=True)
        (place / "ready").touch()
    return place / "bin"


def pouch() -> Path:
    """PouchDB's server, as a script for Node: node <script> <port> <folder/>."""
    place = HOME / "pouch"
    if not (place / "ready").exists():
        place.mkdir(parents=True, exist_ok=True)
        (place / "package.json").write_text(json.dumps({"name": "peer", "private": True, "dependencies": POUCH}))
        (place / "server.cjs").write_text(_POUCH_SERVER)
        npm = ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]
        subprocess.run(npm, cwd=place, check=True)
        (place / "ready").touch()
    return place / "server.cjs"
