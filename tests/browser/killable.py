"""Chromium as a process of its own with its profile on the disk: it can be killed as a battery that gives out would."""

import contextlib
import os
import signal
import subprocess
import time
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, Playwright

from tests.browser.conftest import ARGS

STARTS_WITHIN = 30.0


class Killable:
    """One profile; the browser over it is started, killed, and started again."""

    def __init__(self, play: Playwright, profile: Path) -> None:
        self.play, self.profile = play, profile
        self.process: subprocess.Popen[bytes] | None = None
        self.browser: Browser | None = None

    def starts(self) -> Page:
        """A page of a browser that has just started."""
        port = self.profile / "DevToolsActivePort"
        port.unlink(missing_ok=True)
        words = ["--headless=new", f"--user-data-dir={self.profile}", "--remote-debugging-port=0", "--lang=vi-VN"]
        self.process = subprocess.Popen(
            ["/usr/bin/chromium", *ARGS, *words, "about:blank"],
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.browser = self.play.chromium.connect_over_cdp(f"http://127.0.0.1:{_spoken(port)}")
        context = self.context
        context.set_default_timeout(15_000)
        return context.pages[0] if context.pages else context.new_page()

    @property
    def context(self) -> BrowserContext:
        assert self.browser
        return self.browser.contexts[0]

    def strike(self) -> None:
        """Signal 9 to every process of the browser at once; from any thread."""
        if self.process:
            os.killpg(self.process.pid, signal.SIGKILL)

    def kill(self) -> None:
        """Strike, and see to it that it is gone."""
        if self.process:
            with contextlib.suppress(ProcessLookupError):
                self.strike()
            self.process.wait(10)
            self.process = None

    def close(self) -> None:
        """End it as a person does: cookies, which the browser writes now and then only, get to the disk."""
        if self.browser and self.process:
            self.browser.new_browser_cdp_session().send("Browser.close")
            self.process.wait(20)
            self.process = None
        self.forget()

    def forget(self) -> None:
        """Let go of what the killed browser left in the driver."""
        if self.browser:
            self.browser.close()
            self.browser = None


def _spoken(port: Path) -> str:
    """The port that the browser chose, once it has written it."""
    until = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < until:
        if port.exists() and (said := port.read_text().split("\n"))[0]:
            return said[0]
        os.sched_yield()
        subprocess.run(["sleep", "0.02"], check=True)
    raise RuntimeError("the browser did not start")
