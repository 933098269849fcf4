"""One ward with some history, and one batch of twenty changes that meets every way a change can go."""

import json
from uuid import UUID

from flask import Flask

from app.db import transact
from app.records.service import write_verdict
from tests.cast import PEOPLE, Cast
from tests.phone import Json, Phone

SIZE = 20
POND = {"type": "DN1", "name": "Ao nhà văn hóa", "address": "ngõ 12"}


def history(app: Flask) -> tuple[Phone, list[str]]:
    """Write the history; Lan's phone, and the bodies of the batch that it is about to send."""
    lan, hoa = Phone(app, PEOPLE["Lan"]), Phone(app, PEOPLE["Hoa"])
    theirs = [hoa.change(_id(place), set=POND) for place in (1, 2)]
    hoa.push(*theirs)
    hoa.push(hoa.change(_id(2), base=1, set={"name": "Ao ông Tư"}))
    mine = [lan.change(_id(place), set=POND) for place in (3, 4)]
    known = lan.change(_id(5), kind="child", set={"name": "Nguyễn Văn Bo", "born": "2016"})
    lan.push(*mine, known)
    hoa.push(hoa.change(_id(6), kind="child", set={"name": "Trần Bảo An"}))
    lan.push(lan.change(_id(9), base=1, set={"risk": "high"}))
    with app.app_context(), transact():
        write_verdict(Cast(app).actor("Minh"), _id(4), 1, "accept")
    return lan, [_text(change) for change in _batch(lan, known)]


def _batch(lan: Phone, known: Json) -> list[Json | str]:
    new = lan.change(_id(7), set=POND)
    return [
        new,  # applied
        lan.change(_id(7), set={"depth": 2}),  # applied, on its own first version
        lan.change(_id(8), set={"name": "Mương Đình"}),  # needs_fixing
        lan.change(_id(1), base=1, set={"risk": "high"}),  # applied on somebody else's
        lan.change(_id(2), base=1, set={"name": "Ao bà Tám"}),  # conflict
        lan.change(_id(2), base=1, set={"lighting": "poor"}),  # merged
        lan.change(_id(3), base=1, delete=True, reason="ghi nhầm"),  # withdrawn
        lan.change(_id(4), base=1, delete=True, reason="ghi nhầm"),  # not_withdrawable, the ward has judged it
        lan.change(_id(6), base=1, set={"name": "ai đó"}),  # out_of_scope
        lan.change(_id(10), kind="well", set={}),  # unknown_kind
        "{",  # unreadable
        lan.change(_id(11), base=3, set={"risk": "low"}),  # held
        lan.change(_id(9), set=POND),  # applied, and releases what waits for it
        new,  # the same once more
        known,  # came before
        {**known, "set": {"name": "Bo"}},  # change_id_reused
        lan.change(_id(12), kind="child", set={"name": "Lê Thị Đào", "born": "2015-02-30"}),
        lan.change(_id(13), kind="child_visit", set={"child": _id(5), "seen": "yes"}),
        lan.change(_id(14), kind="violation_report", set={"story": "Nghe tiếng khóc. " * 40}),
        lan.change(_id(15), set={**POND, "description": "Du\u031bo\u031b\u0300ng \ud83d \x00 ư ờ", "lạ": [1]}),
    ]


def _text(change: Json | str) -> str:
    return change if isinstance(change, str) else json.dumps(change, ensure_ascii=False)


def _id(number: int) -> str:
    return str(UUID(int=number, version=4))
