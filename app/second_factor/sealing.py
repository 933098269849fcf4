"""The secrets of authenticator apps under a key that is not in the database (AES-256-GCM, bound to their person)."""

import base64
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import current_app

from app.problems import Problem

_NONCE = 12


def seal(person_id: str, secret: str) -> str:
    """The secret as it is kept."""
    nonce = os.urandom(_NONCE)
    return base64.urlsafe_b64encode(nonce + _key().encrypt(nonce, secret.encode(), person_id.encode())).decode()


def unseal(person_id: str, sealed: str) -> str:
    """The secret. Raises not_possible_now when SECRET_KEY is another one than it was sealed under."""
    raw = base64.urlsafe_b64decode(sealed)
    try:
        return _key().decrypt(raw[:_NONCE], raw[_NONCE:], person_id.encode()).decode()
    except InvalidTag:
        raise Problem("not_possible_now") from None


def _key() -> AESGCM:
    secret = str(current_app.config["SECRET_KEY"]).encode()
    return AESGCM(HKDF(SHA256(), 32, salt=None, info=b"to-am second factor v1").derive(secret))
