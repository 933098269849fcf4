"""What everybody is given to carry: the same filled-in hazard records, made from a seed."""

import json
import random
from typing import Any
from uuid import UUID

Json = dict[str, Any]

_WHERE = (
    "sau nhà văn hóa",
    "cạnh trường mầm non",
    "dưới chân cầu Đông Trù",
    "đầu ngõ 68",
    "ven sông Đuống",
    "trước cổng chợ",
    "giữa cánh đồng",
    "bên bãi gửi xe",
    "cuối đường gom",
)
_WHAT = ("Ao", "Hố công trình", "Cống mất nắp", "Đường ray", "Trạm biến áp", "Bờ kè", "Giếng cũ", "Mương tưới")
# A description is put together from these syllables in no order, so that it packs no better than people's own words
# do: to about a third of its length.
_SYLLABLES = """
bờ dốc và trơn khi mưa lớn trẻ hay ra chơi sau giờ học người ít để ý nắp cống vỡ một nửa buổi tối không có đèn
các cháu đi xe đạp qua rất nguy hiểm công trình bỏ dở nước đọng sâu hơn mét hai rưỡi chưa rào biển báo tạm bằng
tre đã gãy dây thừng căng ngang bị tháo mất gần nhà phụ huynh phản ánh hôm chủ nhật tuần trước suýt ngã bác tổ
trưởng nhắc đất khắc phục cỏ mọc cao khó thấy mép đường hẹp tải chạy nhanh khúc cua khuất hỏng từ tháng ba đề
nghị cắm làm đậy san lấp lắp lưới bố trí phao cứu sinh trông dịp nghỉ hè mực lên bão cành cây điện chùng tủ hở
khóa trèo bậc thang mục tường nứt mái tôn bay kính đinh sắt bãi phế liệu chó thả rông khói bụi mùi hôi rác miệng
ngập tới đầu gối đoạn số đến phía bên trái đối diện lối tắt trường hằng ngày khoảng mười nhiều hộ thuê trọ mới
chuyển biết bơi chụp ảnh sẽ kiểm tra lại ông Tư bà Hạnh cô Liên anh Dũng hứa trong này nhưng vẫn thì cũng rồi
đang nên vì mà như hoàn toàn thỉnh thoảng thường xuyên lúc đông nhất vắng trưa nắng chiều sáng sớm cuối
"""


_WORDS = _SYLLABLES.split()


def told(dice: random.Random) -> str:
    """A few sentences in somebody's words."""
    sentences = []
    for _ in range(dice.randrange(2, 5)):
        words = " ".join(dice.choice(_WORDS) for _ in range(dice.randrange(14, 30)))
        sentences.append(words[0].upper() + words[1:])
    return ". ".join(sentences) + "."


def answers(dice: random.Random) -> Json:
    """One hazard site as a collaborator fills it in; about 900 bytes of JSON."""
    what, where = dice.choice(_WHAT), dice.choice(_WHERE)
    alley, lane, group = dice.randrange(1, 90), dice.randrange(1, 40), dice.randrange(1, 30)
    day = f"2026-05-{dice.randrange(1, 29):02d}"
    clock = f"{dice.randrange(6, 19):02d}:{dice.randrange(60):02d}:{dice.randrange(60):02d}"
    measures = ("sign_warning", "fence", "remind")[: dice.randrange(1, 4)]
    return {
        "type": dice.choice(("DN1", "DN2", "GT1", "GT2")),
        "name": f"{what} {where} số {dice.randrange(1, 400)}",
        "place": {
            "lat": round(21.03 + dice.random() / 50, 6),
            "lon": round(105.89 + dice.random() / 50, 6),
            "acc": dice.randrange(4, 30),
            "how": "gps",
            "at": f"{day}T{clock}+07:00",
        },
        "address": f"Ngách {alley}/{lane} phố Nguyễn Văn Cừ, tổ {group}",
        "near_school": dice.choice(("yes", "no")),
        "seen_on": day,
        "description": told(dice),
        "signs": ["none"],
        "fence": dice.choice(("none", "broken")),
        "risk": dice.choice(("low", "medium", "high")),
        "measures": list(measures),
    }


def change(number: int, dice: random.Random) -> str:
    """The `number`-th change of a phone: a new record, as JSON text."""
    filled = answers(dice)
    body = {
        "id": str(UUID(int=dice.getrandbits(128), version=4)),
        "seq": number,
        "record": str(UUID(int=dice.getrandbits(128), version=4)),
        "kind": "hazard_site",
        "form": 1,
        "base": 0,
        "at": filled["place"]["at"],
        "set": filled,
    }
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))


def changes(count: int, seed: int) -> list[str]:
    """`count` changes of one phone, numbered from 1."""
    dice = random.Random(seed)
    return [change(number, dice) for number in range(1, count + 1)]
