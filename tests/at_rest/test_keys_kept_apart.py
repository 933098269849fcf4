"""Without the key file: what the doctor says, what a restore refuses, and that all works again with it."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from flask_migrate import stamp
from sqlalchemy.exc import StatementError

import serving
from app.at_rest import keys, service
from app.at_rest.keys import Keyring, NoKey
from app.backup import restore
from app.backup import service as backup
from app.backup.rules import Trouble
from app.db import db
from app.doctor import rules
from app.doctor import service as doctor
from app.doctor.rules import LOOK, OK, TODO
from app.remarks.models import DeskNote
from tests.at_rest.planted import HERE
from tests.cast import Cast
from tests.conftest import make_app, put_away
from tests.phone import Phone
from tests.sync.ward import Ward


@pytest.fixture
def child(app: Flask, cast: Cast) -> str:
    """A child's record with a note of the desk."""
    with app.app_context():
        stamp()  # a real database knows its revision
    lan = Phone(app, cast.lan)
    record = lan.record("child", name="Nguyễn Văn Đức", noted_on="2026-06-01")
    lan.sync()
    sent = {"way": "note", "text": "Gọi mẹ bé Đức"}
    assert cast.client("Minh").post(f"/desk/records/{record}/remarks", data=sent, headers=HERE).status_code == 303
    return record


def without_keys(app: Flask, monkeypatch: pytest.MonkeyPatch, file: Path) -> None:
    """The key file is gone, and the server was started again."""
    app.config["TO_AM"] = replace(app.config["TO_AM"], key_file=str(file))
    monkeypatch.setitem(app.extensions, "keyring", Keyring({}))


def test_a_server_without_its_keys_says_so_and_writes_nothing_in_the_clear(
    app: Flask, cast: Cast, child: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with monkeypatch.context() as patch:
        without_keys(app, patch, tmp_path / "nowhere")
        with app.app_context():
            found = {one.check: one for one in doctor.examine(full=True, against=None)}
        assert (found["keyfile"].state, found["keyfile"].word) == (TODO, "lost")
        assert (found["chain"].word, "sealed" in found) == ("shut", False)
        lan = Phone(app, cast.lan)
        lan.record("child", name="Bé An", noted_on="2026-06-01")
        with pytest.raises((NoKey, StatementError)):
            lan.sync()
        assert len(lan.outbox) == 1, "the phone keeps it"
        with pytest.raises(RuntimeError, match="TO_AM_KEY_FILE"):
            serving.post_worker_init(SimpleNamespace(app=SimpleNamespace(wsgi=lambda: app)))
    lan.sync()
    assert lan.outbox == [] and "Gọi mẹ bé Đức" in cast.client("Minh").get(f"/desk/records/{child}").text


def test_a_worker_that_was_not_started_again_finds_a_new_generation(
    app: Flask, cast: Cast, child: str, tmp_path: Path
) -> None:
    """The command has put one into the file and sealed rows under it; this worker still has the old ring."""
    with app.app_context():
        before, file = app.extensions["keyring"], tmp_path / "keys"
        file.write_text(app.config["TO_AM"].keys.read_text())
        app.config["TO_AM"] = replace(app.config["TO_AM"], key_file=str(file))
        name = keys.add(file)
        list(service.reseal())
        assert set(service.left().values()) == {0}
        app.extensions["keyring"], app.extensions["keyring_seen"] = before, None
    assert "Gọi mẹ bé Đức" in cast.client("Minh").get(f"/desk/records/{child}").text
    assert app.extensions["keyring"].current == name
    file.write_text("")  # an editor is at it
    file.unlink()
    assert "Gọi mẹ bé Đức" in cast.client("Minh").get(f"/desk/records/{child}").text


def test_a_restore_without_its_keys_changes_nothing_and_names_them(
    app: Flask, child: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    made = backup.make(str(app.config["SQLALCHEMY_DATABASE_URI"]), tmp_path / "backups", [], "test")
    assert list(made.side.manifest.data_keys) == [app.extensions["keyring"].current]
    new = make_app(tmp_path / "new.db")
    with new.app_context():
        with monkeypatch.context() as patch:
            without_keys(new, patch, tmp_path / "nowhere")
            with pytest.raises(Trouble) as refused:
                restore.restore(made.path, None, end_sign_ins=False)
        assert (refused.value.code, refused.value.values["names"]) == ("no_data_key", made.side.manifest.data_keys[0])
        new.config["TO_AM"] = app.config["TO_AM"]
        restore.restore(made.path, None, end_sign_ins=False)
        assert db.session.scalars(db.select(DeskNote.text)).all() == ["Gọi mẹ bé Đức"]
    record: Any = Ward(new).record(child)
    assert record.data["name"] == "Nguyễn Văn Đức"
    put_away(new)


@pytest.mark.parametrize(
    ("names", "used", "readable", "beside", "says"),
    [
        (["a"], {"a": 5}, False, False, (OK, "ok")),
        (["b", "a"], {"a": 5}, False, False, (OK, "ok")),
        ([], {}, False, False, (TODO, "missing")),
        ([], {"a": 5}, False, False, (TODO, "lost")),
        (["b"], {"a": 5, "b": 1}, True, False, (TODO, "lost")),
        (["a"], {"a": 5}, True, True, (TODO, "readable")),
        (["a"], {"a": 5}, False, True, (LOOK, "beside")),
    ],
)
def test_what_the_doctor_says_of_the_key_file(
    names: list[str], used: dict[str, int], readable: bool, beside: bool, says: tuple[str, str]
) -> None:
    found = rules.keyfile(names, used, readable=readable, beside=beside)
    assert (found.state, found.word) == says
