"""What the demo's collaborators have written so far. Every name and event is made up.

Days are counted back from today, so that a demo made in any year looks like the last weeks of a ward.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

Answers = dict[str, Any]
Written = tuple[str, str, Answers]  # the record's name in the demo, kind, answers

LAN, HOA, TUAN = "+84912000007", "+84912000003", "+84912000009"

# (name, age, birthday, gender, address, who looks after, household, more)
_CHILDREN_OF_7: tuple[tuple[str, int, str, str, str, str, str, Answers], ...] = (
    ("Nguyễn Minh Đức", 9, "04-17", "male", "số 5 ngõ 12", "mother", "poor", {"at_risk": ["half_orphan"]}),
    ("Nguyễn Ngọc Ánh", 6, "09-02", "female", "số 5 ngõ 12", "mother", "poor", {"at_risk": ["half_orphan"]}),
    ("Trần Gia Bảo", 11, "01-25", "male", "số 18 ngõ 12", "grandparents", "near_poor", {"at_risk": ["parents_away"]}),
    ("Phạm Thùy Dương", 13, "11-30", "female", "số 3 ngách 12/7", "parents", "none", {}),
    ("Lê Hoàng Anh", 4, "06-08", "male", "số 21 ngõ 30", "parents", "none", {}),
    ("Đỗ Khánh Linh", 8, "02-14", "female", "số 9 ngõ 30", "father", "hardship", {"at_risk": ["parents_apart"]}),
    ("Vũ Đình Phúc", 14, "07-19", "male", "số 40 ngõ 30", "parents", "just_left", {"at_risk": ["leaving_school"]}),
    ("Bùi Thị Ngọc Ân", 10, "12-05", "female", "số 2 ngõ 46", "relatives", "near_poor", {"circumstances": ["a"]}),
    ("Hoàng Tuấn Kiệt", 7, "03-03", "male", "số 15 ngõ 46", "parents", "none", {"circumstances": ["d"]}),
    ("Ngô Bảo Châu", 2, "10-21", "female", "số 27 ngõ 46", "parents", "none", {}),
    ("Nguyễn Đức Ái", 12, "05-11", "male", "số 33 phố Phúc Lợi", "grandparents", "poor", {"circumstances": ["n"]}),
    ("Đặng Thảo Ươm", 5, "08-29", "female", "số 8 ngách 46/2", "mother", "hardship", {}),
)


def lan_wrote(today: date, ids: dict[str, str]) -> Iterator[Written]:
    """Tổ 7: the register of children, three hazards, two visits, one report."""
    for name, age, birthday, gender, address, carer, poverty, more in _CHILDREN_OF_7:
        child = {"name": name, "born": f"{today.year - age}-{birthday}", "gender": gender, "address": address}
        kept = {"carer": carer, "poverty": poverty, "noted_on": _ago(today, 40)}
        yield name, "child", {**child, **kept, **more}
    pond = {"type": "DN2", "name": "Ao sau nhà văn hóa tổ 7", "place": _at(21.04391, 105.92544, 9)}
    seen = {"seen_on": _ago(today, 1), "description": "Bờ trơn, trẻ hay ra câu cá buổi chiều."}
    state = {"fence": "none", "signs": ["none"], "rescue_gear": ["none"], "depth": 2.5, "lighting": "none"}
    danger = {"risk": "high", "alone": "yes", "past": "yes", "past_on": str(today.year - 2), "past_count": 1}
    yield "pond", "hazard_site", {**pond, **seen, **state, **danger, "measures": ["sign_ban", "fence", "gear"]}
    yield (
        "drain",
        "hazard_site",
        {
            "type": "DN3",
            "name": "Hố ga mất nắp đầu ngõ 30",
            "address": "Đầu ngõ 30, cạnh cột điện",
            "seen_on": _ago(today, 6),
            "description": "Mất nắp từ hôm mưa to, ban đêm không thấy.",
            "risk": "medium",
            "done": "Đậy tạm tấm gỗ, cắm cành cây.",
        },
    )
    pit = {"type": "DN4", "name": "Hố móng chưa lấp cuối ngõ 46", "place": _at(21.04288, 105.92433, 12)}
    left = {"seen_on": _ago(today, 70), "risk": "medium", "fence": "broken", "sign_ban": "missing"}
    yield "dug", "hazard_site", {**pit, **left, "description": "Hố sâu quá đầu người, đọng nước mưa."}
    yield (
        "visit",
        "child_visit",
        {
            "child": ids["Nguyễn Minh Đức"],
            "visited_on": _ago(today, 2),
            "state": "safe",
            "where": "home",
            "met": ["child", "mother"],
            "health": "good",
            "schooling": "regular",
            "needs": ["books", "fees"],
            "given": "yes",
            "gift": ["books"],
            "gift_value": 300_000,
            "gift_source": "donor",
        },
    )
    yield (
        "worry",
        "child_visit",
        {
            "child": ids["Vũ Đình Phúc"],
            "visited_on": _ago(today, 3),
            "state": "concern",
            "danger_now": "no",
            "concern": "Cháu nghỉ học hai tuần, đi phụ quán đến khuya.",
            "where": "home",
            "met": ["child", "grandparents"],
            "schooling": "irregular",
            "schooling_note": "Đi làm thêm buổi tối, sáng không dậy được.",
            "again_on": _ago(today, -7),
        },
    )
    yield (
        "report",
        "violation_report",
        {
            "danger_now": "unknown",
            "called": ["ward"],
            "about": "at_risk",
            "risk_of": ["violence"],
            "state_now": "Cháu ở nhà với bố, tay có vết bầm. Mẹ đi làm xa.",
            "where": "Ngõ 46",
            "environment": "family",
            "channel": "others",
            "learned_at": f"{_ago(today, 1)}T18:30",
            "child_age": 8,
            "child_gender": "female",
            "informant_agrees": "no",
        },
    )


def hoa_wrote(today: date, ids: dict[str, str]) -> Iterator[Written]:
    """Tổ 7 as well: a school gate, another look at a pit, and a visit to a child that Lan entered."""
    look = {"site": ids["dug"], "checked_on": _ago(today, 36), "found": "dangerous", "type": "DN4", "risk": "medium"}
    yield "look", "hazard_check", {**look, "fence": "none", "sign_ban": "missing", "note": "Rào đã đổ hẳn."}
    yield (
        "gate",
        "hazard_site",
        {
            "type": "GT1",
            "name": "Cổng Tiểu học Phúc Lợi",
            "place": _at(21.04512, 105.92731, 14),
            "near_school": "yes",
            "school": "Tiểu học Phúc Lợi",
            "seen_on": _ago(today, 4),
            "signs": ["warning"],
            "sign_condition": "faded",
            "risk": "medium",
            "season": ["school"],
            "measures": ["traffic", "sign_warning"],
        },
    )
    yield (
        "gift",
        "child_visit",
        {
            "child": ids["Bùi Thị Ngọc Ân"],
            "visited_on": _ago(today, 5),
            "state": "safe",
            "where": "home",
            "met": ["child", "carer"],
            "needs": ["medicine"],
        },
    )


def tuan_wrote(today: date, ids: dict[str, str]) -> Iterator[Written]:
    """Another ward, which phường Phúc Lợi never sees."""
    yield "Chu Nhật Minh", "child", {"name": "Chu Nhật Minh", "born": str(today.year - 7), "poverty": "near_poor"}
    yield (
        "pit",
        "hazard_site",
        {
            "type": "DN4",
            "name": "Hố móng bỏ dở cuối ngõ 8",
            "place": _at(21.05763, 105.90241, 22),
            "seen_on": _ago(today, 2),
            "fence": "broken",
            "risk": "high",
        },
    )


def _ago(today: date, days: int) -> str:
    return (today - timedelta(days=days)).isoformat()


def _at(lat: float, lon: float, accuracy: float) -> Answers:
    return {"lat": lat, "lon": lon, "acc": accuracy, "how": "gps", "at": None}
