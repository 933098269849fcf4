"""Files of three formats, each written row by row: what is held in memory does not grow with the list."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import IO, Any

import xlsxwriter

from app.clock import HANOI
from app.exports.columns import Cell, Column, Row
from app.exports.rules import harmless, is_formula, writable
from app.i18n import t
from app.kinds import registry
from app.kinds.shapes import is_place
from app.places import rules as places

MIME = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
    "geojson": "application/geo+json",
}
_WIDTH = {"text": 24, "number": 12, "day": 12, "moment": 17, "codes": 24}
_HEAD = {"bold": True, "text_wrap": True, "valign": "top", "bottom": 1}


@dataclass(frozen=True)
class Sheet:
    """What a file is to hold. `about`: label and words of the page that says what this is and whose."""

    title: str
    columns: Sequence[Column]
    about: Sequence[tuple[str, str]]
    lang: str


def write(format: str, sheet: Sheet, rows: Iterable[Row], out: IO[bytes]) -> int:
    """Write the rows; how many there were."""
    return _WRITERS[format](sheet, rows, out)


def _xlsx(sheet: Sheet, rows: Iterable[Row], out: IO[bytes]) -> int:
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(out, {**options, "strings_to_numbers": False})
    book.set_properties({"title": sheet.title})
    page = book.add_worksheet(t("export.sheet.rows", sheet.lang))
    looks = {
        "day": book.add_format({"num_format": "dd/mm/yyyy"}),
        "moment": book.add_format({"num_format": "dd/mm/yyyy hh:mm"}),
        "quoted": book.add_format({"quote_prefix": True}),
    }
    head = book.add_format(_HEAD)
    for place, column in enumerate(sheet.columns):
        page.set_column(place, place, _WIDTH[column.type])
    page.freeze_panes(1, 0)
    for place, column in enumerate(sheet.columns):
        page.write_string(0, place, column.label, head)
    count = 0
    for count, row in enumerate(rows, 1):
        for place, column in enumerate(sheet.columns):
            _write_cell(page, count, place, column.read(row), looks)
    page.autofilter(0, 0, count, len(sheet.columns) - 1)
    about = book.add_worksheet(t("export.sheet.about", sheet.lang))
    about.set_column(0, 0, 24)
    about.set_column(1, 1, 80)
    for place, (label, words) in enumerate(sheet.about):
        about.write_string(place, 0, label, head)
        about.write_string(place, 1, words)
    book.close()
    return count


def _write_cell(page: Any, row: int, place: int, value: Cell, looks: Mapping[str, Any]) -> None:
    if value is None or value == "" or value == []:
        return
    if isinstance(value, datetime):
        page.write_datetime(row, place, value, looks["moment"])
    elif isinstance(value, date):
        page.write_datetime(row, place, value, looks["day"])
    elif isinstance(value, (int, float)):
        page.write_number(row, place, value)
    else:
        text = writable(value if isinstance(value, str) else " ".join(value))
        # A cell of text never calculates; the prefix keeps it text when somebody edits it.
        page.write_string(row, place, text, *([looks["quoted"]] if is_formula(text) else []))


def _csv(sheet: Sheet, rows: Iterable[Row], out: IO[bytes]) -> int:
    """RFC 4180, with the byte order mark by which Excel knows UTF-8; dates as ISO 8601."""
    return _csv_with(sheet, rows, out, [column.label for column in sheet.columns])


def csv_for_programs(sheet: Sheet, rows: Iterable[Row], out: IO[bytes]) -> int:
    """The same with the columns' names instead of their labels."""
    return _csv_with(sheet, rows, out, [column.name for column in sheet.columns])


def _csv_with(sheet: Sheet, rows: Iterable[Row], out: IO[bytes], head: Sequence[str]) -> int:
    text = io.TextIOWrapper(out, encoding="utf-8-sig", newline="", write_through=True)
    writer = csv.writer(text, quoting=csv.QUOTE_NONNUMERIC)
    writer.writerow(head)
    count = 0
    for row in rows:
        count += 1
        writer.writerow([_csv_cell(column.read(row)) for column in sheet.columns])
    text.detach()
    return count


def _csv_cell(value: Cell) -> str | int | float:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="minutes")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (int, float)):
        return value
    return harmless(writable(value if isinstance(value, str) else " ".join(value)))


def places_for_programs(sheet: Sheet, rows: Iterable[Row], out: IO[bytes]) -> int:
    """RFC 7946: what has a point, with what anybody of the ward may know of it."""
    count = 0
    out.write(b'{"type":"FeatureCollection","features":[')
    for row in rows:
        kind = registry[row.facts["kind"]]
        if not is_place(row.data.get(kind.mapped or "")):
            continue
        told = places.feature(kind, places.told(kind), row.data, feature_facts(row))
        text = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
        out.write(("," if count else "").encode() + text.encode("utf-8", "replace"))
        count += 1
    out.write(b"]}")
    return count


def feature_facts(row: Row) -> dict[str, Any]:
    """What the map says of a record besides its answers."""
    facts = row.facts
    named = {name: facts[name] for name in ("id", "kind", "title", "state", "group", "version")}
    happened, received = facts["happened"], facts["received"]
    at = received.astimezone(HANOI).isoformat(timespec="seconds")
    return {**named, "happened": happened.isoformat() if happened else None, "received": at}


_WRITERS: dict[str, Callable[[Sheet, Iterable[Row], IO[bytes]], int]] = {
    "xlsx": _xlsx,
    "csv": _csv,
    "geojson": places_for_programs,
}
