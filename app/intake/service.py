"""The write-only door: what a phone hands in without a sign-in is stored, judged where its rights still stand,
kept aside where they do not, and answered with receipts alone."""

from dataclasses import replace
from datetime import timedelta

from app.clock import begins, now, today
from app.identity import keys, senders
from app.identity.rights import Actor
from app.identity.signatures import UNPROVEN, Key
from app.intake import queries, rules
from app.problems import Problem
from app.seals import service as seals
from app.sync.envelopes import Envelope, Sent
from app.sync.log import Receipt
from app.sync.service import accept


def hand_in(asked: Envelope, a_day: int) -> list[Receipt]:
    """Receipts for what came, committed before they are given. Raises unknown_device or enough_today.

    `a_day`: how many bytes one phone may hand in a day.
    """
    if asked.person is None:
        raise Problem("bad_envelope", fields=[{"field": "person", "code": "unreadable"}])
    if not is_known(asked.person, asked.device):
        raise Problem("unknown_device")
    actor, sent = weighed(asked.person, asked.device, asked.changes, by_hand=False)
    if actor is None:
        raise Problem("unknown_device")
    _refuse_too_much(actor, asked.device, sent, a_day)
    return accept(actor, asked.device, sent, app=asked.app)[0] if sent else []


def is_known(person_id: str, device: str) -> bool:
    """Whether this phone was ever this person's: it registered a key, or a sign-in."""
    return bool(keys.of_device(person_id, device)) or senders.was_here(person_id, device)


def weighed(
    person_id: str, device: str, changes: tuple[Sent, ...], *, by_hand: bool
) -> tuple[Actor | None, tuple[Sent, ...]]:
    """Whose work it is, with the rights of today if there are any; each change, opened, with why it is kept aside."""
    actor = senders.with_rights(person_id, device)
    registered = keys.of_device(person_id, device)
    sent = tuple(
        replace(one, barred=one.barred or _reason(one, registered, person_id, device, actor is not None, by_hand))
        for one in seals.opened(changes)
    )
    return actor or senders.without_rights(person_id, device), sent


def _reason(one: Sent, known: list[Key], person_id: str, device: str, has_rights: bool, by_hand: bool) -> str | None:
    return rules.reason(one.signed(person_id, device), one.sig, known, has_rights=has_rights, by_hand=by_hand)


def _refuse_too_much(actor: Actor, device: str, sent: tuple[Sent, ...], a_day: int) -> None:
    midnight = begins(today())
    proven, unproven = queries.bytes_since(actor.id, device, midnight)
    for is_proven in {one.barred not in UNPROVEN for one in sent}:
        if rules.is_enough(proven, unproven, is_proven, a_day):
            wait = midnight + timedelta(days=1) - now()
            raise Problem("enough_today", retry_after=int(wait.total_seconds()) + 1)
