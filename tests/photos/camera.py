"""Pictures for the tests, made on the spot: real files with the traces that phones leave in them."""

import hashlib
import io
from typing import Any
from uuid import uuid4

from PIL import Image, ImageDraw

HOME = "PLANTED-HOME-21.0461-105.9012"


def picture(
    width: int = 640, height: int = 480, fmt: str = "JPEG", *, colour: str = "#2a7", exif: bool = True, turn: int = 1
) -> bytes:
    """A picture file: a left half of one colour, and metadata that gives a home away."""
    image = Image.new("RGB", (width, height), "white")
    ImageDraw.Draw(image).rectangle([0, 0, width // 2, height], fill=colour)
    more: dict[str, Any] = {}
    if exif:
        traces = Image.Exif()
        traces[0x0112] = turn
        traces[0x010F] = "Phone of Nguyễn Thị Lan"
        traces[0x9286] = HOME
        gps = traces.get_ifd(0x8825)
        gps[1], gps[2], gps[3], gps[4] = "N", (21.0, 2.0, 46.0), "E", (105.0, 54.0, 4.0)
        more["exif"] = traces
        if fmt == "JPEG":
            more["comment"] = HOME
    out = io.BytesIO()
    image.save(out, fmt, **more)
    return out.getvalue()


def about(file: bytes, media_type: str = "image/jpeg", **more: Any) -> dict[str, Any]:
    """What a record says of a photo."""
    return {
        "id": str(uuid4()),
        "sha256": hashlib.sha256(file).hexdigest(),
        "size": len(file),
        "type": media_type,
        "width": 640,
        "height": 480,
        "taken": "2026-06-03T09:11:02+07:00",
        "place": None,
        "caption": "",
        "original": False,
        **more,
    }
