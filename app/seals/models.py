"""The ward's keys to which phones seal what is finished, and the one that vouches for them."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from app.at_rest.sealing import SealedText
from app.db import Model, Utc


class SealKey(Model):
    """A key pair of P-256. Rows are never deleted: what was sealed to an old one may still be on its way."""

    id: Mapped[str] = mapped_column(primary_key=True)
    use: Mapped[str]  # seal: phones seal to it | identity: it signs what phones are told, and they remember it
    public: Mapped[str]  # base64url of the uncompressed point
    private: Mapped[str] = mapped_column(SealedText("seal_key.private"))  # base64url of the 32 bytes
    made_at: Mapped[datetime] = mapped_column(Utc)
    # When a backup first had it: before that no phone is told of it, or a lost server would strand what it sealed.
    safe_at: Mapped[datetime | None] = mapped_column(Utc)
