"""Planted bugs: each campaign is worth something because it sees these. One at a time, switched on by name."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

Patch = tuple[Any, str, Any]  # where, which name, what stands there instead
BUGS: dict[str, Callable[[], list[Patch]]] = {}


def bug(name: str) -> Callable[[Callable[[], list[Patch]]], Callable[[], list[Patch]]]:
    """Enters a planted bug: the function makes what is to be replaced, at the moment it is switched on."""

    def enter(make: Callable[[], list[Patch]]) -> Callable[[], list[Patch]]:
        if name in BUGS:
            raise ValueError(f"planted twice: {name}")
        BUGS[name] = make
        return make

    return enter


@contextmanager
def planted(name: str) -> Iterator[None]:
    """With this bug in the program; with none for an empty name."""
    with ExitStack() as undone:
        for where, what, instead in BUGS[name]() if name else []:
            change: AbstractContextManager[Any] = patch.object(where, what, instead)
            undone.enter_context(change)
        yield


def writes_behind(later: Callable[[Callable[[], None]], None]) -> list[Patch]:
    """A bug for several campaigns: a push is judged in a transaction thrown away, answered, and done `later`."""
    from flask import current_app

    from app.db import db
    from app.sync import push

    real: Any = push.Push.take

    def take(self: Any, sent: Any, beside: Any = None) -> Any:
        app = current_app._get_current_object()
        again = push.Push(self.contact, last_try=False)

        def does() -> None:
            with app.app_context():
                real(again, sent, beside)

        with patch.object(db.session, "commit", db.session.rollback):
            answer = real(self, sent, beside)
        later(does)
        return answer

    return [(push.Push, "take", take)]


def judged_anew() -> list[Patch]:
    """A bug for several campaigns: what came before gets another receipt than the one that it has."""
    from app.sync import log

    real: Any = log.store

    def store(*given: Any) -> Any:
        entries = real(*given)
        for entry in entries:
            if entry.receipt is not None:
                entry.receipt = {**entry.receipt, "outcome": "merged"}
        return entries

    return [(log, "store", store)]
