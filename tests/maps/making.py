"""Small PMTiles files, made here: no map data of anybody."""

import gzip
import io
import math
import struct
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from PIL import Image
from pmtiles.tile import Compression, TileType, zxy_to_tileid
from pmtiles.writer import Writer

# Around tổ 7 of phường Phúc Lợi: south, west, north, east.
BOX = (21.0300, 105.9100, 21.0550, 105.9400)
CREDIT = '© <a href="https://example.vn/">Phòng thử nghiệm</a> &amp; bạn'
Tile = tuple[int, int, int]


def tiles_of(box: tuple[float, float, float, float], zooms: Iterable[int]) -> list[Tile]:
    """Every tile that the box touches, in the file's order."""
    south, west, north, east = box
    found = []
    for z in zooms:
        left, top = tile_at(z, north, west)
        right, bottom = tile_at(z, south, east)
        found += [(z, x, y) for x in range(left, right + 1) for y in range(top, bottom + 1)]
    return sorted(found, key=lambda tile: zxy_to_tileid(*tile))


def tile_at(z: int, lat: float, lon: float) -> tuple[int, int]:
    n, rad = 1 << z, math.radians(lat)
    return int((lon + 180) / 360 * n), int((1 - math.asinh(math.tan(rad)) / math.pi) / 2 * n)


def picture(colour: tuple[int, int, int], *tile: int) -> bytes:
    """A tile of one colour, a little different in each so that the file has as many as it says."""
    made = Image.new("RGB", (256, 256), colour)
    made.putpixel((0, 0), (tile[1] % 256, tile[2] % 256, tile[0]))
    out = io.BytesIO()
    made.save(out, "PNG")
    return out.getvalue()


def lines(*_: int) -> bytes:
    """A vector tile: a pond over its middle half, a road through it, a name. Geometry as the MVT 2.1 spec has it."""
    pond = _layer("water", {"kind": "lake"}, 3, [*_moves((1024, 1024), (2048, 0), (0, 2048), (-2048, 0)), 15])
    road = _layer("roads", {"kind": "major_road", "name": "Phúc Lợi"}, 2, _moves((0, 512), (4096, 0)))
    return pond + road


def write_map(
    path: Path,
    *,
    box: tuple[float, float, float, float] = BOX,
    zooms: Iterable[int] = range(12, 17),
    vector: bool = False,
    colour: tuple[int, int, int] = (200, 60, 220),
    more: dict[str, Any] | None = None,
) -> Path:
    """A map of pictures in one colour, or of lines."""
    draw: Callable[..., bytes] = lines if vector else lambda *tile: picture(colour, *tile)
    with path.open("wb") as file:
        writer = Writer(file)
        for tile in tiles_of(box, zooms):
            data = draw(*tile)
            writer.write_tile(zxy_to_tileid(*tile), gzip.compress(data, mtime=0) if vector else data)
        head = {
            "tile_type": TileType.MVT if vector else TileType.PNG,
            "tile_compression": Compression.GZIP if vector else Compression.NONE,
            **{
                name: round(side * 1e7)
                for name, side in zip(("min_lat_e7", "min_lon_e7", "max_lat_e7", "max_lon_e7"), box, strict=True)
            },
        }
        writer.finalize(head | (more or {}), {"attribution": CREDIT})
    return path


def _moves(start: tuple[int, int], *steps: tuple[int, int]) -> list[int]:
    commands = [9, _zigzag(start[0]), _zigzag(start[1]), (len(steps) << 3) | 2]
    return commands + [_zigzag(part) for step in steps for part in step]


def _zigzag(n: int) -> int:
    return (n << 1) ^ (n >> 31)


def _layer(name: str, tags: dict[str, str], kind: int, geometry: list[int]) -> bytes:
    places = [n for i in range(len(tags)) for n in (i, i)]
    shape = _packed(2, places) + _number(3, kind) + _packed(4, geometry)
    keys = b"".join(_bytes(3, key.encode()) for key in tags)
    values = b"".join(_bytes(4, _bytes(1, value.encode())) for value in tags.values())
    whole = _number(15, 2) + _bytes(1, name.encode()) + _bytes(2, shape) + keys + values + _number(5, 4096)
    return _bytes(3, whole)


def _varint(n: int) -> bytes:
    out = bytearray()
    while n > 127:
        out.append(n & 127 | 128)
        n >>= 7
    return bytes(out + struct.pack("B", n))


def _number(field: int, n: int) -> bytes:
    return _varint(field << 3) + _varint(n)


def _bytes(field: int, data: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(data)) + data


def _packed(field: int, numbers: list[int]) -> bytes:
    return _bytes(field, b"".join(_varint(n) for n in numbers))
