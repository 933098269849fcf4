"""Unsent work that somebody carries to the desk in a file: looked at first, then taken in as if the phone had
handed it in itself. The officer's own rights play no part; she or he only carries."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from app.identity import senders
from app.identity.queries import person_in_reach
from app.identity.rights import Actor
from app.intake.files import BadFile, UnsentFile
from app.intake.service import weighed
from app.problems import Problem
from app.records import ledger
from app.seals import service as seals
from app.sync import log
from app.sync.envelopes import MOST_CHANGES, Sent, read_body
from app.sync.log import Receipt
from app.sync.service import accept
from app.units.queries import place


@dataclass(frozen=True)
class Look:
    """What a file would bring. `name`, `where` and `phone` are empty when the person is out of the reader's reach."""

    name: str
    where: str
    phone: str
    kinds: tuple[tuple[str, int], ...]  # of all changes; "" where no kind can be read
    here: int  # how many the ward has already
    judged: int  # of the others: how many will be judged by their sender's rights
    aside: tuple[tuple[str, int], ...]  # and how many are kept for somebody to look, by reason


def look(officer: Actor, file: UnsentFile) -> Look:
    """What taking the file would do. Nothing is written. Raises BadFile when the ward knows no such person."""
    actor, sent = _weighed(file)
    known = log.receipts(file.person, sent)
    reasons = Counter(one.barred or "" for one, receipt in zip(sent, known, strict=True) if receipt is None)
    judged = reasons.pop("", 0)
    near = _is_near(officer, file.person)
    return Look(
        name=actor.name if near else "",
        where=place(actor.group_ids[0] if actor.group_ids else actor.ward_id) if near else "",
        phone=senders.label_of(file.person, file.device) if near else "",
        kinds=tuple(sorted(Counter(kind_of(one.body) for one in sent).items())),
        here=sum(receipt is not None for receipt in known),
        judged=judged,
        aside=tuple(sorted(reasons.items())),
    )


def take(officer: Actor, file: UnsentFile) -> list[Receipt]:
    """Take the file in; a receipt for each change, in its order. Again changes nothing. Raises BadFile.

    In parcels, each committed whole: whatever stops it, the same file taken again goes on from there.
    """
    actor, sent = _weighed(file)
    tell = _who_brought_it(officer, actor, file)
    receipts: list[Receipt] = []
    for parcel in _parcels(sent):
        receipts += accept(actor, file.device, parcel, app=file.app, beside=tell)[0]
    return receipts


def receipts_for(file: UnsentFile) -> list[Receipt]:
    """The receipts that the ward has given for the file's changes, in its order, without those not taken yet."""
    return [receipt for receipt in log.receipts(file.person, contents(file)) if receipt is not None]


def contents(file: UnsentFile) -> tuple[Sent, ...]:
    """The file's changes, opened where they are sealed."""
    return seals.opened(file.changes)


def kind_of(body: str) -> str:
    """The code of the kind that a change is about; empty when none can be read."""
    value = read_body(body)
    kind = value.get("kind") if isinstance(value, dict) else None
    return kind if isinstance(kind, str) else ""


def _weighed(file: UnsentFile) -> tuple[Actor, tuple[Sent, ...]]:
    actor, sent = weighed(file.person, file.device, file.changes, by_hand=True)
    if actor is None:
        raise BadFile("nobody")
    return actor, sent


def _who_brought_it(officer: Actor, sender: Actor, file: UnsentFile) -> Callable[[int], None]:
    """Says in the ward's chain, beside the changes themselves, that a file brought them."""

    def tell(stored: int) -> None:
        ledger.note(
            sender.ward_id,
            "imported",
            by=officer.id,
            person=sender.id,
            device=file.device,
            file=file.sha256,
            changes=stored,
        )

    return tell


def _parcels(sent: tuple[Sent, ...]) -> Iterator[tuple[Sent, ...]]:
    for start in range(0, len(sent), MOST_CHANGES):
        yield sent[start : start + MOST_CHANGES]


def _is_near(officer: Actor, person_id: str) -> bool:
    try:
        person_in_reach(officer, person_id)
    except Problem:
        return False
    return True
