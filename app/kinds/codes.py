"""Code lists and warnings that several kinds share. Codes are stored: a code is never renamed or re-used.

The letters of the special circumstances are those of Luật Trẻ em 2016, Điều 10 khoản 1.
"""

from app.kinds.conditions import after_today, both, digits, filled, no, phone
from app.kinds.vocabulary import codes

GENDER = codes(("male", "Nam", "Male"), ("female", "Nữ", "Female"), ("unknown", "Không biết", "Not known"))
YES_NO = codes(("yes", "Có", "Yes"), ("no", "Không", "No"))
YES_NO_UNKNOWN = codes(("yes", "Có", "Yes"), ("no", "Không", "No"), ("unknown", "Không rõ", "Not sure"))
RISK = codes(("high", "Cao", "High"), ("medium", "Trung bình", "Medium"), ("low", "Thấp", "Low"))

POVERTY = codes(
    ("poor", "Hộ nghèo", "Poor household"),
    ("near_poor", "Hộ cận nghèo", "Near-poor household"),
    ("just_left", "Hộ mới thoát nghèo", "Recently left poverty"),
    ("hardship", "Hộ có hoàn cảnh khó khăn", "Household in hardship"),
    ("none", "Không thuộc diện nào", "None of these"),
)

CHANNEL = codes(
    ("seen", "Tự chứng kiến", "Saw it myself"),
    ("met", "Gặp trực tiếp", "Told in person"),
    ("phone", "Điện thoại", "Telephone"),
    ("others", "Người khác báo lại", "Heard from others"),
    ("online", "Mạng, Zalo", "Internet, Zalo"),
)

ENVIRONMENT = codes(
    ("family", "Gia đình", "Family"),
    ("school", "Trường học", "School"),
    ("community", "Cộng đồng", "Community"),
    ("facility", "Cơ sở trợ giúp trẻ em", "Care facility"),
    ("online", "Môi trường mạng", "Online"),
    ("other", "Nơi khác", "Elsewhere"),
)

CALLED = codes(
    ("111", "111 Trẻ em", "111 Children"),
    ("113", "113 Công an", "113 Police"),
    ("114", "114 Cứu hộ", "114 Rescue"),
    ("115", "115 Cấp cứu", "115 Ambulance"),
    ("ward", "Phường", "The ward"),
    ("none", "Chưa gọi ai", "Nobody yet"),
)

# Groups that neighbours may know of; đ, e, g, i, k, l and m are kept apart.
CIRCUMSTANCES = codes(
    ("a", "Mồ côi cả cha và mẹ", "Lost both parents"),
    ("b", "Bị bỏ rơi", "Abandoned"),
    ("c", "Không nơi nương tựa", "No one to rely on"),
    ("d", "Khuyết tật", "With a disability"),
    ("h", "Bỏ học kiếm sống, chưa xong THCS", "Left school to earn a living"),
    ("n", "Bệnh hiểm nghèo, bệnh dài ngày (hộ nghèo, cận nghèo)", "Serious or long illness, poor household"),
    ("o", "Di cư, lánh nạn, chưa rõ cha mẹ", "Migrant or refugee, parents not known"),
)

CIRCUMSTANCES_KEPT = codes(
    ("dd", "Nhiễm HIV/AIDS", "Living with HIV/AIDS"),
    ("e", "Vi phạm pháp luật", "In conflict with the law"),
    ("g", "Nghiện ma túy", "Drug-dependent"),
    ("i", "Bị tổn hại nghiêm trọng do bạo lực", "Gravely harmed by violence"),
    ("k", "Bị bóc lột", "Exploited"),
    ("l", "Bị xâm hại tình dục", "Sexually abused"),
    ("m", "Bị mua bán", "Trafficked"),
)

# Custom, not law: no legal list of children at risk exists. Poor households have their own field.
AT_RISK = codes(
    ("half_orphan", "Mồ côi cha hoặc mẹ", "Lost one parent"),
    ("parents_apart", "Cha mẹ ly hôn, ly thân", "Parents divorced or separated"),
    ("parents_away", "Cha mẹ đi làm ăn xa", "Parents work far away"),
    ("trouble_at_home", "Gia đình có bạo lực, tệ nạn, người có án", "Violence, addiction or conviction at home"),
    ("little_care", "Ít được trông nom", "Poorly looked after"),
    ("leaving_school", "Có nguy cơ bỏ học", "May leave school"),
)

# Degrees: south, west, north, east of quận Long Biên. A point outside only warns.
LONG_BIEN = (20.99433, 105.84167, 21.08158, 105.93893)

Warning = tuple[tuple[object, ...] | list[object], tuple[str, str]]


def not_in_future(field: str) -> Warning:
    """Warns of a day that has not come yet."""
    return after_today(field), ("Ngày này chưa tới. Có đúng không?", "This day has not come yet. Is it right?")


def readable_phone(field: str) -> Warning:
    """Warns of a telephone number that is not written like a Vietnamese one."""
    return both(filled(field), no(phone(field))), (
        "Số này chưa giống số điện thoại. Xem lại giúp.",
        "This does not look like a telephone number. Please look again.",
    )


def twelve_digits(field: str) -> Warning:
    """Warns of a personal ID that has not 12 digits."""
    return both(filled(field), no(digits(field, 12))), (
        "Số định danh thường có 12 chữ số. Xem lại giúp.",
        "A personal ID usually has 12 digits. Please look again.",
    )
