"""Secrets as they are kept: passphrases by argon2id, one-time codes and buckets keyed with the server's secret."""

import hashlib
import hmac
import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from flask import current_app

from app.identity.rules import LONGEST_PASSPHRASE


def hash_passphrase(passphrase: str) -> str:
    """argon2id, with its salt and cost inside."""
    return _hasher(_cost()).hash(passphrase)


def verify(stored: str | None, passphrase: str) -> bool:
    """Whether the passphrase is right; takes as long when there is none to compare with."""
    try:
        _hasher(_cost()).verify(stored or _nobodys_hash(_cost()), passphrase[: LONGEST_PASSPHRASE + 1])
    except (Argon2Error, InvalidHashError):
        return False
    return stored is not None


def hash_code(letters: str) -> str:
    """Keyed: 40 bits could be tried out by whoever has a copy of the database, but not without the secret."""
    return keyed("code", letters)


def keyed(*parts: str) -> str:
    """A fixed name for these parts that tells nobody what they are: no number or address stands in the tables."""
    secret = str(current_app.config["SECRET_KEY"]).encode()
    return hmac.new(secret, "\x1f".join(parts).encode("utf-8", "replace"), hashlib.sha256).hexdigest()


@cache
def _hasher(cost: int) -> PasswordHasher:
    # 8 MiB a round: at the usual 3 rounds above OWASP's floor (19 MiB, 2 rounds, 1 lane).
    return PasswordHasher(time_cost=cost, memory_cost=cost * 8 * 1024, parallelism=1)


@cache
def _nobodys_hash(cost: int) -> str:
    return _hasher(cost).hash(secrets.token_urlsafe(16))


def _cost() -> int:
    return int(current_app.config["TO_AM"].argon2_cost)
