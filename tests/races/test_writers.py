"""Those who write to SQLite at the same moment are served in the order in which they came."""

import threading
from collections import deque
from collections.abc import Iterator

import pytest
from flask import Flask

from app import sqlite
from app.db import db, transact
from app.records.models import Setting

pytestmark = pytest.mark.sqlite
MANY = 12
_DEADLINE = 30


class LastComesFirst(deque[threading.Event]):
    """Planted: a stack, in which the first waits for ever."""

    def append(self, mine: threading.Event) -> None:
        self.insert(min(1, len(self)), mine)


@pytest.fixture
def queue(app: Flask) -> Iterator[sqlite.Queue]:
    with app.app_context():
        yield sqlite.queue_of(db.engine)


def waited(app: Flask, queue: sqlite.Queue) -> list[int]:
    """How many still waited behind each, in the order in which they came; all of them while somebody wrote."""

    def writes(number: int) -> None:
        with app.app_context(), transact():
            db.session.add(Setting(name=f"writer {number:02}", value=str(len(queue) - 1)))

    with transact():
        threads = [threading.Thread(target=writes, args=(number,)) for number in range(MANY)]
        for number, thread in enumerate(threads, 1):
            thread.start()
            while len(queue) == number:  # until it waits
                thread.join(0.001)
    for thread in threads:
        thread.join(_DEADLINE)
    found = db.session.query(Setting).filter(Setting.name.startswith("writer ")).order_by(Setting.name)
    return [int(setting.value) for setting in found]


def test_who_came_first_is_served_first(app, queue):
    assert waited(app, queue) == list(range(MANY))[::-1]


def test_planted_who_came_last_is_served_first(app, queue):
    queue._waiting = LastComesFirst()
    assert waited(app, queue) != list(range(MANY))[::-1]


def test_a_write_that_failed_lets_the_next_one_in(app, queue):
    with pytest.raises(ZeroDivisionError), transact():
        raise ZeroDivisionError
    with transact():
        assert len(queue) == 1
    assert len(queue) == 0


def test_who_waited_too_long_leaves_it_to_sqlite(app, queue, monkeypatch):
    monkeypatch.setattr(sqlite, "_PATIENCE", 0)
    with queue.turn(), transact():
        db.session.add(Setting(name="out of turn", value="yes"))
    assert db.session.get(Setting, "out of turn")
