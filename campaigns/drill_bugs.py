"""Planted bugs that the drill must see."""

from datetime import timedelta

from campaigns.planted import Patch, bug
from tests.phone import Phone


@bug("R-22 the old epoch lives on")
def _same_epoch() -> list[Patch]:
    from app.backup import restore

    real = restore._afterwards
    return [(restore, "_afterwards", lambda *given: [one for one in real(*given) if "'epoch'" not in one])]


@bug("R-22 phones offer nothing again")
def _offers_nothing() -> list[Patch]:
    return [(Phone, "_offer_again", lambda self: None)]


@bug("R-22 phones keep what was receipted for minutes, not for thirty days")
def _forgets_early() -> list[Patch]:
    from tests import phone

    return [(phone, "KEPT", timedelta(minutes=10))]


@bug("R-22 versions go on where the backup ended")
def _no_jump() -> list[Patch]:
    from app.records import queries

    return [(queries, "version_floor", lambda: 0)]


@bug("R-22 cursors outlive the restore")
def _cursors_live_on() -> list[Patch]:
    from app.sync import scope

    real = scope.tag
    return [(scope, "tag", lambda epoch, *more: real("", *more))]
