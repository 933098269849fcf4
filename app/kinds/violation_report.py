"""Word of a child who is harmed or may be: Mẫu số 01 of Nghị định 56/2017/NĐ-CP, with the calls first."""

from marshmallow import Schema

from app.kinds.codes import (
    CALLED,
    CHANNEL,
    ENVIRONMENT,
    GENDER,
    LONG_BIEN,
    YES_NO,
    YES_NO_UNKNOWN,
    not_in_future,
    readable_phone,
)
from app.kinds.conditions import aged, both, eq, filled, has, more, no, outside
from app.kinds.pictures import Photos
from app.kinds.vocabulary import (
    Choice,
    Choices,
    Clock,
    Day,
    Kind,
    Moment,
    Name,
    Number,
    Phone,
    Place,
    Text,
    Words,
    codes,
    section,
)

ABOUT = codes(
    ("abused", "Trẻ bị xâm hại", "A child is abused"),
    ("at_risk", "Trẻ có nguy cơ bị xâm hại", "A child may be abused"),
    ("special", "Trẻ có hoàn cảnh đặc biệt cần hỗ trợ", "A child in special circumstances needs help"),
    ("rights", "Quyền trẻ em bị vi phạm", "A child's rights are violated"),
)
HARM = codes(
    ("violence", "Bạo lực", "Violence"),
    ("exploitation", "Bóc lột", "Exploitation"),
    ("sexual", "Xâm hại tình dục", "Sexual abuse"),
    ("trafficking", "Mua bán", "Trafficking"),
    ("neglect", "Bỏ rơi, bỏ mặc", "Abandonment, neglect"),
    ("other", "Hình thức khác", "Another form"),
)
RISK_OF = codes(
    ("violence", "Bạo lực", "Violence"),
    ("exploitation", "Bóc lột", "Exploitation"),
    ("neglect", "Bỏ rơi", "Abandonment"),
)
# Acts prohibited by Luật Trẻ em 2016, Điều 6, that are not abuse of the kinds above.
RIGHTS = codes(
    ("marriage", "Ép tảo hôn", "Forced into marriage"),
    ("crime", "Xúi giục, ép trẻ phạm pháp", "Incited or forced to break the law"),
    ("obstructed", "Cản trở trẻ thực hiện quyền", "Kept from using their rights"),
    ("hidden", "Che giấu, ngăn cản báo tin", "Information hidden or blocked"),
    ("discrimination", "Kỳ thị, phân biệt đối xử", "Discrimination"),
    ("substances", "Bán, cho trẻ rượu, bia, thuốc lá", "Given or sold alcohol or tobacco"),
    ("content", "Nội dung, đồ chơi độc hại", "Harmful content or toys"),
    ("privacy", "Lộ đời tư của trẻ", "Private life disclosed"),
    ("refused", "Từ chối, chậm giúp trẻ đang nguy hiểm", "Help refused or delayed"),
    ("other", "Việc khác", "Something else"),
)
AGREED = eq("informant_agrees", "yes")


class ViolationReport(Schema):
    """Only the child's state is required: a report must never wait for a missing detail."""

    danger_now = Choice(
        ("Lúc này trẻ có nguy hiểm không?", "Is the child in danger right now?"),
        YES_NO_UNKNOWN,
        quick=True,
        safety=("yes", "unknown", "no"),
        warn=[
            (
                eq("danger_now", "yes"),
                (
                    "Gọi trước, ghi sau: 111, 113, 115 hoặc phường.",
                    "Call first, write later: 111, 113, 115 or the ward.",
                ),
            ),
        ],
    )
    called = Choices(
        ("Đã gọi ai?", "Who was called?"),
        CALLED,
        quick=True,
        warn=[
            (
                both(has("called", "none"), eq("danger_now", "yes")),
                (
                    "Trẻ đang nguy hiểm. Ghi ở đây không thay cuộc gọi.",
                    "The child is in danger. Writing here does not replace a call.",
                ),
            ),
        ],
    )
    about = Choice(("Báo về việc gì?", "What is it about?"), ABOUT, quick=True)
    state_now = Text(
        ("Tình trạng của trẻ lúc này", "The child's state now"),
        lines=4,
        required=True,
        quick=True,
        sensitivity="restricted",
        hint=("Trẻ đang ở đâu, có bị thương, có ai bên cạnh?", "Where is the child, hurt, with anyone?"),
    )
    where = Text(
        ("Xảy ra ở đâu?", "Where did it happen?"),
        longest=200,
        quick=True,
        sensitivity="personal",
        hint=("Số nhà, ngõ, trường hoặc tên trang mạng", "House, lane, school or web site"),
    )

    harm = Choices(
        ("Hình thức xâm hại", "Form of abuse"), HARM, quick=True, sensitivity="restricted", show=eq("about", "abused")
    )
    risk_of = Choices(
        ("Nguy cơ bị gì?", "At risk of what?"),
        RISK_OF,
        quick=True,
        sensitivity="restricted",
        show=eq("about", "at_risk"),
    )
    rights = Choices(
        ("Việc vi phạm", "The violation"), RIGHTS, quick=True, sensitivity="restricted", show=eq("about", "rights")
    )
    story = Text(
        ("Chuyện gì đã xảy ra?", "What happened?"),
        lines=5,
        longest=5000,
        sensitivity="restricted",
        hint=("Ghi đúng điều thấy, điều nghe", "Only what was seen and heard"),
    )
    photos = Photos(
        ("Ảnh", "Photos"),
        original=True,
        quick=True,
        sensitivity="restricted",
        hint=("Chỉ chụp khi an toàn cho trẻ và cho mình", "Only if it is safe for the child and for you"),
    )
    environment = Choice(("Môi trường", "Setting"), ENVIRONMENT)
    place = Place(
        ("Vị trí", "Position"),
        sensitivity="personal",
        warn=[
            (
                outside("place", *LONG_BIEN),
                (
                    "Vị trí nằm ngoài quận Long Biên. Vẫn gửi được.",
                    "The position is outside Long Biên. It can be sent.",
                ),
            ),
        ],
    )
    channel = Choice(("Biết tin qua đâu?", "How did you learn of it?"), CHANNEL)
    learned_at = Moment(("Biết tin lúc nào?", "When did you learn of it?"), warn=[not_in_future("learned_at")])
    consequence = Text(
        ("Nếu không giúp thì có thể ra sao?", "What may follow without help?"), lines=2, sensitivity="restricted"
    )
    done = Text(("Đã làm gì để giúp trẻ?", "What was done to help so far?"), lines=2, sensitivity="restricted")

    child_name = Name(("Họ tên trẻ, nếu biết", "The child's name, if known"))
    child_born = Day(
        ("Ngày sinh, nếu biết", "Date of birth, if known"),
        year_alone=True,
        sensitivity="personal",
        warn=[
            not_in_future("child_born"),
            (aged("child_born", 16), ("Đã đủ 16 tuổi. Vẫn gửi được.", "Aged 16 or more. It can be sent.")),
        ],
    )
    child_age = Number(
        ("Khoảng mấy tuổi?", "About how old?"),
        most=120,
        sensitivity="personal",
        show=no(filled("child_born")),
        warn=[(more("child_age", 15), ("Từ 16 tuổi trở lên. Vẫn gửi được.", "Aged 16 or more. It can be sent."))],
    )
    child_gender = Choice(("Giới tính", "Gender"), GENDER)
    child_address = Text(
        ("Nơi ở của trẻ", "Where the child lives"),
        longest=200,
        sensitivity="personal",
        hint=("Ghi cả phường nếu ở nơi khác", "With the ward when it is another"),
    )

    father_name = Name(("Họ tên cha", "Father's name"))
    father_age = Number(("Tuổi cha", "Father's age"), most=120, sensitivity="personal")
    father_job = Text(("Nghề của cha", "Father's occupation"), longest=120, sensitivity="personal")
    mother_name = Name(("Họ tên mẹ", "Mother's name"))
    mother_age = Number(("Tuổi mẹ", "Mother's age"), most=120, sensitivity="personal")
    mother_job = Text(("Nghề của mẹ", "Mother's occupation"), longest=120, sensitivity="personal")
    family = Text(("Hoàn cảnh gia đình", "Family circumstances"), lines=3, sensitivity="restricted")
    carer = Name(("Ai đang chăm sóc trẻ?", "Who looks after the child?"))

    informant_agrees = Choice(
        ("Người báo tin đồng ý để lại tên?", "Does the informant agree to be named?"),
        YES_NO,
        hint=("Không đồng ý thì không ghi gì về người báo tin", "If not, note nothing about the informant"),
    )
    informant_name = Name(("Họ tên người báo tin", "Informant's name"), sensitivity="informant", show=AGREED)
    informant_phone = Phone(
        ("Số điện thoại", "Telephone"), sensitivity="informant", show=AGREED, warn=[readable_phone("informant_phone")]
    )
    informant_address = Text(("Địa chỉ", "Address"), longest=200, sensitivity="informant", show=AGREED)
    informant_note = Text(("Ghi chú thêm", "Further note"), lines=2, sensitivity="informant", show=AGREED)


KIND = Kind(
    code="violation_report",
    form=2,
    label=Words("Báo vi phạm", "Violation report"),
    menu=Words("Báo vi phạm", "Report a violation"),
    examples=Words("Trẻ bị hại, bị bỏ mặc", "A child harmed or neglected"),
    icon="shield",
    schema=ViolationReport,
    sections=(
        section("danger", ("Khẩn cấp", "Urgent"), "danger_now", "called", "about", "state_now", "where"),
        section(
            "what",
            ("Sự việc", "What happened"),
            "harm",
            "risk_of",
            "rights",
            "story",
            "photos",
            "environment",
            "place",
            "channel",
            "learned_at",
            "consequence",
            "done",
        ),
        section(
            "child", ("Trẻ", "The child"), "child_name", "child_born", "child_age", "child_gender", "child_address"
        ),
        section(
            "family",
            ("Gia đình", "Family"),
            "father_name",
            "father_age",
            "father_job",
            "mother_name",
            "mother_age",
            "mother_job",
            "family",
            "carer",
        ),
        section(
            "informant",
            ("Người báo tin", "Informant"),
            "informant_agrees",
            "informant_name",
            "informant_phone",
            "informant_address",
            "informant_note",
        ),
    ),
    # In her own list a report says nothing of its content: somebody may look over her shoulder.
    title=(),
    public=("about", "environment"),
    happened="learned_at",
    place="place",
    order=30,
    sharing="author",
    tile="red",
    calls_first=True,
    # Both count from the ward's receipt of the word, which no reading of the decree could put earlier. Whether a
    # report is an emergency is for the first assessment to say, so until somebody says so each may be one.
    clocks=(
        Clock(
            "emergency",
            Words("Can thiệp khẩn cấp", "Emergency intervention"),
            Words("Nghị định 56/2017/NĐ-CP, Điều 26 và 31", "Decree 56/2017/NĐ-CP, Articles 26 and 31"),
            hours=12,
        ),
        Clock(
            "plan",
            Words("Lập kế hoạch hỗ trợ, can thiệp", "Support and intervention plan"),
            Words("Nghị định 56/2017/NĐ-CP, Điều 28 khoản 1", "Decree 56/2017/NĐ-CP, Article 28(1)"),
            working_days=5,
        ),
    ),
    urgent=(
        (eq("danger_now", "yes"), 200, Words("Trẻ đang nguy hiểm", "Child in danger")),
        (
            eq("danger_now", "unknown"),
            150,
            Words("Chưa rõ trẻ có an toàn không", "Not known whether the child is safe"),
        ),
        # Holds always: every report waits for the ward's first look.
        (both(), 120, Words("Báo vi phạm", "Violation report")),
    ),
)
