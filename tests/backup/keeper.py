"""Whoever keeps the backups in a test: makes, checks and restores them, with keys of their own."""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask import Flask
from flask_migrate import stamp
from sqlalchemy import inspect, select
from sqlalchemy.orm import Session

from app.backup import restore as restoring
from app.backup import rules, sealing, service
from app.backup.rules import Trouble
from app.db import db
from app.photos.store.local import LocalStore
from tests.conftest import make_app, put_away

IDENTITIES = [sealing.new_identity() for _ in range(2)]
KEYS = [str(identity.to_public()) for identity in IDENTITIES]


@dataclass
class Keeper:
    """Two custodians' keys, a folder of backups, and empty places to restore into."""

    app: Flask
    home: Path
    restored: list[Flask] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.folder = self.home / "backups"
        self.keyfiles = [self.home / f"key-{number}.txt" for number in (1, 2)]
        for path, identity in zip(self.keyfiles, IDENTITIES, strict=True):
            path.write_text(f"# Tổ Ấm\n{identity}\n", encoding="utf-8")
        self.app.extensions["photo_store"] = LocalStore(self.home / "photos")
        self.stamp()

    def stamp(self) -> None:
        """Tests make their tables at once; a real database knows its revision."""
        with self.app.app_context():
            stamp()

    @property
    def url(self) -> str:
        """The database of the application under test."""
        return str(self.app.config["SQLALCHEMY_DATABASE_URI"])

    def make(self, *, plain: bool = False, keep: int | None = None) -> Path:
        """A backup of the application as it stands."""
        return service.make(self.url, self.folder, [] if plain else KEYS, "test", keep).path

    def check(self, path: Path, key: int | None = 0) -> service.Checked:
        """Look a backup over, with the first custodian's key unless told otherwise."""
        return service.check(path, None if key is None else self.keyfiles[key], self.home / "looking")

    def trouble(self, path: Path, key: int | None = 0) -> str | None:
        """What a check finds wrong; None when it finds nothing."""
        try:
            self.check(path, key)
        except Trouble as trouble:
            return trouble.code
        return None

    def empty_place(self) -> Flask:
        """A new server, whose database does not exist yet."""
        place = self.home / f"new-{len(self.restored)}"
        place.mkdir()
        self.restored.append(make_app(place / "to-am.db"))
        self.restored[-1].extensions["photo_store"] = LocalStore(place / "photos")
        return self.restored[-1]

    def restore(self, path: Path, into: Flask | None = None, **more: Any) -> Flask:
        """Bring a backup back; the application over it."""
        new = into or self.empty_place()
        with new.app_context():
            restoring.restore(path, self.keyfiles[0], **{"end_sign_ins": False, **more})
        return new

    def put_away(self) -> None:
        """Close what was restored."""
        for app in self.restored:
            put_away(app)


def holds(app: Flask) -> dict[str, str]:
    """Every table of an application's database, as a hash of all its rows."""
    found = {}
    with app.app_context(), Session(db.engine) as session:
        for name in inspect(db.engine).get_table_names():
            table = db.metadata.tables.get(name)
            if table is not None:
                rows = sorted(repr(tuple(row)) for row in session.execute(select(table)))
                found[name] = hashlib.sha256("\n".join(rows).encode("utf-8", "surrogatepass")).hexdigest()
    return found


def damaged(path: Path, into: Path, change: Any) -> Path:
    """A copy of a backup, with what lies beside it, whose bytes `change` has altered."""
    into.mkdir(exist_ok=True)
    other = into / path.name
    other.write_bytes(change(path.read_bytes()))
    side = path.with_name(path.name + rules.SIDE)
    other.with_name(other.name + rules.SIDE).write_bytes(side.read_bytes())
    return other


def flipped(raw: bytes, at: int, bit: int = 0) -> bytes:
    """The bytes with one bit turned over."""
    changed = bytearray(raw)
    changed[at] ^= 1 << bit
    return bytes(changed)
