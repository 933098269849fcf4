"""What everybody is given to carry: the same filled-in hazard records, made from a seed."""

import json
import random
from typing import Any
from uuid import UUID

Json = dict[str, Any]

_WHERE = ("sau nhà văn hóa", "cạnh trường mầm non", "dưới chân cầu Đông Trù", "đầu ngõ 68", "ven sông Đuống")
_WHAT = ("Ao", "Hố công trình", "Cống mất nắp", "Đường ray", "Trạm biến áp", "Bờ kè")
_TOLD = (
    "Bờ dốc, trơn khi mưa; trẻ hay ra đây chơi sau giờ học, người lớn ít để ý.",
    "Nắp cống vỡ một nửa, buổi tối không có đèn, các cháu đi xe đạp qua rất nguy hiểm.",
    "Công trình bỏ dở, nước đọng sâu hơn một mét, chưa có rào và chưa có biển báo.",
)


def answers(dice: random.Random) -> Json:
    """One hazard site as a collaborator fills it in; about 1.2 kB of JSON."""
    what, where = dice.choice(_WHAT), dice.choice(_WHERE)
    alley, lane, group = dice.randrange(1, 90), dice.randrange(1, 40), dice.randrange(1, 30)
    return {
        "type": dice.choice(("DN1", "DN2", "GT1", "GT2")),
        "name": f"{what} {where} số {dice.randrange(1, 400)}",
        "place": {
            "lat": round(21.03 + dice.random() / 50, 6),
            "lon": round(105.89 + dice.random() / 50, 6),
            "acc": dice.randrange(4, 30),
            "how": "gps",
            "at": "2026-06-03T09:11:02+07:00",
        },
        "address": f"Ngách {alley}/{lane} phố Nguyễn Văn Cừ, tổ {group}",
        "near_school": "no",
        "seen_on": f"2026-05-{dice.randrange(1, 29):02d}",
        "description": " ".join(dice.sample(_TOLD, 2)),
        "signs": ["none"],
        "fence": dice.choice(("none", "broken")),
        "risk": dice.choice(("low", "medium", "high")),
        "measures": ["sign_warning", "fence", "remind"],
    }


def change(number: int, dice: random.Random) -> str:
    """The `number`-th change of a phone: a new record, as JSON text."""
    body = {
        "id": str(UUID(int=dice.getrandbits(128), version=4)),
        "seq": number,
        "record": str(UUID(int=dice.getrandbits(128), version=4)),
        "kind": "hazard_site",
        "form": 1,
        "base": 0,
        "at": "2026-06-03T09:12:44+07:00",
        "set": answers(dice),
    }
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))


def changes(count: int, seed: int) -> list[str]:
    """`count` changes of one phone, numbered from 1."""
    dice = random.Random(seed)
    return [change(number, dice) for number in range(1, count + 1)]
