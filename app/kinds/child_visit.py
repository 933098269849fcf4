"""A visit to a child: how the child is, what is needed, what was given, when to come again."""

from marshmallow import Schema

from app.kinds.codes import YES_NO, YES_NO_UNKNOWN, not_in_future
from app.kinds.conditions import after_today, among, before, both, either, eq, filled, has, more, no
from app.kinds.pictures import Photos
from app.kinds.vocabulary import Choice, Choices, Day, Kind, Number, RecordRef, Text, Words, codes, section

PLACES = codes(
    ("home", "Tại nhà", "At home"),
    ("school", "Ở trường", "At school"),
    ("hall", "Nhà văn hóa", "Community hall"),
    ("phone", "Qua điện thoại", "By telephone"),
    ("other", "Nơi khác", "Elsewhere"),
)
MET = codes(
    ("child", "Trẻ", "The child"),
    ("father", "Cha", "Father"),
    ("mother", "Mẹ", "Mother"),
    ("grandparents", "Ông bà", "Grandparents"),
    ("carer", "Người chăm sóc khác", "Another carer"),
    ("neighbour", "Hàng xóm", "Neighbour"),
    ("nobody", "Không gặp ai", "Nobody"),
)
STATE = codes(
    ("safe", "Ổn", "Fine"), ("concern", "Có điều lo ngại", "Some concern"), ("danger", "Đang nguy hiểm", "In danger")
)
HEALTH = codes(
    ("good", "Khỏe", "Well"),
    ("minor", "Ốm nhẹ", "Slightly ill"),
    ("ill", "Ốm nặng", "Seriously ill"),
    ("treated", "Đang điều trị", "Under treatment"),
    ("unknown", "Không rõ", "Not sure"),
)
SCHOOLING = codes(
    ("regular", "Đi học đều", "Attends regularly"),
    ("irregular", "Hay nghỉ học", "Often absent"),
    ("left", "Đã bỏ học", "Has left school"),
    ("not_yet", "Chưa đến tuổi", "Not of school age"),
    ("unknown", "Không rõ", "Not sure"),
)
NEEDS = codes(
    ("food", "Lương thực, sữa", "Food, milk"),
    ("clothes", "Quần áo", "Clothes"),
    ("books", "Sách vở, đồ dùng học tập", "Books, school things"),
    ("fees", "Học phí, học bổng", "School fees, scholarship"),
    ("medicine", "Khám, chữa bệnh", "Medical care"),
    ("papers", "Khai sinh, thẻ BHYT", "Birth certificate, health card"),
    ("talk", "Tư vấn, trò chuyện", "Counselling, company"),
    ("care", "Người trông nom", "Somebody to look after the child"),
    ("housing", "Chỗ ở", "Housing"),
    ("safety", "Bảo vệ khỏi bạo lực", "Protection from violence"),
    ("other", "Nhu cầu khác", "Something else"),
)
GIFT = codes(
    ("cash", "Tiền mặt", "Cash"),
    ("goods", "Hiện vật", "Goods"),
    ("scholarship", "Học bổng", "Scholarship"),
    ("books", "Sách vở, đồ dùng học tập", "Books, school things"),
    ("other", "Khác", "Other"),
)
SOURCE = codes(
    ("district", "Ngân sách quận", "District budget"),
    ("ward", "Ngân sách phường", "Ward budget"),
    ("social", "Xã hội hóa", "Community funds"),
    ("donor", "Cá nhân, tổ chức", "A person or organisation"),
)
OCCASION = codes(
    ("june_1", "Tết thiếu nhi 1/6", "Children's Day, 1 June"),
    ("action_month", "Tháng hành động vì trẻ em", "Action Month for Children"),
    ("mid_autumn", "Trung thu", "Mid-Autumn"),
    ("tet", "Tết Nguyên đán", "Lunar New Year"),
    ("school_start", "Khai giảng", "Start of school"),
    ("urgent", "Đột xuất", "Unplanned"),
)


class ChildVisit(Schema):
    """Section one alone is a whole visit."""

    child = RecordRef(("Trẻ được thăm", "Child visited"), "child", required=True, quick=True, sensitivity="personal")
    visited_on = Day(
        ("Ngày thăm", "Visited on"),
        required=True,
        quick=True,
        warn=[
            not_in_future("visited_on"),
            (
                before("visited_on", "2015-01-01"),
                ("Ngày này đã rất lâu. Có đúng không?", "That is long ago. Is it right?"),
            ),
        ],
    )
    state = Choice(
        ("Tình trạng của trẻ", "How the child is"),
        STATE,
        quick=True,
        safety=("danger", "concern", "safe"),
        warn=[
            (
                eq("state", "danger"),
                (
                    "Gọi ngay 111 hoặc 113, cấp cứu 115, rồi ghi tiếp.",
                    "Call 111 or 113 now, an ambulance on 115, then go on.",
                ),
            ),
            (
                both(eq("state", "safe"), has("needs", "safety")),
                (
                    "Đã chọn cần bảo vệ khỏi bạo lực: trẻ có thật sự ổn không?",
                    "Protection from violence is needed: is the child really fine?",
                ),
            ),
        ],
    )
    danger_now = Choice(
        ("Lúc này trẻ có nguy hiểm không?", "Is the child in danger right now?"),
        YES_NO_UNKNOWN,
        quick=True,
        show=among("state", "concern", "danger"),
        safety=("yes", "unknown", "no"),
        warn=[
            (
                eq("danger_now", "yes"),
                (
                    "Gọi ngay 111 hoặc 113, cấp cứu 115, rồi ghi tiếp.",
                    "Call 111 or 113 now, an ambulance on 115, then go on.",
                ),
            )
        ],
    )
    concern = Text(
        ("Điều lo ngại", "What is worrying"),
        lines=3,
        quick=True,
        sensitivity="restricted",
        show=among("state", "concern", "danger"),
        hint=("Điều thấy, điều nghe. Chỉ phường xem được", "What you saw or heard. Only the ward can see it"),
    )
    where = Choice(("Gặp ở đâu?", "Met where?"), PLACES)
    met = Choices(("Đã gặp ai?", "Who was met?"), MET)

    health = Choice(("Sức khỏe", "Health"), HEALTH, sensitivity="health")
    health_note = Text(
        ("Bệnh gì, chữa ở đâu?", "Which illness, treated where?"),
        lines=2,
        sensitivity="health",
        show=among("health", "ill", "treated"),
    )
    schooling = Choice(("Học hành", "Schooling"), SCHOOLING)
    schooling_note = Text(
        ("Vì sao?", "Why?"), lines=2, sensitivity="personal", show=among("schooling", "irregular", "left")
    )
    needs = Choices(("Trẻ cần gì?", "What does the child need?"), NEEDS, sensitivity="personal")
    needs_note = Text(
        ("Nhu cầu khác", "Which other need?"), longest=300, sensitivity="personal", show=has("needs", "other")
    )

    given = Choice(("Hôm nay có trao quà, hỗ trợ?", "Was anything given today?"), YES_NO, quick=True)
    gift = Choices(("Trao gì?", "What was given?"), GIFT, show=eq("given", "yes"))
    gift_note = Text(
        ("Ghi rõ quà", "Which gift?"), longest=300, show=either(has("gift", "goods"), has("gift", "other"))
    )
    gift_value = Number(
        ("Trị giá (đồng)", "Value (đồng)"),
        most=100_000_000,
        show=eq("given", "yes"),
        hint=("Ước chừng cũng được", "A guess will do"),
        warn=[
            (
                more("gift_value", 20_000_000),
                ("Hơn 20 triệu đồng, có đúng không?", "More than 20 million đồng, is it right?"),
            )
        ],
    )
    gift_source = Choice(("Nguồn", "Source"), SOURCE, show=eq("given", "yes"))
    gift_occasion = Choice(("Dịp", "Occasion"), OCCASION, show=eq("given", "yes"))

    again_on = Day(
        ("Hẹn thăm lại", "Visit again on"),
        quick=True,
        warn=[
            (
                both(filled("again_on"), no(after_today("again_on"))),
                ("Ngày hẹn nên sau hôm nay.", "The day should be after today."),
            ),
        ],
    )
    photos = Photos(
        ("Ảnh", "Photos"),
        quick=True,
        sensitivity="personal",
        hint=("Chỉ chụp khi gia đình đồng ý", "Only if the family agrees"),
    )
    note = Text(("Ghi chú", "Note"), lines=3, sensitivity="personal")


KIND = Kind(
    code="child_visit",
    form=2,
    label=Words("Lượt thăm trẻ", "Child visit"),
    menu=Words("Thăm trẻ", "Child visits"),
    examples=Words("Ghi một lượt thăm nhà", "Note a visit at home"),
    icon="visit",
    schema=ChildVisit,
    sections=(
        section(
            "visit", ("Lượt thăm", "Visit"), "child", "visited_on", "state", "danger_now", "concern", "where", "met"
        ),
        section(
            "life",
            ("Sức khỏe, học hành", "Health and school"),
            "health",
            "health_note",
            "schooling",
            "schooling_note",
            "needs",
            "needs_note",
        ),
        section(
            "support",
            ("Quà, hỗ trợ", "Support"),
            "given",
            "gift",
            "gift_note",
            "gift_value",
            "gift_source",
            "gift_occasion",
        ),
        section("next", ("Lần sau", "Next time"), "again_on", "photos", "note"),
    ),
    title=("child", "visited_on"),
    public=("state", "visited_on"),
    happened="visited_on",
    order=20,
    sharing="author",
    parent="child",
    again="again_on",
    urgent=(
        (either(eq("state", "danger"), eq("danger_now", "yes")), 110, Words("Trẻ đang nguy hiểm", "Child in danger")),
        (eq("danger_now", "unknown"), 70, Words("Chưa rõ trẻ có an toàn không", "Not known whether the child is safe")),
        (eq("state", "concern"), 50, Words("Có điều lo ngại", "Some concern")),
    ),
)
