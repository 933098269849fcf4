"""The quick tiers of the fault campaigns, each with the planted bugs that it must see."""

from campaigns.planted import BUGS


def bugs_of(number: str) -> list[str]:
    """The planted bugs of one campaign, which has been imported."""
    return [name for name in BUGS if name.startswith(number)]
