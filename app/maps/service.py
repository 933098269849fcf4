"""Give a ward its map, and take it away. The file is on disk before its row is written."""

import hashlib
import os
import tempfile
from pathlib import Path

from app.clock import now
from app.db import db, take_turns
from app.maps import queries, rules
from app.maps.models import WardMap
from app.problems import Problem
from app.units.models import Unit
from app.units.rules import WARD_LEVELS

_PIECE = 1 << 20
_FRESH = 3600.0  # seconds


def load(ward: Unit, source: Path) -> WardMap:
    """Make this file the ward's map, in place of the one before. Raises bad_form with what is wrong with it."""
    if ward.level not in WARD_LEVELS:
        raise Problem("not_found")
    size = source.stat().st_size
    with source.open("rb") as file:
        described = rules.describe(size, lambda offset, length: _read(file.fileno(), offset, length))
    if isinstance(described, str):
        raise Problem("bad_form", fields=[{"field": "map", "code": described}])
    sha256 = _keep(source)
    take_turns(f"map of {ward.id}")
    found = db.session.get(WardMap, ward.id)
    if found is None:
        found = WardMap(ward_id=ward.id)
        db.session.add(found)
    found.sha256, found.size, found.look = sha256, size, described.look
    found.box, found.credit, found.loaded_at = list(described.box), described.credit, now()
    return found


def remove(ward: Unit) -> bool:
    """Take the ward's map away; whether there was one."""
    found = db.session.get(WardMap, ward.id)
    if found is not None:
        db.session.delete(found)
    return found is not None


def sweep() -> int:
    """Delete the files that have long been no ward's map; how many. A fresh one may be about to become one."""
    used, gone = queries.in_use(), 0
    for path in queries.folder().glob("*.pmtiles"):
        if path.stem not in used and now().timestamp() - path.stat().st_mtime > _FRESH:
            path.unlink(missing_ok=True)
            gone += 1
    return gone


def _read(handle: int, offset: int, length: int) -> bytes:
    return os.pread(handle, min(length, _PIECE), offset)


def _keep(source: Path) -> str:
    """Copy the file to its address: under another name first, flushed, then renamed."""
    digest, folder = hashlib.sha256(), queries.folder()
    folder.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=folder, prefix=".new-")
    try:
        with os.fdopen(handle, "wb") as new, source.open("rb") as old:
            while piece := old.read(_PIECE):
                digest.update(piece)
                new.write(piece)
            new.flush()
            os.fsync(new.fileno())
        os.replace(name, queries.path_of(digest.hexdigest()))
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return digest.hexdigest()
