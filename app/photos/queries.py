"""Photos by whom they concern. A phone reaches its own uploads; pictures are seen by who may see their record."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import chain
from typing import Any, NamedTuple

from sqlalchemy import func, select

from app.db import db
from app.identity.rights import Actor
from app.kinds import registry
from app.kinds.pictures import Photos, photos_in
from app.photos.models import Photo
from app.photos.rules import Wish
from app.problems import Problem
from app.records.models import Record, RecordVersion
from app.records.queries import in_scope
from app.sync.scope import hidden_from


class Shown(NamedTuple):
    """A photo that somebody may see, with the answer that describes it and the kind of its record.

    `original`: the address of the untouched file, where there is one and the field allows it.
    """

    file: Photo
    record: Record
    about: dict[str, Any]
    kind: str
    original: str | None


def mine(actor: Actor, photo_id: str, *, lock: bool = False) -> Photo:
    """The person's own upload. Raises not_found."""
    wanted = select(Photo).where(Photo.id == photo_id, Photo.person_id == actor.id)
    if lock:
        wanted = wanted.with_for_update()
    found = db.session.scalars(wanted.execution_options(populate_existing=True)).one_or_none()
    if found is None:
        raise Problem("not_found")
    return found


def find(photo_id: str) -> Photo | None:
    """The upload under this id, whoever's."""
    return db.session.get(Photo, photo_id, populate_existing=True)


def stale(person_id: str | None, before: datetime) -> list[Photo]:
    """Half photos, of one person or of all, that nobody has gone on with since then."""
    wanted = select(Photo).where(Photo.state == "receiving", Photo.touched_at < before)
    wanted = wanted.where(Photo.person_id == person_id) if person_id else wanted
    return list(db.session.scalars(wanted.with_for_update(skip_locked=True)))  # one that is being written is not stale


def is_named(ward_id: int, asked: Wish) -> bool:
    """Whether the record of a photo lies in this ward and names it with this very hash."""
    record = db.session.get(Record, asked.record)
    if record is None or record.ward_id != ward_id:
        return False
    named = answers_of(record.kind, record.data)
    return any((about["id"], about["sha256"]) == (asked.photo, asked.sha256) for _, about in named)


def bytes_since(person_id: str, since: datetime) -> int:
    """Bytes of photos that the person began to send since then."""
    wanted = select(func.coalesce(func.sum(Photo.size), 0))
    return int(db.session.scalar(wanted.where(Photo.person_id == person_id, Photo.created_at >= since)) or 0)


def visible(actor: Actor, photo_id: str) -> Shown:
    """A kept photo that this person may see. Raises not_found.

    The record must be in scope, name the photo with this very hash, and not hide the answer from the person. At the
    desk an earlier version or a conflict may name it as well.
    """
    wanted = select(Photo, Record).join(Record, Record.id == Photo.record_id)
    row = db.session.execute(wanted.where(Photo.id == photo_id, Photo.state == "kept", in_scope(actor))).one_or_none()
    if row is None:
        raise Problem("not_found")
    photo, record = row
    named = answers_of(record.kind, record.data)
    for name, about in chain(named, _once_named(record)) if actor.door == "desk" else named:
        if about["id"] == photo.id and about["sha256"] == photo.sha256 and _may_see(actor, record, name):
            return Shown(photo, record, about, record.kind, photo.original if _is_evidence(record.kind, name) else None)
    raise Problem("not_found")


def answers_of(kind_code: str, data: Mapping[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """The photos that answers name, in their order: (field, answer). Answers that are none are passed over."""
    kind = registry.get(kind_code)
    names = [name for name, field in kind.fields.items() if isinstance(field, Photos)] if kind else []
    return [(name, about) for name in names for about in photos_in(data.get(name))]


def _once_named(record: Record) -> Iterator[tuple[str, dict[str, Any]]]:
    """What stands beside the record's answers, or stood in their place."""
    for clash in record.conflicts:
        for side in ("kept", "other"):
            yield from answers_of(record.kind, {str(clash.get("field")): clash.get(side)})
    versions = select(RecordVersion.data).where(RecordVersion.record_id == record.id)
    for data in db.session.scalars(versions.order_by(RecordVersion.version.desc())):
        yield from answers_of(record.kind, data)


def files_of(record: Record) -> dict[str, Photo]:
    """The files of a record that are here, whole or in part: photo id -> its row."""
    found = db.session.scalars(select(Photo).where(Photo.record_id == record.id))
    return {photo.id: photo for photo in found}


def here(record: Record) -> list[tuple[str, str]]:
    """The photos of a record whose files have wholly arrived, in the record's order: (id, caption)."""
    named = [about for _, about in answers_of(record.kind, record.data)]
    files = files_of(record) if named else {}
    arrived = {id for id, file in files.items() if file.state == "kept"}
    return [(about["id"], str(about.get("caption") or "")) for about in named if about["id"] in arrived]


def _is_evidence(kind_code: str, name: str) -> bool:
    """Whether the untouched file may be had: a phone may say so of any photo, the form decides."""
    kind = registry.get(kind_code)
    field = kind.fields.get(name) if kind else None
    return isinstance(field, Photos) and field.original


def _may_see(actor: Actor, record: Record, field: str) -> bool:
    kind = registry.get(record.kind)
    if kind is None or actor.door == "desk":
        return True
    # A finished report stays shut on phones, its pictures too, whoever has its writer's sign-in.
    return not kind.write_only and not hidden_from(actor.id, record.author_id, kind, field)
