"""A link of the chain in words. A fact that no word is known for is shown by its own name."""

from collections.abc import Mapping
from typing import Any

from app.audit.queries import Entry
from app.i18n import catalog, language, t
from app.i18n.formats import edition, moment
from app.kinds import registry
from app.kinds.checks import in_language

# What the page can be filtered by, in the order of a day's work; reads first, because that is what is asked for.
READS = ("report_read", "record_read", "photo_read", "read", "exported", "token_read")
DEEDS = (
    "change",
    "verdict",
    "filled",
    "choice",
    "desk_note",
    "step",
    "clock_ended",
    "clock_resumed",
    "step_up",
    "second_factor",
    "imported",
    "gap_closed",
    "released",
    "judged_again",
    "repaired",
    "set_aside",
    "brought_back",
    "token_made",
    "token_agreed",
    "token_ended",
    "token_moved",
    "restored",
    "moved",
    "reorganised",
)


def deed(what: str) -> str:
    """What was done, in words."""
    key = f"audit.what.{what}"
    return t(key) if key in catalog(language()) else what


def line(entry: Entry, names: Mapping[str, str], record: str | None) -> dict[str, Any]:
    """A row of the page. `record`: the address of the record, for those who may open it."""
    return {
        "no": entry.no,
        "at": moment(entry.at),
        "who": names.get(entry.person or "", entry.person or ""),
        "what": deed(entry.what),
        "is_read": entry.what in READS,
        "record": record,
        "details": details(entry.facts),
        "hash": entry.hash,
    }


def details(facts: Mapping[str, Any]) -> str:
    """What else the link says, shortly. It holds no names and no answers."""
    found = []
    if isinstance(facts.get("verdict"), str) and facts["verdict"] in ("accept", "return", "close", "duplicate"):
        found.append(t(f"audit.verdict.{facts['verdict']}"))
    if isinstance(facts.get("step"), str):
        found.append(_word("desk.step", facts["step"]))
    if isinstance(facts.get("outcome"), str):
        found.append(_word("audit.outcome", facts["outcome"]))
    if isinstance(facts.get("version"), int):
        found.append(t("audit.version", version=edition(facts["version"])))
    if isinstance(facts.get("list"), str):
        found.append(_word("export.list", facts["list"]))
    for code in facts.get("kinds") or []:
        found += (
            [in_language(registry[code].label, language())] if code in registry and len(facts["kinds"]) == 1 else []
        )
    if isinstance(facts.get("format"), str):
        found.append(str(facts["format"]).upper())
    if isinstance(facts.get("rows"), int):
        found.append(t("audit.rows", n=facts["rows"]))
    if isinstance(facts.get("seqs"), str):
        found.append(t("audit.numbers", numbers=facts["seqs"]))
    return " · ".join(found)


def _word(beginning: str, code: str) -> str:
    key = f"{beginning}.{code}"
    return t(key) if key in catalog(language()) else code
