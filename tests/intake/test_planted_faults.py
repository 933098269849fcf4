"""The tests of the write-only door are worth something: each fault planted here is seen by the test beside it."""

import inspect
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from app import http
from app.identity import keys, senders
from app.intake import api, queries, rules, service
from app.sync import log
from tests.intake import test_allowance as allowance
from tests.intake import test_intake as intake
from tests.intake import test_rights_lost as lost
from tests.phone import Phone

_accept, _json_answer, _hand_in = service.accept, api.json_answer, Phone.hand_in


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
    for key in keys.of_device(actor.id, device):
        key.revoked_at = None


def _nobody_left(person_id: str, device: str) -> Any:
    return senders.without_rights(person_id, device)


PLANTED: dict[str, tuple[Any, str, Any, Callable[..., Any]]] = {
    "signatures are not checked": (rules, "verify", lambda *_: True, intake.test_a_signature_is_for_one_text_only),
    "only the shape of a signature is checked": (
        rules,
        "verify",
        lambda key, sig, body: bool(sig) and len(sig) == 86,
        intake.test_a_signature_is_for_one_text_only,
    ),
    "a missing signature passes": (
        rules,
        "verify",
        lambda key, sig, body: sig is None,
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


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_fault_is_seen(name: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    where, what, fault, test = PLANTED[name]
    given = {wanted: request.getfixturevalue(wanted) for wanted in inspect.signature(test).parameters}
    monkeypatch.setattr(where, what, fault)
    with pytest.raises(Exception):  # noqa: B017  what a fault breaks differs; that it is noticed is the point
        test(**given)


@pytest.mark.parametrize("name", PLANTED)
def test_without_the_fault_the_same_test_passes(name: str, request: pytest.FixtureRequest) -> None:
    test = PLANTED[name][3]
    test(**{wanted: request.getfixturevalue(wanted) for wanted in inspect.signature(test).parameters})
