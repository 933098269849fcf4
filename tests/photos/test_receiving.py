"""Strangers' files: none crashes the server, none is served as it came, none costs more than its share."""

import io
import re
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import pytest
from PIL import Image

from app.config import ROOT
from app.photos import receiving
from tests.photos.camera import HOME, picture

# What the program does, with the most memory that its process ever held.
MEASURED = """
import sys
from app.photos import picture
picture.limit(640_000_000, 5)
print(picture.redraw(*sys.argv[1:5]))
print(open("/proc/self/status").read())
"""
PNG = b"\x89PNG\r\n\x1a\n"


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def flood(side: int) -> bytes:
    """A tiny PNG that says it has side × side pixels, and really unpacks to them."""
    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    lines = zlib.compressobj(9)
    body = b"".join(lines.compress(bytes(1 + (side + 7) // 8)) for _ in range(side)) + lines.flush()
    return PNG + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def encoded(fmt: str, size: tuple[int, int] = (320, 240), mode: str = "RGB") -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, "red" if mode == "RGB" else 0).save(out, fmt)
    return out.getvalue()


CORPUS = {
    "empty": b"",
    "text": b"Xin ch\xc3\xa0o",
    "a page with script": b"<html><script>alert(1)</script></html>",
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    "php behind a jpeg head": b"\xff\xd8\xff\xe0<?php system($_GET[0]); ?>",
    "gif": encoded("GIF"),
    "bmp": encoded("BMP"),
    "tiff": encoded("TIFF"),
    "ico": encoded("ICO"),
    "pdf": b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\n%%EOF",
    "postscript": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\nshowpage\n",
    "mvg": b"push graphic-context\nviewbox 0 0 640 480\nimage over 0,0 0,0 'https://127.0.0.1/x.php?x=`id`'\n",
    "half a jpeg": picture()[:700],
    "png without an end": PNG + chunk(b"IHDR", struct.pack(">IIBBBBB", 10, 10, 8, 2, 0, 0, 0)),
    "png with damaged lines": encoded("PNG").replace(b"IDATx", b"IDAT\0"),
    "a flood of pixels": flood(30_000),
    "the largest numbers": PNG + chunk(b"IHDR", struct.pack(">IIBBBBB", 2**31 - 1, 2**31 - 1, 8, 2, 0, 0, 0)),
    "png of no width": PNG + chunk(b"IHDR", struct.pack(">IIBBBBB", 0, 10, 8, 2, 0, 0, 0)),
    "a bomb in a text chunk": PNG
    + chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0))
    + chunk(b"zTXt", b"k\0\0" + zlib.compress(bytes(80_000_000)))
    + chunk(b"IEND", b""),
    "webp head only": b"RIFF\x24\x00\x00\x00WEBPVP8 ",
    "webp of the wrong length": b"RIFF\xff\xff\xff\xffWEBPVP8L" + b"\0" * 30,
    "jpeg of zeros": b"\xff\xd8" + bytes(100_000),
    "jpeg of the largest size": b"\xff\xd8\xff\xc0\x00\x11\x08\xff\xff\xff\xff\x03\x01\x22\x00\x02\x11\x01\x03\x11\x01",
}


def _claimed(data: bytes) -> str:
    """The type under which a file would come closest to being decoded."""
    return "image/png" if data.startswith(PNG) else "image/webp" if data.startswith(b"RIFF") else "image/jpeg"


def received(tmp_path: Path, data: bytes, media_type: str) -> receiving.Clean | str:
    folder = tmp_path / "incoming"
    folder.mkdir(exist_ok=True)
    source = folder / "file.part"
    source.write_bytes(data)
    return receiving.clean(source, media_type, folder)


@pytest.mark.parametrize("name", CORPUS)
def test_what_is_no_picture_is_refused_quickly_and_leaves_nothing(tmp_path: Path, name: str):
    made = received(tmp_path, CORPUS[name], _claimed(CORPUS[name]))
    assert made in ("not_a_picture", "too_many_pixels", "too_costly"), (name, made)
    assert [path.name for path in (tmp_path / "incoming").iterdir()] == ["file.part"]


@pytest.mark.parametrize("fmt", ["JPEG", "PNG", "WEBP"])
def test_pictures_are_drawn_anew(tmp_path: Path, fmt: str):
    data = picture(fmt=fmt) + b"<?php appended(); ?>" + HOME.encode()
    made = received(tmp_path, data, f"image/{fmt.lower()}")
    assert isinstance(made, receiving.Clean), made
    drawn = made.picture.read_bytes()
    assert b"php" not in drawn and HOME.encode() not in drawn and b"Exif" not in drawn
    with Image.open(io.BytesIO(drawn)) as image:
        assert image.format == "JPEG" and image.size == (made.width, made.height) == (640, 480)
        left, right = image.getpixel((100, 200)), image.getpixel((600, 200))
    assert left[1] > 120 and min(right) > 240


def test_a_type_that_does_not_fit_its_content_is_refused(tmp_path: Path):
    assert received(tmp_path, encoded("PNG"), "image/jpeg") == "not_a_picture"


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "L", "1", "I;16", "CMYK"])
def test_every_way_of_keeping_pixels(tmp_path: Path, mode: str):
    fmt = "JPEG" if mode == "CMYK" else "PNG"
    image = Image.new("RGB", (64, 48), "white").convert("L" if mode == "I;16" else mode)
    out = io.BytesIO()
    (image.convert("I;16") if mode == "I;16" else image).save(out, fmt)
    assert isinstance(received(tmp_path, out.getvalue(), f"image/{fmt.lower()}"), receiving.Clean)


def test_the_largest_photo_is_shrunk_within_its_memory(tmp_path: Path):
    """50 megapixels, as an untouched original of a report may have."""
    source = tmp_path / "large.part"
    Image.effect_noise((8160, 6120), 40).convert("RGB").save(source, "JPEG", quality=60)
    given = [source, "image/jpeg", tmp_path / "p.jpg", tmp_path / "t.jpg"]
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, *map(str, given)], cwd=ROOT, capture_output=True, check=True, text=True
    )
    print(done.stdout)
    assert "'width': 2048" in done.stdout
    peak = int(re.search(r"VmHWM:\s+([0-9]+) kB", done.stdout)[1])
    assert peak < 256_000


@pytest.mark.parametrize("fmt", ["PNG", "WEBP"])
def test_what_is_decoded_whole_is_taken_as_phones_take_it_and_no_larger(tmp_path: Path, fmt: str):
    source = tmp_path / "whole.part"
    grain = Image.effect_noise((640, 480), 40).convert("RGB")
    peaks = []
    for size, said in (((3640, 2730), "'width': 2048"), ((3700, 2730), "too_many_pixels")):
        grain.resize(size).save(
            source, fmt, **({"quality": 50, "method": 0} if fmt == "WEBP" else {"compress_level": 1})
        )
        given = [source, f"image/{fmt.lower()}", tmp_path / "p.jpg", tmp_path / "t.jpg"]
        run = [sys.executable, "-c", MEASURED, *map(str, given)]
        done = subprocess.run(run, cwd=ROOT, capture_output=True, check=True, text=True)
        assert said in done.stdout
        peaks.append(int(re.search(r"VmHWM:\s+([0-9]+) kB", done.stdout)[1]))
    assert peaks[1] < peaks[0] < 256_000


def test_a_child_that_hangs_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(receiving, "SECONDS", 1)
    hangs = tmp_path / "hangs"
    hangs.write_text("#!/bin/sh\nexec tail -f /dev/null\n")
    hangs.chmod(0o755)
    monkeypatch.setattr(receiving.sys, "executable", str(hangs))
    assert received(tmp_path, picture(), "image/jpeg") == "too_costly"
