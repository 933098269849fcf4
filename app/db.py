"""The database: one SQLAlchemy object and the only commit of the project, `transact`."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import DateTime, MetaData
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator

from app import json_text, postgres, sqlite
from app.postgres import address as address

_NAMES = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Names every constraint, so that migrations can speak of it."""

    metadata = MetaData(naming_convention=_NAMES)


db = SQLAlchemy(model_class=Base)
if TYPE_CHECKING:
    Model = Base
else:
    Model = db.Model


class Utc(TypeDecorator[datetime]):
    """An aware UTC datetime on every database."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.astimezone(UTC) if value else None

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        moment: datetime | None = value
        if moment is None:
            return None
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def engine_options(url: str, threads: int | None = None) -> dict[str, Any]:
    """How to connect to either database.

    `threads`: of the worker that will answer requests, which may not wait for ever.
    """
    # hide_parameters: an SQL error quotes its values, and names of children must not reach a log.
    usual = {"hide_parameters": True, "json_serializer": json_text.as_text}
    return {**usual, **(sqlite.engine_options() if url.startswith("sqlite") else postgres.engine_options(threads))}


def is_worth_a_second_try(error: DBAPIError) -> bool:
    """Whether a transaction failed by bad luck alone, and all of it may be tried again at once."""
    return not _is_sqlite(error) and postgres.is_worth_a_second_try(error)


def is_not_now(error: DBAPIError) -> bool:
    """Whether the database is busy, away or not set up, and the request should come again later."""
    if not _is_sqlite(error):
        return postgres.is_not_now(error)
    return isinstance(error, OperationalError) or error.connection_invalidated


def _is_sqlite(error: DBAPIError) -> bool:
    return "sqlite" in type(error.orig).__module__


def take_turns(*names: str) -> bool:
    """Let one transaction after the other do what these names stand for; whether another may have been before.

    Call inside `transact`, before reading what is then decided on, for what has no row that could be locked.
    In the order: people, units, records, so that nobody waits in a circle. SQLite has one writer anyway.
    """
    connection = db.session.connection()
    if not names or connection.dialect.name != "postgresql":
        return False
    postgres.take_turns(connection, set(names))
    return True


class Closing(Protocol):
    """Something that a transaction gathers and writes as its last thing."""

    def close(self) -> None:
        """Write it. Nothing may be written after this."""


_Gathered = TypeVar("_Gathered", bound=Closing)


def at_the_end(name: str, make: Callable[[], _Gathered]) -> _Gathered:
    """What the running transaction gathers under this name, made on first asking; closed just before the commit."""
    gathered: dict[str, Any] | None = db.session.info.get("gathered")
    if gathered is None:
        raise RuntimeError("only inside transact()")
    if name not in gathered:
        gathered[name] = make()
    found: _Gathered = gathered[name]
    return found


def writing_options() -> dict[str, Any]:
    """How a connection that writes is opened.

    On PostgreSQL each of its statements sees what was committed before it, so that whoever has waited for a lock
    sees what the other one did. What is decided on must be locked, or its name's turn taken.
    """
    isolation = {"isolation_level": "READ COMMITTED"} if db.engine.dialect.name == "postgresql" else {}
    return {"writing": True, **isolation}


@contextmanager
def transact() -> Iterator[None]:
    """One writing transaction, committed (flushed to disk) before the block's caller goes on.

    Ends whatever read came before, so nothing read earlier in the request may be written back.
    Any error rolls everything back and is raised again.
    """
    db.session.rollback()
    with sqlite.queue_of(db.engine).turn() if db.engine.dialect.name == "sqlite" else nullcontext():
        db.session.connection(execution_options=writing_options())
        gathered: dict[str, Closing] = {}
        db.session.info["gathered"] = gathered
        try:
            yield
            db.session.flush()
            for last in gathered.values():
                last.close()
            db.session.commit()
        except BaseException:
            db.session.rollback()
            raise
        finally:
            db.session.info.pop("gathered", None)
