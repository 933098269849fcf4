"""Builds of the phone app as they might be released: today's, a newer one, or one into which a bug was planted."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

ROOT = Path(__file__).parents[2]
PARTS = (
    "static/client",
    "static/style",
    "static/icons",
    "static/build.mjs",
    "service_worker",
    "app/i18n/catalogs",
    "app/shell.py",
    "templates/app.html",
    "package-lock.json",
)
CLIENT, WORKER = "static/client", "service_worker/sw.ts"


@dataclass(frozen=True)
class Plant:
    """Words of a source file, and what stands there instead."""

    file: str
    words: str
    instead: str


# A later release: its store has one more version, and its home says so.
NEWER_STORE = Plant(
    f"{CLIENT}/store/ladder.ts",
    "stays out.\n  () => undefined,\n",
    'stays out.\n  () => undefined,\n  (db) => void db.createObjectStore("to come" as never),\n',
)
NEWER = Plant(f"{CLIENT}/screens/home.tsx", '<main class="page">', '<main class="page" data-release="newer">')


@dataclass
class Builds:
    """Makes builds in a folder, each once."""

    folder: Path
    made: dict[tuple[Plant, ...], Path] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=count)

    def of(self, *plants: Plant) -> Path:
        """The folder of the built files; the plain build when nothing is planted."""
        if plants not in self.made:
            # A number of its own, so that a build that failed is in nobody's way.
            self.made[plants] = build(self.folder / str(next(self.numbers)), *plants)
        return self.made[plants]


def build(folder: Path, *plants: Plant) -> Path:
    """Copy the sources, plant, build. A plant whose words are not there is a mistake in the test."""
    for part in PARTS:
        source, target = ROOT / part, folder / part
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target)
        else:
            shutil.copyfile(source, target)
    (folder / "node_modules").symlink_to(ROOT / "node_modules")
    for plant in plants:
        path = folder / plant.file
        text = path.read_text(encoding="utf-8")
        if text.count(plant.words) != 1:
            raise LookupError(f"{plant.file} does not have once: {plant.words}")
        path.write_text(text.replace(plant.words, plant.instead), encoding="utf-8")
    node = ROOT / ".venv" / "node" / "node"
    subprocess.run([str(node), "static/build.mjs"], cwd=folder, check=True, capture_output=True)
    dist = folder / "static" / "dist"
    assert json.loads((dist / "manifest.json").read_text(encoding="utf-8"))["app.js"]
    return dist
