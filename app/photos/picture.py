"""Run as a program in a process of its own: a received file in, a clean picture and its thumbnail out.

    python -m app.photos.picture FILE TYPE PICTURE THUMB

Prints {"width", "height"} or {"refused": reason}. Decoding is where strangers' files do their harm, so it happens
where memory and time are limited and nothing else lives. What comes out was drawn anew from pixels: no metadata,
nothing appended, no second image. The file's own turning (EXIF orientation) is applied first.
"""

import contextlib
import json
import sys
import warnings
from typing import Any

LONGEST = 2048
THUMB = 320
MOST_PIXELS = 60_000_000
# What cannot be decoded at a fraction of its size: as much as phones themselves take (static/client/photos/redraw.ts).
MOST_WHOLE = 10_000_000
MOST_IN_PASSES = 16_000_000
# Anonymous memory; with the program's own the process then stays below 256 MB (python -m campaigns.pictures).
DATA = 225_000_000
_FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}


def redraw(source: str, media_type: str, picture: str, thumb: str) -> dict[str, Any]:
    """Decode, turn upright, shrink, write as JPEG. The answer is what the program prints."""
    from PIL import Image, ImageFile, ImageOps, UnidentifiedImageError

    warnings.simplefilter("error", Image.DecompressionBombWarning)
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    try:
        with Image.open(source, formats=(_FORMATS[media_type],)) as opened:
            if opened.width * opened.height > _most(opened):
                return {"refused": "too_many_pixels"}
            opened.draft("RGB", (LONGEST, LONGEST))  # a JPEG is decoded at a fraction of its size
            opened.thumbnail((LONGEST, LONGEST))  # before it is turned, which needs a second one
            flat = _flat(ImageOps.exif_transpose(opened))
            flat.info = {}  # a file's comment would be written again
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        return {"refused": "too_many_pixels"}
    except MemoryError:
        return {"refused": "too_costly"}
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, KeyError):
        return {"refused": "not_a_picture"}
    flat.save(picture, "JPEG", quality=82, optimize=True)
    width, height = flat.size
    flat.thumbnail((THUMB, THUMB))
    flat.save(thumb, "JPEG", quality=75, optimize=True)
    return {"width": width, "height": height}


def _most(opened: Any) -> int:
    """How many pixels a picture of its kind may have."""
    if opened.format != "JPEG":
        return MOST_WHOLE
    return MOST_IN_PASSES if opened.info.get("progressive") else MOST_PIXELS


def _flat(image: Any) -> Any:
    """Opaque RGB; what is transparent becomes white."""
    from PIL import Image

    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        over = image.convert("RGBA")
        white = Image.new("RGB", over.size, "white")
        white.paste(over, mask=over.getchannel("A"))
        return white
    return image.convert("RGB")


def limit(memory: int, seconds: int) -> None:
    """Take rights away from this process: no more memory, time, or file size than a picture needs."""
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_DATA, (DATA, DATA))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000_000, 20_000_000))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    limit(int(sys.argv[5]), int(sys.argv[6]))
    with contextlib.redirect_stdout(sys.stderr):
        said = redraw(*sys.argv[1:5])
    print(json.dumps(said))
