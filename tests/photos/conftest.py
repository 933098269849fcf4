"""A ward whose hazard forms have photos, and the phones of Lan and others."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from app.kinds import registry
from tests.phone import Phone
from tests.photos.wire import Uploader

KIND = """
from marshmallow import Schema
from app.kinds.pictures import Photos
from app.kinds.vocabulary import Day, Kind, Text, Words, section

class Album(Schema):
    name = Text(("Tên", "Name"), required=True)
    seen_on = Day(("Ngày", "Day"))
    photos = Photos(("Ảnh", "Photos"))
    secret = Photos(("Ảnh kín", "Guarded photos"), original=True, sensitivity="restricted")

KIND = Kind(
    code="album", form=1, label=Words("Sổ ảnh", "Album"), menu=Words("Sổ ảnh", "Albums"),
    examples=Words("Ảnh", "Photos"), icon="hazard", schema=Album,
    sections=(section("all", ("Ảnh", "Photos"), "name", "seen_on", "photos", "secret"),),
    title=("name",), public=("name",), happened="seen_on", order=99, sharing="group",
)
"""


@pytest.fixture(autouse=True)
def album(app: Flask, tmp_path: Path) -> Iterator[None]:
    """A kind with photos, beside the ones that there are."""
    folder = tmp_path / "kinds"
    folder.mkdir()
    (folder / "album.py").write_text(KIND)
    registry.load([folder])
    yield
    registry.load()


@pytest.fixture
def up(lan: Phone) -> Uploader:
    """Lan's uploads."""
    return Uploader(lan)
