"""Why a sign-in that a phone still holds opens nothing any more: said to nobody but that phone."""

from typing import Any

from flask import Request

from app.identity import keys, login, queries, senders, sessions


def told(request: Request) -> dict[str, Any]:
    """{"why": "rights_gone" or "phone_revoked"} where the ward ended it; nothing when it ran out or was replaced."""
    token = login.token_in(request, "phone")
    found = queries.sign_in_of(sessions.hash_token(token)) if token else None
    if found is None or found.door != "phone":
        return {}
    if senders.with_rights(found.person_id, found.device or "") is None:
        return {"why": "rights_gone"}
    return {"why": "phone_revoked"} if found.revoked_at and keys.are_revoked(found) else {}
