"""What becomes of a change that arrives without a sign-in: judged as always, or set aside, and why. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.identity.signatures import verify

# What nothing proves has a small allowance of its own, so that whoever knows a phone's id cannot use
# up what the phone itself may hand in.
UNPROVEN_SHARE = 10


@dataclass(frozen=True)
class Key:
    """A key that the phone registered."""

    public_key: str
    is_revoked: bool


def reason(body: str, signature: str | None, keys: Sequence[Key], *, has_rights: bool, by_hand: bool) -> str | None:
    """Why a change must be kept aside, or None when it is to be judged as if its sender were signed in.

    The proof comes first: without one nothing is known of the sender. `by_hand`: it came in a file.
    """
    if signature is None and by_hand:
        return "unsigned"
    raw = body.encode("utf-8", "surrogatepass")
    proving = [key for key in keys if verify(key.public_key, signature, raw)]
    if not proving:
        return "bad_signature"
    if not has_rights:
        return "rights_gone"
    return "phone_revoked" if all(key.is_revoked for key in proving) else None


def is_enough(proven: int, unproven: int, incoming_is_proven: bool, a_day: int) -> bool:
    """Whether the phone has handed in its bytes of the day. The last parcel may pass it: none is ever too big."""
    return proven >= a_day if incoming_is_proven else unproven >= a_day // UNPROVEN_SHARE
