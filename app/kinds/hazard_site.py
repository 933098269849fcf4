"""A place where children may get hurt: water, traffic, heights, electricity, fire, animals."""

from marshmallow import Schema

from app.kinds.codes import HAZARD_TYPE, LONG_BIEN, RISK, YES_NO_UNKNOWN, not_in_future
from app.kinds.conditions import among, before, both, either, eq, filled, has, less_exact, more, no, outside
from app.kinds.pictures import Photos
from app.kinds.vocabulary import Choice, Choices, Day, Kind, Number, Place, Recheck, Text, Words, codes, section

WATER = ("DN1", "DN2", "DN3", "DN4", "DN5")
TRAFFIC = ("GT1", "GT2", "GT3")


SIGNS = codes(
    ("warning", "Biển báo", "Warning sign"),
    ("ban", "Biển cấm", "Prohibition sign"),
    ("direction", "Biển chỉ dẫn", "Direction sign"),
    ("none", "Chưa có biển nào", "No sign at all"),
)
SIGN_CONDITION = codes(
    ("good", "Còn tốt", "Good"), ("faded", "Mờ, khó đọc", "Faded"), ("broken", "Gãy, đổ, mất", "Broken or gone")
)
SIGN = codes(
    ("good", "Có, còn tốt", "There, good"),
    ("faded", "Có, mờ, khó đọc", "There, faded"),
    ("missing", "Không có, đã mất", "Missing"),
)
FENCE = codes(
    ("good", "Có, còn tốt", "Yes, good"), ("broken", "Có nhưng hỏng", "Yes, broken"), ("none", "Chưa có", "None")
)
GEAR = codes(
    ("ring", "Phao cứu sinh", "Life ring"),
    ("pole", "Sào, gậy", "Pole"),
    ("rope", "Dây cứu hộ", "Rope"),
    ("none", "Chưa có gì", "Nothing"),
)
LIGHT = codes(("enough", "Đủ sáng", "Enough"), ("poor", "Tối, đèn yếu", "Weak"), ("none", "Không có đèn", "None"))
SEASON = codes(
    ("summer", "Mùa hè", "Summer"),
    ("rain", "Mùa mưa bão", "Rainy season"),
    ("school", "Giờ đi học, tan học", "On the way to school"),
    ("night", "Buổi tối", "In the evening"),
    ("always", "Quanh năm", "All year"),
)
MEASURES = codes(
    ("sign_warning", "Đặt biển báo", "Put up a warning sign"),
    ("sign_ban", "Đặt biển cấm", "Put up a prohibition sign"),
    ("sign_direction", "Đặt biển chỉ dẫn", "Put up a direction sign"),
    ("fence", "Làm rào, sửa rào", "Build or mend a fence"),
    ("cover", "Đậy nắp, lấp hố", "Cover or fill it"),
    ("gear", "Đặt phao, sào cứu hộ", "Provide life rings, poles"),
    ("light", "Thêm đèn", "Add lights"),
    ("traffic", "Gương cầu, gờ giảm tốc, vạch kẻ", "Mirror, speed bump, road marking"),
    ("repair", "Sửa hoặc tháo thiết bị hỏng", "Repair or remove broken equipment"),
    ("watch", "Cử người trông, tuần tra", "Have it watched"),
    ("remind", "Nhắc gia đình, chủ cơ sở", "Remind families or the owner"),
    ("report", "Báo đơn vị quản lý", "Tell the body in charge"),
    ("other", "Việc khác", "Something else"),
)
# What is usually done first at each type of site. Advice of this project, not a rule of law.
USUAL = {
    "DN1": ("sign_ban", "sign_warning", "gear", "watch"),
    "DN2": ("fence", "sign_warning", "gear"),
    "DN3": ("cover", "fence", "sign_warning"),
    "DN4": ("fence", "sign_ban", "report"),
    "DN5": ("cover", "fence", "remind"),
    "GT1": ("traffic", "sign_warning", "watch"),
    "GT2": ("traffic", "light", "sign_warning"),
    "GT3": ("fence", "sign_ban", "report"),
    "NG1": ("repair", "remind"),
    "NG2": ("repair", "remind", "sign_ban"),
    "DI1": ("report", "fence", "sign_warning"),
    "CN1": ("report", "sign_warning"),
    "DV1": ("remind", "report"),
}
SUGGESTED = [(eq("type", code), found) for code, found in USUAL.items()]


class HazardSite(Schema):
    """What a collaborator observes of a site; never an official "điểm đen"."""

    type = Choice(
        ("Loại điểm nguy cơ", "Type of hazard"),
        HAZARD_TYPE,
        required=True,
        quick=True,
        warn=[
            (
                both(eq("type", "KH9"), no(filled("description"))),
                ("Nhớ ghi rõ ở ô Mô tả.", "Please say what it is in the description."),
            )
        ],
    )
    name = Text(
        ("Tên gọi chỗ này", "What people call it"),
        longest=120,
        quick=True,
        hint=("Ví dụ: Ao sau nhà văn hóa tổ 7", "For example: pond behind the hall of group 7"),
    )
    place = Place(
        ("Vị trí", "Position"),
        quick=True,
        hint=("Đứng gần chỗ đó rồi bấm lấy vị trí", "Stand near it, then get the position"),
        warn=[
            (
                outside("place", *LONG_BIEN),
                ("Vị trí nằm ngoài quận Long Biên. Có đúng không?", "The position is outside Long Biên. Is it right?"),
            ),
            (
                less_exact("place", 50),
                ("Vị trí chưa chính xác. Ghi thêm địa chỉ giúp.", "The position is not exact. Please add the address."),
            ),
        ],
    )
    address = Text(
        ("Địa chỉ, đường đến", "Address, how to get there"),
        longest=200,
        quick=True,
        required=no(filled("place")),
        hint=("Cần khi chưa lấy được vị trí", "Needed when there is no position"),
    )
    near_school = Choice(("Gần trường học (dưới 200 m)?", "Near a school (under 200 m)?"), YES_NO_UNKNOWN)
    school = Text(("Trường nào?", "Which school?"), longest=120, show=eq("near_school", "yes"))
    seen_on = Day(
        ("Ngày thấy", "Seen on"),
        quick=True,
        warn=[
            not_in_future("seen_on"),
            (
                before("seen_on", "2015-01-01"),
                ("Ngày này đã rất lâu. Có đúng không?", "That is long ago. Is it right?"),
            ),
        ],
    )

    description = Text(
        ("Mô tả", "Description"),
        lines=3,
        quick=True,
        hint=("Nguy hiểm ở chỗ nào? Không ghi tên trẻ", "What is dangerous? No names of children"),
    )
    photos = Photos(
        ("Ảnh", "Photos"),
        quick=True,
        hint=("Chụp chỗ nguy hiểm, đừng chụp mặt trẻ", "Show what is dangerous, no faces of children"),
    )
    signs = Choices(
        ("Biển đang có", "Signs there now"),
        SIGNS,
        retired=True,
        hint=("Chọn tất cả loại thấy được", "Choose all that you see"),
        warn=[
            (
                both(
                    has("signs", "none"),
                    either(has("signs", "warning"), has("signs", "ban"), has("signs", "direction")),
                ),
                (
                    "Vừa chọn có biển, vừa chọn chưa có. Xem lại giúp.",
                    "Both signs and no sign are chosen. Please look again.",
                ),
            ),
        ],
    )
    sign_condition = Choice(
        ("Biển còn tốt không?", "Condition of the signs"),
        SIGN_CONDITION,
        retired=True,
        show=either(has("signs", "warning"), has("signs", "ban"), has("signs", "direction")),
    )
    sign_warning = Choice(
        ("Biển báo (cảnh báo)", "Warning sign"),
        SIGN,
        safety=("missing", "faded", "good"),
        hint=("Báo nước sâu, nguy hiểm, trẻ em qua lại", "Deep water, danger, children"),
    )
    sign_ban = Choice(
        ("Biển cấm", "Prohibition sign"),
        SIGN,
        safety=("missing", "faded", "good"),
        hint=("Cấm tắm, cấm vào, cấm lại gần", "No bathing, no entry, keep away"),
    )
    sign_direction = Choice(
        ("Biển chỉ dẫn", "Direction sign"),
        SIGN,
        safety=("missing", "faded", "good"),
        hint=("Chỉ lối an toàn, số gọi cứu nạn", "The safe way, whom to call for rescue"),
    )
    fence = Choice(
        ("Rào chắn", "Fence or barrier"),
        FENCE,
        show=no(among("type", "GT1", "GT2", "DV1")),
        safety=("none", "broken", "good"),
    )
    rescue_gear = Choices(("Đồ cứu hộ tại chỗ", "Rescue gear at the place"), GEAR, show=among("type", *WATER))
    lighting = Choice(("Đèn chiếu sáng", "Lighting"), LIGHT, show=among("type", *TRAFFIC, *WATER, "NG1", "NG2"))
    depth = Number(
        ("Chỗ sâu nhất (mét)", "Deepest point (metres)"),
        most=100,
        decimals=True,
        show=among("type", *WATER),
        hint=("Ước chừng cũng được", "A guess will do"),
        warn=[
            (
                more("depth", 10),
                ("Sâu hơn 10 mét, có đúng không? Vẫn lưu được.", "More than 10 metres, is it right? It can be saved."),
            )
        ],
    )

    risk = Choice(
        ("Mức nguy cơ", "Level of risk"),
        RISK,
        quick=True,
        safety=("high", "medium", "low"),
        hint=(
            "Cao: trẻ tự đến được, chỗ nguy hiểm và không có rào. Trung bình: có hai trong ba điều. Thấp: ít hơn",
            "High: children reach it alone, it is dangerous, and nothing bars it. Medium: two of the three. Low: fewer",
        ),
        warn=[
            (
                both(eq("risk", "low"), eq("alone", "yes"), eq("past", "yes")),
                (
                    "Trẻ tự đến được và đã có tai nạn: nên chọn mức cao hơn?",
                    "Children reach it alone and there was an accident: choose a higher level?",
                ),
            )
        ],
    )
    alone = Choice(
        ("Trẻ tự đến được không?", "Can children reach it alone?"), YES_NO_UNKNOWN, safety=("yes", "unknown", "no")
    )
    past = Choice(
        ("Đã từng có tai nạn?", "Has there been an accident?"), YES_NO_UNKNOWN, safety=("yes", "unknown", "no")
    )
    past_on = Day(
        ("Tai nạn xảy ra khi nào?", "When was the accident?"),
        year_alone=True,
        show=eq("past", "yes"),
        hint=("Chỉ nhớ năm cũng được", "The year alone will do"),
        warn=[not_in_future("past_on")],
    )
    past_count = Number(
        ("Số trẻ bị nạn", "Children hurt"),
        most=1000,
        show=eq("past", "yes"),
        warn=[(more("past_count", 20), ("Hơn 20 trẻ, có đúng không?", "More than 20, is it right?"))],
    )
    season = Choices(("Nguy hiểm nhất khi nào?", "When is it most dangerous?"), SEASON)

    measures = Choices(("Đề nghị làm gì?", "What should be done?"), MEASURES, suggest=SUGGESTED)
    done = Text(
        ("Đã làm gì ngay?", "What was done at once?"),
        lines=2,
        hint=("Ví dụ: rào tạm, đậy tạm nắp cống", "For example: a makeshift fence or cover"),
    )
    keeper = Text(
        ("Chỗ này ai quản lý?", "Who is in charge of it?"),
        longest=120,
        sensitivity="personal",
        hint=("Chủ ao, ban quản lý, chủ công trình", "Owner, management, builder"),
    )

    responsible = Text(
        ("Đơn vị xử lý", "Responsible body"),
        owner="desk",
        longest=120,
        hint=("Cơ quan, đơn vị nhận việc; không ghi tên người dân", "Which body does the work; no private person"),
    )
    due_on = Day(("Hạn xử lý", "To be done by"), owner="desk")
    decided = Choices(("Biện pháp đã thống nhất", "Measures agreed"), MEASURES, owner="desk", suggest=SUGGESTED)
    decided_note = Text(
        ("Phường ghi thêm", "The ward adds"),
        owner="desk",
        lines=2,
        longest=500,
        hint=("Cộng tác viên trong tổ đọc được", "The group's collaborators can read it"),
    )


KIND = Kind(
    code="hazard_site",
    form=2,
    label=Words("Điểm nguy cơ", "Hazard site"),
    menu=Words("Điểm nguy cơ", "Hazard sites"),
    examples=Words("Ao, cống hở, dây điện…", "Ponds, open drains, wires…"),
    icon="hazard",
    schema=HazardSite,
    sections=(
        section("where", ("Chỗ nào", "Where"), "type", "name", "place", "address", "seen_on", "near_school", "school"),
        section(
            "state",
            ("Hiện trạng", "State"),
            "description",
            "photos",
            "fence",
            "sign_warning",
            "sign_ban",
            "sign_direction",
            "signs",
            "sign_condition",
            "rescue_gear",
            "lighting",
            "depth",
        ),
        section("risk", ("Mức nguy cơ", "Risk"), "risk", "alone", "past", "past_on", "past_count", "season"),
        section("advice", ("Đề nghị", "Advice"), "measures", "done", "keeper"),
        section("ward", ("Phường xử lý", "The ward's part"), "responsible", "due_on", "decided", "decided_note"),
    ),
    title=("name", "type"),
    public=("name", "type"),
    happened="seen_on",
    place="place",
    order=10,
    sharing="group",
    recheck=Recheck(
        by="hazard_check",
        level="risk",
        order=("high", "medium", "low"),
        unknown="medium",
        # Bathing and drowning are a thing of the hot season, open drains and rising water one of the rains.
        seasons=(
            ("summer", either(has("season", "summer"), among("type", *WATER), among("type", "NG2"))),
            ("rain", either(has("season", "rain"), among("type", *WATER), among("type", "DI1"))),
        ),
        until=eq("found", "removed"),
    ),
    urgent=(
        (eq("risk", "high"), 60, Words("Nguy cơ cao", "High risk")),
        (eq("risk", "medium"), 30, Words("Nguy cơ trung bình", "Medium risk")),
    ),
)
