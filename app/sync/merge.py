"""The conflict rule, pure.

Field by field against what the phone knew: a field that nobody else wrote since is taken; the
same value twice is nothing; two different values are a conflict. Then the first value stays,
except in a `safety` field, where the more dangerous one does. The other is kept beside it,
with who and when, until a person chooses. Nothing is ever dropped.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from app import json_text

# version, device, seq, person, at (ISO); a list when it comes out of the database
Writer = Sequence[Any]


@dataclass(frozen=True)
class Incoming:
    """A change as the phone sent it: `base` is the version it had, `fields` what it set."""

    device: str
    seq: int
    person: str
    at: str
    base: int
    fields: Mapping[str, Any]


@dataclass(frozen=True)
class Merged:
    """The record after the change. `outcome` is what the receipt says."""

    outcome: Literal["applied", "merged", "conflict"]
    version: int
    data: dict[str, Any]
    writers: dict[str, Writer]
    conflicts: list[dict[str, Any]]


def merge(
    data: Mapping[str, Any],
    writers: Mapping[str, Writer],
    version: int,
    conflicts: Sequence[dict[str, Any]],
    change: Incoming,
    safety: Mapping[str, Sequence[str]],
) -> Merged:
    """Combine a change with the record at `version`. `safety`: field -> codes, most dangerous first.

    A field set to None is cleared: it leaves `data`, and its writer stays known.
    """
    values, wrote, open_ = dict(data), dict(writers), list(conflicts)
    writer: Writer = [version + 1, change.device, change.seq, change.person, change.at]
    clashed = False
    for name, value in change.fields.items():
        last = wrote.get(name)
        if last is not None and is_late(last, change):
            continue
        if last is None or is_known(last, change):
            open_ = [clash for clash in open_ if clash["field"] != name or clash["version"] > change.base]
        else:
            if same(values.get(name), value):
                continue
            clashed = True
            wins = _is_worse(value, values.get(name), safety.get(name, ()))
            open_.append(_conflict(name, values.get(name), last, value, writer, swap=wins))
            if not wins:
                continue
        values[name], wrote[name] = value, writer
    others = any(not is_known(last, change) for last in writers.values())
    kept = {name: value for name, value in values.items() if value is not None}
    return Merged("conflict" if clashed else "merged" if others else "applied", version + 1, kept, wrote, open_)


class Side(NamedTuple):
    """One of the values that stand open for a field, with who wrote it and when by that phone's clock."""

    value: Any
    by: str
    at: str


def sides(
    name: str, data: Mapping[str, Any], writers: Mapping[str, Writer], conflicts: Sequence[Mapping[str, Any]]
) -> list[Side]:
    """The values between which somebody has to choose, the one in force first; empty without an open conflict."""
    beside = [clash for clash in conflicts if clash["field"] == name]
    if not beside:
        return []
    writer = writers.get(name)
    kept = (str(writer[3]), str(writer[4])) if writer else (beside[-1]["kept_by"], beside[-1]["kept_at"])
    found = [Side(data.get(name), *kept)]
    for clash in beside:
        if not any(same(side.value, clash["other"]) for side in found):
            found.append(Side(clash["other"], clash["other_by"], clash["other_at"]))
    return found


def is_known(last: Writer, change: Incoming) -> bool:
    """Whether the phone had seen this writing: it was in its base, or its own and not a later one."""
    return bool(last[0] <= change.base or (_is_own(last, change) and last[2] <= change.seq))


def is_late(last: Writer, change: Incoming) -> bool:
    """Whether the same phone wrote this later, and that writing arrived earlier."""
    return bool(_is_own(last, change) and last[2] > change.seq)


def same(a: Any, b: Any) -> bool:
    """Whether two values are one as JSON: 1 and true differ, the order of members does not matter."""
    if type(a) is str and type(b) is str:  # as most are
        return a == b
    return canonical(a) == canonical(b)


def canonical(value: Any) -> str:
    """A value as JSON text with sorted keys."""
    return json_text.sorted_text(value)


def _is_own(last: Writer, change: Incoming) -> bool:
    # Both: two people may share a phone, and a device id alone could be anybody's claim.
    return bool(last[1] == change.device and last[3] == change.person)


def _is_worse(new: Any, old: Any, order: Sequence[str]) -> bool:
    return new in order and (old not in order or order.index(new) < order.index(old))


def _conflict(name: str, old: Any, last: Writer, new: Any, writer: Writer, *, swap: bool) -> dict[str, Any]:
    first, second = ((new, writer), (old, last)) if swap else ((old, last), (new, writer))
    return {
        "field": name,
        "kept": first[0],
        "other": second[0],
        "kept_by": first[1][3],
        "other_by": second[1][3],
        "kept_at": first[1][4],
        "other_at": second[1][4],
        "version": writer[0],
    }
