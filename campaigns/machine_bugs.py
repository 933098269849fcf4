"""Planted bugs that R-01 must see: at least one for each thing that its oracles look at."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from campaigns.planted import Patch, bug, judged_anew, writes_behind


@bug("R-01 the answer goes out before the commit")
def _writes_behind() -> list[Patch]:
    later: list[Callable[[], None]] = []
    return writes_behind(later.append)


@bug("R-01 what is sent again is judged again")
def _anew() -> list[Patch]:
    return judged_anew()


@bug("R-01 of two values one is dropped")
def _drops() -> list[Patch]:
    from app.sync import judge

    real: Any = judge.merge

    def merge(data: Any, writers: Any, version: int, conflicts: Any, *more: Any) -> Any:
        return replace(real(data, writers, version, conflicts, *more), conflicts=list(conflicts))

    return [(judge, "merge", merge)]


@bug("R-01 a record's place in the feed stays behind")
def _stays_behind() -> list[Patch]:
    from app.records.ledger import Ledger

    return [(Ledger, "_place", lambda *given: None)]


@bug("R-01 a cursor outlives a move")
def _same_tag() -> list[Patch]:
    from app.sync import scope

    return [(scope, "tag", lambda epoch, actor, shared: epoch)]


@bug("R-01 the feed forgets the ward")
def _no_ward() -> list[Patch]:
    from sqlalchemy import or_

    from app.records import queries
    from app.records.models import Record

    def carries(actor: Any) -> Any:
        return or_(Record.author_id == actor.id, Record.kind.in_(queries.shared_kinds()))

    return [(queries, "_carries", carries)]


@bug("R-01 the next ward's records can be written")
def _any_ward() -> list[Patch]:
    from app.sync import push

    real: Any = push.judge

    def judge(kinds: Any, record: Any, change: Any, sender: Any) -> Any:
        return real(kinds, record and {**record, "ward_id": sender.actor.ward_id}, change, sender)

    return [(push, "judge", judge)]


@bug("R-01 what a revoked phone signs is judged")
def _trusts() -> list[Patch]:
    from app.intake import rules

    real: Any = rules.reason

    def reason(body: bytes, signature: Any, keys: Any, **more: Any) -> Any:
        return real(body, signature, [replace(key, is_revoked=False) for key in keys], **more)

    return [(rules, "reason", reason)]


@bug("R-01 holes are not noticed")
def _no_holes() -> list[Patch]:
    from app.sync import numbering

    return [(numbering, "look", lambda looked, arrived, room=0: ([], max(arrived, default=looked)))]


@bug("R-01 a restored database keeps its epoch")
def _same_epoch() -> list[Patch]:
    from app.backup import restore

    real: Any = restore._afterwards

    def afterwards(*given: Any) -> list[str]:
        return [statement.replace("'epoch', ", "") for statement in real(*given)]

    return [(restore, "_afterwards", afterwards)]


@bug("R-01 a restored database counts on")
def _no_floor() -> list[Patch]:
    from app.records import queries

    return [(queries, "version_floor", lambda: 0)]


@bug("R-01 what is held is never released")
def _never_released() -> list[Patch]:
    from app.sync import log

    return [(log, "held", lambda ids: {})]


@bug("R-01 a verdict makes no link")
def _no_link() -> list[Patch]:
    from app.records import ledger, service

    real: Any = ledger.note

    def note(ward_id: int, what: str, **facts: Any) -> None:
        if what != "verdict":
            real(ward_id, what, **facts)

    assert service  # it calls ledger.note by the module's name
    return [(ledger, "note", note)]
