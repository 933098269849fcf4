"""What officers note for one another. It never leaves the desk."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.at_rest.sealing import SealedText
from app.db import Model, Utc


class DeskNote(Model):
    """A note beside a record. Rows are never changed."""

    id: Mapped[int] = mapped_column(primary_key=True)
    record_id: Mapped[str] = mapped_column(ForeignKey("record.id"), index=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    text: Mapped[str] = mapped_column(SealedText("desk_note.text"))
    written_at: Mapped[datetime] = mapped_column(Utc)
