"""The tests of the quarantine are worth something: each fault planted here is seen by the test beside it."""

import inspect
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import true

from app.db import db
from app.identity import senders
from app.quarantine import dossier, queries, rules, service
from app.records import ledger
from app.sync import log
from app.sync.judge import Sender
from app.sync.push import Push
from app.sync.service import judge_again
from tests.quarantine import test_reading as reading
from tests.quarantine import test_releasing as releasing
from tests.quarantine import test_repairing as repairing

poison = repairing.poison


def _kept_with(anh: Any, ward: Any, poison: str) -> None:
    repairing.test_what_is_no_json_is_told_with_its_place(ward, anh, poison, '{"id": "c-1', "chữ mở ngoặc kép")


def _named(anh: Any, ward: Any, poison: str) -> None:
    repairing.test_every_member_that_the_wire_would_refuse_is_named(ward, anh, poison, "at", 20260603)


def _day(app: Any, lan: Any, ward: Any, anh: Any, monkeypatch: Any) -> None:
    releasing.test_the_rights_of_the_day_it_was_written_count_where_that_can_be_believed(
        app, lan, ward, anh, monkeypatch, "2026-06-02T16:00:00+07:00", releasing.GROUP_7
    )


def _clock(app: Any, lan: Any, ward: Any, anh: Any, monkeypatch: Any) -> None:
    releasing.test_the_rights_of_the_day_it_was_written_count_where_that_can_be_believed(
        app, lan, ward, anh, monkeypatch, "2025-07-02T09:00:00+07:00", releasing.GROUP_2_VIET_HUNG
    )


def _elsewhere(app: Any, lan: Any, ward: Any, anh: Any, monkeypatch: Any) -> None:
    releasing.test_a_choice_that_makes_no_sense_is_told_and_kept(
        app, lan, ward, anh, monkeypatch, str(releasing.GROUP_7), "0912000001", "không có cộng tác viên nào"
    )


def _overwrites(actor: Any, change: Any, text: str, note: str) -> None:
    service._step(actor, change, "repaired", "unreadable", body=text.encode(), note=note)
    service._note(change, "repaired", actor, sha256=service._sha256(text))
    change.body = text.encode()


def _receipt_of_the_repair(row: Any, text: str | None) -> Any:
    entry = log._entry(log.Sent(text or row.body.decode(), None))
    entry.log_id = row.log_id
    return entry


def _forgets_the_receipt(self: Any, entry: Any, sender: Any) -> Any:
    self.sender = sender
    self._settle(entry, sender)
    return entry.receipt


def _commits_at_once(entry: Any, sender: Any) -> Any:
    receipt = judge_again(entry, sender)
    db.session.commit()
    return receipt


_peek, _note, _shown, _page = rules.peek, service._note, rules.shown, dossier.page
PLANTED = {
    "opening is not noted": (
        service,
        "_note",
        lambda change, what, actor, **more: None if what == "read" else _note(change, what, actor, **more),
        reading.test_opening_is_noted_in_the_wards_chain_every_time,
    ),
    "a list shows what was written": (
        rules,
        "peek",
        lambda text: (_peek(text)[0], text),
        reading.test_no_word_of_a_report_is_in_the_list_a_title_or_an_address,
    ),
    "marks that turn the text stay": (
        rules,
        "visible",
        lambda text: text,
        reading.test_a_text_that_is_json_is_laid_out_and_anything_else_is_made_visible,
    ),
    "of two answers under one name one is hidden": (
        rules,
        "_once_each",
        dict,
        reading.test_two_answers_under_one_name_are_both_shown,
    ),
    "every ward may be read": (queries, "_in_reach", lambda actor: true(), reading.test_only_the_wards_in_reach),
    "everything in the log may be read": (
        queries,
        "_in_view",
        lambda view: true(),
        reading.test_what_was_simply_taken_is_not_to_be_read_here,
    ),
    "a page of the list is left out": (
        queries,
        "PAGE",
        0,
        reading.test_the_list_goes_on_page_by_page_and_loses_none,
    ),
    "the original is changed": (
        service,
        "_store_text",
        _overwrites,
        repairing.test_a_repair_is_kept_beside_the_original,
    ),
    "a text that cannot be read is kept as a repair": (rules, "fault_of", lambda text: None, _named),
    "what was typed is lost": (
        dossier,
        "page",
        lambda actor, change, typed, problem: _page(actor, change, {}, problem),
        _kept_with,
    ),
    "somebody else's id is taken": (
        queries,
        "others_with_id",
        lambda *_: False,
        repairing.test_the_id_of_another_change_is_refused,
    ),
    "the last one to press wins": (
        service,
        "standing_text",
        lambda change: ("", 0),
        repairing.test_two_administrators_do_not_overwrite_each_other,
    ),
    "set aside without a reason": (
        service,
        "_short",
        lambda note: note or "-",
        repairing.test_setting_aside_needs_a_reason_and_deletes_nothing,
    ),
    "the original is judged and not the repair": (
        log,
        "reopened",
        lambda row, text: _receipt_of_the_repair(row, None),
        releasing.test_a_poison_change_is_read_repaired_released_and_ends_as_a_record,
    ),
    "the receipt names the repaired bytes": (
        log,
        "reopened",
        _receipt_of_the_repair,
        releasing.test_the_phone_that_asks_again_hears_how_it_ended,
    ),
    "the phone never hears how it ended": (
        log,
        "answer",
        lambda entries: None,
        releasing.test_the_phone_that_asks_again_hears_how_it_ended,
    ),
    "the phones are not told": (
        ledger,
        "touch",
        lambda *_, **__: None,
        releasing.test_a_poison_change_is_read_repaired_released_and_ends_as_a_record,
    ),
    "what waited for it waits for ever": (
        Push,
        "again",
        _forgets_the_receipt,
        releasing.test_what_waited_for_it_follows,
    ),
    "what is still kept aside counts as released": (
        service,
        "_NOT_TAKEN",
        (),
        releasing.test_somebody_elses_record_stays_out_of_reach,
    ),
    "the id stays that of another": (
        rules,
        "renumbered",
        lambda text, change_id: text,
        releasing.test_a_used_id_gets_another_one_and_overwrites_nothing,
    ),
    "today's rights count": (
        rules,
        "day_of_rights",
        lambda written, arrived, known_since: arrived,
        _day,
    ),
    "any clock is believed": (
        rules,
        "day_of_rights",
        lambda written, arrived, known_since: written or arrived,
        _clock,
    ),
    "rights once given last for ever": (
        senders,
        "_is_in_force",
        lambda item, day: True,
        releasing.test_without_rights_it_needs_a_choice,
    ),
    "anybody may be made its writer": (service, "COLLABORATOR", "officer", _elsewhere),
    "the record counts from its release": (
        service,
        "Sender",
        lambda *given: Sender(*given[:4]),
        releasing.test_the_record_counts_from_when_it_came_in,
    ),
    "half of it stays when the rest fails": (
        service,
        "judge_again",
        _commits_at_once,
        releasing.test_nothing_half_is_left_when_the_server_falls_over_on_the_way,
    ),
}


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_fault_is_seen(name: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    where, what, fault, test = PLANTED[name]
    needs: Callable[..., Any] = test
    given = {wanted: request.getfixturevalue(wanted) for wanted in inspect.signature(needs).parameters}
    with monkeypatch.context() as planted:
        planted.setattr(where, what, fault)
        with pytest.raises(Exception):  # noqa: B017  what a fault breaks differs; that it is noticed is the point
            needs(**given)
