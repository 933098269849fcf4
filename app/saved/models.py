"""Lists that an officer keeps under a name."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Model, Utc


class SavedList(Model):
    """What a list was asked for, as its address has it. A shared one is there for everybody of the ward's desk."""

    id: Mapped[int] = mapped_column(primary_key=True)
    ward_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    name: Mapped[str]
    query: Mapped[str]
    shared: Mapped[bool]
    saved_at: Mapped[datetime] = mapped_column(Utc)
