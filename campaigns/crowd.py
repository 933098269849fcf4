"""As many collaborators as a campaign wants, each with a signed-in phone."""

from collections.abc import Sequence
from uuid import UUID

from tests.cast import Someone

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
