"""The tests of backups are worth something: each fault planted here is seen by the test beside it."""

import inspect
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from app.backup import archive, copies, files, queries, restore, rules, sealing, service, sqlite, workplace
from tests.backup import test_backup as backup
from tests.backup import test_damage as damage

_manifest, _write_checked = rules._manifest, files._write_checked


def _copies_the_file_only(source: Path, target: Path, step: object = None) -> None:
    shutil.copyfile(source, target)


def _copies_without_a_snapshot(source: Path, target: Path, step: object = None) -> None:
    """Table by table, each as it is when its turn comes."""
    with sqlite3.connect(source) as live, sqlite3.connect(target) as new:
        live.backup(new)
        for table in ("link", "record_version", "change"):
            new.execute("PRAGMA foreign_keys=OFF")
            rows = live.execute(f"SELECT * FROM {table}").fetchall()
            new.execute(f"DELETE FROM {table}")
            new.executemany(f"INSERT INTO {table} VALUES ({','.join('?' * len(rows[0]))})", rows)
    live.close()
    new.close()


def _never_reads_again(part: Path, manifest: Any, data: Path, keys: Any) -> tuple[int, str]:
    with files.new_private(part) as file:
        counted = files._Counted(file)
        for piece in archive.pack(manifest, data):
            counted.write(piece)
        files._flush(file)
    return counted.size, counted.sha256.hexdigest()


def _writes_under_its_name(folder: Path, manifest: Any, data: Path, keys: Any, moment: Any) -> Any:
    path = folder / rules.file_name(moment, "abcdef", sealed=bool(keys))
    size, sha256 = _write_checked(path, manifest, data, keys)
    side = rules.Side(path.name, size, sha256, tuple(keys), manifest)
    files.write_private(files.beside(path), side.text())
    return path, side


@contextmanager
def _leaves_its_folder(beside: Path, room: int) -> Iterator[Path]:
    folder = beside / ".to-am-work"
    folder.mkdir(exist_ok=True, parents=True)
    yield folder


def _finishes_anything(self: archive.Unpacker) -> Any:
    self.close()
    if self.manifest is None:
        raise rules.Trouble("damaged")
    return self.manifest


def _puts_it_in_place_by_copying(copied: Path, target: Path) -> None:
    target.parent.mkdir(exist_ok=True)
    shutil.copyfile(copied, target)


def _counts_whatever_is_there(path: Path) -> Any:
    return files.side_of(path)


PLANTED: dict[str, tuple[Any, str, Any, Callable[..., Any]]] = {
    "the log of SQLite stays behind": (
        sqlite,
        "copy",
        _copies_the_file_only,
        backup.test_what_was_backed_up_comes_back,
    ),
    "the copy is not one moment": (
        sqlite,
        "copy",
        _copies_without_a_snapshot,
        damage.test_a_backup_while_four_threads_write,
    ),
    "the file is not compared": (
        files,
        "measure",
        lambda path: (files.side_of(path).bytes, files.side_of(path).sha256),  # type: ignore[union-attr]
        damage.test_any_flipped_bit_is_noticed_without_the_key,
    ),
    "what is written is not read again": (
        files,
        "_write_checked",
        _never_reads_again,
        partial(damage.test_a_disk_that_fills_or_lies_leaves_no_backup, plain=True, lies=True, code="damaged"),
    ),
    "it has its name before it is whole": (
        files,
        "write",
        _writes_under_its_name,
        partial(damage.test_killed_while_backing_up, where=files, what="_flush", after=False),
    ),
    "half a backup is left on a full disk": (
        Path,
        "unlink",
        lambda self, missing_ok=False: None,
        partial(damage.test_a_disk_that_fills_or_lies_leaves_no_backup, plain=False, lies=False, code="not_written"),
    ),
    "the unencrypted copy stays": (
        service,
        "workplace",
        _leaves_its_folder,
        backup.test_nothing_unencrypted_is_left_anywhere,
    ),
    "a killed command's copy stays": (
        workplace.shutil,
        "rmtree",
        lambda *_, **__: None,
        partial(damage.test_killed_while_backing_up, where=copies, what="_facts", after=True),
    ),
    "the end need not come": (
        archive.Unpacker,
        "finish",
        _finishes_anything,
        damage.test_a_backup_that_was_cut_is_noticed,
    ),
    "what lies beside it may be another's": (
        files,
        "side_of",
        lambda path: rules.read_side(files.beside(path).read_text(encoding="utf-8")) if path.exists() else None,
        damage.test_a_swapped_manifest_is_noticed,
    ),
    "the rows inside are not looked at": (
        copies,
        "look_into",
        lambda manifest, data: sqlite.settle(data),
        partial(
            damage.test_rows_that_were_changed_inside_are_noticed,
            statement="UPDATE record SET data = '{}'",
            code="not_as_told",
        ),
    ),
    "rows are counted only": (
        queries,
        "_line",
        lambda row: b"",
        partial(
            damage.test_rows_that_were_changed_inside_are_noticed,
            statement="UPDATE change SET body = x'7b7d' WHERE log_id = 1",
            code="not_as_told",
        ),
    ),
    "references are not looked at": (
        sqlite,
        "_faults",
        lambda found: "",
        partial(
            damage.test_rows_that_were_changed_inside_are_noticed, statement="DELETE FROM person", code="source_damaged"
        ),
    ),
    "any format is read": (
        rules,
        "_manifest",
        lambda given: _manifest({**given, "format": rules.FORMAT}),
        damage.test_an_older_format_is_told_from_damage,
    ),
    "damaged ones count as good": (
        files,
        "check_outside",
        _counts_whatever_is_there,
        backup.test_only_good_ones_count_and_the_newest_stays,
    ),
    "the newest by name stays, not the one just made": (
        rules,
        "to_prune",
        lambda good, just_made, keep: sorted(side.file for side in good)[:-keep],
        backup.test_a_clock_that_ran_ahead_does_not_cost_the_newest,
    ),
    "a place in use is written over": (
        sqlite,
        "put_in_place",
        _puts_it_in_place_by_copying,
        backup.test_a_place_that_is_being_used_is_left_alone,
    ),
    "people who are there do not matter": (
        sqlite,
        "_in_use",
        lambda found: {},
        backup.test_the_last_look_before_writing_sees_people_too,
    ),
    "the old epoch lives on": (
        restore,
        "_afterwards",
        lambda manifest, end: [],
        backup.test_a_restored_ward_goes_on_under_another_epoch,
    ),
    "codes live on": (
        restore,
        "_afterwards",
        lambda manifest, end: ["DELETE FROM setting", "UPDATE sign_in SET revoked_at = created_at WHERE door = 'desk'"],
        backup.test_desks_and_codes_end_phones_stay,
    ),
    "a newer schema is taken": (
        restore,
        "_refuse_foreign",
        lambda manifest, url: None,
        backup.test_a_backup_of_a_newer_version_is_refused,
    ),
    "anybody on the machine can read it": (
        files,
        "new_private",
        lambda path: path.open("xb"),
        backup.test_only_its_owner_can_read_it,
    ),
    "it is not encrypted": (
        sealing,
        "seal",
        lambda pieces, into, keys, also: [into.write(piece) for piece in pieces],
        backup.test_two_custodians_each_can_open_it_and_nobody_else,
    ),
}


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_fault_is_seen(name: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    where, what, fault, test = PLANTED[name]
    wanted = [one.name for one in inspect.signature(test).parameters.values() if one.default is one.empty]
    given = {one: request.getfixturevalue(one) for one in wanted}
    monkeypatch.setattr(where, what, fault)
    with pytest.raises(BaseException):  # noqa: B017  what a fault breaks differs; that it is noticed is the point
        test(**given)
