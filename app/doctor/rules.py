"""What the server's doctor finds, and when a figure is a reason to act. Pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlsplit

OK, LOOK, TODO = "ok", "look", "todo"
# The first SQLite without the WAL-reset fault, and the oldest PostgreSQL that the tests run on.
LIBRARIES = {"sqlite": (3, 51, 3), "postgresql": (15,)}
DURABLE: dict[str, dict[str, set[str]]] = {
    "sqlite": {"journal_mode": {"wal"}, "synchronous": {"2", "3"}, "foreign_keys": {"1"}},
    "postgresql": {"fsync": {"on"}, "full_page_writes": {"on"}, "synchronous_commit": {"on", "remote_apply"}},
}
NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
OLDEST_BACKUP = timedelta(hours=26)
OLDEST_SEAL_KEY = timedelta(days=730)
MOST_AHEAD = timedelta(minutes=5)
MOST_APART = timedelta(seconds=60)
_ROOM = 500_000_000


@dataclass(frozen=True)
class Finding:
    """One check's result. Its words are `doctor.<check>.<word>`, and what to do `doctor.<check>.<word>.next`."""

    check: str
    state: str
    word: str = "ok"
    facts: Mapping[str, object] = field(default_factory=dict)


def library(kind: str, version: str) -> Finding:
    """Whether the database's library or server is past the faults that we know."""
    need = LIBRARIES[kind]
    numbers = tuple(int(part) for part in version.split(".") if part.isdigit())
    facts = {"kind": NAMES[kind], "version": version, "need": ".".join(str(number) for number in need)}
    return Finding("library", *((OK, "ok") if numbers >= need else (TODO, "old")), facts)


def durability(kind: str, found: Mapping[str, str]) -> Finding:
    """Whether a commit is on disk when the server says so. `found`: the database's own settings."""
    right = DURABLE[kind]
    wrong = [f"{name}={found.get(name)}" for name, good in right.items() if found.get(name) not in good]
    if wrong:
        return Finding("durability", TODO, "weak", {"found": ", ".join(wrong)})
    if kind == "postgresql" and found.get("data_checksums") != "on":
        return Finding("durability", LOOK, "no_checksums")
    return Finding("durability", OK)


def schema(revision: str | None, head: str) -> Finding:
    """Whether the tables are those of this version."""
    facts = {"revision": revision or "-", "head": head}
    return Finding("schema", *((OK, "ok") if revision == head else (TODO, "behind")), facts)


def counted(check: str, number: int) -> Finding:
    """Something of which there should be none; a person at a desk sees to it."""
    return Finding(check, LOOK, "some", {"count": number}) if number else Finding(check, OK)


def seals(keys: Sequence[tuple[datetime, datetime | None]], here: datetime) -> Finding:
    """Whether phones seal, and to a key that is not older than two years. `keys`: when each was made and first safe."""
    safe = [made for made, since in keys if since is not None]
    if not safe:
        return Finding("seals", LOOK, "none")
    age = (here - max(safe)).days
    facts = {"days": age, "count": len(keys)}
    if len(safe) < len(keys):
        return Finding("seals", LOOK, "waits", facts)
    return Finding("seals", *((OK, "ok") if age <= OLDEST_SEAL_KEY.days else (LOOK, "old")), facts)


def clock(here: datetime, database: datetime, newest: datetime | None) -> Finding:
    """Whether the clock runs with the database's, and not behind what was received already."""
    apart = abs(here - database)
    if apart > MOST_APART:
        return Finding("clock", TODO, "apart", {"seconds": int(apart.total_seconds())})
    if newest is not None and newest - here > MOST_AHEAD:
        return Finding("clock", TODO, "behind", {"minutes": int((newest - here).total_seconds() // 60)})
    return Finding("clock", OK)


def room(free: int, size: int) -> Finding:
    """Whether the database's disk has room for a copy of it and some days of work."""
    facts = {"free": free // 1_000_000, "need": (2 * size + _ROOM) // 1_000_000}
    return Finding("room", *((OK, "ok") if free >= 2 * size + _ROOM else (TODO, "little")), facts)


def pictures(count: int, lost: int, *, full: bool) -> Finding:
    """Whether the picture files that the rows name are there; in full: whether each is what its address says."""
    facts = {"count": count, "lost": lost}
    return Finding("photos", TODO, "lost", facts) if lost else Finding("photos", OK, "all" if full else "ok", facts)


def maps(lost: Sequence[str]) -> Finding:
    """Whether the wards' map files are there; backups do not hold them. `lost`: codes of wards without theirs."""
    return Finding("maps", LOOK, "lost", {"wards": ", ".join(lost)}) if lost else Finding("maps", OK)


def newest_backup(made: datetime | None, here: datetime, *, production: bool) -> Finding:
    """Whether the latest backup is of the last day."""
    if made is None:
        return Finding("backup", TODO if production else LOOK, "none")
    facts = {"hours": int((here - made).total_seconds() // 3600)}
    return Finding("backup", *((OK, "ok") if here - made <= OLDEST_BACKUP else (TODO, "old")), facts)


def keys(count: int, *, production: bool) -> Finding:
    """Whether backups can be opened by two people, and by nobody here."""
    if count == 0:
        return Finding("keys", TODO if production else LOOK, "none")
    return Finding("keys", *((OK, "ok") if count > 1 else (LOOK, "one")), {"count": count})


def keyfile(names: Collection[str], used: Mapping[str, int], *, readable: bool, beside: bool) -> Finding:
    """Whether the keys that columns are sealed under are here, all of them, and nowhere near what they seal.

    names: the generations in the key file. used: generation -> sealed values in the database.
    """
    lost = {name: count for name, count in used.items() if name not in names}
    if lost:
        return Finding("keyfile", TODO, "lost", {"count": sum(lost.values()), "names": ", ".join(sorted(lost))})
    if not names:
        return Finding("keyfile", TODO, "missing")
    if readable:
        return Finding("keyfile", TODO, "readable")
    return Finding("keyfile", *((LOOK, "beside") if beside else (OK, "ok")), {"count": len(names)})


def origin(address: str, *, production: bool) -> Finding:
    """Whether phones can open the address at all: a name of this machine alone is none for them."""
    host = urlsplit(address).hostname or ""
    is_local = host == "localhost" or "." not in host or host.replace(".", "").isdigit() or ":" in host
    bad = production and is_local
    return Finding("origin", *((TODO, "local") if bad else (OK, "ok")), {"address": address})


def administrators(count: int) -> Finding:
    """Whether anybody can let people in and shut phones out. One alone may be ill."""
    if not count:
        return Finding("admins", TODO, "none")
    return Finding("admins", *((OK, "ok") if count > 1 else (LOOK, "one")), {"count": count})


def settings(*, production: bool, readable: str | None, proxies: int) -> Finding:
    """Whether something is set that a real ward must not run with. `readable`: a file that others can read."""
    if readable is not None:
        return Finding("settings", TODO if production else LOOK, "readable", {"file": readable})
    if not production:
        return Finding("settings", LOOK, "demo")
    return Finding("settings", *((OK, "ok") if proxies else (LOOK, "no_proxy")))
