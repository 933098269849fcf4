"""How much memory a phone needs to make a photo of 50 megapixels small, and how long it takes.

    python -m benchmarks.photos       prints the table; the bar is 64 MB for what a phone's camera makes

The highest resident memory of the page's process (VmHWM, set back through /proc/<pid>/clear_refs just before the file
is chosen) less what it had then: decoder, canvas, encoder, hash and store, all that the app does. A new browser for
each file. Linux only. What it cannot show: a real phone, whose browser has another build and another decoder.
"""

import io
import tempfile
from pathlib import Path

import psutil
from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.conftest import ARGS, FIFTH_KIND, PHONE, Phone, Server

SIZE = (8160, 6120)
BAR = 64


def camera(kind: str, size: tuple[int, int] = SIZE) -> bytes:
    """A file as a camera makes it: coarse grain, turned by EXIF."""
    image = Image.effect_noise((size[0] // 8, size[1] // 8), 60).resize(size).convert("RGB")
    turned = Image.Exif()
    turned[0x0112] = 6
    out = io.BytesIO()
    more = {"exif": turned, "progressive": kind == "progressive"} if kind != "PNG" else {}
    image.save(out, "PNG" if kind == "PNG" else "JPEG", **({"quality": 80} | more if more else {}))
    return out.getvalue()


def said(pid: int, name: str) -> float:
    """A line of /proc/<pid>/status in MB."""
    text = Path(f"/proc/{pid}/status").read_text()
    return int(text.split(f"{name}:")[1].split()[0]) / 1024


def renderers(started: set[int]) -> list[int]:
    """The page processes of the browser that this program started."""
    mine = psutil.Process().children(recursive=True)
    return [one.pid for one in mine if one.pid not in started and "--type=renderer" in one.cmdline()]


def taken(page: Page, file: Path, started: set[int]) -> tuple[float, str]:
    """MB that the busiest page process grew by while it took the file, and what the form said."""
    before = {}
    for pid in renderers(started):
        Path(f"/proc/{pid}/clear_refs").write_text("5")
        before[pid] = said(pid, "VmRSS")
    # By its path: the driver would send bytes through the page, and they would count.
    page.locator("input[type=file][multiple]").set_input_files(file)
    told = page.locator(".field .say[role=status]")
    expect(told).to_be_visible(timeout=120_000)
    grown = max(said(pid, "VmHWM") - before[pid] for pid in before if psutil.pid_exists(pid))
    return grown, told.inner_text()


def measure(server: Server, browser: Browser, file: Path, started: set[int]) -> tuple[float, str]:
    """One file in the form of a phone that has just been opened."""
    phone = Phone(server, browser.new_context(**PHONE, locale="vi-VN"))  # type: ignore[arg-type]
    phone.signs_in("0912000007")
    phone.is_ready()
    phone.opens("#/new/hazard_site")
    phone.page.get_by_label("Loại điểm nguy cơ").select_option("DN2")
    phone.goes_on()
    phone.page.get_by_text("Chụp ảnh").wait_for()
    return taken(phone.page, file, started)


FILES = {
    "JPEG of 12 MP": ("JPEG", (4000, 3000)),
    "JPEG of 50 MP": ("JPEG", SIZE),
    "progressive JPEG of 15 MP": ("progressive", (4472, 3354)),
    "progressive JPEG of 50 MP": ("progressive", SIZE),
    "PNG of 10 MP": ("PNG", (3640, 2730)),
}


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as place, sync_playwright() as play:
        folder = Path(place)
        (folder / "kinds").mkdir()
        (folder / "kinds" / "first_aid_box.py").write_text(FIFTH_KIND, encoding="utf-8")
        server = Server(folder)
        server.command("setup")
        server.command("demo")
        started = {one.pid for one in psutil.Process().children(recursive=True)}
        server.start()
        for what, (kind, size) in FILES.items():
            file = folder / f"anh.{'png' if kind == 'PNG' else 'jpg'}"
            file.write_bytes(camera(kind, size))
            browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=ARGS)
            grown, told = measure(server, browser, file, started)
            browser.close()
            print(f"{what:26} {file.stat().st_size / 1e6:5.1f} MB file {grown:6.0f} MB   {told}", flush=True)
        server.stop()
        print(f"bar: {BAR} MB for a JPEG of 50 MP as cameras make it")


if __name__ == "__main__":
    main()
