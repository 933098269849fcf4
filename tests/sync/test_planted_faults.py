"""The tests of the protocol are worth something: each fault planted here is seen by the test beside it."""

import inspect
from collections.abc import Callable, Iterable
from contextlib import contextmanager, nullcontext
from typing import Any

import pytest
from sqlalchemy import true
from sqlalchemy.engine import Connection

from app.db import db
from app.records import ledger, queries, rules, service
from app.sync import cursor, envelopes, judge, log, numbering, scope
from app.sync import push as pushing
from tests.sync import test_a_day_offline as day
from tests.sync import test_bad_input as bad_input
from tests.sync import test_faults as faults
from tests.sync import test_held as held
from tests.sync import test_pull as pull
from tests.sync import test_push as push
from tests.sync import test_scope as scopes
from tests.sync import test_withdraw as withdraw


@contextmanager
def _never_commits():
    db.session.rollback()
    db.session.connection(execution_options={"writing": True})
    yield


def _sees_no_hole(looked: int, arrived: Iterable[int], room: int = 0) -> tuple[list[int], int]:
    return [], max(arrived, default=looked)


def _believes_it_is_quiet(self: Any, base: int, after: Any, judgement: Any, sender: Any) -> None:
    self.known[after["id"]] = after
    self.quiet[after["id"]] = after["version"]


def _one_bad_stops_all(self: Any, entry: Any, sender: Any) -> None:
    entry.receipt = log.receipt_of(entry, self._judge(entry, sender))
    if entry.receipt["outcome"] == "quarantined":
        raise RuntimeError


_receipt_of = log.receipt_of
PLANTED = {
    "a repeated change is taken again": (
        log,
        "_known",
        lambda keys: [],
        push.test_sent_again_it_gets_the_same_receipt_and_nothing_else_happens,
    ),
    "a receipt does not name its bytes": (
        log,
        "receipt_of",
        lambda e, j: _receipt_of(e, j) | {"sha256": ""},
        push.test_every_receipt_names_the_bytes_it_is_for,
    ),
    "a bad change stops the others": (pushing.Push, "_settle", _one_bad_stops_all, push.test_a_change_stands_alone),
    "no savepoint": (
        Connection,
        "begin_nested",
        lambda self: nullcontext(),
        faults.test_a_stumble_half_way_through_writing_leaves_no_half,
    ),
    "an answer before the commit": (
        pushing,
        "transact",
        _never_commits,
        faults.test_no_receipt_is_made_before_the_commit,
    ),
    "the feed's number stays behind": (ledger.Ledger, "_place", lambda *_: None, day.test_a_day_offline),
    "anybody may write": (
        judge,
        "may_write",
        lambda *_: True,
        scopes.test_somebody_elses_report_is_out_of_reach_even_in_the_group,
    ),
    "everybody carries everything": (
        queries,
        "_carries",
        lambda actor: true(),
        scopes.test_own_same_group_same_ward_other_ward,
    ),
    "restricted answers are sent": (
        scope,
        "hidden_from",
        lambda *_: False,
        scopes.test_restricted_answers_stay_with_their_author,
    ),
    "the phone writes the desk's fields": (
        judge,
        "_allowed",
        lambda k, r, change, s: (change.answers, []),
        scopes.test_the_desks_fields_are_the_desks,
    ),
    "a cursor serves anybody": (
        cursor,
        "unpack",
        lambda secret, tag, token: {2: 1} if token else None,
        scopes.test_a_cursor_serves_only_the_person_it_was_made_for,
    ),
    "a verdict is hidden by one's own edit": (
        pushing.Push,
        "_remember",
        _believes_it_is_quiet,
        pull.test_but_it_is_when_the_ward_has_more_than_it_sent,
    ),
    "withdrawn records are not told": (queries, "gone", lambda *_: [], withdraw.test_it_leaves_every_phone),
    "a judged record can be withdrawn": (
        rules,
        "may_withdraw",
        lambda *_: True,
        lambda lan, ward, pond: withdraw.test_not_once_the_ward_has_judged_it(lan, ward, pond, "accept"),
    ),
    "held changes are forgotten": (log, "held", lambda ids: {}, held.test_an_edit_of_an_unknown_record_waits_for_it),
    "what waits for the desk is forgotten": (
        service,
        "after_the_desk",
        [],
        lambda app, lan, ward: held.test_what_the_desk_writes_may_be_what_it_waited_for(app, lan, ward, "verdict"),
    ),
    "holes are not noticed": (numbering, "look", _sees_no_hole, push.test_holes_in_the_numbers_are_told),
    "too many changes are let in": (
        envelopes,
        "MOST_CHANGES",
        1000,
        bad_input.test_too_much_is_told_so_that_the_phone_halves_it,
    ),
    "characters no database takes are forgotten": (
        judge,
        "_problems",
        lambda kind, merged, *_: judge.checks.check(kind, merged.data, "2026-06-03"),
        push.test_characters_that_no_database_takes_stay_a_problem_until_they_are_written_anew,
    ),
}
pond = withdraw.pond


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_fault_is_seen(name: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    where, what, fault, test = PLANTED[name]
    needs: Callable[..., Any] = test
    given = {wanted: request.getfixturevalue(wanted) for wanted in inspect.signature(needs).parameters}
    monkeypatch.setattr(where, what, fault)
    with pytest.raises(Exception):  # noqa: B017  what a fault breaks differs; that it is noticed is the point
        needs(**given)
