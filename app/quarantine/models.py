"""What administrators did with changes that could not be taken. A change itself is never altered."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.at_rest.sealing import SealedBytes, SealedText
from app.db import Model, Utc


class Repair(Model):
    """One step with a quarantined change; the latest one says where it stands."""

    id: Mapped[int] = mapped_column(primary_key=True)
    log_id: Mapped[int] = mapped_column(ForeignKey("change.log_id"), index=True)
    outcome: Mapped[str]  # repaired | released | set_aside | brought_back
    reason: Mapped[str]  # why the change was kept aside at that time
    # Of a repair: the text that stands in for the original. Read beside a change's own in one query: it opens both.
    body: Mapped[bytes | None] = mapped_column(SealedBytes("repair.body", "change.body"))
    filed: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))  # of a release: whose, where
    note: Mapped[str] = mapped_column(SealedText("repair.note"))
    by: Mapped[str] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime] = mapped_column(Utc)
