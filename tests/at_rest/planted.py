"""Words that stand nowhere else, written wherever phones and desk write; and how a file may hold them."""

import base64
import json
import unicodedata
from typing import Any
from urllib.parse import quote

from flask import Flask
from sqlalchemy import select

from app import vietnamese
from app.db import db, transact
from app.identity import service as identity
from app.quarantine.models import Repair
from app.records.models import Change
from app.seals import service as seals
from tests.cast import PEOPLE, Cast
from tests.phone import Phone

HERE = {"Sec-Fetch-Site": "same-origin"}
PASSPHRASE = "nang am hien nha 7"
WORDS = [
    f"{first} {second}"
    for first in ("Nguyễn Đặng Khuê", "Trịnh Hoài Thượng", "Lý Phượng Ước", "Vương Quỳnh Giao", "Đoàn Khắc Xuyên")
    for second in ("Huỳnh", "Ngưỡng", "Thuở", "Khoảnh", "Đuệ", "Chuyên", "Ngoạn", "Sướt", "Đượm", "Khuya")
]


def write_down(app: Flask, cast: Cast) -> tuple[Phone, dict[str, str]]:
    """Lan writes of children with planted words, edits, and one of it cannot be read; Minh returns one."""
    lan, words, ids = Phone(app, cast.lan), iter(WORDS), {}
    ids["child"] = lan.record("child", name=next(words), born="2015", address=next(words), note=next(words))
    ids["report"] = lan.record(
        "violation_report",
        about="abused",
        state_now=next(words),
        story=next(words),
        where=next(words),
        informant_agrees="yes",
        informant_name=next(words),
        informant_address=next(words),
    )
    lan.record("child_visit", child=ids["child"], visited_on="2026-06-02", note=next(words))
    lan.sync()
    lan.edit(ids["report"], story=next(words))
    lan.sync()
    lan.push(f"không phải JSON: {next(words)}", lan.change(kind="some_other", set={"x": next(words)}))
    for word in words:
        lan.record("child", name=word, noted_on="2026-06-01")
    lan.sync()
    minh = cast.client("Minh")
    verdict = {"seen": "1", "verdict": "return", "note": f"Hỏi lại về {WORDS[0]}", "pin.born": WORDS[1]}
    assert minh.post(f"/desk/records/{ids['child']}/verdict", data=verdict, headers=HERE).status_code == 303
    return lan, ids


def at_the_desk(app: Flask, cast: Cast, lan: Phone, ids: dict[str, str]) -> None:
    """Officers write down the same words wherever the desk has room for some; a phone seals."""
    with app.app_context(), transact():
        for who in ("Minh", "Anh"):
            identity.set_passphrase(cast[who].id, PASSPHRASE)
        seals.ensure_keys()
        seals.mark_safe(seals.unsafe())
    words = iter(WORDS[12:])
    minh, anh, record = cast.client("Minh"), cast.client("Anh"), f"/desk/records/{ids['report']}"

    def posts(client: Any, path: str, **form: str) -> None:
        answer = client.post(path, data=form, headers=HERE)
        assert answer.status_code == 303, (path, answer.status_code)

    posts(minh, f"{record}/remarks", way="comment", text=next(words))
    posts(minh, f"{record}/remarks", way="note", text=next(words))
    posts(minh, f"{record}/task", to=PEOPLE["Lan"].id, what=next(words), due="10/6/2026")
    posts(minh, f"{record}/clocks/emergency", outcome="not_needed", note=next(words))
    posts(minh, "/desk/confirm", purpose="report", about=ids["report"], reason=next(words), proof=PASSPHRASE)
    answer = minh.post(
        "/desk/export/queue", data={"format": "csv", "depth": "open", "reason": next(words)}, headers=HERE
    )
    assert answer.status_code == 200
    with app.app_context():
        aside = db.session.scalars(select(Change.log_id).where(Change.outcome == "quarantined")).first()
    mended = json.dumps(lan.change(kind="child", set={"name": next(words)}), ensure_ascii=False)
    posts(anh, f"/desk/quarantine/{aside}/repair", seen="0", text=mended, note=next(words))
    with app.app_context():
        assert db.session.scalars(select(Repair.note)).all() == [WORDS[12 + 7]]
    lan.seq += 1  # a number that never arrives
    lan.record("child", name=next(words), noted_on="2026-06-01")
    lan.sync()
    lost = {"person": lan.person.id, "device": lan.device, "numbers": f"{lan.seq - 1}-{lan.seq - 1}"}
    posts(minh, "/desk/arrivals/close", **lost, note=next(words))
    hoa = Phone(app, cast.hoa)
    hoa.registers_key()
    hoa.learns_to_seal()
    hoa.record("child", name=next(words), note=next(words))
    hoa.sync()
    assert hoa.outbox == []
    # Two phones answer the same question: what both wrote is kept beside the record.
    lan = Phone(app, cast.lan, device="c0000000-0000-4000-8000-000000000008")
    for phone in (lan, hoa):
        phone.sync()
    for phone in (lan, hoa):
        phone.edit(ids["child"], note=next(words))
    for phone in (lan, hoa):
        phone.sync()


def spellings(word: str) -> set[bytes]:
    """How a word may stand in a file: composed, decomposed and without marks; as text, escaped, hex or base64."""
    forms = {unicodedata.normalize(form, word) for form in ("NFC", "NFD")} | {vietnamese.fold(word)}
    forms |= {form.upper() for form in forms}
    found: set[bytes] = set()
    for form in forms:
        raw = form.encode()
        found |= {raw, json.dumps(form)[1:-1].encode(), quote(form).encode(), repr(raw)[2:-1].encode()}
        for coded in (raw, form.encode("utf-16-le"), form.encode("utf-16-be")):
            found |= {coded, coded.hex().encode(), coded.hex().upper().encode()}
            for shift in range(3):  # in base64 a word looks like one of three things
                whole = base64.b64encode(b"\0" * shift + coded)
                part = whole[4 : len(whole) - 4]
                found |= {part, part.replace(b"+", b"-").replace(b"/", b"_")}
    return found


SPELLINGS = {word: spellings(word) for word in WORDS}


def found_in(raw: bytes) -> list[str]:
    """The planted words that these bytes hold, in whatever spelling."""
    return [word for word in WORDS if any(form in raw for form in SPELLINGS[word])]
