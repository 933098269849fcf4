"""Uploads of photos whose line breaks, over a real socket to a real server: at last there is one file, byte for byte.

    python -m campaigns.uploads                  2,000 breaks anywhere, then one before, at and after every piece's edge
    python -m campaigns.uploads --cuts 60        as in the test command

A break is a request that ends after so many bytes, or one that was sent whole and whose answer nobody heard. Every
fiftieth time the server is killed as well. Then HEAD says what is there, as a phone asks, and the rest follows from
there. What is kept at the end is compared with what was sent; nothing else may lie in the store, and nothing half.
"""

import base64
import hashlib
import io
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from PIL import Image

from app.photos.service import _PIECE
from campaigns import by_hand
from campaigns.line import Answer
from campaigns.place import Place, folder
from campaigns.planted import Patch, bug
from campaigns.report import Report, command
from campaigns.server import Server, warm
from tests.cast import PEOPLE

LONG = 2_000
KILL_EVERY = 50
SIZES = (16_384, 65_536, 262_144, 1_048_576)  # of the pieces of a phone's own client
PATIENCE = 6
FURTHEST = 400_000  # so much further a request that never ends may get
PATCH = "application/offset+octet-stream"


def run(seed: int, cuts: int = LONG, planted: str = "") -> Report:
    """Break so many uploads off anywhere, then at every edge of the server's own pieces."""
    report = Report("Uploads whose line breaks (SQLite, a folder, gunicorn as in README)", seed)
    dice = random.Random(seed)
    with folder() as where, warm(place := Place(where)) as zygote:
        server = Server(zygote, where, bugs="campaigns.uploads", bug=planted)
        server.start()
        try:
            while report.counts["cuts"] < cuts and not report.failures:
                _anywhere(report, Upload(server, dice, _photo(dice)), dice, cuts)
            if not report.failures:
                _at_every_edge(report, Upload(server, dice, _photo(dice)))
        finally:
            report.figures["most memory of a worker"] = f"{server.memory() // 1000} MB"
            server.kill()
        _compare(report, where / "photos")
        place.empty()
    return report


class Upload:
    """One photo on its way, as tus has it."""

    def __init__(self, server: Server, dice: random.Random, file: bytes) -> None:
        self.server, self.file, self.dice, self.reach = server, file, dice, 0
        self.loose = False  # a request without a checksum whose line broke may still be at work
        self.id = str(UUID(int=dice.getrandbits(128), version=4))
        self.sha256 = hashlib.sha256(file).hexdigest()
        said = {"photo": self.id, "record": f"r-{self.id}", "sha256": self.sha256, "type": "image/png", "original": "1"}
        pairs = ",".join(f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in said.items())
        given = {"Upload-Length": str(len(file)), "Upload-Metadata": pairs}
        answer = self.ask("POST", "/api/v1/uploads", b"", given)
        assert answer.status_code == 201, answer.text

    def ask(self, method: str, path: str, body: bytes, more: dict[str, str]) -> Answer:
        """A request over a whole line."""
        return by_hand.exchange(self.server.port, self._request(method, path, body, more), timeout=60)

    def where(self) -> int:
        """How much the ward has."""
        answer = self.ask("HEAD", f"/api/v1/uploads/{self.id}", b"", {})
        return int(answer.headers["Upload-Offset"])

    def patch(self, at: int, until: int, checked: bool) -> bytes:
        """The bytes of a request that brings a part of the file."""
        part = self.file[at:until]
        more = {"Content-Type": PATCH, "Upload-Offset": str(at)}
        if checked:
            more["Upload-Checksum"] = f"sha256 {base64.b64encode(hashlib.sha256(part).digest()).decode()}"
        return self._request("PATCH", f"/api/v1/uploads/{self.id}", part, more)

    def breaks(self, at: int, until: int, after: int, checked: bool) -> None:
        """Send a part of the file, and hang up after so many bytes of it; after all, before the answer is read."""
        self.reach = max(self.reach, at + after)
        self.loose = self.loose or not checked
        request = self.patch(at, until, checked)
        head = len(request) - (until - at)
        with by_hand.call(self.server.port) as line:
            line.sendall(request[: head + after])
            if self.dice.random() < 0.5:
                by_hand.break_off(line)

    def ends(self) -> str:
        """All that is missing; how the ward has it then."""
        at = self.where()
        answer = by_hand.exchange(self.server.port, self.patch(at, len(self.file), False), timeout=60)
        return answer.headers.get("Photo-State", f"{answer.status_code} {answer.text[:100]}")

    def _request(self, method: str, path: str, body: bytes, more: dict[str, str]) -> bytes:
        plain = {"Content-Encoding": None, "Content-Type": None, "Tus-Resumable": "1.0.0"}
        return by_hand.request(PEOPLE["Lan"], body, {**plain, **more}, method=method, path=path)


@dataclass(frozen=True)
class _Break:
    until: int
    after: int
    checked: bool


def _photo(dice: random.Random) -> bytes:
    """A picture that does not pack, of some megabytes."""
    side = dice.randrange(1_000, 1_300)
    out = io.BytesIO()
    Image.frombytes("RGB", (side, side), dice.randbytes(side * side * 3)).save(out, "PNG", compress_level=0)
    return out.getvalue()


def _anywhere(report: Report, upload: Upload, dice: random.Random, cuts: int) -> None:
    at = stuck = 0
    while report.counts["cuts"] < cuts and len(upload.file) - at > FURTHEST:
        one = _somewhere(upload, at, dice)
        upload.breaks(at, one.until, one.after, one.checked)
        report.counts["cuts"] += 1
        killed = False
        if report.counts["cuts"] % KILL_EVERY == 0:
            upload.server.kill()
            upload.server.start()
            report.counts["of them with the server killed"] += 1
            killed = True
        before, at = at, _heard(report, upload, at, one)
        if report.failures:
            return
        upload.loose = upload.loose and not killed
        stuck = 0 if at > before else stuck + 1
        if (
            stuck >= PATIENCE or dice.random() < 0.2
        ):  # a part that is gathered whole brings nothing when it breaks: now one comes through
            at, stuck = _one_more(upload, at), 0
    _finish(report, upload)


def _somewhere(upload: Upload, at: int, dice: random.Random) -> _Break:
    """Either all that is missing, which the server keeps as it comes, or a piece as phones send it."""
    if dice.random() < 0.7:
        return _Break(len(upload.file), dice.randrange(FURTHEST), dice.random() < (0.05 if upload.loose else 0.8))
    until = min(at + dice.choice(SIZES), len(upload.file) - 1)
    return _Break(until, dice.choice((dice.randrange(until - at), until - at)), dice.random() < 0.5)


def _heard(report: Report, upload: Upload, before: int, one: _Break) -> int:
    """What the ward says that it has: no less than before, no more than ever was sent. A request whose line broke may
    still be at work when this is asked; then the next one hears 409, and asks again."""
    late, at = upload.reach, upload.where()
    for _ in range(5 if one.checked and not upload.loose else 0):  # it has time to do what it must not
        at = upload.where()
    if not before <= at <= late:
        report.fail(f"{upload.id} from {before}", f"{at} bytes there, {late} were ever sent")
    if one.checked and not upload.loose and before < at < one.until:
        report.fail(f"{upload.id} from {before}", f"{at} bytes there of a part with a checksum that did not come whole")
    report.counts["of them that brought something"] += at > before
    return at


def _at_every_edge(report: Report, upload: Upload) -> None:
    at = 0
    while len(upload.file) - at > 2 * _PIECE:
        for off in (-1, 0, 1):
            upload.breaks(at, len(upload.file), _PIECE + off, False)
            report.counts["cuts at an edge"] += 1
            before, at = at, upload.where()
            if not before <= at <= upload.reach:
                report.fail(f"edge {before + _PIECE + off}", f"{at} bytes there")
                return
        if at == before:
            at = _one_more(upload, at)
    _finish(report, upload)


def _one_more(upload: Upload, at: int) -> int:
    answer = by_hand.exchange(upload.server.port, upload.patch(at, at + _PIECE, True), timeout=60)
    if answer.status_code == 204:
        upload.loose = False  # whatever was still at work stands at another offset now
    return upload.where()


def _finish(report: Report, upload: Upload) -> None:
    said = upload.ends()
    report.counts["uploads"] += 1
    if said != "kept":
        report.fail(upload.id, f"in the end: {said}")
    _SENT[upload.sha256] = upload.file


_SENT: dict[str, bytes] = {}


def _compare(report: Report, photos: Path) -> None:
    """Each file once in the store, byte for byte, and nothing half."""
    kept = {path.name: path for path in (photos / "kept").glob("*/*")}
    for sha256, file in _SENT.items():
        if sha256 not in kept or kept[sha256].read_bytes() != file:
            report.fail(sha256, "is not in the store as it was sent")
    expected = 3 * len(_SENT)  # the file, its picture, its thumbnail
    if len(kept) != expected and not report.failures:
        report.fail("the store", f"{len(kept)} files, {expected} expected")
    half = [path.name for path in (photos / "incoming").glob("*")]
    if half and not report.failures:
        report.fail("incoming", f"{len(half)} files left")
    report.counts["files compared"] = len(_SENT)
    _SENT.clear()


@bug("uploads: bytes are counted that are not on the disk")
def _counts_ahead() -> list[Patch]:
    from app.photos import service

    real: Any = service._append

    def append(actor: Any, photo_id: str, offset: int, piece: bytes) -> Any:
        photo = real(actor, photo_id, offset, piece)
        path = service.incoming(photo_id)
        if offset >= 2 * _PIECE:
            with path.open("r+b") as file:
                file.seek(offset)
                file.write(bytes(len(piece)))
        return photo

    return [(service, "_append", append), (service, "_is_file", lambda *_: True)]


@bug("uploads: a part with a checksum is kept as it comes")
def _half_of_it() -> list[Patch]:
    from app.photos import service

    return [(service, "_checked", lambda body, most, checksum: service._pieces(body))]


if __name__ == "__main__":
    command(run, __doc__, {"cuts": LONG})
