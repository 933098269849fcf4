"""Photos as files: how much of each has come, and where it is kept. What a photo is, its record says."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Model, Utc


class Photo(Model):
    """One photo's file. `id` is the phone's, as in the record's answer."""

    __table_args__ = (Index("ix_photo_expiry", "state", "touched_at"),)
    id: Mapped[str] = mapped_column(primary_key=True)
    record_id: Mapped[str] = mapped_column(index=True)  # no key: the text may come later
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    ward_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    sha256: Mapped[str]  # of the file, as the phone declared it
    size: Mapped[int]  # of what is sent
    sealed: Mapped[str | None]  # the seal of the file's own key, when it is sent shut
    media_type: Mapped[str]
    is_original: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str]  # receiving | kept | refused
    reason: Mapped[str] = mapped_column(default="")  # why it was refused, a code of rules.REFUSALS
    offset: Mapped[int] = mapped_column(default=0)  # bytes that are safely here
    tries: Mapped[int] = mapped_column(default=0)  # times that all bytes came and were not the file
    picture: Mapped[str | None]  # addresses in the store
    thumb: Mapped[str | None]
    original: Mapped[str | None]
    width: Mapped[int | None]
    height: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(Utc)
    touched_at: Mapped[datetime] = mapped_column(Utc)
    kept_at: Mapped[datetime | None] = mapped_column(Utc)
