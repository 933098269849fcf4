"""The ward's keys: made with the first backup, told only when a backup has them, back after a restore."""

import json
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask

from app.backup import restore
from app.cli.backup import backup
from app.cli.seals import seals
from app.db import db
from app.doctor import rules as doctor
from app.seals import queries, service
from app.seals.models import SealKey
from tests.cast import Cast
from tests.conftest import MORNING, Clock, make_app, put_away
from tests.keys import Sealer
from tests.phone import Phone
from tests.seals.conftest import tell_keys


def run(app: Flask, *words: str) -> Result:
    done = app.test_cli_runner().invoke(seals if words[0] in ("list", "rotate", "drafts") else backup, list(words))
    assert done.exit_code == 0, done.output
    return done


def test_the_first_backup_makes_the_keys_and_phones_are_told_afterwards(
    app: Flask, cast: Cast, tmp_path: Path, clock: Clock
) -> None:
    phone = Phone(app, cast.lan)
    assert phone.client.get("/api/v1/me").get_json()["seal"] is None
    assert "until a backup has the keys" in run(app, "list").output
    run(app, "make", str(tmp_path / "backups"), "--plain")
    told = phone.learns_to_seal()
    clock.move(minutes=1)
    run(app, "rotate")
    assert phone.learns_to_seal() == told
    assert "waits for a backup" in run(app, "list").output
    clock.move(minutes=1)
    run(app, "make", str(tmp_path / "backups"), "--plain")
    later = phone.learns_to_seal()
    assert later["identity"] == told["identity"] and later["list"] != told["list"]


def test_a_stolen_key_is_replaced_at_once(app: Flask, cast: Cast, clock: Clock) -> None:
    tell_keys(app)
    phone = Phone(app, cast.lan)
    before = phone.learns_to_seal()
    clock.move(minutes=1)
    assert "Make a backup NOW" in run(app, "rotate", "--now").output
    assert phone.learns_to_seal()["list"] != before["list"]


@pytest.mark.sqlite
def test_a_restored_server_opens_what_phones_sealed(app: Flask, cast: Cast, tmp_path: Path) -> None:
    """To the key of the backup, which had not been told to anybody when the backup was made."""
    run(app, "make", str(tmp_path / "backups"), "--plain")
    lan = Phone(app, cast.lan)
    lan.registers_key()
    lan.learns_to_seal()
    lan.record("hazard_site", type="DN1", name="Ao đình", address="ngõ 12", risk="high")
    lan.sync()
    (file,) = (tmp_path / "backups").glob("*.tar.gz")
    again = make_app(tmp_path / "restored.db")
    with again.app_context():
        restore.restore(file, None, end_sign_ins=False)
        assert queries.current("seal") is not None and service.unsafe() == []
    lan.app, lan.client = again, Cast(again).client(cast.lan)
    lan.registers_key()
    lan.sync()  # hears of the new life, offers again, byte for byte
    assert lan.outbox == [] and lan.heard[-1]["receipts"][0]["outcome"] == "applied"
    put_away(again)


def test_the_doctor_says_how_the_keys_are() -> None:
    old = MORNING.replace(year=2020)
    found = [
        doctor.seals(keys, MORNING).word for keys in ([], [(old, None)], [(old, old)], [(old, old), (MORNING, None)])
    ]
    assert found == ["none", "none", "old", "waits"]
    assert doctor.seals([(MORNING, MORNING)], MORNING).word == "ok"


def test_drafts_of_a_sealed_packet_are_printed_at_the_server(app: Flask, cast: Cast, tmp_path: Path) -> None:
    tell_keys(app)
    sealer = Sealer(Phone(app, cast.lan).learns_to_seal())
    draft = {"id": "d", "record": None, "kind": "child", "seq": 0, "at": "", "draft": {"name": "Đức"}}
    file = tmp_path / "packet.json"
    entry = sealer.entry(json.dumps(draft, ensure_ascii=False), "p", "d", None)
    file.write_text(json.dumps({"drafts": [entry, {"values": {"name": "Bé"}}]}), encoding="utf-8")
    said = run(app, "drafts", str(file)).output
    assert "Đức" in said and "Bé" in said and "2 unfinished" in said


def test_private_halves_are_never_shown(app: Flask, cast: Cast) -> None:
    tell_keys(app)
    with app.app_context():
        halves = [key.private for key in db.session.scalars(db.select(SealKey))]
    said = run(app, "list").output + json.dumps(Phone(app, cast.lan).learns_to_seal())
    assert len(halves) == 2 and not any(half in said for half in halves)
