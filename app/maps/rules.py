"""What the head of a PMTiles file (version 3) says, and whether it can be a ward's map. Pure."""

import gzip
import html
import json
import re
from collections.abc import Callable
from typing import Any, NamedTuple

from pmtiles.tile import Compression, TileType, deserialize_header

HEAD = 127
MOST_BYTES = 60_000_000  # a phone has to hold it
LONGEST_CREDIT = 300
_LOOKS = {TileType.MVT: "vector", TileType.PNG: "picture", TileType.JPEG: "picture", TileType.WEBP: "picture"}
_MOST_METADATA = 1_000_000
_TAG = re.compile("<[^>]*>")


class Described(NamedTuple):
    """What is kept of a map file's own words."""

    look: str  # vector | picture
    box: tuple[float, float, float, float]  # south, west, north, east
    credit: str


def describe(size: int, read: Callable[[int, int], bytes]) -> Described | str:
    """What a file of this size holds; `read(offset, length)` gives its bytes. A code when it cannot be used.

    not_pmtiles, map_too_large, no_tiles, unknown_tiles, no_box.
    """
    if size > MOST_BYTES:
        return "map_too_large"
    try:
        head = deserialize_header(read(0, HEAD))
    except Exception:  # the library fails in its own many ways over what is no map at all
        return "not_pmtiles"
    if head["tile_data_offset"] + head["tile_data_length"] > size or not head["tile_data_length"]:
        return "no_tiles"
    look = _LOOKS.get(head["tile_type"])
    packed = (Compression.NONE, Compression.GZIP)
    if look is None or head["tile_compression"] not in packed or head["internal_compression"] not in packed:
        return "unknown_tiles"
    south, west = head["min_lat_e7"] / 1e7, head["min_lon_e7"] / 1e7
    north, east = head["max_lat_e7"] / 1e7, head["max_lon_e7"] / 1e7
    if not (-85.1 < south < north < 85.1 and -180 <= west < east <= 180):
        return "no_box"
    return Described(look, (south, west, north, east), _credit(head, read))


def _credit(head: Any, read: Callable[[int, int], bytes]) -> str:
    """The file's attribution without its markup; empty when it has none that can be read."""
    try:
        raw = read(head["metadata_offset"], min(head["metadata_length"], _MOST_METADATA))
        said = json.loads(gzip.decompress(raw) if head["internal_compression"] is Compression.GZIP else raw)
        return " ".join(html.unescape(_TAG.sub("", str(said.get("attribution") or ""))).split())[:LONGEST_CREDIT]
    except (ValueError, OSError, EOFError, AttributeError):
        return ""


def is_address(text: str) -> bool:
    """Whether a text names a map file: a SHA-256 in hex."""
    return re.fullmatch("[0-9a-f]{64}", text) is not None
