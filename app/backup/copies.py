"""A checked copy of a database at one moment, and the look into such a copy."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.engine import Connection, make_url

from app.at_rest.queries import generations
from app.backup import archive, postgres, queries, rules, sqlite
from app.backup.rules import Manifest, TablePrint, Trouble
from app.backup.workplace import need_room
from app.clock import now
from app.config import ROOT

_MARGIN = 10_000_000


@dataclass(frozen=True)
class _Facts:
    tables: dict[str, TablePrint]
    chains: dict[str, str]
    broken: list[str]
    epoch: str | None
    schema: str | None
    data_keys: tuple[str, ...]


def private_place(url: str) -> Path:
    """Where copies that are not encrypted may lie for a moment: where the database itself lies, or our own folder."""
    given = make_url(url)
    return Path(str(given.database)).absolute().parent if kind_of(url) == "sqlite" else ROOT / "var"


def kind_of(url: str) -> str:
    """sqlite or postgresql."""
    return make_url(url).get_backend_name()


def copy_of(url: str, work: Path, app_version: str, step: Callable[[], object] = lambda: None) -> tuple[Manifest, Path]:
    """The copy, in `work`, and its manifest. Raises Trouble when the database is damaged or away."""
    moment = now().strftime("%Y-%m-%dT%H:%M:%SZ")
    if kind_of(url) == "sqlite":
        data, engine, facts = _of_sqlite(Path(str(make_url(url).database)), work, step)
    else:
        data, engine, facts = _of_postgres(url, work)
    size, sha256 = measure(data)
    manifest = Manifest(
        made=moment,
        app=app_version,
        database=kind_of(url),
        engine=engine,
        schema=facts.schema,
        epoch=facts.epoch,
        tables=facts.tables,
        chains=facts.chains,
        broken=facts.broken,
        data_keys=facts.data_keys,
        data_name=data.name,
        data_bytes=size,
        data_sha256=sha256,
    )
    return manifest, data


def look_into(manifest: Manifest, data: Path) -> None:
    """Open a copy that came out of a backup and compare it with what its manifest says. Raises Trouble."""
    if manifest.database == "sqlite":
        sqlite.settle(data)
        with sqlite.opened(data) as found:
            facts = _facts(found)
        differing = rules.differences(manifest.tables, facts.tables)
        same = (facts.chains, facts.broken, facts.epoch, facts.schema) == (
            manifest.chains,
            list(manifest.broken),
            manifest.epoch,
            manifest.schema,
        )
    else:
        inside = postgres.read_dump(data)
        differing = _other_counts(manifest.tables, inside.rows)
        same = (inside.chains.heads(), inside.chains.broken()) == (manifest.chains, list(manifest.broken))
    if differing or not same:
        raise Trouble("not_as_told", tables=", ".join(differing) or "link")


def pictures_in(manifest: Manifest, data: Path) -> list[str]:
    """The addresses of the kept pictures that a copy's rows name, sorted."""
    found = sqlite.pictures(data) if manifest.database == "sqlite" else postgres.read_dump(data).pictures
    return sorted(found)


def measure(path: Path) -> tuple[int, str]:
    """A file's size and hash."""
    size, hashed = 0, hashlib.sha256()
    for piece in archive.pieces(path):
        size += len(piece)
        hashed.update(piece)
    return size, hashed.hexdigest()


def _of_sqlite(source: Path, work: Path, step: Callable[[], object]) -> tuple[Path, str, _Facts]:
    data = work / sqlite.NAME
    if not source.exists():
        raise Trouble("no_database", file=str(source))
    need_room(work, source.stat().st_size + _MARGIN)
    sqlite.copy(source, data, step)
    sqlite.settle(data)  # before anything is read out of it, and
    with sqlite.opened(data) as found:
        facts = _facts(found)
    sqlite.settle(data)  # after, so that it is one file again
    return data, sqlite.VERSION, facts


def _of_postgres(url: str, work: Path) -> tuple[Path, str, _Facts]:
    data = work / postgres.NAME
    with postgres.snapshot(url) as (found, name):
        need_room(work, postgres.size(found) + _MARGIN)
        postgres.dump(url, name, data)
        engine, facts = postgres.version(found), _facts(found)
    if _other_counts(facts.tables, postgres.read_dump(data).rows):
        raise Trouble("damaged", part="data")
    return data, engine, facts


def _other_counts(told: Mapping[str, TablePrint], rows: Mapping[str, int]) -> list[str]:
    before = {name: one.rows for name, one in told.items()}
    return sorted(name for name in before.keys() | rows.keys() if before.get(name) != rows.get(name))


def _facts(found: Connection) -> _Facts:
    chains = queries.chains(found)
    return _Facts(
        tables=queries.prints(found),
        chains=chains.heads(),
        broken=chains.broken(),
        epoch=queries.setting(found, "epoch"),
        schema=queries.revision(found),
        data_keys=tuple(sorted(generations(found))),
    )
