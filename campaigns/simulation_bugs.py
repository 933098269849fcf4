"""Planted bugs of the server that the simulation must see. Those of the phone are in tests/simulation/mutants.mjs."""

from dataclasses import replace
from typing import Any

from sqlalchemy import true

from campaigns.planted import Patch, bug


@bug("R-02 the answer goes out before the commit")
def _writes_behind() -> list[Patch]:
    from app.db import db
    from app.sync import push, service
    from campaigns import wire

    later: list[Any] = []
    take, round_trip, put_away = push.Push.take, service.round_trip, wire.close

    def answers_first(self: Any, sent: Any, beside: Any) -> Any:
        again = push.Push(self.contact, last_try=False)
        later.append(lambda: take(again, sent, None))
        commit, db.session.commit = db.session.commit, db.session.rollback
        try:
            return take(self, sent, beside)
        finally:
            db.session.commit = commit

    def catches_up(*given: Any) -> Any:
        while later:
            later.pop(0)()
        return round_trip(*given)

    def forgets(app: Any) -> None:
        later.clear()
        put_away(app)

    return [(push.Push, "take", answers_first), (service, "round_trip", catches_up), (wire, "close", forgets)]


@bug("R-02 what is sent again is taken again")
def _forgets() -> list[Patch]:
    from app.sync import log

    return [(log, "_known", lambda keys: [])]


@bug("R-02 of two values one is dropped")
def _drops() -> list[Patch]:
    from app.sync import judge

    real = judge.merge

    def merge(data: Any, writers: Any, version: int, conflicts: Any, *more: Any) -> Any:
        return replace(real(data, writers, version, conflicts, *more), conflicts=list(conflicts))

    return [(judge, "merge", merge)]


@bug("R-02 what is held is never released")
def _never_released() -> list[Patch]:
    from app.sync import log

    return [(log, "held", lambda ids: {})]


@bug("R-02 a record's place in the feed stays behind")
def _stays_behind() -> list[Patch]:
    from app.records.ledger import Ledger

    return [(Ledger, "_place", lambda *given: None)]


@bug("R-02 everybody carries everything")
def _carries_all() -> list[Patch]:
    from app.records import queries

    return [(queries, "_carries", lambda actor: true())]


@bug("R-02 restricted answers are sent to all")
def _restricted() -> list[Patch]:
    from app.sync import scope

    return [(scope, "hidden_from", lambda *given: False)]


@bug("R-02 a verdict is hidden by one's own edit")
def _quiet() -> list[Patch]:
    from app.sync import push

    def remember(self: Any, base: int, after: Any, judgement: Any, sender: Any) -> None:
        self.known[after["id"]] = after
        self.quiet[after["id"]] = after["version"]

    return [(push.Push, "_remember", remember)]


@bug("R-02 what is withdrawn is not told")
def _not_gone() -> list[Patch]:
    from app.records import queries

    return [(queries, "gone", lambda *given: [])]


@bug("R-02 a receipt heard again brings back what is gone")
def _comes_back() -> list[Patch]:
    from app.records import queries

    return [(queries, "within_scope", lambda actor, ids: set(ids))]


@bug("R-02 a restored database keeps its epoch")
def _same_epoch() -> list[Patch]:
    from campaigns.wire import Wire

    return [(Wire, "do_restore", Wire._put)]
