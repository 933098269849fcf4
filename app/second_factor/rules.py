"""Codes of an authenticator app and on paper, and who must have one. Pure."""

from datetime import datetime, timedelta

import pyotp

from app.identity.rules import CODE_LETTERS

STEP = 30  # seconds that a code is shown (RFC 6238, section 5.2)
AROUND = 1  # steps that the phone's clock may be wrong, either way
RECOVERY_CODES = 10
RECOVERY_LENGTH = 10
_MISREAD = str.maketrans("ILO", "110")


def step_of(secret: str, code: str, seconds: int, last_step: int) -> int | None:
    """The step whose code this is, near `seconds` since 1970 and after `last_step`; None for any other code.

    RFC 6238, section 5.2: a code that was taken is never taken again.
    """
    digits = "".join(code.split())
    if not (len(digits) == 6 and digits.isascii() and digits.isdigit()):
        return None
    app, here = pyotp.TOTP(secret, interval=STEP), seconds // STEP
    steps = range(max(here - AROUND, last_step + 1), here + AROUND + 1)
    found = [step for step in steps if pyotp.utils.strings_equal(app.generate_otp(step), digits)]
    return found[0] if found else None


def address(secret: str, name: str) -> str:
    """What the app's camera reads: otpauth://…; `name` tells the person's accounts apart."""
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name="Tổ Ấm")


def read_recovery(text: str) -> str | None:
    """A recovery code as it is hashed, or None when it cannot be one."""
    letters = "".join(text.upper().replace("-", "").split()).translate(_MISREAD)
    fits = len(letters) == RECOVERY_LENGTH and all(letter in CODE_LETTERS for letter in letters)
    return letters if fits else None


def show_recovery(letters: str) -> str:
    """How it is printed: ABCDE-FGHJK."""
    return f"{letters[:5]}-{letters[5:]}"


def is_due(has_one: bool, since: datetime, moment: datetime, days: int) -> bool:
    """Whether somebody who came to the desk on `since` may do nothing more without a second factor.

    days: the grace that the settings give; below 0 nobody is ever asked.
    """
    return not has_one and days >= 0 and moment >= since + timedelta(days=days)
