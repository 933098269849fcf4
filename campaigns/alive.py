"""Whether a page shows what was written into it as text, or lets it act."""

from html.parser import HTMLParser

ALIVE = ("iframe", "object", "embed", "base", "frame", "marquee", "math", "style", "video", "audio")
RUNS = ("javascript:", "vbscript:", "data:text")


class _Page(HTMLParser):
    """Looks for anything in a page that acts."""

    def __init__(self) -> None:
        super().__init__()
        self.faults: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "script" and not str(given.get("src", "")).startswith("/"):
            self.faults.append("a script that is not ours")
        if tag in ALIVE or (tag == "meta" and "http-equiv" in given):
            self.faults.append(f"<{tag}>")
        for name, value in attrs:
            if name.startswith("on") or str(value).strip().lower().startswith(RUNS):
                self.faults.append(f"<{tag} {name}=…>")


def alive(page: str) -> list[str]:
    """What in a page would act rather than be read."""
    looked = _Page()
    looked.feed(page)
    return looked.faults
