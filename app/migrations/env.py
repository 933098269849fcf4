"""Alembic's entry: runs the revisions of versions/ on the application's own engine, in one transaction."""

import importlib
import pkgutil
from typing import Any, Literal

from alembic import context
from flask import current_app
from sqlalchemy import Connection

import app as package
from app import postgres
from app.db import Utc, db, writing_options

for found in pkgutil.walk_packages(package.__path__, "app."):
    if found.name.endswith(".models"):
        importlib.import_module(found.name)


def _render(kind: str, value: Any, _: Any) -> str | Literal[False]:
    """Revisions stay readable when our own column type has long changed: it is written as what it is underneath."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(value, Utc) else False


def _run(connection: Connection, options: dict[str, Any]) -> None:
    if connection.dialect.name == "postgresql":
        postgres.take_turns(connection, {"migration"})
        connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
    context.configure(connection=connection, target_metadata=db.metadata, render_item=_render, **options)
    with context.begin_transaction():
        context.run_migrations()
    if connection.dialect.name == "sqlite" and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
        raise RuntimeError("The migration would leave rows that point nowhere; nothing was changed.")
    connection.commit()


def _foreign_keys(connection: Connection, state: str) -> None:
    """SQLite changes a table by rebuilding it; meanwhile its foreign keys must rest. A word to the driver itself,
    because the setting is deaf inside a transaction."""
    if connection.dialect.name == "sqlite":
        connection.connection.dbapi_connection.execute(f"PRAGMA foreign_keys={state}")  # type: ignore[union-attr]


with db.engine.connect().execution_options(**writing_options()) as link:
    _foreign_keys(link, "OFF")
    try:
        _run(link, dict(current_app.extensions["migrate"].configure_args))
    finally:
        link.rollback()
        _foreign_keys(link, "ON")
