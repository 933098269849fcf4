"""Taking photos in. Bytes are on disk before their number is committed, and that before it is told."""

import hashlib
import logging
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import IO
from uuid import uuid4

from flask import current_app

from app.clock import begins, now, today
from app.config import Settings
from app.db import db, take_turns, transact
from app.identity.rights import Actor, may_write
from app.kinds import registry
from app.photos import queries, receiving, rules, sealed
from app.photos import store as stores
from app.photos.models import Photo
from app.photos.rules import Wish
from app.problems import Problem
from app.records import queries as records
from app.seals import service as seals
from app.seals.rules import CannotOpen

_PIECE = 128 * 1024
_MOST_TRIES = 3
_log = logging.getLogger(__name__)


def begin(actor: Actor, asked: Wish, *, by_hand: bool = False) -> Photo:
    """The upload of this photo: the one that exists, or a new one.

    Raises photo_reused when its id stands for another file, not_found when the record is out of reach,
    enough_today above the day's bytes, which do not count for what an officer brings `by_hand`; bad_upload when its
    seal does not open here.
    """
    with transact():
        take_turns(f"photos of {actor.id}", f"photo {asked.photo}")
        if asked.sealed is not None:
            asked = named(actor, asked, asked.sealed)
        stands = queries.find(asked.photo)
        if stands is not None:
            facts = {"sha256": stands.sha256, "size": stands.size, "record_id": stands.record_id}
            if stands.person_id != actor.id or not rules.is_same(facts, asked):
                raise Problem("photo_reused")
            return stands
        _check_record(actor, asked.record)
        if not by_hand:
            _check_day(actor, asked.size)
        _drop_stale(actor.id)
        moment = now()
        photo = Photo(
            id=asked.photo,
            record_id=asked.record,
            person_id=actor.id,
            ward_id=actor.ward_id,
            sha256=asked.sha256,
            size=asked.size,
            sealed=asked.sealed,
            media_type=asked.media_type,
            is_original=asked.is_original,
            state="receiving",
            reason="",
            offset=0,
            tries=0,
            created_at=moment,
            touched_at=moment,
        )
        db.session.add(photo)
    return photo


def take(actor: Actor, photo_id: str, offset: int, body: IO[bytes], checksum: tuple[str, bytes] | None) -> Photo:
    """Add what comes to the upload, piece by piece, and finish it with the last byte.

    What arrived before the line broke is kept. Raises not_found, wrong_offset, wrong_checksum, too_large,
    not_the_file.
    """
    photo = queries.mine(actor, photo_id)
    for piece in _checked(body, photo.size, checksum) if checksum else _pieces(body):
        photo = _append(actor, photo_id, offset, piece)
        offset += len(piece)
    if photo.offset != offset:
        raise Problem("wrong_offset")
    return _finish(actor, photo) if photo.state == "receiving" and photo.offset == photo.size else photo


def hand_in(actor: Actor, asked: Wish, body: IO[bytes]) -> Photo:
    """Take in a photo that somebody carried here, from where it stopped; `body` begins with its first byte.

    Raises what `begin` and `take` raise.
    """
    photo = begin(actor, asked, by_hand=True)
    if photo.state != "receiving":
        return photo
    for _ in _pieces(body, photo.offset):
        pass
    return take(actor, photo.id, photo.offset, body, None)


def sweep() -> int:
    """Forget half photos that nobody goes on with; how many. Their phones still have them and begin anew."""
    with transact():
        return _drop_stale(None)


def incoming(photo_id: str) -> Path:
    """Where the bytes of an upload gather."""
    return incoming_folder() / f"{hashlib.sha256(photo_id.encode()).hexdigest()}.part"


def incoming_folder() -> Path:
    """Where files lie that are on their way in."""
    settings: Settings = current_app.config["TO_AM"]
    folder = settings.photo_folder / "incoming"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _append(actor: Actor, photo_id: str, offset: int, piece: bytes) -> Photo:
    with transact():
        photo = queries.mine(actor, photo_id, lock=True)
        if photo.state != "receiving" or photo.offset != offset:
            raise Problem("wrong_offset")
        if offset + len(piece) > photo.size:
            raise Problem("too_large", limit=photo.size)
        path = incoming(photo_id)
        with path.open("r+b" if path.exists() else "w+b") as file:
            if file.seek(0, os.SEEK_END) < offset:
                # The disk lost what the database counts: the phone is told to begin again.
                photo.offset = 0
            else:
                file.seek(offset)
                file.truncate()
                file.write(piece)
                file.flush()
                os.fsync(file.fileno())
                photo.offset = offset + len(piece)
        photo.touched_at = now()
    if photo.offset != offset + len(piece):
        raise Problem("wrong_offset")
    return photo


def _finish(actor: Actor, photo: Photo) -> Photo:
    """Redraw the picture outside of any transaction, keep it, then say so.

    A phone that lost the answer asks again while the first request still draws: whoever is first says how it ends.
    """
    path = incoming(photo.id)
    plain = path if photo.sealed is None else path.with_name(f"{path.name}.{uuid4().hex}.open")
    try:
        if not _is_file(path, plain, photo):
            return _begin_again(actor, photo.id)
        made = receiving.clean(plain, photo.media_type, path.parent)
        kept: dict[str, object] = (
            {"state": "refused", "reason": made} if isinstance(made, str) else _keep(made, photo, plain)
        )
    finally:
        if plain != path:
            plain.unlink(missing_ok=True)
    with transact():
        photo = queries.mine(actor, photo.id, lock=True)
        if photo.state != "receiving":
            return photo
        for name, value in {**kept, "touched_at": now()}.items():
            setattr(photo, name, value)
    path.unlink(missing_ok=True)
    if isinstance(made, str):
        _log.warning("photo %s refused: %s", photo.id, made)
    return photo


def _is_file(path: Path, plain: Path, photo: Photo) -> bool:
    """Whether what came is the file that was announced; of a shut one, `plain` is then what it opens to."""
    try:
        if photo.sealed is None:
            return receiving.sha256_of(path) == photo.sha256
        return sealed.open_file(path, plain, _inside(photo.sealed, photo.id, photo.record_id))
    except FileNotFoundError:
        return False


def named(actor: Actor, asked: Wish, seal: str) -> Wish:
    """The wish with the hash that its seal holds. Raises bad_upload, or not_found for a seal of another person's."""
    inside = _inside(seal, asked.photo, asked.record)
    if inside.person != actor.id:
        raise Problem("not_found")
    return replace(asked, sha256=inside.sha256)


def _inside(seal: str, photo: str, record: str) -> sealed.Inside:
    """What a seal holds. Raises bad_upload when it does not open here: nothing is lost, the phone asks again."""
    try:
        box = sealed.read_box(seal)
        return sealed.open_box(box, photo, record, seals.private_half(box.key))
    except (ValueError, CannotOpen):
        raise Problem("bad_upload", fields=[{"field": "Upload-Metadata", "code": "unreadable"}]) from None


def _keep(made: receiving.Clean, photo: Photo, source: Path) -> dict[str, object]:
    store = stores.current()
    try:
        return {
            "picture": store.put(made.picture),
            "thumb": store.put(made.thumb),
            "original": store.put(source) if photo.is_original else None,
            "width": made.width,
            "height": made.height,
            "state": "kept",
            "kept_at": now(),
        }
    finally:
        made.picture.unlink(missing_ok=True)
        made.thumb.unlink(missing_ok=True)


def _begin_again(actor: Actor, photo_id: str) -> Photo:
    """All bytes are here, but they are not the file: from the start, and after some tries no more."""
    with transact():
        photo = queries.mine(actor, photo_id, lock=True)
        if photo.state != "receiving":
            return photo
        photo.tries += 1
        photo.offset = 0
        if photo.tries >= _MOST_TRIES:
            photo.state, photo.reason = "refused", "not_the_file"
    incoming(photo_id).unlink(missing_ok=True)
    if photo.state == "refused":
        return photo
    raise Problem("not_the_file")


def _pieces(body: IO[bytes], most: int | None = None) -> Iterator[bytes]:
    while piece := body.read(_PIECE if most is None else min(_PIECE, most)):
        yield piece
        most = None if most is None else most - len(piece)


def _checked(body: IO[bytes], most: int, checksum: tuple[str, bytes]) -> Iterator[bytes]:
    """The whole body, only if it is what its checksum says."""
    whole = body.read(most + 1)
    if not rules.matches(checksum, whole):
        raise Problem("wrong_checksum")
    yield whole


def _check_record(actor: Actor, record_id: str) -> None:
    """A record that is here must be one that the person may write; one that is not here yet may still come."""
    stands = records.standing([record_id]).get(record_id)
    if stands is None:
        return
    kind = registry.get(stands["kind"])
    sharing = kind.sharing if kind else "author"
    here = stands["ward_id"] == actor.ward_id
    if not (here and may_write(actor, sharing, stands["author_id"], stands["group_id"])):
        raise Problem("not_found")


def _check_day(actor: Actor, size: int) -> None:
    settings: Settings = current_app.config["TO_AM"]
    midnight = begins(today())
    if queries.bytes_since(actor.id, midnight) + size > settings.photo_bytes_a_day:
        raise Problem("enough_today", retry_after=3600)


def _drop_stale(person_id: str | None) -> int:
    dropped = queries.stale(person_id, now() - rules.LIFE)
    for photo in dropped:
        incoming(photo.id).unlink(missing_ok=True)
        db.session.delete(photo)
    return len(dropped)
