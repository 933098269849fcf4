"""The tests of the write-only door are worth something: each fault planted here is seen by the test beside it."""

import inspect
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from app import http
from app.db import db
from app.identity import keys, senders, signatures
from app.intake import api, files, handover, queries, rules, service
from app.sync import log
from tests.cast import GROUP_3, GROUP_7
from tests.intake import test_allowance as allowance
from tests.intake import test_handover as carried
from tests.intake import test_intake as intake
from tests.intake import test_rights_lost as lost
from tests.phone import Phone

_accept, _json_answer, _hand_in = service.accept, api.json_answer, Phone.hand_in
_weighed, _load = handover._weighed, files._load


def _forgets_why(actor: Any, device: str, sent: Any) -> Any:
    return _accept(actor, device, tuple(replace(one, barred=None) for one in sent))


def _empties_the_outbox_on_401(self: Phone, **how: Any) -> None:
    _hand_in(self, **how)
    self.outbox.clear()


def _believes_any_receipt(self: Phone, receipts: Any, entries: Any) -> None:
    for receipt in receipts:
        for entry in entries:
            if entry.id == receipt["id"]:
                self._acknowledge(entry, receipt)


def _takes_back_a_revoked_key(actor: Any, device: str, public_key: str) -> None:
    for key in db.session.scalars(db.select(keys.DeviceKey).filter_by(person_id=actor.id, device=device)):
        key.revoked_at = None


def _as_the_officer(actor: Any, *given: Any, **more: Any) -> Any:
    return _accept(replace(actor, group_ids=(GROUP_7, GROUP_3)), *given, **more)


def _takes_while_looking(file: Any) -> Any:
    actor, sent = _weighed(file)
    _accept(actor, file.device, sent)
    return actor, sent


def _mends_what_was_cut(raw: bytes) -> Any:
    try:
        return _load(raw)
    except files.BadFile:
        return {"format": files.FORMATS[0], "person": "p", "device": "d", "changes": [{"body": "{"}]}


def _nobody_left(person_id: str, device: str) -> Any:
    return senders.without_rights(person_id, device)


PLANTED: dict[str, tuple[Any, str, Any, Callable[..., Any]]] = {
    "signatures are not checked": (signatures, "verify", lambda *_: True, intake.test_a_signature_is_for_one_text_only),
    "only the shape of a signature is checked": (
        signatures,
        "verify",
        lambda key, sig, body: bool(sig) and len(sig) == 86,
        intake.test_a_signature_is_for_one_text_only,
    ),
    "a missing signature passes": (
        rules,
        "fault",
        lambda known, sig, signed: None if sig is None else signatures.fault(known, sig, signed),
        lambda lan, ward: intake.test_a_known_phone_without_a_good_signature_is_heard_but_not_believed(lan, ward, None),
    ),
    "revoking a phone leaves its keys": (
        keys,
        "_revoke",
        lambda *_: None,
        intake.test_a_revoked_phone_hands_in_and_opens_nothing,
    ),
    "why a change is kept aside is forgotten": (
        service,
        "accept",
        _forgets_why,
        intake.test_a_revoked_phone_hands_in_and_opens_nothing,
    ),
    "whoever left still has rights": (
        senders,
        "with_rights",
        _nobody_left,
        intake.test_whoever_left_hands_in_and_opens_nothing,
    ),
    "an assignment has no end": (
        senders,
        "_is_now",
        lambda item: True,
        lambda lan, work, office, ward: lost.test_nothing_is_stranded_and_nothing_gains_rights(
            lan, work, office, ward, "the assignment is over"
        ),
    ),
    "a revoked key comes back": (
        keys,
        "register",
        _takes_back_a_revoked_key,
        lost.test_back_in_service_the_phone_goes_on_as_before,
    ),
    "records come with the receipts": (
        api,
        "json_answer",
        lambda value: _json_answer({**value, "records": []}),
        intake.test_signed_work_of_somebody_with_rights_is_judged_as_always,
    ),
    "what was handed in is taken again when it is sent": (
        log,
        "_known",
        lambda keys: [],
        intake.test_handed_in_and_then_sent_is_one_change_with_one_receipt,
    ),
    "any phone is known": (
        service,
        "is_known",
        lambda *_: True,
        lambda lan, cast, ward: intake.test_an_unknown_phone_is_told_so_and_nothing_is_kept(
            lan, cast, ward, "an unknown phone"
        ),
    ),
    "an old browser's cookie is a reason to refuse": (
        http,
        "WITHOUT_COOKIE",
        frozenset(),
        intake.test_a_browser_too_old_to_say_where_it_is_from_loses_nothing,
    ),
    "there is no limit": (rules, "is_enough", lambda *_: False, allowance.test_a_days_bytes_and_tomorrow_more),
    "the limit is for ever": (
        queries,
        "bytes_since",
        lambda person, device, since: (10**9, 0),
        allowance.test_a_days_bytes_and_tomorrow_more,
    ),
    "what nothing proves uses up the phone's own allowance": (
        rules,
        "is_enough",
        lambda proven, unproven, is_proven, a_day: proven + unproven >= a_day // 10,
        allowance.test_whoever_knows_a_phones_id_cannot_use_up_its_allowance,
    ),
    "looking at a file takes it in": (
        handover,
        "_weighed",
        _takes_while_looking,
        carried.test_looking_shows_what_would_come_and_takes_nothing,
    ),
    "the officer's reach is the file's": (
        handover,
        "accept",
        _as_the_officer,
        carried.test_it_never_acts_with_the_officers_rights,
    ),
    "a file needs no signatures": (
        rules,
        "reason",
        lambda *_, **__: None,
        carried.test_without_signatures_it_is_kept_for_somebody_to_look,
    ),
    "nobody says who brought a file": (
        handover.ledger,
        "note",
        lambda *_, **__: None,
        carried.test_who_brought_it_stands_in_the_wards_chain,
    ),
    "another ward's people are named": (
        handover,
        "_is_near",
        lambda *_: True,
        carried.test_a_file_of_another_ward_goes_there_and_tells_nothing_here,
    ),
    "a cut file is taken as far as it goes": (
        files,
        "_load",
        _mends_what_was_cut,
        carried.test_a_file_cut_anywhere_is_refused_whole,
    ),
    "a parcel is everything at once": (
        handover,
        "_parcels",
        lambda sent: iter([sent]),
        carried.test_a_long_file_is_taken_in_parcels_and_goes_on_where_it_stopped,
    ),
    "the phone empties its outbox on 401": (
        Phone,
        "hand_in",
        _empties_the_outbox_on_401,
        lost.test_a_phone_that_the_ward_does_not_know_keeps_everything,
    ),
    "the phone believes a receipt for other bytes": (
        Phone,
        "_take_receipts",
        _believes_any_receipt,
        lost.test_a_receipt_for_other_bytes_empties_nothing,
    ),
}
work = lost.work
app = allowance.app
minh, full = carried.minh, carried.full


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_fault_is_seen(name: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    where, what, fault, test = PLANTED[name]
    given = {
        wanted: monkeypatch if wanted == "monkeypatch" else request.getfixturevalue(wanted)
        for wanted in inspect.signature(test).parameters
    }
    monkeypatch.setattr(where, what, fault)
    with pytest.raises((Exception, pytest.fail.Exception)):  # what breaks differs; that it is noticed is the point
        test(**given)


@pytest.mark.parametrize("name", PLANTED)
def test_without_the_fault_the_same_test_passes(name: str, request: pytest.FixtureRequest) -> None:
    test = PLANTED[name][3]
    test(**{wanted: request.getfixturevalue(wanted) for wanted in inspect.signature(test).parameters})
