"""What stands in each column of an unknown table, and what is unsure about it?"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from data.catalogue.mapping import MISSING, SUPPRESSED
from data.tables.areas import AreaNames
from data.tables.grid import text_of
from data.tables.headers import Header
from data.tables.layout import kind_of
from data.tables.moments import (
    MomentError,
    Order,
    from_serial,
    may_be_serial,
    order_of,
    read_span,
)
from data.tables.numerals import ABSENT, HIDDEN, OK, Numerals, decimal_of, plain
from data.vocabulary import Grain

EXAMPLES = 5
DISTINCT = 10_000


@dataclass
class Column:
    """One column. kind: number, period, area, code, category, text, empty."""

    name: str
    index: int
    kind: str = "text"
    unit: str = ""
    missing: int = 0
    suppressed: int = 0
    distinct: int = 0
    examples: list[str] = field(default_factory=list)
    min: float | str | None = None
    max: float | str | None = None
    sum: float | None = None
    zeros: int = 0
    grain: str | None = None
    date_order: str | None = None
    date_sure: bool = True
    decimal: str = "."
    as_text: bool = False
    serial: bool = False
    signs: bool = False
    doubts: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Return the finding without the list of all words."""
        return {k: v for k, v in vars(self).items() if k != "words"}


def describe(header: Header, rows: list[list[Any]], areas: AreaNames) -> list[Column]:
    """Return what is known of every column of the data rows."""
    cells = [[row[c] if c < len(row) else "" for row in rows] for c in range(len(header.names))]
    texts = [[text_of(cell) for cell in column] for column in cells]
    decimal = _decimal(texts)
    found = []
    for at, name in enumerate(header.names):
        column = Column(name, at + 1, unit=header.units[at] or "", decimal=decimal)
        _fill(column, cells[at], texts[at], areas)
        if at in header.blank:
            column.doubts.append("the column has no name")
        found.append(column)
    return found


def _decimal(texts: list[list[str]]) -> str:
    """Return the decimal sign of the table: its columns agree, or the comma is quoted away."""
    votes = Counter(decimal_of(t for t in column if t)[0] for column in texts if any(column))
    commas = sum(1 for column in texts for t in column[:50] if decimal_of([t]) == (",", False))
    points = sum(
        1
        for column in texts
        for t in column[:50]
        if "." in t and decimal_of([t]) == (".", False) and kind_of(t) == "n"
    )
    return "," if votes[","] and commas > points else "."


def _fill(column: Column, cells: list[Any], texts: list[str], areas: AreaNames) -> None:
    words = {plain(w).lower() for w in MISSING}
    hidden = {plain(w).lower() for w in SUPPRESSED}
    numerals = Numerals(column.decimal)
    counts = Counter(texts)
    column.distinct = len(counts) - ("" in counts)
    said = [t for t in counts if plain(t).lower() not in words]
    column.missing = sum(n for t, n in counts.items() if plain(t).lower() in words)
    often = [t for t, _ in Counter({t: counts[t] for t in said}).most_common(max(EXAMPLES, 60))]
    column.examples, column.words = [t[:60] for t in often[:EXAMPLES]], [t[:80] for t in often[:60]]
    if not said:
        column.kind, column.doubts = "empty", [*column.doubts, "wholly empty"]
        return
    told = [t for t in said if plain(t).lower() not in hidden]
    sample = told[:DISTINCT] or said[:DISTINCT]
    states = {t: numerals.read(t) for t in sample}
    good = [t for t, (_, state) in states.items() if state == OK]
    dates = [t for t in sample if kind_of(t) in "yd"]
    stamps = sum(isinstance(c, datetime) for c in cells[:1000])
    places = [t for t in sample if areas.find(t)]
    weight = sum(counts[t] for t in sample)

    def share(part: list[str]) -> float:
        return sum(counts[t] for t in part) / max(weight, 1)

    if share(places) >= 0.6 and (len(places) > 1 or weight <= 3 or column.distinct == 1):
        _areas(column, [t for t in sample if t not in places][:3])
    elif stamps or (share(dates) >= 0.8 and _calendar(column.name, sample)):
        _periods(column, sample)
    elif share(good) >= 0.7:
        _numbers(column, cells, texts, numerals)
    elif column.distinct >= 0.9 * weight and weight > 3 and all(len(t) <= 40 for t in sample[:200]):
        column.kind = "code"
    else:
        column.kind = "category" if column.distinct <= max(20, weight // 5) else "text"
        _doubt_words(column, counts, said)
        if good:
            column.doubts.append(f"{len(good)} of {len(sample)} different values are numbers")


def _areas(column: Column, strange: list[str]) -> None:
    column.kind = "area"
    if strange:
        column.doubts.append(f"not known as areas: {', '.join(strange)}")


def _doubt_words(column: Column, counts: Counter[str], said: list[str]) -> None:
    """Doubt a word that stands for all the others: its rows may be totals."""
    alls = [t for t in said if plain(t).lower() in ("all", "全部", "所有", "总体", "overall")]
    if alls and column.distinct > 1:
        column.doubts.append(f"{counts[alls[0]]} rows say {alls[0]!r}: do they add up the others?")


def _calendar(name: str, sample: list[str]) -> bool:
    """Return whether values that could be years or dates are: bare years need a reason."""
    if any(kind_of(t) == "d" for t in sample):
        return True
    return _dated(name) or name.startswith("column 1")


def _dated(name: str) -> bool:
    """Return whether a column is called like a date."""
    low = plain(name).lower()
    words = ("year", "année", "jahr", "年", "date", "period", "month", "day", "时间", "日期", "期")
    return any(w in low for w in words)


def _periods(column: Column, sample: list[str]) -> None:
    column.kind = "period"
    order: Order = order_of(sample)
    column.date_order, column.date_sure = order.told, order.sure
    if not order.sure:
        guess = order.told or "unknown"
        column.doubts.append(f"day or month first? {order.why}; taken as {guess}")
    spans = []
    for text in sample:
        try:
            spans.append(read_span(text, order.told or "dmy"))
        except MomentError as error:
            if error.reason == "cumulative_period":
                column.doubts.append(f"{text}: a running total")
    grains = Counter(grain for _, grain, _ in spans)
    if grains:
        column.grain = _usual(grains).name.lower()
        naive = sorted(moment.replace(tzinfo=None) for moment, _, _ in spans)
        column.min, column.max = naive[0].isoformat(), naive[-1].isoformat()
    firsts = {moment.replace(tzinfo=None) for moment, grain, _ in spans if grain is Grain.DAY}
    if len(firsts) >= 3 and len(firsts) == len(spans) and {m.day for m in firsts} == {1}:
        column.grain = "month"
        column.doubts.append("only first days of months: taken as months")
    if len(grains) > 1 and max(grains) >= Grain.DAY:
        column.doubts.append("periods of different lengths")


def _usual(grains: Counter[Grain]) -> Grain:
    """Return the length meant: of times of day the finest, else the most frequent."""
    short = [g for g in grains if g < Grain.DAY]
    return min(short) if short else grains.most_common(1)[0][0]


def _numbers(column: Column, cells: list[Any], texts: list[str], numerals: Numerals) -> None:
    column.kind = "number"
    values, strange = [], Counter[str]()
    for cell, text in zip(cells, texts, strict=True):
        value, state = numerals.read(cell if not isinstance(cell, str) else text)
        if state == OK:
            values.append(value)
        elif state == HIDDEN:
            column.suppressed += 1
        elif state != ABSENT:
            strange[text[:40]] += 1
    if values:
        column.min, column.max, column.sum = min(values), max(values), math.fsum(values)
        column.zeros = sum(v == 0 for v in values)
    column.as_text = any(isinstance(c, str) and c.strip() for c in cells) and any(
        not isinstance(c, str) for c in cells
    )
    column.signs = any("%" in t for t in texts[:200])
    if column.signs and not column.unit:
        column.unit = "%"
    if values and _dated(column.name) and may_be_serial(values):
        column.kind, column.serial, column.grain, column.sum = "period", True, "day", None
        column.min, column.max = (from_serial(v)[0].isoformat() for v in (min(values), max(values)))
        column.doubts.append("numbers taken for days of Excel, counted from 1900")
        return
    if strange:
        shown = ", ".join(repr(t) for t, _ in strange.most_common(3))
        column.doubts.append(f"{sum(strange.values())} cells are no numbers: {shown}")
    if column.suppressed:
        column.doubts.append(f"{column.suppressed} cells look suppressed: kept as unknown")
    if column.as_text:
        column.doubts.append("numbers written as text among numbers")
    if len(values) >= 10 and column.zeros / len(values) > 0.5:
        column.doubts.append(f"{column.zeros} of {len(values)} are 0: does 0 mean missing here?")
