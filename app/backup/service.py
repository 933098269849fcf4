"""The verbs: make a backup, check one, restore one. The commands of `app/cli` say how they went."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from app.backup import copies, files, photos, sealing
from app.backup.rules import Manifest, PhotoPrint, Side, Trouble
from app.backup.workplace import workplace
from app.clock import now
from app.photos.store import Store

_ROOM = 1_000_000


@dataclass(frozen=True)
class Made:
    """A backup that was written, read again from disk, and found whole."""

    path: Path
    side: Side
    pruned: list[str]
    damaged: list[str]  # older ones in the folder that are not what lies beside them
    new_photos: int


@dataclass(frozen=True)
class Checked:
    """A backup in which nothing wrong was found. `manifest` is None when neither a key nor a side told it."""

    manifest: Manifest | None
    opened: bool
    compared: bool  # with what lies beside it


def make(
    url: str,
    folder: Path,
    keys: Sequence[str],
    app_version: str,
    keep: int | None = None,
    *,
    store: Store | None = None,
) -> Made:
    """Back the database up into the folder, sealed to these public keys; plain when there are none. Raises Trouble.

    `keep`: older good backups beyond so many are removed, but only if this one succeeded. `store`: where the pictures
    are that go along; none of them go when they are kept elsewhere than on this machine.
    """
    if keep is not None and keep < 1:
        raise Trouble("keep_one")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with workplace(copies.private_place(url), _ROOM) as work:
        files.clear_parts(folder)
        moment = now()
        manifest, data = copies.copy_of(url, work, app_version)
        manifest, new_photos = _with_photos(manifest, data, folder, keys, store)
        path, side = files.write(folder, manifest, data, keys, moment)
    pruned, damaged = files.prune(folder, side.file, keep) if keep and not manifest.broken else ([], [])
    return Made(path, side, pruned, damaged, new_photos)


def _with_photos(
    manifest: Manifest, data: Path, folder: Path, keys: Sequence[str], store: Store | None
) -> tuple[Manifest, int]:
    """The pictures of the copy's rows, before the backup that names them."""
    addresses = copies.pictures_in(manifest, data)
    if store is None:
        return replace(manifest, photos=PhotoPrint(len(addresses), photos.digest(addresses), 0, "")), 0
    written = photos.write(folder, addresses, store, keys)
    return replace(manifest, photos=written.print), written.fresh


def check(path: Path, keyfile: Path | None, beside: Path) -> Checked:
    """Look a backup over: from outside, and with the key (or when it is plain) to its last row. Raises Trouble."""
    side = files.check_outside(path)
    sealed = files.is_sealed(path)
    if sealed and keyfile is None:
        if side is None:
            raise Trouble("key_needed")
        if (told := _beside(side.manifest)) is not None:
            _refuse(photos.look_outside(path, told), told)
        return Checked(side.manifest, opened=False, compared=True)
    identities = sealing.read_identities(keyfile) if keyfile else []
    with workplace(beside, path.stat().st_size * 2) as work:
        manifest, data = open_into(path, identities, work, side)
        if (told := _beside(manifest)) is not None:
            _refuse(photos.look(path, told, copies.pictures_in(manifest, data), identities), told)
    return Checked(manifest, opened=True, compared=side is not None)


def _beside(manifest: Manifest) -> PhotoPrint | None:
    """What is said of pictures that lie beside a backup; None when none do."""
    return manifest.photos if manifest.photos and manifest.photos.place else None


def _refuse(found: photos.Found, told: PhotoPrint) -> None:
    """Raises Trouble when a picture is not there, unless it was not there when the backup was made."""
    if found.damaged:
        raise Trouble("photos_damaged", count=len(found.damaged))
    if len(found.missing) > told.lacking:
        raise Trouble("photos_missing", count=len(found.missing) - told.lacking, folder=f"photos/{told.place}")


def open_into(
    path: Path, identities: Sequence[sealing.Identity], work: Path, side: Side | None
) -> tuple[Manifest, Path]:
    """A backup's data in `work`, compared with its manifest in every row. Raises Trouble."""
    unpacker = files.open_backup(path, identities, work)
    manifest, data = unpacker.manifest, unpacker.path
    assert manifest is not None and data is not None
    if side is not None and side.manifest != manifest:
        raise Trouble("other_side", file=side.file)
    copies.look_into(manifest, data)
    told = manifest.photos
    if told is not None and photos.digest(copies.pictures_in(manifest, data)) != told.sha256:
        raise Trouble("not_as_told", tables="photo")
    return manifest, data


def age_hours(manifest: Manifest, at: datetime) -> float:
    """How old a backup is."""
    made = datetime.fromisoformat(manifest.made)
    return (at - made).total_seconds() / 3600
