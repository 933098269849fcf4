"""The cursor: how far a phone has read, in a token that only the server can make."""

from collections.abc import Mapping
from functools import cache

from itsdangerous import BadData, URLSafeSerializer

# [tag, {ward: number}]: short, because every idle answer carries it.
_SALT = "sync cursor 1"


@cache
def _serializer(secret: str) -> URLSafeSerializer:
    return URLSafeSerializer(secret, salt=_SALT)


def pack(secret: str, tag: str, read: Mapping[int, int]) -> str:
    """The token. `tag` stands for the epoch and scope for which the numbers mean something."""
    packed = _serializer(secret).dumps([tag, {str(ward): number for ward, number in read.items()}])
    return packed if isinstance(packed, str) else packed.decode()


def unpack(secret: str, tag: str, token: str | None) -> dict[int, int] | None:
    """The number read in each ward, or None when the token is missing, not ours, or for another epoch or scope."""
    if not token or not token.isascii():
        return None
    try:
        made_for, read = _serializer(secret).loads(token)
    except (BadData, ValueError, TypeError):
        return None
    return {int(ward): number for ward, number in read.items()} if made_for == tag else None
