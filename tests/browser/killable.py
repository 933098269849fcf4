"""Chromium as a process of its own with its profile on the disk: it can be killed as a battery that gives out would."""

import contextlib
import json
import os
import signal
import subprocess
import threading
from collections import deque
from pathlib import Path
from queue import Empty, Queue
from typing import IO

from playwright.sync_api import Browser, BrowserContext, Page, Playwright

from tests.browser.conftest import ARGS, PATIENCE

STARTS_WITHIN = 60.0


class Killable:
    """One profile; the browser over it is started, killed, and started again."""

    def __init__(self, play: Playwright, profile: Path) -> None:
        self.play, self.profile = play, profile
        self.process: subprocess.Popen[bytes] | None = None
        self.browser: Browser | None = None
        # The worker would send by itself as soon as the browser starts, past everything that a test does to the line.
        settings = {"profile": {"default_content_setting_values": {"background_sync": 2}}}
        if not profile.exists():
            (profile / "Default").mkdir(parents=True)
            (profile / "Default" / "Preferences").write_text(json.dumps(settings), encoding="utf-8")

    def starts(self) -> Page:
        """A page of a browser that has just started."""
        words = ["--headless=new", f"--user-data-dir={self.profile}", "--remote-debugging-port=0", "--lang=vi-VN"]
        self.process = subprocess.Popen(
            ["/usr/bin/chromium", *ARGS, *words, "about:blank"],
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        assert self.process.stderr
        self.browser = self.play.chromium.connect_over_cdp(_address(self.process.stderr))
        context = self.context
        context.set_default_timeout(PATIENCE)
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
        """Strike, and see to it that all of it is gone, also its mark on the profile, which a phone does not have."""
        if self.process:
            with contextlib.suppress(ProcessLookupError):
                self.strike()
            self.process.wait(10)
            self.process = None
            for mark in self.profile.glob("Singleton*"):
                mark.unlink()

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


def _address(said: IO[bytes]) -> str:
    """Where the browser can be spoken to, once it has said so; what else it says is let by."""
    found: Queue[str] = Queue()
    last: deque[bytes] = deque(maxlen=5)

    def listen() -> None:
        with said:
            for line in said:
                last.append(line)
                _, told, address = line.partition(b"DevTools listening on ")
                if told:
                    found.put(address.decode().split()[0])
        found.put("")

    threading.Thread(target=listen, daemon=True).start()
    try:
        address = found.get(timeout=STARTS_WITHIN)
    except Empty:
        address = ""
    if not address:
        raise RuntimeError(f"the browser did not start: {list(last)}")
    return address
