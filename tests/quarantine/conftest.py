"""Phones that send what cannot be taken, and the administrator who looks after it."""

import json
import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.db import db
from app.quarantine.models import Repair
from app.records.audit import Audit
from app.records.models import Change, Link
from tests.cast import Cast
from tests.sync.ward import Ward

HERE = {"Sec-Fetch-Site": "same-origin"}
Json = dict[str, Any]


class Admin:
    """Anh, at the quarantine's pages."""

    def __init__(self, app: Flask, who: str = "Anh") -> None:
        self.app, self.client = app, Cast(app).client(who)

    def lists(self, **asked: str) -> str:
        """The list's page."""
        answer = self.client.get("/desk/quarantine", query_string=asked)
        assert answer.status_code == 200, answer.text
        return answer.text

    def listed(self, **asked: str) -> list[int]:
        """The log numbers of the list's lines."""
        return [int(number) for number in re.findall(r'href="/desk/quarantine/(\d+)"', self.lists(**asked))]

    def opens(self, log_id: int) -> str:
        """One change's page."""
        answer = self.client.get(f"/desk/quarantine/{log_id}")
        assert answer.status_code == 200, answer.text
        return answer.text

    def does(self, verb: str, log_id: int, *, seen: int | None = None, **typed: str) -> TestResponse:
        """Press a button, on what stands there now unless something else was `seen`."""
        data = {"seen": str(self.latest(log_id) if seen is None else seen), **typed}
        return self.client.post(f"/desk/quarantine/{log_id}/{verb}", data=data, headers=HERE)

    def releases(self, log_id: int, **typed: str) -> TestResponse:
        return self.does("release", log_id, **{"whose": "own", **typed})

    def repairs(self, log_id: int, text: str | Json, **typed: str) -> TestResponse:
        words = text if isinstance(text, str) else json.dumps(text, ensure_ascii=False, indent=2)
        return self.does("repair", log_id, text=words, **typed)

    def latest(self, log_id: int) -> int:
        """The number of the latest step, as the page's forms carry it."""
        return max((step.id for step in self.steps(log_id)), default=0)

    def steps(self, log_id: int) -> list[Repair]:
        with self.app.app_context():
            found = list(db.session.scalars(select(Repair).where(Repair.log_id == log_id).order_by(Repair.id)))
            db.session.expunge_all()
            return found

    def links(self, what: str) -> list[Json]:
        """The facts of this kind in all chains, in order."""
        with self.app.app_context():
            found = [
                json.loads(link.facts) for link in db.session.scalars(select(Link).order_by(Link.ward_id, Link.no))
            ]
        return [facts for facts in found if facts["what"] == what]

    def finds(self) -> list[str]:
        """What is wrong with the log and its chains."""
        with self.app.app_context():
            return [str(finding) for finding in Audit().findings()]


def kept(ward: Ward) -> Change:
    """The one change that is kept aside."""
    (change,) = [change for change in ward.log() if change.outcome == "quarantined"]
    return change


@pytest.fixture
def anh(app: Flask) -> Admin:
    """The city's administrator."""
    return Admin(app)
