"""An indicator as the page shows it: numbers in words, bars, and the way to the rows behind each number."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from app.i18n import language, t
from app.overview import queries, rules
from app.overview.queries import Count
from app.overview.shape import Cell, Indicator, Look, Period
from app.units import queries as units
from app.units.models import Unit
from app.units.rules import WARD_LEVELS

Address = Callable[..., str]


class Number(NamedTuple):
    """A number, what it counts, and where its rows stand (None where there are none)."""

    cell: str
    amount: int
    words: str
    link: str | None


@dataclass(frozen=True)
class Line:
    """A place or a week: its bar and its numbers. `empty`: nothing at all was recorded there."""

    name: str
    link: str | None
    segments: Sequence[rules.Segment]
    numbers: Sequence[Number]
    note: str
    empty: bool


@dataclass(frozen=True)
class Picture:
    """One indicator of the page. `law`: what it is measured against, with its source."""

    code: str
    icon: str
    title: str
    hint: str
    headline: str
    said: str
    link: str
    good: bool
    legend: Sequence[tuple[Look, str]]
    looks: Mapping[str, str]
    places: Sequence[Line]
    weeks: Sequence[Line]


class Frame(NamedTuple):
    """What all indicators of a page share."""

    unit: Unit
    mondays: Sequence[date]
    rows_at: Address  # the address of the rows behind a number
    place_at: Address  # the address of the same page for a ward beneath


def picture(indicator: Indicator, period: Period, frame: Frame) -> Picture:
    """An indicator, counted. Two statements, three with a median."""
    cells = indicator.cells(language())
    found = queries.counts(indicator, period, frame.mondays)
    spans = queries.spans(indicator, period)
    whole = _sum(found)
    headline, said = _headline(indicator, whole, [days for _, _, days in spans])
    drawn = [cell.code for cell in cells if cell.look]
    return Picture(
        code=indicator.code,
        icon=indicator.icon,
        title=t(f"overview.{indicator.code}.title"),
        hint=t(f"overview.{indicator.code}.hint"),
        headline=headline,
        said=said,
        link=frame.rows_at(
            indicator=indicator.code, cell=None if indicator.headline == "total" else indicator.headline
        ),
        good=any(cell.code == indicator.headline and cell.look == "good" for cell in cells),
        looks={cell.code: cell.look or "" for cell in cells},
        legend=_legend(indicator, cells),
        places=_places(indicator, cells, drawn, found, spans, frame),
        weeks=_weeks(indicator, cells, drawn, found, frame),
    )


def _legend(indicator: Indicator, cells: Sequence[Cell]) -> list[tuple[Look, str]]:
    """What the colours mean; nothing where one stands for several words, which then stand beside the bar alone."""
    found = [(cell.look, _words(indicator, cell)) for cell in cells if cell.look]
    return found if len({look for look, _ in found}) == len(found) else []


def _headline(indicator: Indicator, whole: Mapping[str, int], days: Sequence[float]) -> tuple[str, str]:
    total = sum(whole.values())
    count = total if indicator.headline == "total" else whole.get(indicator.headline, 0)
    median = rules.middle(days)
    named: dict[str, Any] = {name: whole.get(name, 0) for name in ("high", "mended", "running")}
    said = t(f"overview.{indicator.code}.said", **named, n=count, whole=total)
    if median is not None:
        said += f", {t('overview.median', days=median)}"
    return (f"{rules.share(count, total)}%" if indicator.share else str(count)), said


def _places(
    indicator: Indicator,
    cells: Sequence[Cell],
    drawn: Sequence[str],
    found: Sequence[Count],
    spans: Iterable[tuple[int, int, float]],
    frame: Frame,
) -> list[Line]:
    """By group in a ward, by ward above it; those that have nothing stand there too."""
    by_ward = frame.unit.level not in WARD_LEVELS
    took: dict[int, list[float]] = {}
    for ward, group, days in spans:
        took.setdefault(ward if by_ward else group, []).append(days)
    lines = []
    kept = {key: _sum(rows) for key, rows in _grouped(found, lambda one: one.ward if by_ward else one.group).items()}
    measured = [] if indicator.share else drawn  # a share is drawn on the scale of the whole
    longest = max((_length(counts, measured) for counts in kept.values()), default=0)
    for key, name in _names(frame.unit, by_ward, kept).items():
        counts = kept.get(key, Counter())
        where = {"ward": key} if by_ward else {"group": key}
        link = frame.place_at(unit=key) if by_ward else None
        note = _note(indicator, counts, rules.middle(took.get(key, [])))
        lines.append(_line(indicator, cells, drawn, name, link, counts, longest, note, frame, where))
    return lines


def _weeks(
    indicator: Indicator, cells: Sequence[Cell], drawn: Sequence[str], found: Sequence[Count], frame: Frame
) -> list[Line]:
    weekly = [cell for cell in cells if indicator.weekly == "all" or cell.code in indicator.weekly]
    if not weekly:
        return []
    codes = [cell.code for cell in weekly]
    kept = {key: _sum(rows) for key, rows in _grouped(found, lambda one: one.week).items()}
    here = [code for code in drawn if code in codes]
    longest = max((_length(counts, here, codes) for week, counts in kept.items() if week >= 0), default=0)
    lines = []
    for week, monday in enumerate(frame.mondays):
        counts = Counter({code: n for code, n in kept.get(week, Counter()).items() if code in codes})
        name = t("overview.week", day=monday.strftime("%d/%m"))
        lines.append(_line(indicator, weekly, here, name, None, counts, longest, "", frame, {"week": week}))
    return lines


def _line(
    indicator: Indicator,
    cells: Sequence[Cell],
    drawn: Sequence[str],
    name: str,
    link: str | None,
    counts: Mapping[str, int],
    longest: int,
    note: str,
    frame: Frame,
    where: Mapping[str, int],
) -> Line:
    numbers = [
        Number(
            cell.code,
            counts[cell.code],
            _words(indicator, cell),
            frame.rows_at(indicator=indicator.code, cell=cell.code, **where),
        )
        for cell in cells
        if counts.get(cell.code)
    ]
    drawn_counts = counts if drawn else {"all": sum(counts.values())}
    segments = rules.segments(drawn_counts, drawn or ("all",), longest)
    return Line(name, link, segments, numbers, note, not any(counts.values()))


def _length(counts: Mapping[str, int], drawn: Sequence[str], codes: Sequence[str] | None = None) -> int:
    """How long a bar is; where no cell is drawn by itself, all of them together are."""
    return sum(counts.get(code, 0) for code in (drawn or codes or counts))


def _names(unit: Unit, by_ward: bool, kept: Mapping[int, Any]) -> dict[int, str]:
    """The places of today, then those that have ended and still have something, then what has no group."""
    today = queries.wards(unit) if by_ward else units.groups_of([unit.id])
    named = {one.id: units.heading(one) for one in today}
    for key in sorted(kept):
        if key not in named and key != queries.NO_GROUP:
            named[key] = units.heading(units.get(key))
    return {**named, **({queries.NO_GROUP: t("overview.no_group")} if queries.NO_GROUP in kept else {})}


def _note(indicator: Indicator, counts: Mapping[str, int], median: int | None) -> str:
    if indicator.share and (total := sum(counts.values())):
        return f"{rules.share(counts.get(indicator.headline, 0), total)}%"
    return t("overview.median", days=median) if median is not None else ""


def _words(indicator: Indicator, cell: Cell) -> str:
    return cell.words or t(f"overview.{indicator.code}.{cell.code}")


def _grouped(found: Iterable[Count], key: Callable[[Count], int]) -> dict[int, list[Count]]:
    kept: dict[int, list[Count]] = {}
    for one in found:
        kept.setdefault(key(one), []).append(one)
    return kept


def _sum(found: Iterable[Count]) -> Counter[str]:
    whole: Counter[str] = Counter()
    for one in found:
        whole[one.cell] += one.amount
    return whole
