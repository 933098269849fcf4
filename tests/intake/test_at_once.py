"""The same changes by two doors at the same moment: one row, one receipt each, whichever door was first."""

import random
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from tests.phone import Json, Phone
from tests.sync.ward import Ward

ROUNDS = 15


@pytest.mark.parametrize("seed", range(3))
def test_sent_and_handed_in_at_once(lan: Phone, ward: Ward, seed: int) -> None:
    chance = random.Random(seed)
    with ThreadPoolExecutor(2) as doors:
        for _ in range(ROUNDS):
            for number in range(chance.randrange(1, 8)):
                lan.record("hazard_site", name=f"Ao số {number}")
            changes = [lan.signed(entry.body) for entry in lan.outbox]
            told = by_both_doors(doors, lan, changes, chance)
            assert told[0] == told[1], f"seed {seed}"
            lan._take_receipts(told[0], list(lan.outbox))
            assert lan.outbox == [], f"seed {seed}"
    written = len(lan.receipts)
    assert len(ward.log()) == len(ward.records()) == written, f"seed {seed}"
    assert {record.version for record in ward.records()} == {1}


def by_both_doors(doors: ThreadPoolExecutor, lan: Phone, changes: list[Json], chance: random.Random) -> list[Any]:
    """The receipts of /sync and of /intake, by change, for the same changes in an order of their own."""
    start = Barrier(2)

    def send(door: str, mine: list[Json]) -> list[Json]:
        start.wait(30)
        answer = lan.post_intake(mine) if door == "intake" else lan.post(lan.envelope([]) | {"changes": mine})
        assert answer.status_code == 200, answer.text
        found: list[Json] = answer.get_json()["receipts"]
        return sorted(found, key=lambda receipt: str(receipt["id"]))

    shuffled = chance.sample(changes, len(changes))
    first, second = doors.submit(send, "sync", changes), doors.submit(send, "intake", shuffled)
    return [first.result(60), second.result(60)]
