"""What a backup says of itself, what two of them have in common, which may go. Pure."""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

FORMAT = "to-am-backup/1"
SEALED, PLAIN, SIDE = ".tar.gz.age", ".tar.gz", ".json"
_NAME = re.compile(r"to-am-\d{8}T\d{6}Z-[0-9a-f]{6}\.tar\.gz(\.age)?")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_PLACE = re.compile(r"[0-9a-f]{16}|plain|")
PICTURES = ("picture", "thumb", "original")  # the columns of table photo that are addresses
# What a restore changes on purpose: the epoch, and sign-ins that must not come alive again.
CHANGED_BY_RESTORE = frozenset({"setting", "sign_in", "sign_in_code"})
# Tables that only ever grow.
_GROWING = ("change", "link", "person", "record", "record_version", "unit")


class Trouble(Exception):
    """Why a backup, a check or a restore stopped. The words are `backup.trouble.<code>` in the catalogs.

    values: what the words name; never a person or an answer.
    """

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code)
        self.code = code
        self.values = values


@dataclass(frozen=True)
class TablePrint:
    """How many rows a table has, and the hash over all of them in the order of their keys."""

    rows: int
    sha256: str


@dataclass(frozen=True)
class PhotoPrint:
    """The kept pictures that a backup's rows name: how many, and the hash over their sorted addresses."""

    count: int
    sha256: str
    lacking: int  # of them, that the server itself no longer had whole
    place: str  # the folder beside the backup where they lie; empty when they are at S3, which the backup leaves there


@dataclass(frozen=True)
class Manifest:
    """What a backup holds. No personal data: it also lies unencrypted beside the file."""

    made: str  # UTC, 2026-06-03T02:12:44Z
    app: str
    database: str  # sqlite | postgresql
    engine: str  # version of its library or server
    schema: str | None  # Alembic's revision
    epoch: str | None
    tables: Mapping[str, TablePrint]
    chains: Mapping[str, str]  # ward -> "<no>:<hash>", the head of its log chain
    broken: Sequence[str]  # wards whose chain did not hold when the backup was made
    data_name: str
    data_bytes: int
    data_sha256: str
    photos: PhotoPrint | None = None  # None in a backup of before photos
    data_keys: Sequence[str] = ()  # names of the keys that its sealed columns are under; the keys are not in it

    def text(self) -> str:
        """As it stands in the backup."""
        given = {name: value for name, value in asdict(self).items() if name not in ("photos", "data_keys") or value}
        return json.dumps({"format": FORMAT, **given}, ensure_ascii=False, sort_keys=True, indent=1)


@dataclass(frozen=True)
class Side:
    """What lies beside a backup: enough to notice damage without the key."""

    file: str
    bytes: int
    sha256: str
    keys: Sequence[str]  # the public keys that it was sealed to
    manifest: Manifest

    def text(self) -> str:
        """As it stands beside the backup."""
        manifest = json.loads(self.manifest.text())
        given = {"format": FORMAT, "file": self.file, "bytes": self.bytes, "sha256": self.sha256}
        facts = {**given, "keys": list(self.keys), "manifest": manifest}
        check = hashlib.sha256(json.dumps(facts).encode()).hexdigest()
        return json.dumps({**facts, "check": check}, ensure_ascii=False, indent=1)


def read_manifest(text: str) -> Manifest:
    """The manifest. Raises Trouble: `format` for one of another version, `damaged` for anything else."""
    return _manifest(_object(text))


def read_side(text: str) -> Side:
    """What lies beside a backup. Raises Trouble as `read_manifest` does."""
    given = _object(text)
    try:
        side = Side(
            _text(given["file"]),
            _count(given["bytes"]),
            _hash(given["sha256"]),
            tuple(_text(key) for key in given["keys"]),
            _manifest(given["manifest"]),
        )
    except (KeyError, TypeError, ValueError):
        raise Trouble("damaged", part="side") from None
    if side.text() != text:
        raise Trouble("damaged", part="side")
    return side


def life(restored: datetime) -> int:
    """The number of the life that a restore begins: hours since 2026. Counting restores would not do, because
    the same backup may be restored twice, and neither time knows of the other."""
    return max(1, (restored - datetime(2026, 1, 1, tzinfo=UTC)) // timedelta(hours=1))


def file_name(moment: datetime, mark: str, *, sealed: bool) -> str:
    """A backup's name: when it was made, in UTC, and six characters that keep two apart."""
    return f"to-am-{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}-{mark}{SEALED if sealed else PLAIN}"


def photo_place(keys: Sequence[str]) -> str:
    """The folder of pictures sealed to these keys. Other holders get another one, and all pictures anew."""
    return hashlib.sha256(" ".join(sorted(keys)).encode()).hexdigest()[:16] if keys else "plain"


def is_backup_name(name: str) -> bool:
    """Whether a file in the folder is one of our backups; nothing else there is ever touched."""
    return _NAME.fullmatch(name) is not None


def differences(told: Mapping[str, TablePrint], found: Mapping[str, TablePrint]) -> list[str]:
    """The tables that are not what the manifest says, those among them that are missing or too many."""
    return sorted(name for name in told.keys() | found.keys() if told.get(name) != found.get(name))


def shrunk(told: Mapping[str, TablePrint], counts: Mapping[str, int]) -> dict[str, tuple[int, int]]:
    """Growing tables that have fewer rows than a backup of before: (then, now)."""
    before = {name: told[name].rows for name in _GROWING if name in told}
    return {name: (then, counts.get(name, 0)) for name, then in before.items() if counts.get(name, 0) < then}


def to_prune(good: Iterable[Side], just_made: str, keep: int) -> list[str]:
    """The names of good backups that are beyond the newest `keep`. What was just made always stays."""
    older = sorted((side for side in good if side.file != just_made), key=lambda s: (s.manifest.made, s.file))
    beyond = len(older) - (keep - 1)
    return [side.file for side in older[:beyond]] if beyond > 0 else []


def _manifest(given: Mapping[str, Any]) -> Manifest:
    if given.get("format") != FORMAT:
        raise Trouble("format", found=str(given.get("format"))[:40], known=FORMAT)
    try:
        return Manifest(
            made=_moment(given["made"]),
            app=_text(given["app"]),
            database=_text(given["database"]),
            engine=_text(given["engine"]),
            schema=None if given["schema"] is None else _text(given["schema"]),
            epoch=None if given["epoch"] is None else _text(given["epoch"]),
            tables={
                _text(name): TablePrint(_count(one["rows"]), _hash(one["sha256"]))
                for name, one in given["tables"].items()
            },
            chains={_text(ward): _text(head) for ward, head in given["chains"].items()},
            broken=[_text(ward) for ward in given["broken"]],
            data_name=_text(given["data_name"]),
            data_bytes=_count(given["data_bytes"]),
            data_sha256=_hash(given["data_sha256"]),
            photos=_photos(given["photos"]) if "photos" in given else None,
            data_keys=tuple(_text(name) for name in given.get("data_keys", ())),
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        raise Trouble("damaged", part="manifest") from None


def _photos(given: Mapping[str, Any]) -> PhotoPrint:
    place = _text(given["place"])
    if not _PLACE.fullmatch(place):
        raise ValueError
    return PhotoPrint(_count(given["count"]), _hash(given["sha256"]), _count(given["lacking"]), place)


def _object(text: str) -> dict[str, Any]:
    try:
        given = json.loads(text)
    except (ValueError, RecursionError):
        raise Trouble("damaged", part="manifest") from None
    if not isinstance(given, dict):
        raise Trouble("damaged", part="manifest")
    return given


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _count(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise TypeError
    return value


def _hash(value: object) -> str:
    if not isinstance(value, str) or not _SHA256.fullmatch(value):
        raise ValueError
    return value


def _moment(value: object) -> str:
    datetime.strptime(_text(value), "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    return _text(value)
