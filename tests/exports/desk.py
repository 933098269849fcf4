"""Taking lists out through the desk's own form, and reading the files with independent readers."""

import csv
import io
import json
import zipfile
from dataclasses import replace
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from app.db import db, transact
from app.identity.models import SignIn
from app.records.models import Link
from tests.conftest import Clock

HERE = {"Sec-Fetch-Site": "same-origin"}


def with_step_up(app: Flask) -> None:
    """Ask for a fresh proof and a reason, as a real installation does."""
    app.config["TO_AM"] = replace(app.config["TO_AM"], step_up_minutes=10)


def stay(app: Flask, clock: Clock) -> None:
    """Everybody was at the desk just now, so that nobody has to sign in again."""
    with app.app_context(), transact():
        db.session.execute(update(SignIn).values(seen_at=clock.now()))


def take(client: FlaskClient, name: str = "queue", **form: str) -> TestResponse:
    """Press the form's button; with a reason unless said otherwise."""
    given = {"format": "csv", "depth": "open", "reason": "Gửi UBND theo công văn 12", **form}
    return client.post(f"/desk/export/{name}", data=given, headers=HERE)


def table(answer: TestResponse) -> list[dict[str, str]]:
    """The rows of a CSV by their column's label."""
    assert answer.status_code == 200, answer.status_code
    assert answer.data.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"), newline="")))


def sheet(answer: TestResponse) -> list[dict[str, Any]]:
    """The rows of a workbook's first page, as another program reads its cells."""
    assert answer.status_code == 200, answer.status_code
    page = load_workbook(io.BytesIO(answer.data)).worksheets[0]
    head, *rows = page.iter_rows()
    return [{str(name.value): cell for name, cell in zip(head, row, strict=True)} for row in rows]


def links(app: Flask, what: str) -> list[dict[str, Any]]:
    """The facts of this sort in all chains, in order."""
    with app.app_context():
        found = [json.loads(text) for text in db.session.scalars(select(Link.facts).order_by(Link.ward_id, Link.no))]
    return [facts for facts in found if facts["what"] == what]


def texts(answer: TestResponse) -> str:
    """Everything that a file says: of a workbook, its XML."""
    if answer.mimetype.endswith("sheet"):
        with zipfile.ZipFile(io.BytesIO(answer.data)) as packed:
            return "\n".join(packed.read(name).decode() for name in packed.namelist() if name.endswith(".xml"))
    return answer.data.decode("utf-8-sig")
