"""Which map a ward has. A map whose file is gone counts as none."""

from pathlib import Path

from flask import current_app
from sqlalchemy import select

from app.config import Settings
from app.db import db
from app.maps import rules
from app.maps.models import WardMap


def folder() -> Path:
    """Where map files lie."""
    settings: Settings = current_app.config["TO_AM"]
    return settings.map_folder


def path_of(sha256: str) -> Path:
    """Where the file of this SHA-256 lies, whether it is there or not."""
    if not rules.is_address(sha256):
        raise ValueError("not an address")
    return folder() / f"{sha256}.pmtiles"


def map_of(ward_id: int) -> WardMap | None:
    """The ward's map, if its file is there."""
    found = db.session.get(WardMap, ward_id)
    return found if found is not None and path_of(found.sha256).exists() else None


def in_use() -> set[str]:
    """The files that some ward's map is."""
    return set(db.session.scalars(select(WardMap.sha256)))
