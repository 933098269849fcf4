"""What people of a ward do all day, drawn at random: records, edits of them, withdrawals, and things gone wrong."""

import random
from uuid import UUID

from tests.phone import Phone

NAMES = ["Ao nhà văn hóa", "Hố ga ngõ 12", "Mương Đình", "Cầu ván chợ", "Bể nước ông Tư", "Ngõ tối số 7"]
ADDRESSES = ["ngõ 12", "số 7 ngõ 3", "sau chợ", "cạnh đình", ""]
TYPES = ["DN1", "DN2", "DN3"]


def does_something(phone: Phone, chance: random.Random) -> None:
    """One thing, written into the phone's outbox."""
    mine = [r for r in phone.store.values() if r["author"] == phone.person.id and r["status"] == "received"]
    what = chance.random()
    if what < 0.45 or not phone.store:
        phone.record("hazard_site", **_pond(chance))
    elif what < 0.85:
        phone.edit(chance.choice(list(phone.store)), **_edit(chance))
    elif what < 0.92 and mine:
        phone.withdraw(chance.choice(mine)["id"], "ghi nhầm")
    elif what < 0.96:
        phone.record("child", name="Nguyễn Văn Bo", born=chance.choice(["2016", "", "hôm qua"]))
    else:
        phone.record(chance.choice(["well", "hazard_site"]), name="x" * chance.randrange(3000))


def some_id(chance: random.Random) -> str:
    """A uuid4 out of the campaign's own chance."""
    return str(UUID(int=chance.getrandbits(128), version=4))


def _pond(chance: random.Random) -> dict[str, object]:
    return {"type": chance.choice(TYPES), "name": chance.choice(NAMES), "address": chance.choice(ADDRESSES)}


def _edit(chance: random.Random) -> dict[str, object]:
    choices: list[dict[str, object]] = [
        {"name": chance.choice(NAMES)},
        {"address": chance.choice(ADDRESSES)},
        {"depth": chance.randrange(1, 5)},
        {"description": "Nước sâu, trẻ em hay chơi. " * chance.randrange(1, 30)},
        {"type": chance.choice(TYPES), "depth": None},
    ]
    return chance.choice(choices)
