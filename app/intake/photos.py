"""The photos of a file of unsent work: taken in after its words, one by one, as if the phone had sent them itself."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from io import BufferedReader, RawIOBase
from pathlib import Path
from typing import IO, Any

from app.db import transact
from app.identity.rights import Actor
from app.identity.signatures import UNPROVEN
from app.intake.files import PhotoEntry, UnsentFile
from app.intake.service import weighed
from app.photos import queries, rules
from app.photos.rules import BadUpload, Wish
from app.photos.service import hand_in, named
from app.problems import Problem
from app.records import ledger
from app.seals import service as seals
from app.seals.rules import CannotOpen
from app.sync.envelopes import Sent, read_body

# A request ends before whoever stands between the desk and the server loses patience; the next one goes on.
MOST_SECONDS = 20.0
WAITS = "waits"
_PIECE = 1 << 17
_OF_THE_PHOTO = ("photo_reused", "not_found", "not_the_file", "too_large", "wrong_offset")


@dataclass(frozen=True)
class Carried:
    """A photo of a file: where its bytes begin there, what is said of it, and what hinders it, "" when nothing does."""

    entry: PhotoEntry
    start: int
    wish: Wish | None
    hindered: str


def contents(file: UnsentFile) -> tuple[Actor | None, list[Carried]]:
    """The file's photos, opened and weighed as its changes are, and whose they are."""
    actor, said = weighed(file.person, file.device, tuple(photo.said for photo in file.photos), by_hand=True)
    found, start = [], 0
    for entry, one in zip(file.photos, said, strict=True):
        wish = _wish(one, actor)
        found.append(Carried(entry, start, wish, _hindered(one, wish, actor)))
        start += entry.length
    return actor, found


def states(file: UnsentFile) -> list[str]:
    """What became of each photo so far: kept, refused, waits, or what hinders it."""
    actor, photos = contents(file)
    return [_state(one, actor) for one in photos]


def take(officer: Actor, file: UnsentFile, laid: Path | None) -> list[str]:
    """Take in as many as there is time for, at least one; what became of each, in the file's order.

    `laid`: the file with their bytes. What came is committed photo by photo, so that the next call goes on.
    """
    actor, photos = contents(file)
    until, tried, found = time.monotonic() + MOST_SECONDS, 0, []
    for one in photos:
        state = _state(one, actor)
        if state == WAITS and laid and actor and (not tried or time.monotonic() < until):
            state = _take(actor, one, laid)
            tried += 1
        found.append(state)
    if tried and actor:
        facts = {"by": officer.id, "person": actor.id, "device": file.device, "file": file.sha256, "photos": tried}
        with transact():
            ledger.note(actor.ward_id, "imported", **facts)
    return found


def receipts(file: UnsentFile) -> list[dict[str, str]]:
    """What the ward answers for each photo that it has taken in or refused."""
    _, photos = contents(file)
    found = zip(photos, states(file), strict=True)
    return [
        {"id": one.wish.photo, "sha256": one.wish.sha256, "state": state}
        for one, state in found
        if one.wish and state in ("kept", "refused")
    ]


def _take(actor: Actor, one: Carried, laid: Path) -> str:
    assert one.wish is not None
    with laid.open("rb") as source:
        source.seek(one.start)
        try:
            return hand_in(actor, one.wish, BufferedReader(_Body(_bytes(one, source)), _PIECE)).state
        except Problem as problem:
            if problem.code not in _OF_THE_PHOTO:
                raise
            return problem.code
        except CannotOpen:
            return "cannot_open"


def _bytes(one: Carried, source: IO[bytes]) -> Iterator[bytes]:
    seal = one.entry.said.seal
    # One that lay shut on its phone is carried as it lay there.
    if seal is not None and one.wish is not None and one.wish.sealed is None:
        yield from seals.photo_pieces(seal.key, one.wish.photo, source, one.entry.length)
        return
    left = one.entry.length
    while piece := source.read(min(_PIECE, left)):
        left -= len(piece)
        yield piece


class _Body(RawIOBase):
    """Pieces as something to read from."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._rest:
            self._rest = next(self._pieces, b"")
        length = min(len(buffer), len(self._rest))
        buffer[:length], self._rest = self._rest[:length], self._rest[length:]
        return length


def _wish(one: Sent, actor: Actor | None) -> Wish | None:
    """The upload that an entry describes; None when it describes none."""
    said = read_body(one.body)
    about = said.get("photo") if isinstance(said, dict) else None
    if not isinstance(about, dict):
        return None
    sealed, size = about.get("sealed"), about.get("size")
    texts = [said.get("id"), said.get("record"), about.get("sha256", "") if sealed else about.get("sha256")]
    texts += [about.get("type"), sealed or ""]
    if not all(isinstance(text, str) for text in texts) or not isinstance(size, int) or isinstance(size, bool):
        return None
    photo, record, sha256, media_type, seal = map(str, texts)
    try:
        is_original = about.get("original") is True
        wish = rules.checked(Wish(photo, record, sha256, media_type, size, is_original, seal or None))
        return named(actor, wish, seal) if seal and actor else wish
    except (BadUpload, Problem):
        return None


def _hindered(one: Sent, wish: Wish | None, actor: Actor | None) -> str:
    """What nothing proves to come from the phone is taken once the ward has a record that names it.

    Of a phone that was revoked, or of somebody who left, it is taken too: nobody sees it before its record is let in.
    """
    if one.barred == "cannot_open":
        return one.barred
    if wish is None:
        return "damaged"
    is_proven = one.barred not in UNPROVEN or (actor is not None and queries.is_named(actor.ward_id, wish))
    return "" if is_proven else str(one.barred)


def _state(one: Carried, actor: Actor | None) -> str:
    if one.hindered or one.wish is None or actor is None:
        return one.hindered or "damaged"
    stands = queries.find(one.wish.photo)
    is_ours = stands is not None and stands.person_id == actor.id and stands.sha256 == one.wish.sha256
    return stands.state if stands and is_ours and stands.state != "receiving" else WAITS
