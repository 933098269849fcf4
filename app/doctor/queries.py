"""What the doctor reads from the database; quick, whatever its size, unless it says otherwise."""

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DatabaseError

from app.identity.models import Assignment, Person
from app.identity.rights import ADMIN
from app.maps.models import WardMap
from app.photos.models import Photo
from app.records.chain import START, Head, seal
from app.records.models import Change, Link, Ward
from app.seals.models import SealKey
from app.sync.models import DeviceState, Gap
from app.units.models import Unit

_LATEST = 100
_PHONE = (DeviceState.person_id, DeviceState.device, DeviceState.issued, DeviceState.looked, DeviceState.unsent)
_SQLITE = ("journal_mode", "synchronous", "foreign_keys")
_POSTGRESQL = ("fsync", "full_page_writes", "synchronous_commit", "data_checksums")


def version(connection: Connection) -> str:
    """Of SQLite's library or PostgreSQL's server."""
    asked = "SELECT sqlite_version()" if connection.dialect.name == "sqlite" else "SHOW server_version"
    return str(connection.execute(text(asked)).scalar_one()).split()[0]


def durability(connection: Connection) -> dict[str, str]:
    """The settings on which it depends that a commit is on disk."""
    is_sqlite = connection.dialect.name == "sqlite"
    names = _SQLITE if is_sqlite else _POSTGRESQL
    return {
        name: str(connection.execute(text(f"{'PRAGMA' if is_sqlite else 'SHOW'} {name}")).scalar()) for name in names
    }


def damage(connection: Connection) -> list[str]:
    """What SQLite finds wrong with its own file. Reads all of it."""
    if connection.dialect.name != "sqlite":
        return []
    try:
        return [row[0] for row in connection.execute(text("PRAGMA integrity_check(5)")) if row[0] != "ok"]
    except DatabaseError as error:
        return [str(error.orig)]  # so damaged that it cannot even be checked


def size(connection: Connection) -> int:
    """The database's size in bytes."""
    if connection.dialect.name == "sqlite":
        pages, page = (connection.execute(text(f"PRAGMA {name}")).scalar_one() for name in ("page_count", "page_size"))
        return int(pages * page)
    return int(connection.execute(text("SELECT pg_database_size(current_database())")).scalar_one())


def clock(connection: Connection) -> datetime:
    """The database's own time."""
    asked = (
        "SELECT strftime('%Y-%m-%dT%H:%M:%f')" if connection.dialect.name == "sqlite" else "SELECT clock_timestamp()"
    )
    found: Any = connection.execute(text(asked)).scalar_one()
    return datetime.fromisoformat(found).replace(tzinfo=UTC) if isinstance(found, str) else found


def newest_change(connection: Connection) -> datetime | None:
    """When the latest change came in, by the clock of then."""
    wanted = select(Change.received_at).order_by(Change.log_id.desc()).limit(1)
    return connection.execute(wanted).scalar_one_or_none()


def loose_chains(connection: Connection) -> list[int]:
    """The wards whose chain does not hold at its end: the head, and the latest hundred links."""
    wards = connection.execute(select(Ward.ward_id, Ward.chain_no, Ward.chain_hash).order_by(Ward.ward_id)).all()
    return [row.ward_id for row in wards if not _holds(connection, row.ward_id, Head(row.chain_no, row.chain_hash))]


def _holds(connection: Connection, ward_id: int, head: Head) -> bool:
    wanted = select(Link.no, Link.facts, Link.hash).where(Link.ward_id == ward_id).order_by(Link.no.desc())
    links = connection.execute(wanted.limit(_LATEST)).all()[::-1]
    if not links:
        return head == START
    before = START.hash if links[0].no == 1 else None
    for place, link in enumerate(links):
        if before is not None and link.hash != seal(before, link.facts):
            return False
        if link.no != links[0].no + place:
            return False
        before = link.hash
    return head == Head(links[-1].no, links[-1].hash)


def pictures(connection: Connection, most: int | None) -> list[str]:
    """The addresses of kept pictures, the latest first."""
    columns = (Photo.picture, Photo.thumb, Photo.original)
    wanted = select(*columns).where(Photo.state == "kept").order_by(Photo.kept_at.desc(), Photo.id).limit(most)
    return list(dict.fromkeys(address for row in connection.execute(wanted) for address in row if address))


def maps(connection: Connection) -> list[tuple[str, str]]:
    """Each ward that has a map, by its code, and the address of the file."""
    wanted = select(Unit.code, WardMap.sha256).join(WardMap, WardMap.ward_id == Unit.id).order_by(Unit.code)
    return [(code, address) for code, address in connection.execute(wanted)]


def seal_keys(connection: Connection) -> list[tuple[datetime, datetime | None]]:
    """When each key to which phones seal was made, and when a backup first had it."""
    found = connection.execute(select(SealKey.made_at, SealKey.safe_at).where(SealKey.use == "seal"))
    return [(made, since) for made, since in found]


def phones_with_losses(connection: Connection) -> int:
    """How many phones have numbers that never came and do not wait on them."""
    mine = and_(Gap.person_id == DeviceState.person_id, Gap.device == DeviceState.device)
    lost = (
        select(DeviceState.device)
        .join(Gap, mine)
        .where(Gap.filled_at.is_(None), Gap.closed_at.is_(None))
        .group_by(*_PHONE)
        .having(func.count() + DeviceState.issued - DeviceState.looked > DeviceState.unsent)
    )
    return connection.execute(select(func.count()).select_from(lost.subquery())).scalar_one()


def photos_stuck(connection: Connection, since: datetime) -> int:
    """Photos of which not all has come, and nothing since that moment."""
    wanted = select(func.count()).select_from(Photo).where(Photo.state == "receiving", Photo.touched_at <= since)
    return connection.execute(wanted).scalar_one()


def administrators(connection: Connection, day: date) -> int:
    """How many people administer something on the day."""
    wanted = select(func.count(Assignment.person_id.distinct())).join(Person, Person.id == Assignment.person_id)
    wanted = wanted.where(Assignment.role == ADMIN, Person.closed_at.is_(None), _in_force(day))
    return connection.execute(wanted).scalar_one()


def at_ended_units(connection: Connection, day: date) -> int:
    """How many people are still at work where there is no unit any more."""
    wanted = select(func.count(Assignment.person_id.distinct())).join(Unit, Unit.id == Assignment.unit_id)
    wanted = wanted.where(_in_force(day), Unit.valid_to < day)
    return connection.execute(wanted).scalar_one()


def _in_force(day: date) -> ColumnElement[bool]:
    return and_(Assignment.valid_from <= day, or_(Assignment.valid_to.is_(None), Assignment.valid_to >= day))


def changes_that(connection: Connection, outcome: str, before: datetime) -> int:
    """How many changes have had this outcome since before that moment."""
    wanted = select(func.count()).where(Change.outcome == outcome, Change.received_at <= before)
    return connection.execute(wanted).scalar_one()
