"""Sign-ins as rows: opening, renewing and ending them, and the count of failed tries. Runs inside a transaction."""

import hashlib
import secrets
from dataclasses import dataclass

from sqlalchemy import delete, update

from app.clock import now
from app.db import db, take_turns
from app.identity import rules
from app.identity.models import FailedSignIn, SignIn
from app.problems import Problem
from app.vietnamese import clean

LONGEST_LABEL = 80
# The door of whoever has shown the passphrase and not yet the second factor: it opens nothing.
HALF = "half"


@dataclass(frozen=True)
class Origin:
    """Where a try to sign in comes from."""

    address: str | None = None  # the client's IP address
    device: str | None = None  # the phone's own uuid
    label: str = ""  # what the phone or browser says it is
    token: str | None = None  # what its cookie held before, even if long ended


def hash_token(token: str) -> str:
    """What the database keeps of a token. A plain hash will do: 256 random bits cannot be guessed."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def open_sign_in(person_id: str, door: str, origin: Origin) -> str:
    """A new token for this person at this door; what the same browser or phone had before ends."""
    if origin.token:
        end(hash_token(origin.token))
    if origin.device:
        _end_where(SignIn.person_id == person_id, SignIn.device == origin.device, SignIn.door == door)
    token = secrets.token_urlsafe(32)
    moment = now()
    db.session.add(
        SignIn(
            token_hash=hash_token(token),
            person_id=person_id,
            door=door,
            device=origin.device,
            label=rules.device_name(clean(origin.label))[:LONGEST_LABEL],
            created_at=moment,
            seen_at=moment,
            expires_at=moment + rules.LIFE[door],
            revoked_at=None,
        )
    )
    return token


def renew(sign_in: SignIn) -> None:
    """Note that the phone or browser was here. A phone's sign-in lives on from now; a desk's keeps its end."""
    sign_in.seen_at = now()
    if sign_in.door == "phone":
        sign_in.expires_at = now() + rules.LIFE["phone"]


def end(token_hash: str) -> None:
    """The token opens nothing from now on."""
    _end_where(SignIn.token_hash == token_hash)


def end_all(person_id: str) -> None:
    """All the person's tokens end."""
    _end_where(SignIn.person_id == person_id)


def _end_where(*conditions: object) -> None:
    ending = update(SignIn).where(SignIn.revoked_at.is_(None), *conditions)  # type: ignore[arg-type]
    db.session.execute(ending.values(revoked_at=now()))


def begin_try(bucket: str) -> None:
    """Count a try as failed before it is judged, so that many at once are slowed too. Raises slow_down."""
    take_turns(f"tries {bucket}")
    moment = now()
    row = db.session.get(FailedSignIn, bucket)
    if row is None:
        db.session.add(FailedSignIn(bucket=bucket, count=1, last_at=moment))
        return
    failures = rules.still_counted(row.count, row.last_at, moment)
    wait = rules.seconds_to_wait(failures, row.last_at, moment)
    if wait:
        raise Problem("slow_down", retry_after=wait)
    row.count = failures + 1
    row.last_at = moment


def forget_tries(bucket: str) -> None:
    """The try succeeded after all."""
    take_turns(f"tries {bucket}")
    db.session.execute(delete(FailedSignIn).where(FailedSignIn.bucket == bucket))
