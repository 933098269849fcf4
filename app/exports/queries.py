"""The rows of a list, some at a time, each with what other records and units are called."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import aliased

from app.db import db
from app.exports.columns import Cell, Row
from app.identity.models import Person
from app.identity.rights import Actor
from app.kinds import checks, registry
from app.kinds.vocabulary import RecordRef
from app.records.models import Record
from app.records.queries import of_these
from app.units.models import Unit

_AT_ONCE = 500
_group = aliased(Unit)


def rows(
    held: ColumnElement[bool],
    reach: ColumnElement[bool],
    lang: str,
    *,
    named: bool,
    more: Mapping[str, Mapping[str, Cell]] | None = None,
) -> Iterator[Row]:
    """Records for which both conditions hold, the newest first; `reach` alone says what may be named beside them.

    `named`: whether a child may be called by name where a record is about one. `more`: facts of the list by record.
    """
    wanted = _rows().where(held, reach).order_by(Record.received_at.desc(), Record.id)
    found = db.session.execute(wanted.execution_options(yield_per=_AT_ONCE))
    for part in found.partitions():
        yield from _read(part, reach, lang, named=named, more=more or {})


def feed(held: ColumnElement[bool], reach: ColumnElement[bool], lang: str, limit: int, *, named: bool) -> list[Row]:
    """The first so many of them, in the order of the wards' feeds."""
    wanted = _rows().where(held, reach).order_by(Record.ward_id, Record.feed_no).limit(limit)
    return list(_read(db.session.execute(wanted).all(), reach, lang, named=named, more={}))


def kinds_of(actor: Actor, ids: list[str]) -> set[str]:
    """The kinds of these records, as far as the person may read them."""
    return set(db.session.scalars(select(Record.kind).where(of_these(actor, ids)).distinct()))


def _read(
    part: Sequence[Any],
    reach: ColumnElement[bool],
    lang: str,
    *,
    named: bool,
    more: Mapping[str, Mapping[str, Cell]],
) -> Iterator[Row]:
    linked = _linked(part, reach, lang, named=named)
    for row in part:
        yield Row(_facts(row, lang), row.data, linked, more.get(row.id, {}))


def _rows() -> Select[Any]:
    return (
        select(
            Record.id,
            Record.kind,
            Record.version,
            Record.status,
            Record.data,
            Record.parent_id,
            Record.ward_id,
            Record.feed_no,
            Record.happened_on,
            Record.received_at,
            Record.changed_at,
            Person.name.label("sender"),
            _group.name.label("group"),
        )
        .join(Person, Person.id == Record.author_id)
        .outerjoin(_group, _group.id == Record.group_id)
    )


def _facts(row: Any, lang: str) -> dict[str, Any]:
    kind = registry.get(row.kind)
    return {
        "id": row.id,
        "kind": row.kind,
        "kind_words": checks.in_language(kind.label, lang) if kind else row.kind,
        "title": checks.public_title(kind, row.data, lang) if kind else row.kind,
        "state": row.status,
        "group": row.group,
        "version": row.version,
        "happened": row.happened_on,
        "received": row.received_at,
        "changed": row.changed_at,
        "sender": row.sender,
        "parent": row.parent_id,
        "ward": row.ward_id,
        "feed_no": row.feed_no,
    }


def _linked(part: Sequence[Any], reach: ColumnElement[bool], lang: str, *, named: bool) -> dict[str, str]:
    """What the records are called that these ones refer to, as far as they are in reach."""
    ids = {row.data[name] for row in part for name in _references(row.kind) if isinstance(row.data.get(name), str)}
    if not ids:
        return {}
    called = checks.title if named else checks.public_title
    found = db.session.execute(select(Record.id, Record.kind, Record.data).where(reach, Record.id.in_(ids)))
    return {row.id: called(registry[row.kind], row.data, lang) for row in found if row.kind in registry}


def _references(code: str) -> list[str]:
    kind = registry.get(code)
    return [name for name, field in kind.fields.items() if isinstance(field, RecordRef)] if kind else []
