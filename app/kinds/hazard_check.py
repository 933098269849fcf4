"""Another look at a hazard site: whether it is still dangerous, and what is there now."""

from marshmallow import Schema

from app.kinds.codes import HAZARD_TYPE, LONG_BIEN, RISK, not_in_future
from app.kinds.conditions import among, before, both, eq, less_exact, no, outside
from app.kinds.hazard_site import FENCE, GEAR, LIGHT, SIGN, TRAFFIC, WATER
from app.kinds.pictures import Photos
from app.kinds.vocabulary import Choice, Choices, Day, Kind, Place, RecordRef, Text, Words, codes, section

FOUND = codes(
    ("dangerous", "Vẫn còn nguy hiểm", "Still dangerous"),
    ("measures", "Đã có biện pháp", "Measures in place"),
    ("removed", "Không còn nguy hiểm", "Danger removed"),
)


class HazardCheck(Schema):
    """What was seen this time. The site's own record stays as it is until somebody changes it."""

    site = RecordRef(("Điểm được kiểm tra", "Site looked at"), "hazard_site", required=True, quick=True)
    checked_on = Day(
        ("Ngày kiểm tra", "Looked at on"),
        required=True,
        quick=True,
        warn=[
            not_in_future("checked_on"),
            (
                before("checked_on", "2015-01-01"),
                ("Ngày này đã rất lâu. Có đúng không?", "That is long ago. Is it right?"),
            ),
        ],
    )
    found = Choice(
        ("Thấy thế nào?", "What was found?"),
        FOUND,
        required=True,
        quick=True,
        safety=("dangerous", "measures", "removed"),
    )
    risk = Choice(
        ("Mức nguy cơ bây giờ", "Level of risk now"),
        RISK,
        quick=True,
        show=no(eq("found", "removed")),
        safety=("high", "medium", "low"),
        warn=[
            (
                both(eq("found", "dangerous"), eq("risk", "low")),
                ("Vẫn còn nguy hiểm: có nên chọn mức cao hơn?", "Still dangerous: choose a higher level?"),
            )
        ],
    )
    place = Place(
        ("Vị trí", "Position"),
        quick=True,
        hint=("Bấm khi đang đứng ở đó", "Press it while you stand there"),
        warn=[
            (
                outside("place", *LONG_BIEN),
                ("Vị trí nằm ngoài quận Long Biên. Có đúng không?", "The position is outside Long Biên. Is it right?"),
            ),
            (less_exact("place", 50), ("Vị trí chưa chính xác.", "The position is not exact.")),
        ],
    )
    photos = Photos(
        ("Ảnh bây giờ", "Photos now"),
        quick=True,
        hint=("Chụp từ cùng chỗ với ảnh cũ, đừng chụp mặt trẻ", "From where the old ones were taken, no faces"),
    )
    note = Text(
        ("Ghi chú", "Note"),
        lines=3,
        quick=True,
        hint=("Có gì khác lần trước? Không ghi tên trẻ", "What has changed? No names of children"),
    )

    type = Choice(("Loại điểm nguy cơ", "Type of hazard"), HAZARD_TYPE)
    fence = Choice(
        ("Rào chắn", "Fence or barrier"),
        FENCE,
        show=no(among("type", "GT1", "GT2", "DV1")),
        safety=("none", "broken", "good"),
    )
    sign_warning = Choice(("Biển báo (cảnh báo)", "Warning sign"), SIGN, safety=("missing", "faded", "good"))
    sign_ban = Choice(("Biển cấm", "Prohibition sign"), SIGN, safety=("missing", "faded", "good"))
    sign_direction = Choice(("Biển chỉ dẫn", "Direction sign"), SIGN, safety=("missing", "faded", "good"))
    rescue_gear = Choices(("Phao, đồ cứu hộ tại chỗ", "Rescue gear at the place"), GEAR, show=among("type", *WATER))
    lighting = Choice(("Đèn chiếu sáng", "Lighting"), LIGHT, show=among("type", *TRAFFIC, *WATER, "NG1", "NG2"))


KIND = Kind(
    code="hazard_check",
    form=1,
    label=Words("Lần kiểm tra lại", "Re-inspection"),
    menu=Words("Kiểm tra lại", "Re-inspections"),
    examples=Words("Xem lại một điểm nguy cơ", "Look at a hazard site again"),
    icon="eye",
    schema=HazardCheck,
    sections=(
        section("look", ("Lần này", "This time"), "site", "checked_on", "found", "risk", "photos", "place", "note"),
        section(
            "state",
            ("Biển, rào, phao, đèn", "Signs, fence, rescue gear, lights"),
            "type",
            "fence",
            "sign_warning",
            "sign_ban",
            "sign_direction",
            "rescue_gear",
            "lighting",
        ),
    ),
    title=("site", "checked_on"),
    public=("found", "type"),
    happened="checked_on",
    place="place",
    order=15,
    sharing="group",
    parent="hazard_site",
    tile="parent",
    invite=Words("Kiểm tra lại điểm này", "Look at this site again"),
    carries=("type", "risk", "fence", "sign_warning", "sign_ban", "sign_direction", "rescue_gear", "lighting"),
    urgent=(
        (both(eq("found", "dangerous"), eq("risk", "high")), 60, Words("Nguy cơ vẫn cao", "Still a high risk")),
        (eq("found", "dangerous"), 30, Words("Vẫn còn nguy hiểm", "Still dangerous")),
    ),
)
