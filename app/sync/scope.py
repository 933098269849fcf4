"""What a phone may carry, and how a record looks to it. Pure."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from app.identity.rights import Actor
from app.kinds.vocabulary import Kind
from app.records.rules import is_private

_REVIEW = ("verdict", "note", "pins", "by", "at", "version")


def tag(epoch: str, actor: Actor, shared: Sequence[str]) -> str:
    """Changes when a cursor of before no longer means anything: another database, person, place, or sharing."""
    text = json.dumps([epoch, actor.id, actor.ward_id, actor.group_ids, list(shared)])
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def hidden_from(actor_id: str, author_id: str, kind: Kind | None, name: str) -> bool:
    """Whether a field of a record stays away from this person's phone."""
    return actor_id != author_id and is_private(kind.fields.get(name) if kind else None)


def wire(record: Mapping[str, Any], actor_id: str, kind: Kind | None, names: Mapping[str, str]) -> dict[str, Any]:
    """A record as the phone of this person gets it. `names`: of the people in its conflicts, by id."""

    def shown(name: str) -> bool:
        return not hidden_from(actor_id, record["author_id"], kind, name)

    review = record["review"]
    if review:
        review = {name: review.get(name) for name in _REVIEW}
        review["pins"] = {name: reason for name, reason in (review["pins"] or {}).items() if shown(name)}
    if kind is not None and kind.write_only:
        record, review = _shut(record, review)
    said = _said(record, actor_id)
    return {
        "id": record["id"],
        "kind": record["kind"],
        "version": record["version"],
        "status": record["status"],
        "unit": None if record["group_id"] is None else str(record["group_id"]),
        "author": record["author_id"],
        "parent": record["parent_id"],
        "received": moment(record["received_at"]),
        "data": {name: value for name, value in record["data"].items() if shown(name)},
        "conflicts": [_named(clash, names) for clash in record["conflicts"] if shown(clash["field"])],
        "problems": [problem for problem in record["problems"] if shown(problem["field"])],
        "review": review or None,
        **({"said": said} if said else {}),
    }


def _said(record: Mapping[str, Any], actor_id: str) -> list[dict[str, Any]]:
    """The desk's comments, and the task that this person has, which alone has a `due`."""
    said = [{name: one[name] for name in ("note", "by", "at")} for one in record["said"] or ()]
    task = record["task"] if record["assignee_id"] == actor_id else None
    if task:
        said.append({"note": task["what"], "by": task["by"], "at": task["at"], "due": task["due"] or ""})
    return said


def _shut(record: Mapping[str, Any], review: dict[str, Any] | None) -> tuple[Mapping[str, Any], dict[str, Any] | None]:
    """Of a record that nobody opens on a phone: its state, and which fields the ward asks for."""
    if review:
        review = {**review, "note": "", "pins": dict.fromkeys(review["pins"], "")}
    bare: dict[str, Any] = {"data": {}, "conflicts": [], "problems": [], "parent_id": None, "said": (), "task": None}
    return {**record, **bare}, review


def _named(clash: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """A conflict with the names of both writers, whom a phone knows by id only when it is its own."""
    return {**clash, "kept_name": names.get(clash["kept_by"], ""), "other_name": names.get(clash["other_by"], "")}


def moment(at: datetime) -> str:
    """A moment on the wire: UTC to the second."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
