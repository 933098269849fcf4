"""A round trip: take in what a phone recorded, commit, then tell it what is new."""

import hashlib
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy.exc import IntegrityError

from app.clock import now
from app.db import transact
from app.identity import keys, signatures
from app.identity.queries import names
from app.identity.rights import Actor
from app.kinds import registry
from app.operations import metrics
from app.problems import Problem
from app.records import queries as records
from app.records.chain import read_head
from app.records.service import after_the_desk, ensure_epoch
from app.seals import service as seals
from app.stumble import is_bad_luck, is_database_away
from app.sync import cursor, devices, log, numbering, queries, scope
from app.sync.devices import Contact
from app.sync.envelopes import Envelope, Sent
from app.sync.judge import Sender
from app.sync.numbering import NOTHING, Said
from app.sync.push import Push, Taken
from app.sync.queries import Standing


def round_trip(actor: Actor, asked: Envelope, secret: str) -> dict[str, Any]:
    """Answer a request. What it carried is committed, flushed to disk, before anything is said."""
    if asked.person not in (None, actor.id):
        raise Problem("sign_in_needed")
    taken = Taken([], {}, set())
    if asked.changes:
        taken = accept(actor, asked.device, _weighed(actor, asked), app=asked.app, said=asked.said)
        metrics.note_receipts(taken.receipts)
    stand = _standing(actor, asked)
    answer = {**pull(actor, asked, secret, stand, taken), "receipts": taken.receipts}
    fell_back = not numbering.is_believed(stand.numbers, asked.said)
    if asked.changes or answer["reset"] or asked.cursor is None or fell_back:
        missing = devices.missing(actor, asked.device, stand.numbers)
        return {**answer, "missing": missing, "last": stand.numbers.last, "chain": stand.head.text()}
    return {**answer, "missing": []}


def _weighed(actor: Actor, asked: Envelope) -> tuple[Sent, ...]:
    """The changes, opened, each with why it must be kept aside although its sender is signed in: the phone has a key,
    and has not signed it. A phone that never told a key has nothing but its sign-in, and goes on as before."""
    known = keys.trusted(actor, asked.device, asked.key)
    sent = seals.opened(asked.changes)
    if not known:
        return sent
    return tuple(_proven(one, known, actor.id, asked.device) for one in sent)


def _proven(one: Sent, known: Sequence[signatures.Key], person: str, device: str) -> Sent:
    """The change, or why nothing proves that it is this phone's."""
    if one.barred:
        return one
    fault = signatures.fault(known, one.sig, one.signed(person, device))
    return replace(one, barred=fault) if fault else one


def accept(
    actor: Actor,
    device: str,
    sent: tuple[Sent, ...],
    *,
    app: str = "",
    said: Said = NOTHING,
    beside: Callable[[int], None] | None = None,
) -> Taken:
    """Store and judge changes in one transaction. `app`, `said`: what the phone says of itself.

    `beside` is called in the same transaction with the number of changes that it stored, if there are any.
    """
    contact = Contact(actor, device, app, said, now())
    try:
        return Push(contact, one_by_one=False).take(sent, beside)
    except Exception as error:
        if is_database_away(error) and not is_bad_luck(error):
            raise
    # It stumbled, over one change, over another push at the same moment (PostgreSQL lets both begin) or over a line
    # that broke: nothing was kept, or all of it and then it is found. Now each change gets a savepoint of its own,
    # so that a bad one harms no other.
    try:
        return Push(contact, last_try=False).take(sent, beside)
    except IntegrityError:
        # Another push wrote the same change or record: now it is there to be found.
        return Push(contact).take(sent, beside)


def take_in(actor: Actor, device: str, sent: tuple[Sent, ...]) -> list[log.Receipt]:
    """Store and judge changes that the desk made, inside the caller's transaction; their receipts."""
    return Push(Contact(actor, device, "", NOTHING, now())).store(sent)


def judge_again(entry: log.Entry, sender: Sender) -> log.Receipt:
    """Judge a change of the log once more, with what waits for its record, inside the caller's transaction.

    Its receipt is replaced: the phone hears it when it asks again.
    """
    contact = Contact(sender.actor, sender.device, "", NOTHING, sender.received_at)
    return Push(contact).again(entry, sender)


def release(record_ids: Collection[str]) -> None:
    """Judge what waited for these records, inside the caller's transaction, after they were raised by other means
    than a phone's change."""
    held = log.held(record_ids)
    if held:
        first = next(iter(held.values()))[0]
        Push(Contact(first.actor, first.device, "", NOTHING, now())).release(held)


def release_all() -> None:
    """Judge whatever waits and need not any more, inside the caller's transaction: a restored server knows of
    versions that were lost and will never come."""
    release(log.waited_for())


after_the_desk.append(release)


def pull(actor: Actor, asked: Envelope, secret: str, stand: Standing, taken: Taken) -> dict[str, Any]:
    """What is new in the person's scope since the cursor, without what the phone has already."""
    tag = scope.tag(stand.epoch or "", actor, records.shared_kinds())
    last = stand.last_no
    read = cursor.unpack(secret, tag, asked.cursor)
    above = (read or {}).get(actor.ward_id, 0)
    # A phone without a cursor has nothing to replace; one with a cursor that means nothing any more has.
    reset = asked.cursor is not None and (read is None or above > last)
    above = 0 if reset else above
    nothing = above >= last or (taken.is_all(above, last) and not reset)
    found = [] if nothing else records.feed(actor, above, last, asked.limit + 1)
    more = len(found) > asked.limit
    page = found[: asked.limit]
    reached = page[-1]["feed_no"] if more else last
    now_read = {actor.ward_id: reached}
    gone = [] if nothing or reset else records.gone(actor, above, reached)
    if taken.doubtful:
        gone += sorted(taken.doubtful - set(gone) - records.within_scope(actor, taken.doubtful))
    known = names(clash[by] for record in page for clash in record["conflicts"] for by in ("kept_by", "other_by"))
    return {
        "epoch": stand.epoch,
        "now": scope.moment(now()),
        # As it came where nothing is new: the same numbers give the same token.
        "cursor": asked.cursor if read == now_read else cursor.pack(secret, tag, now_read),
        "more": more,
        "reset": reset,
        "records": [
            scope.wire(record, actor.id, registry.get(record["kind"]), known)
            for record in page
            if reset or not taken.is_there(record, above)
        ],
        "gone": gone,
    }


def digest(actor: Actor, seen: str | None) -> dict[str, Any]:
    """The fingerprint of everything that this person's phone should hold.

    `seen`: a head of the ward's log chain that the phone kept; is it still part of the chain?
    """
    lines = sorted(f"{record_id}:{version}\n" for record_id, version in records.versions_in_scope(actor))
    answer = {"count": len(lines), "digest": hashlib.sha256("".join(lines).encode()).hexdigest()}
    if seen is None:
        return answer
    head = read_head(seen)
    return {**answer, "chain": "known" if head and queries.is_in_chain(actor.ward_id, head) else "unknown"}


def _standing(actor: Actor, asked: Envelope) -> Standing:
    """Where things stand; what a request without changes says of its phone is written down when it is news."""
    stand = queries.standing(actor, asked.device)
    news = not asked.changes and numbering.is_news(stand.numbers, asked.said)
    if not news and stand.epoch is not None:
        return stand
    with transact():
        ensure_epoch()
        if news:
            devices.take_down(Contact(actor, asked.device, asked.app, asked.said, now()))
    return queries.standing(actor, asked.device)
