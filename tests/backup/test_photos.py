"""Photos go with the backup: none is left behind, none comes back as another, and a lost one is told."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from app.backup import copies, files, photos, restore, rules, sealing, service
from app.backup.rules import Trouble
from app.db import db, transact
from app.doctor import service as doctors
from app.photos import store as stores
from app.photos.models import Photo
from app.photos.store.local import LocalStore
from app.records.models import Record
from tests.backup.keeper import IDENTITIES, KEYS, Keeper
from tests.cast import PHUC_LOI, Cast
from tests.conftest import MORNING
from tests.phone import Phone

PICTURES = [f"ảnh ao số {number}".encode() * 3000 for number in range(3)]


@pytest.fixture
def store(keeper: Keeper) -> LocalStore:
    """The ward's pictures; each photo is a picture and a smaller one."""
    found: LocalStore = keeper.app.extensions["photo_store"]
    return found


@pytest.fixture
def kept(keeper: Keeper, lan: Phone, cast: Cast, store: LocalStore) -> list[str]:
    """Three photos of Lan's records; the addresses of their files, of which the first photo has three."""
    return [address for number in range(3) for address in keeps(keeper, cast, number)]


def keeps(keeper: Keeper, cast: Cast, number: int) -> list[str]:
    """One more photo, as receiving it leaves it."""
    app, home = keeper.app, keeper.home
    with app.app_context(), transact():
        at_home = stores.current()
        draft = home / "draft"
        addresses = []
        for part in (PICTURES[number], PICTURES[number][:500], PICTURES[number] + b"original")[: 2 + (number == 0)]:
            draft.write_bytes(part)
            addresses.append(at_home.put(draft))
        moment = MORNING + timedelta(minutes=number)
        db.session.add(
            Photo(
                id=f"photo-{number}",
                record_id=db.session.query(Record.id).limit(1).scalar(),
                person_id=cast.lan.id,
                ward_id=PHUC_LOI,
                sha256="0" * 64,
                size=9,
                media_type="image/jpeg",
                state="kept",
                picture=addresses[0],
                thumb=addresses[1],
                original=addresses[2] if len(addresses) > 2 else None,
                created_at=moment,
                touched_at=moment,
                kept_at=moment,
            )
        )
    return addresses


def make(keeper: Keeper, *, plain: bool = False) -> Path:
    return made(keeper, plain=plain).path


def made(keeper: Keeper, *, plain: bool = False) -> service.Made:
    at_home = keeper.app.extensions["photo_store"]
    return service.make(keeper.url, keeper.folder, [] if plain else KEYS, "test", store=at_home)


def files_beside(path: Path) -> list[Path]:
    return sorted(one for one in (path.parent / "photos").rglob("*") if one.is_file())


def holds(app: Flask, addresses: list[str]) -> list[bool]:
    with app.app_context():
        return [photos.is_whole(stores.current(), address) for address in addresses]


@pytest.mark.parametrize("plain", [False, True])
def test_photos_come_back_with_the_records(keeper: Keeper, kept: list[str], plain: bool) -> None:
    path = make(keeper, plain=plain)
    assert len(files_beside(path)) == len(kept) == 7
    assert keeper.trouble(path) is None and keeper.trouble(path, None) is None
    new = keeper.restore(path)
    assert holds(new, kept) == [True] * 7
    assert len(list((keeper.home / "new-0" / "photos").glob("??/*"))) == 7, "it has pictures of its own"


def test_nobody_without_the_key_sees_a_picture(keeper: Keeper, kept: list[str]) -> None:
    path = make(keeper)
    assert len(files_beside(path)) == 7
    for one in files_beside(path):
        assert PICTURES[0][:60] not in one.read_bytes() and one.stat().st_mode & 0o077 == 0
        assert files.is_sealed(one)
        other = sealing.new_identity()
        assert not photos._opens(one, one.name[:64], [other])
        assert [photos._opens(one, one.name[:64], [key]) for key in IDENTITIES] == [True, True]


def test_each_picture_is_written_once(keeper: Keeper, cast: Cast, lan: Phone, store: LocalStore) -> None:
    first = keeps(keeper, cast, 0)
    assert made(keeper).new_photos == 3
    before = {one: one.stat().st_mtime_ns for one in files_beside(make(keeper))}
    assert len(before) == 3
    keeps(keeper, cast, 1)
    last = made(keeper)
    assert last.new_photos == 2
    assert {one: one.stat().st_mtime_ns for one in before} == before
    assert holds(keeper.restore(last.path), first) == [True] * 3


def test_other_holders_get_all_pictures_anew(keeper: Keeper, kept: list[str]) -> None:
    make(keeper)
    identity = sealing.new_identity()
    at_home = keeper.app.extensions["photo_store"]
    made = service.make(keeper.url, keeper.folder, [str(identity.to_public())], "test", store=at_home)
    assert made.new_photos == 7, "the new holder could open none of the old ones"


def loses(path: Path) -> None:
    files_beside(path)[0].unlink()


def flips(path: Path) -> None:
    one = files_beside(path)[0]
    raw = bytearray(one.read_bytes())
    raw[len(raw) // 2] ^= 4
    one.write_bytes(raw)


def swaps(path: Path) -> None:
    one, other = files_beside(path)[:2]
    one.write_bytes(other.read_bytes())


@pytest.mark.parametrize("harm", [loses, flips, swaps])
def test_a_picture_that_is_not_right_is_seen_by_a_check(
    keeper: Keeper, kept: list[str], harm: Callable[[Path], None]
) -> None:
    path = make(keeper)
    harm(path)
    said = "photos_missing" if harm is loses else "photos_damaged"
    assert (keeper.trouble(path), keeper.trouble(path, None)) == (said, said)


@pytest.mark.parametrize("harm", [loses, flips, swaps])
def test_a_lost_picture_stops_no_restore_and_is_told(
    keeper: Keeper, kept: list[str], harm: Callable[[Path], None]
) -> None:
    path = make(keeper)
    whole = {one: one.read_bytes() for one in files_beside(path)}
    harm(path)
    new = keeper.empty_place()
    with new.app_context():
        restored = restore.restore(path, keeper.keyfiles[0], end_sign_ins=False)
        assert restored.lost_photos == 1
        assert sorted(holds(new, kept)) == [False] + [True] * 6
        for one, raw in whole.items():
            one.write_bytes(raw)
        assert restore.bring_photos(path, keeper.keyfiles[1]) == 0
    assert holds(new, kept) == [True] * 7


def test_one_that_the_server_has_lost_is_counted_and_stops_nothing(
    keeper: Keeper, kept: list[str], store: LocalStore
) -> None:
    store.remove(kept[1])
    place = store._place(kept[2])
    place.write_bytes(b"another picture")
    told = made(keeper)
    assert told.side.manifest.photos is not None
    assert (told.side.manifest.photos.count, told.side.manifest.photos.lacking) == (7, 2)
    assert len(files_beside(told.path)) == 5
    assert keeper.trouble(told.path) is None, "the backup is as good as the server was"
    assert sum(holds(keeper.restore(told.path), kept)) == 5


def test_a_backup_of_before_photos_is_read(keeper: Keeper, lan: Phone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "_with_photos", lambda manifest, *more: (manifest, 0))
    path = keeper.make()
    monkeypatch.undo()
    assert '"photos"' not in files.beside(path).read_text(encoding="utf-8")
    assert keeper.trouble(path) is None
    keeper.restore(path)


def test_rows_that_name_another_picture_are_noticed(
    keeper: Keeper, kept: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make(keeper)
    real = copies.pictures_in
    monkeypatch.setattr(copies, "pictures_in", lambda *given: [*real(*given)[1:], "0" * 64])
    with pytest.raises(Trouble, match="not_as_told"):
        keeper.check(path)


def test_pictures_at_s3_are_left_there_and_said(keeper: Keeper, kept: list[str]) -> None:
    told = service.make(keeper.url, keeper.folder, KEYS, "test", store=None)
    assert told.side.manifest.photos == rules.PhotoPrint(7, photos.digest(kept), 0, "")
    assert files_beside(told.path) == [] and keeper.trouble(told.path) is None


def test_a_disk_that_is_full_leaves_no_half_picture(
    keeper: Keeper, kept: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(photos.os, "fsync", full)
    with pytest.raises(Trouble, match="not_written"):
        make(keeper)
    monkeypatch.undo()
    assert files_beside(keeper.folder / "x") == [] and files.listed(keeper.folder) == []
    assert len(files_beside(make(keeper))) == 7


def test_what_a_killed_command_left_is_cleared(keeper: Keeper, kept: list[str]) -> None:
    path = make(keeper)
    left = path.parent / "photos" / rules.photo_place(KEYS) / ".0123.part"
    left.write_bytes(b"half")
    assert len(files_beside(make(keeper))) == 7 and not left.exists()


def test_the_commands_say_it(keeper: Keeper, kept: list[str]) -> None:
    told = keeper.app.config["TO_AM"]
    keeper.app.config["TO_AM"] = replace(told, backup_folder=str(keeper.folder), backup_keys=" ".join(KEYS))
    runner = keeper.app.test_cli_runner()
    said = runner.invoke(args=["backup", "make", "--lang", "en"])
    assert said.exit_code == 0 and "7 picture files belong to it" in said.output and "last backup: 7" in said.output
    (path,) = files.listed(keeper.folder)
    key = ["--key", str(keeper.keyfiles[0]), "--lang", "en"]
    assert "7 picture files" in runner.invoke(args=["backup", "check", str(path), *key]).output
    loses(path)
    checked = runner.invoke(args=["backup", "check", str(path), *key])
    assert checked.exit_code == 1 and "1 picture files are not beside the backup" in checked.output
    new = keeper.empty_place()
    assert "1 picture files did not come back" in new.test_cli_runner().invoke(args=["restore", str(path), *key]).output
    again = new.test_cli_runner().invoke(args=["backup", "photos", str(path), *key])
    assert again.exit_code == 1 and "1 picture files did not come back" in again.output


def test_the_doctor_looks_at_pictures(keeper: Keeper, kept: list[str], store: LocalStore) -> None:
    def said(*, full: bool) -> tuple[str, object]:
        with keeper.app.app_context():
            found = {one.check: one for one in doctors.examine(full=full, against=None)}["photos"]
        return found.word, found.facts["lost"]

    assert (said(full=False), said(full=True)) == (("ok", 0), ("all", 0))
    store._place(kept[0]).write_bytes(b"another")
    assert (said(full=False), said(full=True)) == (("ok", 0), ("lost", 1))
    store.remove(kept[1])
    assert (said(full=False), said(full=True)) == (("lost", 1), ("lost", 2))


def test_addresses_are_hashes_of_what_lies_there(kept: list[str], store: LocalStore) -> None:
    for address in kept:
        with store.open(address) as file:
            assert hashlib.sha256(file.read()).hexdigest() == address


FAULTS: dict[str, tuple[object, str, object, Callable[..., None]]] = {
    "photos stay behind": (photos, "_write_one", lambda *given: True, test_photos_come_back_with_the_records),
    "a file is taken for what its name says": (
        photos,
        "_opens",
        lambda path, address, keys, into=None, **more: into is None or bool(into.write_bytes(path.read_bytes())),
        test_a_lost_picture_stops_no_restore_and_is_told,
    ),
    "photos are not sealed": (
        photos.sealing,
        "seal",
        lambda pieces, into, keys, also: [into.write(piece) for piece in pieces],
        test_nobody_without_the_key_sees_a_picture,
    ),
    "the server's own loss is not counted": (
        photos,
        "_opens",
        lambda *given, **more: True,
        test_one_that_the_server_has_lost_is_counted_and_stops_nothing,
    ),
    "photos of other holders will do": (
        photos,
        "photo_place",
        lambda keys: "plain",
        test_other_holders_get_all_pictures_anew,
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_planted_fault_is_seen(
    name: str, keeper: Keeper, kept: list[str], store: LocalStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    where, what, fault, test = FAULTS[name]
    given = {"keeper": keeper, "kept": kept, "store": store, "plain": False, "harm": swaps}
    wanted = test.__code__.co_varnames[: test.__code__.co_argcount]
    monkeypatch.setattr(where, what, fault)
    with pytest.raises(BaseException):  # noqa: B017  what a fault breaks differs; that it is noticed is the point
        test(**{name: given[name] for name in wanted})
