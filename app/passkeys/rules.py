"""Where passkeys can be, how long a challenge counts, what a count that went back means. Pure."""

import ipaddress
from datetime import datetime, timedelta
from urllib.parse import urlsplit

# What a challenge is for: one that was given out for one of these is none for another.
SIGN_IN, SECOND_STEP, STEP_UP, ADD = "sign in", "second step", "step up", "add"
LIFE = timedelta(minutes=5)
LONGEST_NAME = 60
MOST = 10  # passkeys of one person


def site_of(origin: str) -> str | None:
    """The name that passkeys belong to (WebAuthn, "RP ID"), of the address in the settings.

    None where browsers make none: without https (but for this very machine), or where the address is a number.
    """
    parts = urlsplit(origin)
    host = parts.hostname or ""
    if not host or (parts.scheme != "https" and host != "localhost"):
        return None
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return host
    return None


def is_over(made_at: datetime, moment: datetime) -> bool:
    """Whether a challenge counts no more."""
    return moment - made_at >= LIFE


def is_copied(kept: int, shown: int) -> bool:
    """Whether somebody else holds this passkey too: its count did not grow (WebAuthn, section 6.1.1). 0 counts none."""
    return (kept > 0 or shown > 0) and shown <= kept


def name_fault(name: str) -> str | None:
    """Why a cleaned name will not do."""
    if not name:
        return "required"
    return "too_long" if len(name) > LONGEST_NAME else None
