"""How answers read, in both languages."""

from typing import Any

import pytest

from app.kinds import checks, registry

PLACE = {"lat": 21.0437, "lon": 105.9259, "acc": 8.4, "how": "gps", "at": None}


@pytest.mark.parametrize(
    ("code", "name", "value", "vi", "en"),
    [
        ("hazard_site", "seen_on", "2020-06-03", "03/06/2020", "03/06/2020"),
        ("hazard_site", "past_on", "2019", "2019", "2019"),
        ("hazard_site", "seen_on", "31/02/2020", "31/02/2020", "31/02/2020"),
        ("violation_report", "learned_at", "2020-06-03T09:12", "03/06/2020 09:12", "03/06/2020 09:12"),
        ("hazard_site", "type", "DN2", "Hồ, ao, đầm", "Lake, pond"),
        ("hazard_site", "type", "old_code", "old_code", "old_code"),
        ("hazard_site", "signs", ["warning", "ban"], "Biển báo, Biển cấm", "Warning sign, Prohibition sign"),
        ("hazard_site", "depth", 1.5, "1,5", "1.5"),
        ("child_visit", "gift_value", 1234567, "1.234.567", "1,234,567"),
        ("hazard_site", "place", PLACE, "21.04370, 105.92590 (± 8 m)", "21.04370, 105.92590 (± 8 m)"),
        ("hazard_site", "place", {**PLACE, "acc": None}, "21.04370, 105.92590", "21.04370, 105.92590"),
        ("hazard_site", "place", "somewhere", "somewhere", "somewhere"),
        ("child", "phone", "+84912000007", "0912 000 007", "0912 000 007"),
        ("child", "phone", "+842435256620", "024 3525 6620", "024 3525 6620"),
        ("child", "phone", "hỏi cô Hoa", "hỏi cô Hoa", "hỏi cô Hoa"),
        ("child", "name", None, "", ""),
        ("child", "name", {"đức": 1}, '{"đức": 1}', '{"đức": 1}'),
    ],
)
def test_an_answer_in_words(code: str, name: str, value: Any, vi: str, en: str) -> None:
    field = registry[code].fields[name]
    assert (checks.show_value(field, value, "vi"), checks.show_value(field, value, "en")) == (vi, en)


@pytest.mark.parametrize(
    ("code", "values", "title", "public"),
    [
        (
            "hazard_site",
            {"type": "DN2", "name": "Ao sau nhà văn hóa"},
            "Ao sau nhà văn hóa",
            "Ao sau nhà văn hóa · Hồ, ao, đầm",
        ),
        ("hazard_site", {"type": "DN2"}, "Hồ, ao, đầm", "Hồ, ao, đầm"),
        ("hazard_site", {}, "Điểm nguy cơ", "Điểm nguy cơ"),
        ("child", {"name": "Nguyễn Minh Đức", "poverty": "poor"}, "Nguyễn Minh Đức", "Hộ nghèo"),
        (
            "child_visit",
            {"child": "an-id", "visited_on": "2020-05-12", "state": "safe"},
            "12/05/2020",
            "Ổn · 12/05/2020",
        ),
        (
            "violation_report",
            {"about": "abused", "environment": "family", "child_name": "Đức"},
            "Báo vi phạm",
            "Trẻ bị xâm hại · Gia đình",
        ),
        ("violation_report", {"child_name": "Đức"}, "Báo vi phạm", "Báo vi phạm"),
    ],
)
def test_a_record_in_lists(code: str, values: dict[str, Any], title: str, public: str) -> None:
    assert checks.title(registry[code], values, "vi") == title
    assert checks.public_title(registry[code], values, "vi") == public
