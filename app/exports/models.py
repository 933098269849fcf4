"""Who took what out of the house, and why."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.at_rest.sealing import SealedText
from app.db import Model, Utc


class Export(Model):
    """One file. Its link in the ward's chain holds a hash of this row, reason included. Rows are never deleted."""

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)  # whose chain has it
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime] = mapped_column(Utc)
    list: Mapped[str]  # which list of the desk
    wanted: Mapped[dict[str, Any]] = mapped_column(JSON)  # its filters: codes and ids, never what was searched for
    format: Mapped[str]
    depth: Mapped[str]
    rows: Mapped[int]
    sha256: Mapped[str]  # of the file
    reason: Mapped[str] = mapped_column(SealedText("export.reason"))

    def sealed(self) -> dict[str, Any]:
        """What the link's hash is over."""
        names = ("id", "unit_id", "person_id", "list", "wanted", "format", "depth", "rows", "sha256", "reason")
        return {name: getattr(self, name) for name in names}
