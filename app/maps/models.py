"""Which map file a ward has."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Model, Utc


class WardMap(Model):
    """The ward's map: a PMTiles file that lies in the folder of maps under its SHA-256."""

    ward_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    sha256: Mapped[str]
    size: Mapped[int]
    look: Mapped[str]  # vector | picture
    box: Mapped[list[float]] = mapped_column(JSON)  # south, west, north, east
    credit: Mapped[str]  # whose data it is, as the file says: shown on every map
    loaded_at: Mapped[datetime] = mapped_column(Utc)
