"""What is particular to PostgreSQL: how we connect, what its errors mean, and how check-then-write takes turns."""

import hashlib
import time
from typing import Any

from sqlalchemy import event, text
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DBAPIError, DisconnectionError, OperationalError

# A connection that lay idle for longer is tried before it is used: firewalls forget idle lines. Trying every
# time would cost each request a trip to the database.
_IDLE_SECONDS = 30
_SESSION = {"timezone": "UTC", "synchronous_commit": "on"}  # a receipt is only given for what is on disk
# For whoever answers requests: nobody waits longer than a phone does, and no lock outlives a stuck request.
_LIMITS = {"statement_timeout": "30s", "lock_timeout": "10s", "idle_in_transaction_session_timeout": "60s"}
_TURNS = text("SELECT pg_advisory_xact_lock(key) FROM unnest(CAST(:keys AS bigint[])) AS key")
# Of another transaction's making: the same again will succeed.
_TRY_AGAIN = ("40001", "40P01")  # serialization failure, deadlock
# Connection, rollback, resources, operator, system; lock timeout, idle in transaction, read-only standby,
# and tables that `flask setup` has still to make.
_NOT_NOW = ("08", "40", "53", "57", "58", "55P03", "25P03", "25006", "42P01", "42703")


def address(url: str) -> str:
    """The URL with the driver that we use; hosts hand out postgres://…"""
    scheme, mark, rest = url.partition("://")
    return f"postgresql+psycopg://{rest}" if mark and scheme in ("postgres", "postgresql") else url


def engine_options(threads: int | None) -> dict[str, Any]:
    """How to connect. With `threads`: for a worker that answers requests, one connection kept for each thread."""
    session = " ".join(f"-c {name}={value}" for name, value in {**_SESSION, **(_LIMITS if threads else {})}.items())
    network = {"connect_timeout": 5, "keepalives_idle": 30, "tcp_user_timeout": 30_000}
    pool = {"pool_size": threads, "max_overflow": 4, "pool_timeout": 10} if threads else {}
    return {
        **pool,
        # What is only read is read as it stood at one moment, as on SQLite. `db.transact` asks for less.
        "isolation_level": "REPEATABLE READ",
        "use_native_hstore": False,
        "connect_args": {"application_name": "to-am", "options": session, **network},
    }


def take_turns(connection: Connection, names: set[str]) -> None:
    """Wait until every earlier transaction that named one of these has ended."""
    hashes = (hashlib.sha256(name.encode()).digest()[:8] for name in names)
    # In one order everywhere, so that nobody waits in a circle.
    connection.execute(_TURNS, {"keys": sorted(int.from_bytes(found, "big", signed=True) for found in hashes)})


def is_worth_a_second_try(error: DBAPIError) -> bool:
    """Whether the transaction failed by bad luck alone: another one in the way, or a connection that was gone."""
    return error.connection_invalidated or _state(error) in _TRY_AGAIN


def is_not_now(error: DBAPIError) -> bool:
    """Whether the database is busy, away or not set up: the same request may succeed later."""
    state = _state(error)
    unreached = not state and isinstance(error, OperationalError)
    return error.connection_invalidated or unreached or state.startswith(_NOT_NOW)


def _state(error: DBAPIError) -> str:
    return getattr(error.orig, "sqlstate", None) or ""


@event.listens_for(Engine, "checkin")
def _note_when(connection: Any, record: Any) -> None:
    record.info["idle_since"] = time.monotonic()


@event.listens_for(Engine, "checkout")
def _try_idle(connection: Any, record: Any, _: Any) -> None:
    """Try a connection that lay idle for long; SQLAlchemy gives another one in its place when it is gone."""
    if "psycopg" not in type(connection).__module__:
        return
    if time.monotonic() - record.info.get("idle_since", time.monotonic()) < _IDLE_SECONDS:
        return
    try:
        connection.execute("SELECT 1")
        connection.rollback()
    except Exception as error:
        raise DisconnectionError("idle for too long") from error
