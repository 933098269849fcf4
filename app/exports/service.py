"""A list as a file, and the trace that it leaves: no file without one."""

import hashlib
import tempfile
from dataclasses import dataclass
from datetime import datetime
from typing import IO

from app.clock import HANOI, now
from app.db import db, transact
from app.exports import columns, formats, rules
from app.exports.lists import Listed
from app.exports.models import Export
from app.i18n import t
from app.i18n.formats import moment
from app.identity.rights import Actor
from app.kinds import registry
from app.problems import Problem
from app.records import chain, ledger
from app.units import queries as units
from app.vietnamese import clean

_PIECE = 1 << 16


@dataclass(frozen=True)
class Asked:
    """What the form asks for."""

    format: str
    depth: str
    reason: str


@dataclass(frozen=True)
class File:
    """A finished file, at its beginning. Its name says nothing of anybody."""

    content: IO[bytes]
    name: str
    mime: str


def offered(listed: Listed) -> tuple[str, ...]:
    """The formats in which a list can be had."""
    mapped = any(registry[code].mapped for code in listed.kinds)
    return rules.FORMATS if mapped and len(listed.kinds) == 1 else tuple(f for f in rules.FORMATS if f != "geojson")


def checked(listed: Listed, asked: Asked) -> Asked:
    """What was asked for, cleaned. Raises bad_form with the fields at fault."""
    faults = []
    reason = clean(asked.reason)
    if asked.format not in offered(listed):
        faults.append({"field": "format", "code": "not_choice"})
    if asked.depth not in rules.DEPTHS:
        faults.append({"field": "depth", "code": "not_choice"})
    if not reason or len(reason) > rules.LONGEST_REASON:
        faults.append({"field": "reason", "code": "too_long" if reason else "required"})
    if faults:
        raise Problem("bad_form", fields=faults)
    return Asked(asked.format, "open" if asked.format == "geojson" else asked.depth, reason)


def export(actor: Actor, listed: Listed, asked: Asked, lang: str) -> File:
    """Write the file, then its trace, and only when that is committed let it go."""
    at = now()
    content = tempfile.TemporaryFile()  # noqa: SIM115 - the answer closes it
    try:
        rows = listed.source(lang, asked.depth != "open")
        count = formats.write(asked.format, _sheet(actor, listed, asked, at, lang), rows, content)
        digest = _hash(content)
        with transact():
            _note(actor, listed, asked, at, count, digest)
    except BaseException:
        content.close()
        raise
    stamp = at.astimezone(HANOI).strftime("%Y%m%d-%H%M")
    what = listed.kinds[0].replace("_", "-") if len(listed.kinds) == 1 else listed.name
    return File(content, f"to-am-{what}-{stamp}.{asked.format}", formats.MIME[asked.format])


def _sheet(actor: Actor, listed: Listed, asked: Asked, at: datetime, lang: str) -> formats.Sheet:
    alone = registry[listed.kinds[0]] if len(listed.kinds) == 1 else None
    several = columns.of_any(lang) if listed.kinds else []
    made = columns.of_kind(alone, asked.depth, lang) if alone else several
    title = t(f"export.list.{listed.name}", lang)
    about = [
        (t("export.about.what", lang), title),
        (t("export.about.unit", lang), units.place(listed.unit)),
        (t("export.about.by", lang), actor.name),
        (t("export.about.at", lang), moment(at)),
        (t("export.about.why", lang), asked.reason),
        (t("export.about.care", lang), t(f"export.care.{asked.depth}", lang)),
    ]
    return formats.Sheet(title, [*listed.columns, *made], about, lang)


def _hash(content: IO[bytes]) -> str:
    content.flush()
    content.seek(0)
    digest = hashlib.sha256()
    while piece := content.read(_PIECE):
        digest.update(piece)
    content.seek(0)
    return digest.hexdigest()


def _note(actor: Actor, listed: Listed, asked: Asked, at: datetime, count: int, digest: str) -> None:
    row = Export(
        unit_id=listed.unit,
        person_id=actor.id,
        at=at,
        list=listed.name,
        wanted=dict(listed.wanted),
        format=asked.format,
        depth=asked.depth,
        rows=count,
        sha256=digest,
        reason=asked.reason,
    )
    db.session.add(row)
    db.session.flush()
    said = {"list": row.list, "format": row.format, "depth": row.depth, "rows": count, "kinds": list(listed.kinds)}
    ledger.note(
        listed.unit,
        "exported",
        export=row.id,
        by=actor.id,
        at=at.isoformat(timespec="seconds"),
        sha256=chain.fingerprint(row.sealed()),
        **said,
    )
