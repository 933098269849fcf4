"""The server's clock in a campaign's own process: it stands until it is moved."""

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from unittest.mock import patch

from app import clock
from campaigns.place import application


class Stopped:
    """A moment that somebody moves."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        """The present moment."""
        return self.at

    def move(self, **by: float) -> None:
        """Let time pass, or go back: move(hours=-3)."""
        self.at += timedelta(**by)


@contextmanager
def stopped() -> Iterator[Stopped]:
    """From here on `app.clock.now` stands still, also where a loaded module has taken it by name."""
    application("sqlite:///:memory:")  # loads every module, so that none takes the stopped clock for good
    still, real = Stopped(clock.now()), clock.now
    with ExitStack() as undone:
        for name, module in list(sys.modules.items()):
            if name.split(".")[0] == "app" and getattr(module, "now", None) is real:
                undone.enter_context(patch.object(module, "now", still.now))
        yield still
