"""What people write in R-01, and what can befall them. Few values, so that several people meet over one answer."""

from hypothesis import strategies as st

from campaigns.machine_world import OWNERS
from tests.phone import Json

NEW: list[tuple[str, Json]] = [
    ("hazard_site", {"type": "DN1", "name": "Ao sau nhà văn hóa", "address": "ngõ 12", "risk": "low"}),
    ("hazard_site", {"type": "DN2", "name": "Hồ Bồ Đề", "address": "cạnh đình"}),
    ("hazard_site", {"type": "GT1", "address": ""}),
    ("child", {"name": "Đặng Thị Bé", "born": "2016", "circumstances_kept": ["a"]}),
    ("violation_report", {"state_now": "Trẻ ở nhà một mình", "danger_now": "unknown"}),
]
# What is written over an answer: of the same fields by everybody, so that people meet.
EDITS: dict[str, list[Json]] = {
    "hazard_site": [
        {"name": "Ao ông Tư"},
        {"name": "Du\u031bo\u031b\u0300ng"},
        {"risk": "high"},
        {"risk": "medium"},
        {"name": "Ao bà Tám", "risk": "low"},
        {"description": "Nước sâu, trẻ hay chơi"},
        {"address": None},
    ],
    "child": [{"note": "Đã gặp mẹ cháu"}, {"note": "Cháu về quê"}, {"school": "Tiểu học Phúc Lợi"}],
    "violation_report": [{"danger_now": "yes"}, {"danger_now": "no"}, {"state_now": "Đã có người trông"}],
}
OWN_TEXTS = ("Ao đình", "Ao cá ông Sáu", "Cống hở đầu ngõ", None)
FATES = (["answer"], ["request"], ["", "answer"], ["", "request"], ["answer", "answer"])
OWN_WORDS = {"hazard_site": "name", "child": "note", "violation_report": "story"}
VERDICTS = ("accept", "return", "close")
BEFALLS = ("moved", "sends and is moved", "signed out", "revoked")
TROUBLES = ("loses a change", "starts over", "loses its sign-in")
# Which of them.
PHONE = st.integers(0, len(OWNERS) - 1)
PERSON = st.sampled_from(sorted(set(OWNERS)))
PICK = st.integers(0, 63)
FORM = st.integers(0, len(NEW) - 1)


def all_edits(kind: str) -> Json:
    """Everything that is ever written over answers of this kind, at once."""
    return dict(pair for one in EDITS[kind] for pair in one.items())
