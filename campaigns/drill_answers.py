"""R-22's phones: what they wrote, and whether each answer still stands, in force, open or knowingly overwritten."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from flask import Flask

from tests.cast import Cast
from tests.phone import Entry, Json, Phone


@dataclass
class Keeping(Phone):
    """A phone that also keeps for us all that it ever wrote, and the receipts it got."""

    kept: dict[str, Entry] = field(default_factory=dict)
    acknowledged: dict[str, Json] = field(default_factory=dict)
    knew: dict[str, dict[str, list[Any]]] = field(default_factory=dict)  # what was on the screen, by change and field

    def turns_to(self, app: Flask) -> None:
        """The address of the ward leads to another machine."""
        self.app, self.client = app, Cast(app).client(self.person)

    def _write(self, parts: Json) -> str:
        shown: dict[str, list[Any]] = {name: [value] for name, value in self.sees(parts["record"]).items()}
        for clash in self.store.get(parts["record"], {}).get("conflicts", []):
            shown.setdefault(clash["field"], []).extend([clash["kept"], clash["other"]])
        change_id = super()._write(parts)
        self.knew[change_id] = {name: [_plain(value) for value in values] for name, values in shown.items()}
        self.kept[change_id] = self.outbox[-1]
        return change_id

    def _acknowledge(self, entry: Entry, receipt: Json) -> None:
        super()._acknowledge(entry, receipt)
        self.acknowledged[entry.id] = receipt


@dataclass(frozen=True)
class Written:
    """One value that somebody wrote into one field, and the field's values that were on the screen then."""

    change: str
    by: tuple[str, int]  # device, and its number there
    name: str
    value: Any
    knew: list[Any]

    def has_seen(self, other: "Written") -> bool:
        """Whether its writer knew of the other value: it was on the screen, or written on this phone before."""
        empty = [None] if other.value is None else []  # nothing on the screen is what a cleared field looks like
        own = self.by[0] == other.by[0] and self.by[1] > other.by[1]
        return own or other.value in (self.knew or empty)


def writings(phones: Iterable[Keeping]) -> dict[str, list[Written]]:
    """What phones wrote into records, and the ward took, by record."""
    found: dict[str, list[Written]] = {}
    for phone in phones:
        for key, entry in phone.kept.items():
            if phone.acknowledged[key]["outcome"] != "quarantined":
                for name, value in entry.change.get("set", {}).items():
                    knew = phone.knew[key].get(name, [])
                    one = Written(key, (phone.device, entry.seq), name, _plain(value), knew)
                    found.setdefault(entry.record, []).append(one)
    return found


def everything(phones: Iterable[Keeping]) -> tuple[dict[str, Entry], dict[str, Json]]:
    """All changes that phones ever wrote, and all receipts that they got, by change."""
    kept: dict[str, Entry] = {}
    receipts: dict[str, Json] = {}
    for phone in phones:
        kept |= phone.kept
        receipts |= phone.acknowledged
    return kept, receipts


def somebody_withdrew(phones: Iterable[Keeping], record_id: str) -> bool:
    """Whether a phone asked for this record to be withdrawn."""
    entries = (entry for phone in phones for entry in phone.kept.values() if entry.record == record_id)
    return any(entry.change.get("delete") for entry in entries)


def left_over(phone: Keeping) -> Iterator[str]:
    """What is not as it should be on a phone that has sent everything."""
    who = phone.person.name
    if phone.outbox:
        yield f"{len(phone.outbox)} changes still wait on the phone of {who}"
    if phone.alarmed or phone.heard[-1]["missing"]:
        yield f"the phone of {who} is taken for one that lost something"
    if phone.digest() != phone.asks_digest():
        yield f"the phone of {who} does not hold what the ward says"
    never = [key for key in phone.kept if key not in phone.acknowledged]
    if never:
        yield f"{len(never)} changes of {who} got no receipt"


def stands(one: Written, others: list[Written], record: Json) -> bool:
    """Whether a value is in force or open beside the one that is, or was overwritten by somebody who had seen it."""
    shown = [record["data"].get(one.name)]
    shown += [clash[side] for clash in record["conflicts"] if clash["field"] == one.name for side in ("kept", "other")]
    over = [other for other in others if other.name == one.name and other.change != one.change]
    return one.value in map(_plain, shown) or any(other.has_seen(one) for other in over)


def _plain(value: Any) -> Any:
    """A value as the ward stores it: without blanks around it."""
    return value.strip() if isinstance(value, str) else value
