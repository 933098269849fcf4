"""Code lists and warnings that several kinds share. Codes are stored: a code is never renamed or re-used.

The letters of the special circumstances are those of Luật Trẻ em 2016, Điều 10 khoản 1.
"""

from app.kinds.conditions import after_today, both, digits, filled, no, phone
from app.kinds.vocabulary import Code, Words, codes

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


def _type(code: str, label: tuple[str, str], hint: tuple[str, str]) -> Code:
    return Code(code, Words(*label), Words(*hint))


# The letters stand for đuối nước, giao thông, ngã, điện, cháy nổ, động vật, khác.
HAZARD_TYPE = (
    _type(
        "DN1",
        ("Bờ sông, bãi tắm tự phát", "River bank, unofficial bathing place"),
        ("Sông Hồng, sông Đuống, bãi giữa", "Red River, Đuống river, sand banks"),
    ),
    _type("DN2", ("Hồ, ao, đầm", "Lake, pond"), ("Ao làng, hồ điều hòa", "Village pond, reservoir")),
    _type(
        "DN3",
        ("Kênh, mương, cống hở, hố ga", "Canal, ditch, open drain or manhole"),
        ("Mất nắp, ngập khi mưa", "Cover missing, flooded in rain"),
    ),
    _type("DN4", ("Hố công trình, hố đào", "Construction pit"), ("Hố đọng nước, chưa rào", "Holds water, not fenced")),
    _type(
        "DN5",
        ("Bể, giếng, bể bơi", "Tank, well, pool"),
        ("Bể cá, thùng chứa nước, bể bơi không cứu hộ", "Fish tank, water drum, pool without a lifeguard"),
    ),
    _type(
        "GT1",
        ("Cổng trường, điểm đón trẻ", "School gate, pick-up point"),
        ("Xe đông giờ tan học", "Crowded when school ends"),
    ),
    _type(
        "GT2",
        ("Ngõ ra đường lớn, khuất tầm nhìn", "Lane onto a main road, view blocked"),
        ("Không đèn, không gương", "No lights, no mirror"),
    ),
    _type(
        "GT3",
        ("Đường sắt, lối đi tự mở", "Railway, unofficial crossing"),
        ("Không rào, không người gác", "No barrier, no guard"),
    ),
    _type(
        "NG1",
        ("Ban công, cửa sổ, cầu thang", "Balcony, window, stairs"),
        ("Lan can thấp, không lưới", "Low railing, no net"),
    ),
    _type(
        "NG2",
        ("Sân chơi, thiết bị hỏng", "Playground, broken equipment"),
        ("Đu quay, cầu trượt, sân tập", "Roundabout, slide, training ground"),
    ),
    _type(
        "DI1",
        ("Dây, tủ, trạm điện hở", "Exposed electric wire, box or station"),
        ("Dây võng, tủ không khóa", "Sagging wire, unlocked box"),
    ),
    _type(
        "CN1",
        ("Cháy nổ, hóa chất, bom mìn", "Fire, chemicals, explosives"),
        ("Thấy vật lạ: tránh xa, gọi 114", "A strange object: stay away, call 114"),
    ),
    _type(
        "DV1",
        ("Chó thả rông, động vật nguy hiểm", "Stray dogs, dangerous animals"),
        ("Không rọ mõm, hay đuổi trẻ", "No muzzle, chases children"),
    ),
    _type("KH9", ("Loại khác", "Another kind"), ("Ghi rõ ở ô mô tả", "Say what in the description")),
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
