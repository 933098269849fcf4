"""The page that a person reads: ours against the bars, and everybody side by side."""

import os
import platform
import statistics
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import NamedTuple

import pysqlite3.dbapi2 as sqlite

from benchmarks.sync.work import BATCH, CARRIED, Noted, quantile

Columns = Mapping[str, Noted]
_EMPTY, _POUCH = "empty Flask endpoint", "PouchDB server"
_OURS = "Tổ Ấm"


class Bar(NamedTuple):
    """A measure that has a bar. `value` is None where it was not measured."""

    measure: str
    bar: str
    value: Callable[[Noted, Columns], float | None]
    is_met: Callable[[float], bool]
    shown: str = "{:,.2f}"


def median(found: Noted | None, name: str) -> float | None:
    values = (found or {}).get(name)
    return statistics.median(values) if values else None


def p95(found: Noted | None, name: str) -> float | None:
    values = (found or {}).get(name)
    return quantile(values, 0.95) if values else None


def _of(name: str) -> Callable[[Noted, Columns], float | None]:
    return lambda own, all: median(own, name)


def _ratio(name: str, other: str, other_name: str = "") -> Callable[[Noted, Columns], float | None]:
    def value(own: Noted, all: Columns) -> float | None:
        mine, its = median(own, name), median(all.get(other), other_name or name)
        return mine / its if mine is not None and its else None

    return value


def _largest(name: str) -> Callable[[Noted, Columns], float | None]:
    return lambda own, all: max(own[name]) if own.get(name) else None


def _least(name: str) -> Callable[[Noted, Columns], float | None]:
    return lambda own, all: min(own[name]) if own.get(name) else None


def _many_against_few(own: Noted, all: Columns) -> float | None:
    """Idle at 100,000 against 10,000, each beside the empty endpoint of its own minutes."""
    many, few = _ratio("idle100 ms", _EMPTY)(own, all), _ratio("idle ms", _EMPTY)(own, all)
    return many / few if many and few else None


BARS = (
    Bar("push of 1,000, against the empty endpoint", "≥ 0.25 ×", _ratio("push rate", _EMPTY), lambda v: v >= 0.25),
    Bar("push of 1,000, against PouchDB server", "≥ 1 ×", _ratio("push rate", _POUCH), lambda v: v >= 1),
    Bar("processor for a pushed record, ms", "≤ 0.5", _of("push cpu ms"), lambda v: v <= 0.5),
    Bar("receipts, bytes a record compressed", "≤ 60", _of("receipt bytes"), lambda v: v <= 60, "{:.1f}"),
    Bar("flushes before each answer to a batch, fewest", "≥ 1", _least("flushes"), lambda v: v >= 1, "{:.0f}"),
    Bar("replay: records there twice", "0", _largest("replay doubled"), lambda v: v == 0, "{:.0f}"),
    Bar("replay: records sent again", "0", _largest("replay sent again"), lambda v: v == 0, "{:.0f}"),
    Bar("50 phones at once, against PouchDB server", "≥ 1 ×", _ratio("many rate", _POUCH), lambda v: v >= 1),
    Bar(
        "50 phones at once, p95 of a batch, ms",
        "≤ 1,000",
        lambda own, all: p95(own, "many ms"),
        lambda v: v <= 1000,
        "{:,.0f}",
    ),
    Bar("50 phones at once, records refused, %", "0", _largest("many refused %"), lambda v: v == 0, "{:.1f}"),
    Bar("first pull of 10,000, s", "≤ 1.5", _of("first s"), lambda v: v <= 1.5),
    Bar("first pull of 10,000, MB", "≤ 4.0", _of("first MB"), lambda v: v <= 4.0),
    Bar("idle at 10,000, against the empty endpoint", "≤ 3 ×", _ratio("idle ms", _EMPTY), lambda v: v <= 3),
    Bar("idle at 100,000, against the empty endpoint", "≤ 3 ×", _ratio("idle100 ms", _EMPTY), lambda v: v <= 3),
    Bar("idle at 100,000 against 10,000 (noise ± 0.25)", "the same", _many_against_few, lambda v: v <= 1.25),
    Bar("idle answer, bytes", "≤ 250", _of("idle bytes"), lambda v: v <= 250, "{:.0f}"),
    Bar("idle, queries beside the sign-in's", "1", _of("idle queries"), lambda v: v == 1, "{:.0f}"),
)
# Rows of the table of everybody: what it says, and how it is read from what was noted.
_ROWS: tuple[tuple[str, str, str], ...] = (
    ("push of 1,000 from one phone, records/s", "{:,.0f}", "push rate"),
    ("the same without the phone's packing", "{:,.0f}", "push server rate"),
    ("processor for a record, ms", "{:.2f}", "push cpu ms"),
    ("bytes up a record", "{:,.0f}", "push up"),
    ("bytes down a record", "{:,.0f}", "push down"),
    ("a batch of 50, p50 / p95 ms", "{:,.1f}", "push ms*"),
    ("replay of the push, records/s", "{:,.0f}", "replay rate"),
    ("50 phones × 100, records/s", "{:,.0f}", "many rate"),
    ("processor for a record of them, ms", "{:.2f}", "many cpu ms"),
    ("a batch of them, p50 / p95 ms", "{:,.0f}", "many ms*"),
    ("refused, %", "{:.1f}", "many refused %"),
    ("first pull of 10,000, s", "{:.2f}", "first s"),
    ("first pull of 10,000, MB", "{:.2f}", "first MB"),
    ("idle at 10,000, p50 / p95 ms", "{:.1f}", "idle ms*"),
    ("its processor, ms", "{:.1f}", "idle cpu ms"),
    ("its answer, bytes", "{:,.0f}", "idle bytes"),
    ("idle at 100,000, p50 / p95 ms", "{:.1f}", "idle100 ms*"),
    ("first pull of 100,000, s", "{:.1f}", "first100 s"),
    ("flushes for each acknowledged batch, mean", "{:.2f}", "flushes+"),
    ("memory of the server's processes, MB", "{:,.0f}", "memory MB"),
)


class Ran(NamedTuple):
    """How the run went. `absent`: who could not take part, and why; `left_out`: what there was no time for."""

    words: str
    rounds: int
    minutes: float
    absent: Mapping[str, str]
    left_out: list[str]
    postgresql: str  # its version


def page(columns: Columns, raw: Mapping[str, list[float]], ran: Ran) -> str:
    """The report."""
    day = datetime.now(UTC).date()
    parts = [
        f"# Our sync beside others', {day.day} {day:%B %Y}",
        f"`{' '.join(['python -m benchmarks.sync', ran.words]).strip()}`: {ran.rounds} rounds, {ran.minutes:.1f} "
        f"minutes; {os.cpu_count()} cores, load {os.getloadavg()[1]:.1f} (of the last 5 minutes, this run included); "
        f"Python {platform.python_version()}, SQLite {sqlite.sqlite_version}, PostgreSQL {ran.postgresql}. All servers "
        "ran side by side, each did every piece of work in turns; medians. Ratios are of this one run; a number alone "
        "tells of this machine.",
        "## Ours against the bars",
        bars(columns),
        "## Everybody",
        everybody(columns, raw),
        *([_missing(ran)] if ran.absent or ran.left_out else []),
        _ABOUT,
    ]
    return "\n\n".join(parts) + "\n"


_ABOUT = f"""A phone carries {CARRIED:,} records of about 0.9 kB; batches of {BATCH}. Our phones sign and seal each
change, before the clock starts; the empty endpoint is sent the same bytes, the others what they can read. A push is
timed as a phone has it, packing its request included, except where the row says otherwise. Raw inserts are the very
rows that our push left (log, record, version, link of the chain), put again into the same tables with the same
indexes and the same durability, without a server. Who needs more than 8 s for a push of 1,000 does each piece of work
once; of 50 phones none sends for longer than 30 s; Kinto is filled up to 10,000 by copies within its database.
PouchDB and Kinto show a phone everything, take whole documents without looking into them, and keep no log. The feed
under 16 writers has its own command, `python -m campaigns.feed`."""


def bars(columns: Columns) -> str:
    """Measure, bar, each of ours, met or not."""
    ours = [name for name in columns if name.startswith(_OURS)]
    lines = ["| measure | bar | " + " | ".join(ours) + " | met |", "|---" * (len(ours) + 3) + "|"]
    for bar in BARS:
        values = [bar.value(columns[name], columns) for name in ours]
        shown = ["not measured" if value is None else bar.shown.format(value) for value in values]
        lines.append(f"| {bar.measure} | {bar.bar} | {' | '.join(shown)} | {_verdict(bar, values)} |")
    return "\n".join(lines)


def _verdict(bar: Bar, values: list[float | None]) -> str:
    if all(value is None for value in values):
        return "not measured"
    met = [value is not None and bar.is_met(value) for value in values]
    if all(met):
        return "yes"
    return "**no**" if not any(met) else "**in part**"


def everybody(columns: Columns, raw: Mapping[str, list[float]]) -> str:
    """Contestants side by side."""
    lines = ["| | " + " | ".join([*columns, *raw]) + " |", "|---" * (len(columns) + len(raw) + 1) + "|"]
    for title, form, name in _ROWS:
        cells = [_cell(found, form, name) for found in columns.values()]
        cells += [form.format(statistics.median(rates)) if name == "push rate" else "" for rates in raw.values()]
        lines.append(f"| {title} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _cell(found: Noted, form: str, name: str) -> str:
    values = found.get(name.rstrip("*+"))
    if not values:
        return ""
    if name.endswith("*"):
        return f"{form.format(quantile(values, 0.5))} / {form.format(quantile(values, 0.95))}"
    return form.format(statistics.mean(values) if name.endswith("+") else statistics.median(values))


def _missing(ran: Ran) -> str:
    lines = [f"- {name}: {why}" for name, why in ran.absent.items()]
    return "\n".join(["Not part of it:", "", *lines, *(f"- no time left: {title}" for title in ran.left_out)])
