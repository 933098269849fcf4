"""What an address or a form holds as text. Pure."""


def whole(text: str | None) -> int | None:
    """A whole number of at most nine ASCII digits; None for anything else, so that nonsense is as if it were not there.

    str.isdigit alone also takes ², and a longer number is none of ours.
    """
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else None
