"""The ward's side of a test: verdicts, and a look at what the database holds."""

import json
from typing import Any

from flask import Flask
from sqlalchemy import select

from app.db import db, transact
from app.records.models import Change, Link, Record, RecordVersion
from app.records.service import write_desk_fields, write_verdict
from app.remarks.service import comment
from tests.cast import Cast


class Ward:
    """What Minh does at the desk, and what a curious administrator would find."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.minh = Cast(app).actor("Minh")

    def judges(self, record_id: str, verdict: str, note: str = "", **more: Any) -> int:
        """Give a verdict on the record as it stands; its new version."""
        with self.app.app_context(), transact():
            seen = more.pop("seen", None) or db.session.get_one(Record, record_id).version
            return write_verdict(self.minh, record_id, seen, verdict, note, more.get("pins"), more.get("original"))

    def fills(self, record_id: str, **answers: Any) -> int:
        """Fill in what is the desk's; the record's version as the officer knows it."""
        with self.app.app_context(), transact():
            return write_desk_fields(self.minh, record_id, db.session.get_one(Record, record_id).version, answers)

    def says(self, record_id: str, text: str) -> None:
        """Comment on the record."""
        with self.app.app_context(), transact():
            comment(self.minh, record_id, text)

    def record(self, record_id: str) -> Record | None:
        """The record as it stands, detached."""
        with self.app.app_context():
            found = db.session.get(Record, record_id)
            db.session.expunge_all()
            return found

    def records(self) -> list[Record]:
        """All records."""
        return self._all(select(Record).order_by(Record.feed_no))

    def history(self, record_id: str) -> list[RecordVersion]:
        """All versions of a record."""
        wanted = select(RecordVersion).where(RecordVersion.record_id == record_id)
        return self._all(wanted.order_by(RecordVersion.version))

    def chain(self) -> list[str]:
        """What happened, in the order of the ward's chain."""
        return [json.loads(link.facts)["what"] for link in self._all(select(Link).order_by(Link.ward_id, Link.no))]

    def log(self) -> list[Change]:
        """Everything that phones ever sent."""
        return self._all(select(Change).order_by(Change.log_id))

    def kept(self, body: str) -> bool:
        """Whether exactly these bytes are in the log."""
        raw = body.encode("utf-8", "surrogatepass")
        with self.app.app_context():
            return raw in db.session.scalars(select(Change.body)).all()

    def _all(self, wanted: Any) -> list[Any]:
        with self.app.app_context():
            found = list(db.session.scalars(wanted))
            db.session.expunge_all()
            return found
