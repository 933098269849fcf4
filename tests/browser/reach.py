"""Whether a page of the desk can be read large and used by keyboard: what WCAG asks and axe does not look at."""

from playwright.sync_api import Page

# WCAG 1.4.12, by a sheet of the page's own making: its security policy lets no other in.
_SPACED = """(on) => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }
    p { margin-bottom: 2em !important }`);
  document.adoptedStyleSheets = on ? [sheet] : [];
}"""
_CUT = """() => [...document.querySelectorAll("body *")]
  .filter((one) => !one.closest(".sr, svg, select, textarea, input, canvas"))
  .filter((one) => getComputedStyle(one).overflowX === "hidden" && one.scrollWidth > one.clientWidth + 1)
  .map((one) => `cut off: ${one.outerHTML.slice(0, 120)}`)"""
# What can be pressed: how large it is, whether a keyboard reaches it, and whether one sees that it did. A box counts
# with its label; a link within a sentence may be as high as its line.
_PRESSED = """() => {
  const pieces = "a[href], button, input:not([type=hidden]), select, textarea, summary";
  const ring = (one) => {
    const is = one && getComputedStyle(one);
    return is && is.outlineStyle !== "none" && parseFloat(is.outlineWidth) >= 2;
  };
  const faults = (one) => {
    const area = (one.closest("label") ?? one).getBoundingClientRect();
    const least = one.matches(".btn.main") ? 48 : 24;
    const small = area.height < least - 0.5 || area.width < 23.5;
    one.focus({ preventScroll: true });
    const has = document.activeElement === one;
    return [
      small && getComputedStyle(one).display !== "inline" && `${area.width | 0} by ${area.height | 0} px`,
      one.tabIndex !== 0 && `tabindex ${one.tabIndex}`,
      !has && "takes no focus",
      has && !ring(one) && !ring(one.nextElementSibling) && "focus is not seen",
    ].filter(Boolean).map((why) => `${why}: ${one.outerHTML.slice(0, 120)}`);
  };
  const all = [...document.querySelectorAll(pieces)];
  return all.filter((one) => one.checkVisibility() && !one.closest(".sr")).flatMap(faults);
}"""

# WCAG 2.4.11: what has the focus does not lie under a bar that stays at the window's edge.
_COVERED = """() => {
  const covered = (one) => {
    one.focus();
    const { x, y, width, height } = one.getBoundingClientRect();
    const at = document.elementFromPoint(x + width / 2, Math.min(innerHeight - 1, y + height / 2));
    return at && !(one.closest("label") ?? one).contains(at) && !at.contains(one);
  };
  return [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary")]
    .filter((one) => one.checkVisibility() && !one.closest(".sr") && covered(one))
    .map((one) => `covered: ${one.outerHTML.slice(0, 120)}`);
}"""


def fits(page: Page) -> list[str]:
    """What runs out of the page, or is cut off, at 200 % of a window of 1280 px, and at 320 px with letters and
    lines set apart. Leaves the window at 320 px."""
    found = []
    for width, spaced in ((640, False), (320, True)):
        page.set_viewport_size({"width": width, "height": 800})
        page.evaluate(_SPACED, spaced)
        wide = page.evaluate("() => document.documentElement.scrollWidth - innerWidth")
        cut = page.evaluate(_CUT)
        if wide > 1 or cut:
            found = [f"{wide} px too wide at {width}"] if wide > 1 else cut
            break
    page.evaluate(_SPACED, False)
    return found


def can_be_pressed(page: Page) -> list[str]:
    """What a keyboard does not reach, or not visibly; what is smaller than 24 px, or 48 px for the page's own act."""
    page.keyboard.press("Tab")  # from now on the browser shows where the keyboard is
    found: list[str] = page.evaluate(_PRESSED)
    return found


def is_covered(page: Page) -> list[str]:
    """What has the keyboard's focus and is not seen, on a PC. Leaves the window at 1280 px."""
    page.set_viewport_size({"width": 1280, "height": 800})
    found: list[str] = page.evaluate(_COVERED)
    return found
