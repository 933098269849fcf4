"""Draws the app's icons from the nest mark, with headless Chromium. Run by hand when the mark changes."""

from pathlib import Path

from playwright.sync_api import sync_playwright

OUT = Path(__file__).parents[1] / "static" / "icons"
MARK = (
    "M2.5 9.7 12 3l9.5 6.7M3.5 14.5h17c-.7 4-4 6.5-8.5 6.5s-7.8-2.5-8.5-6.5z"
    "M6.5 14.2a3.1 3.1 0 0 1 6.2 0M13.2 12.6a2.1 2.1 0 0 1 3.7 1.6"
)
# name -> (size, corner radius and mark width as parts of the size); a maskable one is cut to any shape.
ICONS = {
    "icon-192.png": (192, 0.22, 0.66),
    "icon-512.png": (512, 0.22, 0.66),
    "icon-180.png": (180, 0, 0.62),
    "icon-192-maskable.png": (192, 0, 0.54),
    "icon-512-maskable.png": (512, 0, 0.54),
}


def drawing(size: int, radius: float, width: float) -> str:
    """The icon as an SVG page."""
    scale, inset = size * width / 24, size * (1 - width) / 2
    return f"""<body style="margin:0;background:transparent"><svg width="{size}" height="{size}">
    <rect width="{size}" height="{size}" rx="{size * radius}" fill="#14563f"/>
    <g transform="translate({inset} {inset}) scale({scale})"><path d="{MARK}" fill="none" stroke="#fff"
    stroke-width="1.7" stroke-linecap="round" stroke-linejoin="round"/></g></svg>"""


def main() -> None:
    """Write every icon."""
    OUT.mkdir(exist_ok=True)
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"])
        for name, (size, radius, width) in ICONS.items():
            page = browser.new_page(viewport={"width": size, "height": size})
            page.set_content(drawing(size, radius, width))
            page.screenshot(path=OUT / name, omit_background=True)
        browser.close()


if __name__ == "__main__":
    main()
