"""R-23. A backup that was damaged, cut short, swapped, or never finished is noticed, and leaves nothing half behind.

Positions are sampled with a seed that is printed when a test fails.
"""

import errno
import hashlib
import json
import os
import random
import resource
import shutil
import signal
import sqlite3
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from flask import Flask

from app.backup import archive, copies, files, rules, sealing, sqlite
from app.backup.rules import Manifest, Trouble
from app.db import db
from tests.backup.keeper import IDENTITIES, KEYS, Keeper, damaged, flipped, holds
from tests.cast import Cast
from tests.phone import Phone
from tests.sync.ward import Ward

SEED = 20260603
POINTS = 120


def positions(size: int) -> list[int]:
    """The first and last bytes, the edges of age's chunks, and some between."""
    chosen = random.Random(SEED)
    edges = {edge + shift for edge in range(0, size, 65552) for shift in (-1, 0, 1, 200)}
    some = {*range(12), *range(size - 12, size), *edges, *(chosen.randrange(size) for _ in range(POINTS))}
    return sorted(at for at in some if 0 <= at < size)


def unnoticed(keeper: Keeper, path: Path, changes: dict[str, Callable[[bytes], bytes]], **how: Any) -> list[str]:
    """The changes after which a check finds nothing wrong."""
    passed = []
    for name, change in changes.items():
        other = damaged(path, keeper.home / "harmed", change)
        if how.get("alone"):
            files.beside(other).unlink()
        if keeper.trouble(other, how.get("key", 0)) is None:
            passed.append(name)
    return passed


def flips(raw: bytes) -> dict[str, Callable[[bytes], bytes]]:
    """One bit turned over, at many places."""
    chosen = random.Random(SEED)
    bits = {at: chosen.randrange(8) for at in positions(len(raw))}
    return {f"byte {at}": lambda raw, at=at, bit=bit: flipped(raw, at, bit) for at, bit in bits.items()}


def cuts(raw: bytes) -> dict[str, Callable[[bytes], bytes]]:
    """Cut off at many places, or with something added."""
    shorter = {f"cut at {at}": lambda raw, at=at: raw[:at] for at in positions(len(raw))}
    return shorter | {"one byte more": lambda raw: raw + b"\0", "twice": lambda raw: raw + raw}


def test_any_flipped_bit_is_noticed_without_the_key(keeper: Keeper, lan: Phone) -> None:
    path = keeper.make()
    assert unnoticed(keeper, path, flips(path.read_bytes()), key=None) == []


def test_any_flipped_bit_is_noticed_with_the_key_alone(keeper: Keeper, lan: Phone) -> None:
    path = keeper.make()
    assert unnoticed(keeper, path, flips(path.read_bytes()), alone=True) == []


def test_any_flipped_bit_of_a_plain_one_is_noticed(keeper: Keeper, lan: Phone) -> None:
    path = keeper.make(plain=True)
    changes, raw = flips(path.read_bytes()), path.read_bytes()
    assert unnoticed(keeper, path, changes, key=None) == []
    inside = zlib.decompress(raw, 31)
    for name in unnoticed(keeper, path, changes, alone=True, key=None):
        assert zlib.decompress(changes[name](raw), 31) == inside, "gzip has a few bits that mean nothing"


def test_a_backup_that_was_cut_is_noticed(keeper: Keeper, lan: Phone) -> None:
    for path in (keeper.make(), keeper.make(plain=True)):
        changes = cuts(path.read_bytes())
        assert unnoticed(keeper, path, changes, key=None) == []
        assert unnoticed(keeper, path, changes, alone=True) == []


def test_what_lies_beside_it_is_noticed_too(keeper: Keeper, lan: Phone) -> None:
    path = keeper.make()
    side, other = files.beside(path), keeper.home / "other"
    raw = side.read_bytes()
    for change in [*flips(raw).values(), *cuts(raw).values()]:
        copied = damaged(path, other, lambda raw: raw)
        files.beside(copied).write_bytes(change(raw))
        assert keeper.trouble(copied, None) is not None


def test_a_swapped_manifest_is_noticed(keeper: Keeper, lan: Phone) -> None:
    path = keeper.make()
    lan.record("child", name="Bùi Thị Ngọc Ân")
    lan.sync()
    later = keeper.make()
    shutil.copy(files.beside(later), files.beside(path))
    assert keeper.trouble(path, None) == "other_side"
    renamed = later.rename(later.with_name(path.name))
    assert keeper.trouble(renamed, None) == "other_side"
    told = rules.read_side(files.beside(path).read_text(encoding="utf-8"))
    size, sha256 = copies.measure(renamed)
    forged = replace(told, file=renamed.name, bytes=size, sha256=sha256, manifest=replace(told.manifest, made=LONG_AGO))
    files.beside(renamed).write_text(forged.text(), encoding="utf-8")
    assert keeper.trouble(renamed) == "other_side", "with the key, it is compared with the one inside"


LONG_AGO = "2020-06-03T02:12:44Z"


def pack_by_hand(keeper: Keeper, path: Path, change: Callable[[Manifest, Path], Manifest]) -> Path:
    """A well-made archive, sealed to the right keys, of something that is not what it says."""
    work = keeper.home / "by-hand"
    work.mkdir()
    unpacker = files.open_backup(path, IDENTITIES, work)
    assert unpacker.manifest is not None and unpacker.path is not None
    manifest = change(unpacker.manifest, unpacker.path)
    made = keeper.home / rules.file_name(files.datetime.fromisoformat(LONG_AGO), "abcdef", sealed=True)
    with made.open("wb") as file:
        sealing.seal(archive.pack(manifest, unpacker.path), file, KEYS, IDENTITIES[0])
    return made


def measured(manifest: Manifest, data: Path) -> Manifest:
    """The manifest with the size and hash that the data has now."""
    size, sha256 = copies.measure(data)
    return replace(manifest, data_bytes=size, data_sha256=sha256)


@pytest.mark.sqlite
@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("DELETE FROM record_version WHERE version = 1", "not_as_told"),
        ("UPDATE record SET data = '{}'", "not_as_told"),
        ("UPDATE change SET body = x'7b7d' WHERE log_id = 1", "not_as_told"),
        ("UPDATE person SET closed_at = NULL, name = 'Ai đó' WHERE phone LIKE '%07'", "not_as_told"),
        ("UPDATE link SET facts = '{}' WHERE no = 2", "not_as_told"),
        ("DROP TABLE leaving", "not_as_told"),
        ("DELETE FROM person", "source_damaged"),
    ],
)
def test_rows_that_were_changed_inside_are_noticed(keeper: Keeper, lan: Phone, statement: str, code: str) -> None:
    def change(manifest: Manifest, data: Path) -> Manifest:
        with sqlite3.connect(data, isolation_level=None) as held:
            held.execute(statement)
        held.close()
        return measured(manifest, data)

    assert keeper.trouble(pack_by_hand(keeper, keeper.make(), change)) == code


@pytest.mark.sqlite
def test_damage_in_a_page_of_the_database_is_noticed(keeper: Keeper, lan: Phone) -> None:
    def change(manifest: Manifest, data: Path) -> Manifest:
        raw = bytearray(data.read_bytes())
        raw[4096 * 9 : 4096 * 10] = random.Random(SEED).randbytes(4096)
        data.write_bytes(raw)
        return measured(manifest, data)

    assert keeper.trouble(pack_by_hand(keeper, keeper.make(), change)) in ("source_damaged", "not_as_told")


def test_an_older_format_is_told_from_damage(keeper: Keeper, lan: Phone, monkeypatch: pytest.MonkeyPatch) -> None:
    path = keeper.make()
    with monkeypatch.context() as earlier:
        earlier.setattr(rules, "FORMAT", "to-am-backup/0")
        old = keeper.make()
    assert keeper.trouble(path) is None
    assert keeper.trouble(old) == "format"
    files.beside(old).unlink()
    assert keeper.trouble(old) == "format"


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", '{"format": "to-am-backup/1"}', "[" * 9999, "\ufeff{}"])
def test_a_manifest_of_nonsense_is_damage(text: str) -> None:
    for read in (rules.read_manifest, rules.read_side):
        with pytest.raises(Trouble, match=r"damaged|format"):
            read(text)


@pytest.mark.parametrize("member", ["rows", "sha256", "made", "data_bytes", "chains"])
@pytest.mark.parametrize("value", [None, -1, True, "x", [], {"a": 1}])
def test_members_of_the_wrong_kind_are_damage(member: str, value: object) -> None:
    manifest = rules.Manifest(LONG_AGO, "", "sqlite", "", None, None, {}, {"2": "1:a"}, [], "", 0, "0" * 64)
    given = json.loads(manifest.text())
    given["tables"] = {"record": {"rows": 1, "sha256": "0" * 64}}
    (given["tables"]["record"] if member in ("rows", "sha256") else given)[member] = value
    with pytest.raises(Trouble, match="damaged"):
        rules.read_manifest(json.dumps(given))


@pytest.mark.parametrize("nothing", [b"", b"age-encryption.org/v1\n", b"SQLite format 3\0" + b"\0" * 4096, b"\x1f\x8b"])
def test_what_is_no_backup_is_not_taken_for_one(keeper: Keeper, nothing: bytes) -> None:
    path = keeper.home / "to-am-20260603T021244Z-abcdef.tar.gz"
    path.write_bytes(nothing)
    assert keeper.trouble(path) == "damaged"
    assert keeper.trouble(keeper.home / "nowhere") == "no_file"


@pytest.mark.parametrize("text", ["", "age1nonsense", "AGE-SECRET-KEY-1" + "Q" * 58, "# AGE-SECRET-KEY-1" + "Q" * 58])
def test_a_key_file_that_is_none(keeper: Keeper, text: str) -> None:
    keeper.keyfiles[0].write_text(text)
    assert keeper.trouble(keeper.make()) == "bad_key_file"
    keeper.keyfiles[0].unlink()
    assert keeper.trouble(files.listed(keeper.folder)[0]) == "no_key_file"


def test_a_key_typed_off_paper_in_small_letters_and_two_lines(keeper: Keeper) -> None:
    secret = str(IDENTITIES[0]).lower()
    keeper.keyfiles[0].write_text(f"  {secret[:40]}\n  {secret[40:]}\n")
    assert keeper.trouble(keeper.make()) is None


# Writing: disks that fail, and a process that is killed.


class Failing:
    """A file on a disk that goes wrong after so many bytes."""

    def __init__(self, file: Any, after: int, lies: bool) -> None:
        self.file, self.left, self.lies = file, after, lies

    def write(self, piece: bytes) -> int:
        if self.left < len(piece):
            if not self.lies:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            piece, self.left = flipped(piece, self.left), 1 << 40
        self.left -= len(piece)
        written: int = self.file.write(piece)
        return written

    def __getattr__(self, name: str) -> Any:
        return getattr(self.file, name)

    def __enter__(self) -> "Failing":
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()


@pytest.mark.parametrize("plain", [False, True])
@pytest.mark.parametrize(("lies", "code"), [(False, "not_written"), (True, "damaged")])
def test_a_disk_that_fills_or_lies_leaves_no_backup(
    keeper: Keeper, lan: Phone, monkeypatch: pytest.MonkeyPatch, plain: bool, lies: bool, code: str
) -> None:
    real = files.new_private
    size = keeper.make(plain=plain).stat().st_size
    before = sorted(keeper.folder.iterdir())
    for after in (0, 10, 300, size // 2, size - 200):
        monkeypatch.setattr(files, "new_private", lambda path, after=after: Failing(real(path), after, lies))
        with pytest.raises(Trouble, match=code):
            keeper.make(plain=plain)
        assert sorted(keeper.folder.iterdir()) == before
    monkeypatch.setattr(files, "new_private", real)
    assert keeper.trouble(keeper.make(plain=plain)) is None


def in_a_child(work: Callable[[], object]) -> int:
    """Run it in a process of its own; how that ended (minus the signal)."""
    child = os.fork()
    if child == 0:
        try:
            work()
            os._exit(0)
        except Trouble:
            os._exit(7)
        except BaseException:
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@pytest.mark.sqlite
@pytest.mark.parametrize("most", [1, 4096, 100_000, 200_000])
def test_a_full_disk_while_the_database_is_copied(keeper: Keeper, lan: Phone, most: int) -> None:
    """No file may grow beyond `most` bytes: what a full disk does to SQLite as well as to us."""
    put_away_quietly(keeper.app)

    def work() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
        keeper.make()

    big = Path(keeper.url.removeprefix("sqlite:///")).stat().st_size
    assert most < big
    assert in_a_child(work) == 7
    assert list(keeper.folder.glob("*")) == []
    assert not (keeper.home / ".to-am-work").exists()
    assert keeper.trouble(keeper.make()) is None


def put_away_quietly(app: Flask) -> None:
    """No open connection may be shared with a child."""
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


POINTS_OF_DEATH = [
    (sqlite, "copy"),
    (sqlite, "settle"),
    (copies, "_facts"),
    (files, "_flush"),
    (files, "measure"),
    (files, "open_backup"),
    (files, "sync_folder"),
]


@pytest.mark.sqlite
@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize(("where", "what"), POINTS_OF_DEATH)
def test_killed_while_backing_up(keeper: Keeper, lan: Phone, where: Any, what: str, after: bool) -> None:
    put_away_quietly(keeper.app)
    real = getattr(where, what)

    def dies(*args: Any, **more: Any) -> Any:
        if after:
            real(*args, **more)
        os.kill(os.getpid(), signal.SIGKILL)

    def work() -> None:
        setattr(where, what, dies)
        keeper.make()

    assert in_a_child(work) == -signal.SIGKILL
    for path in files.listed(keeper.folder):
        assert keeper.trouble(path) is None, "what has its name is whole"
    path = keeper.make()
    assert keeper.trouble(path) is None
    assert list(keeper.folder.glob(".*")) == []
    assert not (keeper.home / ".to-am-work").exists()


@pytest.mark.sqlite
@pytest.mark.parametrize("moment", ["before", "within", "after"])
def test_killed_while_restoring_leaves_nothing_or_everything(keeper: Keeper, lan: Phone, moment: str) -> None:
    for number in range(40):
        lan.record("hazard_site", type="DN1", name=f"Ao số {number}", description="nước sâu " * 200, risk="low")
    lan.sync()
    path, new = keeper.make(), keeper.empty_place()
    target = Path(str(new.config["SQLALCHEMY_DATABASE_URI"]).removeprefix("sqlite:///"))
    put_away_quietly(keeper.app)
    real = sqlite.put_in_place

    def dies(data: Path, into: Path) -> None:
        if moment == "after":
            real(data, into)
        elif moment == "within":
            half_done(data, into)
        os.kill(os.getpid(), signal.SIGKILL)

    def work() -> None:
        sqlite.put_in_place = dies
        keeper.restore(path, new)

    assert in_a_child(work) == -signal.SIGKILL
    if moment == "after":
        assert len(Ward(new).records()) == 43
        with new.app_context():
            assert db.session.execute(db.text("SELECT count(*) FROM setting WHERE name = 'epoch'")).scalar() == 0
        return
    if target.exists():
        with sqlite3.connect(target) as held:
            assert held.execute("SELECT count(*) FROM sqlite_schema").fetchone() == (0,)
        held.close()
    keeper.restore(path, new)
    assert {name for name, sha256 in holds(keeper.app).items() if holds(new)[name] != sha256} <= {
        *rules.CHANGED_BY_RESTORE,
        "ward",
        "link",
    }


def half_done(data: Path, into: Path) -> None:
    """Copy a few pages into the target, as a restore does, and flush them there."""
    into.touch()
    source, target = sqlite._open(data, "rw"), sqlite._open(into, "rw")
    target.execute("PRAGMA cache_size=1")

    def stop(*_: int) -> None:
        if into.stat().st_size > 8192:
            os.kill(os.getpid(), signal.SIGKILL)

    source.backup(target, pages=10, progress=stop)


# A source that is being written meanwhile.


def write_meanwhile(app: Flask, during: Callable[[], None]) -> list[Phone]:
    """Four threads push, each from a phone of its own, while `during` runs; the phones."""
    stop, phones = Event(), [Phone(app, Cast(app).lan, device=f"d{number}") for number in range(4)]

    def push(phone: Phone) -> None:
        while not stop.is_set():
            record = phone.record("hazard_site", type="DN1", name="Ao sau nhà văn hóa", risk="high")
            phone.sync()
            phone.edit(record, risk="low", name="Ao ông Tư")
            phone.sync()

    threads = [Thread(target=push, args=(phone,)) for phone in phones]
    for thread in threads:
        thread.start()
    try:
        during()
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    return phones


def test_a_backup_while_four_threads_write(keeper: Keeper, lan: Phone) -> None:
    seen: list[tuple[int, Path]] = []

    def during() -> None:
        for _ in range(4):
            before = len(Ward(keeper.app).log())
            seen.append((before, keeper.make()))

    phones = write_meanwhile(keeper.app, during)
    assert all(phone.receipts for phone in phones), "nobody was locked out"
    for before, path in seen:
        checked = keeper.check(path)
        assert checked.manifest is not None
        rows = {name: table.rows for name, table in checked.manifest.tables.items()}
        assert rows["change"] >= before, "everything that had its receipt is in it"
        assert rows["change"] == rows["record_version"] == rows["link"], "and it is one moment"
    restored = keeper.restore(seen[-1][1])
    assert len(Ward(restored).log()) >= seen[-1][0]


def test_hashes_do_not_depend_on_how_a_file_is_read(keeper: Keeper) -> None:
    path = keeper.make(plain=True)
    whole = zlib.decompress(path.read_bytes(), 31)
    for size in (1, 7, 511, 512, 513, 70_000):
        unpacker = archive.Unpacker()
        raw = path.read_bytes()
        for at in range(0, len(raw), size):
            unpacker.write(raw[at : at + size])
        manifest = unpacker.finish()
        assert hashlib.sha256(
            whole[-(-manifest.data_bytes % 512) - 1024 - manifest.data_bytes :][: manifest.data_bytes]
        )
