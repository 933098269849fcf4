"""Whatever a phone loses, the desk sees its number, and nothing else: losses planted by hand and at random.

What no server can know is left out: work that the phone lost before it ever spoke of it.
"""

import copy
import inspect
import random
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.sync import devices, judge, log, numbering, push
from tests.arrivals.desk import lost, unsent
from tests.cast import Cast
from tests.phone import Phone
from tests.sync.ward import Ward

POND = {"type": "DN1", "name": "Ao nhà văn hóa", "address": "ngõ 12"}


@pytest.fixture
def minh(cast: Cast) -> FlaskClient:
    return cast.client("Minh")


def write(phone: Phone, times: int) -> None:
    for number in range(times):
        phone.record("hazard_site", **POND, depth=number)


def speaks(phone: Phone) -> None:
    """A pass that carries nothing: it only says how far the phone is."""
    phone.post(phone.envelope([], issued=phone.seq, unsent=len(phone.outbox)))


def test_nothing_lost_nothing_flagged(lan: Phone, hoa: Phone, minh: FlaskClient):
    for phone in (lan, hoa):
        write(phone, 7)
        speaks(phone)
        phone.round_trip(lose_answer=True)
        write(phone, 2)
        phone.sync()
    assert lost(minh) == {}
    assert unsent(minh) == {}


def test_the_middle(lan: Phone, minh: FlaskClient):
    write(lan, 9)
    for place in (6, 2, 1):
        del lan.outbox[place]
    lan.sync()
    assert lost(minh) == {"Lan": {2, 3, 7}}


def test_the_tail(lan: Phone, minh: FlaskClient):
    write(lan, 5)
    lan.sync()
    write(lan, 2)
    lan.outbox.clear()
    lan.sync()
    assert lost(minh) == {"Lan": {6, 7}}


def test_everything_before_the_first_contact(lan: Phone, minh: FlaskClient):
    write(lan, 3)
    lan.outbox.clear()
    lan.sync()
    assert lost(minh) == {"Lan": {1, 2, 3}}


@pytest.mark.parametrize("anew", [0, 1, 4])
def test_the_whole_database_falls_back(lan: Phone, minh: FlaskClient, anew: int):
    write(lan, 4)
    backup = copy.deepcopy((lan.seq, lan.outbox, lan.store, lan.cursor))
    write(lan, 3)
    lan.sync(lose_answer=True)
    write(lan, 3)
    speaks(lan)
    lan.seq, lan.outbox, lan.store, lan.cursor = backup
    write(lan, anew)
    lan.sync()
    lan.sync()
    assert lost(minh) == {"Lan": {8, 9, 10}}
    write(lan, 2)
    lan.sync()
    assert lost(minh) == {"Lan": {8, 9, 10}}
    assert lan.alarmed


def test_the_whole_database_is_gone(app, lan: Phone, minh: FlaskClient):
    write(lan, 4)
    lan.sync()
    write(lan, 3)
    speaks(lan)
    anew = Phone(app, lan.person, device="another-device-of-lan")
    write(anew, 2)
    anew.sync()
    assert lost(minh) == {}
    assert unsent(minh) == {lan.person.name: 3}, "its work was waiting when it was last heard of"


def test_one_entry_that_cannot_be_sent(lan: Phone, minh: FlaskClient):
    write(lan, 5)
    poison = lan.outbox.pop(2)
    lan.post(lan.envelope([entry.body for entry in lan.outbox], issued=5, unsent=1))
    lan.outbox = [poison]
    assert (lost(minh), unsent(minh)) == ({}, {lan.person.name: 1}), "it is on the phone, and the phone says so"
    lan.sync()
    assert (lost(minh), unsent(minh)) == ({}, {})


def test_a_loss_beside_an_entry_that_cannot_be_sent(lan: Phone, minh: FlaskClient):
    write(lan, 5)
    bodies = [entry.body for entry in lan.outbox]
    lan.post(lan.envelope([bodies[0], bodies[3], bodies[4]], issued=5, unsent=1))
    assert lost(minh) == {"Lan": {2, 3}}, "one of the two is lost, and nobody can say which"
    lan.post(lan.envelope([bodies[1]], issued=5, unsent=0))
    assert lost(minh) == {"Lan": {3}}


def test_one_entry_over_which_the_server_stumbles(lan: Phone, ward: Ward, minh: FlaskClient, monkeypatch):
    real = judge.judge

    def stumbles(kinds: Any, record: Any, change: Any, sender: Any) -> Any:
        if (change.answers or {}).get("depth") == 1:
            raise ZeroDivisionError
        return real(kinds, record, change, sender)

    monkeypatch.setattr(push, "judge", stumbles)
    write(lan, 3)
    lan.sync()
    assert (lan.outbox, len(ward.log()), len(ward.records())) == ([], 3, 2)
    assert lost(minh) == {}, "it was kept"


def test_what_comes_late_is_lost_no_more(lan: Phone, minh: FlaskClient):
    write(lan, 3)
    found = lan.outbox.pop(1)
    lan.sync()
    assert lost(minh) == {"Lan": {2}}
    lan.outbox.append(found)
    lan.sync()
    assert lost(minh) == {}


class Careless:
    """A phone to which everything happens; it keeps count of what it really lost."""

    def __init__(self, phone: Phone, chance: random.Random) -> None:
        self.phone, self.chance, self.lost = phone, chance, set[int]()
        self.backup = self._state()

    def lives(self, steps: int) -> None:
        for _ in range(steps):
            self.chance.choice(
                [self.writes, self.writes, self.sends, self.sends_in_vain, self.forgets, self.falls_back]
            )()
        self.backup = self._state()
        self.phone.sync()
        write(self.phone, 1)
        self.phone.sync()

    def writes(self) -> None:
        write(self.phone, self.chance.randint(1, 4))
        self.chance.shuffle(self.phone.outbox)

    def sends(self) -> None:
        self.phone.sync()
        if self.chance.random() < 0.5:
            self.backup = self._state()

    def sends_in_vain(self) -> None:
        self.phone.round_trip(lose_answer=True)

    def forgets(self) -> None:
        if self.phone.outbox:
            gone = self.phone.outbox.pop(self.chance.randrange(len(self.phone.outbox)))
            self.lost.add(gone.change["seq"])

    def falls_back(self) -> None:
        """To the state after an earlier pass, once the ward has heard what there was since."""
        speaks(self.phone)
        self.lost |= {entry.change["seq"] for entry in self.phone.outbox}
        self.phone.seq, self.phone.outbox, self.phone.store, self.phone.cursor = copy.deepcopy(self.backup)
        self.lost -= {entry.change["seq"] for entry in self.phone.outbox}
        self.phone.sync()

    def _state(self) -> tuple[Any, ...]:
        return copy.deepcopy((self.phone.seq, self.phone.outbox, self.phone.store, self.phone.cursor))


@pytest.mark.parametrize("seed", range(12))
def test_at_random(lan: Phone, hoa: Phone, ward: Ward, minh: FlaskClient, seed: int):
    print("seed", seed)
    phones = [Careless(lan, random.Random(seed)), Careless(hoa, random.Random(1000 + seed))]
    for one in phones:
        one.lives(25)
    arrived = {(change.device, change.seq) for change in ward.log()}
    names = {lan.device: "Lan", hoa.device: "Hoa"}
    truly = {
        names[one.phone.device]: {seq for seq in one.lost if (one.phone.device, seq) not in arrived} for one in phones
    }
    assert lost(minh) == {name: numbers for name, numbers in truly.items() if numbers}


_fill, _heard = devices._fill, numbering.heard


def _at_the_fall(lan: Phone, minh: FlaskClient) -> None:
    test_the_whole_database_falls_back(lan, minh, 4)


PLANTED: dict[str, tuple[Any, str, Any, Callable[..., Any]]] = {
    "holes are not looked for": (
        numbering,
        "look",
        lambda looked, arrived, room=0: ([], max([looked, *arrived])),
        test_the_middle,
    ),
    "the tail is not looked at": (numbering, "tail", lambda *_: [], test_the_tail),
    "a pass without changes is not listened to": (
        numbering,
        "is_news",
        lambda *_: False,
        test_everything_before_the_first_contact,
    ),
    "new work fills the holes of the old": (
        devices,
        "_fill",
        lambda contact, known, arrived: _fill(contact, known, arrived) and False,
        _at_the_fall,
    ),
    "a phone that fell back is believed": (
        numbering,
        "heard",
        lambda known, said, arrived: _heard(known._replace(issued=0), said, arrived),
        _at_the_fall,
    ),
    "what waits counts as lost": (
        numbering,
        "heard",
        lambda known, said, arrived: _heard(known, said, arrived)._replace(unsent=0),
        test_one_entry_that_cannot_be_sent,
    ),
    "what a phone says is forgotten": (
        numbering,
        "heard",
        lambda known, said, arrived: _heard(known, numbering.NOTHING, arrived),
        test_the_whole_database_is_gone,
    ),
    "what came is not ticked off": (devices, "_fill", lambda *_: False, test_what_comes_late_is_lost_no_more),
    "one that was kept aside did not arrive": (
        log,
        "numbers",
        lambda entries: sorted(entry.heading.seq for entry in entries if entry.after),
        test_one_entry_over_which_the_server_stumbles,
    ),
}


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_fault_is_seen(name: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    where, what, fault, test = PLANTED[name]
    given = {wanted: request.getfixturevalue(wanted) for wanted in inspect.signature(test).parameters}
    monkeypatch.setattr(where, what, fault)
    with pytest.raises(Exception):  # noqa: B017  what a fault breaks differs; that it is noticed is the point
        test(**given)
