"""Administrative units as dated data: a code without a date is ambiguous (codes were re-used in 2025)."""

from datetime import date

from sqlalchemy import JSON, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Model


class Unit(Model):
    """A city, district, ward or group (tổ dân phố) during the time it exists."""

    __table_args__ = (UniqueConstraint("level", "code", "valid_from", "parent_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    level: Mapped[str]  # city | district | ward | group
    code: Mapped[str]
    name: Mapped[str]  # "Phúc Lợi"; a group's is editable text, "7"
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]  # last day
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"), index=True)
    phone: Mapped[str | None]  # the ward's duty number, a setting of the ward
    box: Mapped[list[float] | None] = mapped_column(JSON(none_as_null=True))  # south, west, north, east; a setting too


class Succession(Model):
    """`later_id` took over all or part of `earlier_id`; the default part is followed when nothing better is known."""

    earlier_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    later_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    default: Mapped[bool]
