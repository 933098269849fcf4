"""What becomes of a change that arrives without a sign-in: judged as always, or set aside, and why. Pure."""

from collections.abc import Sequence

from app.identity.signatures import Key, fault

# What nothing proves has a small allowance of its own, so that whoever knows a phone's id cannot use
# up what the phone itself may hand in.
UNPROVEN_SHARE = 10


def reason(signed: bytes, signature: str | None, keys: Sequence[Key], *, has_rights: bool, by_hand: bool) -> str | None:
    """Why a change must be kept aside, or None when it is to be judged as if its sender were signed in.

    The proof comes first: without one nothing is known of the sender. `signed`: what the signature must be over;
    `by_hand`: it came in a file.
    """
    found = fault(keys, signature, signed)
    if found == "unsigned" and not by_hand:
        return "bad_signature"
    return "rights_gone" if found in (None, "phone_revoked") and not has_rights else found


def is_enough(proven: int, unproven: int, incoming_is_proven: bool, a_day: int) -> bool:
    """Whether the phone has handed in its bytes of the day. The last parcel may pass it: none is ever too big."""
    return proven >= a_day if incoming_is_proven else unproven >= a_day // UNPROVEN_SHARE
