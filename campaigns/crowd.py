"""As many collaborators as a campaign wants, each with a signed-in phone."""

from collections.abc import Sequence
from uuid import UUID

from app.db import db, transact
from app.units.models import Unit
from tests.cast import PHUC_LOI, SINCE, Someone

_NAMES = ("Nguyễn Thị Hạnh", "Trần Văn Đức", "Lê Thị Thuỷ", "Phạm Quang Hưng", "Vũ Thị Ngọc", "Đặng Văn Ước")


def crowd(count: int, groups: Sequence[int]) -> list[Someone]:
    """People who share these groups evenly; `tests.cast.join` lets them in."""
    return [
        Someone(
            id=str(UUID(int=0xC << 100 | number, version=4)),
            name=f"{_NAMES[number % len(_NAMES)]} {number}",
            phone=f"+8497{number:07d}",
            role="collaborator",
            unit=groups[number % len(groups)],
            door="phone",
        )
        for number in range(count)
    ]


def settle(groups: Sequence[int]) -> None:
    """Make these groups in Phúc Lợi. Inside an application context."""
    with transact():
        for number in groups:
            db.session.add(
                Unit(
                    id=number,
                    level="group",
                    code=str(number),
                    name=str(number),
                    valid_from=SINCE,
                    valid_to=None,
                    parent_id=PHUC_LOI,
                    phone=None,
                )
            )
