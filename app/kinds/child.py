"""A child of the group: who, with whom, and in which circumstances."""

from marshmallow import Schema

from app.kinds.codes import (
    AT_RISK,
    CIRCUMSTANCES,
    CIRCUMSTANCES_KEPT,
    GENDER,
    POVERTY,
    not_in_future,
    readable_phone,
    twelve_digits,
)
from app.kinds.conditions import aged, among, before, both, has, no
from app.kinds.vocabulary import Choice, Choices, Day, Kind, Name, Phone, Text, Words, codes, section

CARER = codes(
    ("parents", "Cha mẹ", "Both parents"),
    ("father", "Cha", "Father"),
    ("mother", "Mẹ", "Mother"),
    ("grandparents", "Ông bà", "Grandparents"),
    ("relatives", "Họ hàng", "Relatives"),
    ("others", "Người khác", "Others"),
    ("facility", "Cơ sở trợ giúp", "A care facility"),
    ("nobody", "Không có ai", "Nobody"),
)


class Child(Schema):
    """The facts from which lists and indicators are computed. Few are required, and few are needed."""

    name = Name(
        ("Họ và tên trẻ", "Full name of the child"),
        required=True,
        quick=True,
        hint=("Chưa có tên thì ghi: Bé con chị …", "No name yet: write whose baby it is"),
    )
    born = Day(
        ("Ngày sinh", "Date of birth"),
        year_alone=True,
        quick=True,
        sensitivity="personal",
        hint=("Chỉ biết năm cũng được", "The year alone will do"),
        warn=[
            not_in_future("born"),
            (
                aged("born", 16),
                (
                    "Đã đủ 16 tuổi: không còn tính là trẻ em theo Luật Trẻ em. Vẫn lưu được.",
                    "Aged 16: no longer a child under the Law on Children. It can be saved.",
                ),
            ),
            (
                before("born", "2000-01-01"),
                ("Năm sinh này quá xa. Xem lại giúp.", "That is too long ago. Please look again."),
            ),
        ],
    )
    gender = Choice(("Giới tính", "Gender"), GENDER, quick=True)
    address = Text(
        ("Địa chỉ, ngõ", "Address, lane"),
        longest=200,
        quick=True,
        sensitivity="personal",
        hint=("Ví dụ: số 5 ngõ 12", "For example: 5, lane 12"),
    )
    noted_on = Day(("Ngày ghi", "Noted on"), warn=[not_in_future("noted_on")])

    carer = Choice(("Đang sống với ai?", "Lives with"), CARER, quick=True, safety=("nobody",))
    father = Name(("Họ tên cha", "Father's name"))
    mother = Name(("Họ tên mẹ", "Mother's name"))
    carer_name = Name(
        ("Người chăm sóc", "Carer's name"), show=among("carer", "grandparents", "relatives", "others", "facility")
    )
    phone = Phone(("Số điện thoại gia đình", "Family's telephone"), warn=[readable_phone("phone")])
    school = Text(
        ("Trường, lớp", "School and class"),
        longest=120,
        sensitivity="personal",
        hint=("Ví dụ: 4A, Tiểu học Phúc Lợi", "For example: 4A, Phúc Lợi Primary"),
    )
    personal_id = Text(
        ("Số định danh cá nhân", "Personal ID"),
        longest=30,
        sensitivity="personal",
        hint=("12 số, có trên giấy khai sinh", "12 digits, on the birth certificate"),
        warn=[twelve_digits("personal_id")],
    )

    circumstances = Choices(
        ("Hoàn cảnh đặc biệt", "Special circumstances"),
        CIRCUMSTANCES,
        sensitivity="health",
        hint=("Có thể chọn nhiều nhóm", "Several may be chosen"),
        warn=[
            (
                both(has("circumstances", "n"), no(among("poverty", "poor", "near_poor"))),
                (
                    "Nhóm bệnh hiểm nghèo chỉ tính khi là hộ nghèo hoặc cận nghèo.",
                    "The illness group counts only in a poor or near-poor household.",
                ),
            ),
        ],
    )
    circumstances_kept = Choices(
        ("Hoàn cảnh cần giữ kín", "Circumstances kept private"),
        CIRCUMSTANCES_KEPT,
        sensitivity="restricted",
        hint=("Chỉ người ghi và cán bộ phường xem được", "Only you and the ward officer can see this"),
    )
    at_risk = Choices(
        ("Nguy cơ rơi vào hoàn cảnh đặc biệt", "At risk of special circumstances"),
        AT_RISK,
        sensitivity="health",
        hint=("Hộ nghèo, cận nghèo ghi ở ô Diện hộ", "Poor households are noted above"),
    )
    poverty = Choice(("Diện hộ", "Household category"), POVERTY, quick=True)
    poverty_year = Day(
        ("Năm công nhận", "Year of recognition"),
        year_alone=True,
        show=among("poverty", "poor", "near_poor", "just_left"),
        warn=[not_in_future("poverty_year")],
    )
    poverty_paper = Text(
        ("Số giấy chứng nhận", "Certificate number"),
        longest=60,
        sensitivity="personal",
        show=among("poverty", "poor", "near_poor"),
    )
    note = Text(("Ghi chú", "Note"), lines=3, sensitivity="personal")


KIND = Kind(
    code="child",
    form=1,
    label=Words("Trẻ", "Child"),
    menu=Words("Trẻ trong tổ", "Children of the group"),
    examples=Words("Danh sách trẻ của tổ", "The group's list of children"),
    icon="child",
    schema=Child,
    sections=(
        section("who", ("Trẻ là ai", "Who"), "name", "born", "gender", "address", "noted_on"),
        section(
            "family",
            ("Gia đình, trường lớp", "Family and school"),
            "carer",
            "carer_name",
            "father",
            "mother",
            "phone",
            "school",
            "personal_id",
        ),
        section(
            "circumstances",
            ("Hoàn cảnh", "Circumstances"),
            "poverty",
            "poverty_year",
            "poverty_paper",
            "circumstances",
            "at_risk",
            "circumstances_kept",
            "note",
        ),
    ),
    title=("name",),
    public=("poverty",),
    telling=("born", "mother"),
    happened="noted_on",
    order=40,
    sharing="group",
    tile="none",
)
