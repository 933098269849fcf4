"""The log as a table for a file: every link as it is sealed, with the names that go with its ids."""

from collections.abc import Iterator

from app.audit import queries, shown
from app.audit.queries import Wanted
from app.exports.columns import Column, Row, extra
from app.i18n import t
from app.identity import queries as identity
from app.records.chain import canonical


def columns() -> tuple[Column, ...]:
    """The columns, labelled in the language of the page."""
    return (
        extra("no", t("audit.col.no"), "number"),
        extra("at", t("audit.col.at"), "moment"),
        extra("who", t("audit.col.who"), "text"),
        extra("what", t("audit.col.what"), "text"),
        extra("details", t("audit.col.details"), "text"),
        extra("record", t("audit.col.record"), "text"),
        extra("facts", t("audit.col.facts"), "text"),
        extra("hash", t("audit.col.hash"), "text"),
    )


def rows(wanted: Wanted, lang: str, named: bool) -> Iterator[Row]:
    """A chain, from its first link on."""
    names: dict[str, str] = {}
    for one in queries.stream(wanted):
        if one.person and one.person not in names:
            names[one.person] = identity.names([one.person]).get(one.person, one.person)
        record = one.facts.get("record")
        cells = {
            "no": one.no,
            "at": one.local,
            "who": names.get(one.person or "", ""),
            "what": shown.deed(one.what),
            "details": shown.details(one.facts),
            "record": record if isinstance(record, str) else None,
            "facts": canonical(one.facts),
            "hash": one.hash,
        }
        yield Row({}, {}, {}, cells)
