"""A period beside another one, both over the days that are alike, and the line of such periods."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache

from data.calendar import Calendar
from data.calendar.likeness import bases
from data.catalogue.entries import Indicator
from data.indicators.value import Counts
from data.review.one_indicator import between
from data.review.period_figure import figure, together
from data.review.spans import Span
from data.vocabulary import Aggregation, Grain, Names
from data.vocabulary.indicator_page import BreakLine
from data.vocabulary.review import Basis, Compared, Figure
from data.vocabulary.review_terms import Doubt


@dataclass(frozen=True)
class Stock:
    """What one area told day by day, and period by period. shut: first days that are not shown."""

    indicator: Indicator
    days: Mapping[date, Counts]
    shut_days: frozenset[date] = frozenset()
    weeks: Mapping[date, Counts] = field(default_factory=dict)
    shut_weeks: frozenset[date] = frozenset()
    heard: float | None = None
    usual: float = 1.0
    """The share of the days that is told as a rule, see Row.usual."""

    def figure(self, days: Sequence[date]) -> Figure:
        """Return the days together; a whole week as its week was rolled up."""
        if self._is_week(days) and days[0] in self.weeks:
            told = sum(day in self.days for day in days) or len(days)
            return self._figure(self.weeks[days[0]], told, len(days), days[0] in self.shut_weeks)
        parts = [(day, self.days[day]) for day in days if day in self.days]
        hidden = any(day in self.shut_days for day in days)
        return self._figure(together(self.indicator, parts), len(parts), len(days), hidden)

    def _figure(self, counts: Counts | None, told: int, of: int, hidden: bool) -> Figure:
        adds = self.indicator.aggregation is Aggregation.SUM
        enough = of if adds else math.floor(self.usual * of)
        return figure(self.indicator, counts, told=told, of=of, hidden=hidden, heard=self.heard,
                      enough=enough)  # fmt: skip

    def _is_week(self, days: Sequence[date]) -> bool:
        whole = len(days) == 7 and days[0].weekday() == 0
        return whole and (days[-1] - days[0]).days == 6


@lru_cache(maxsize=4096)
def week_bases(first: date, calendar: Calendar) -> dict[str, Basis]:
    """Return what a week is compared with; the calendar of a process does not change."""
    return bases(first, calendar)


def bases_of(span: Span, calendar: Calendar) -> dict[str, Basis]:
    """Return what a period is compared with: last, year and lunar.

    A day takes the day of the week before, and of the other two what its week gives it. A month
    takes the months; after the lunar calendar months are not compared.
    """
    if span.grain is Grain.MONTH:
        return {
            "last": _months("last", span.step(-1), _MONTH_BEFORE),
            "year": _months("year", span.step(-12), _YEAR_BEFORE),
        }
    monday = span.first - timedelta(days=span.first.weekday())
    found = week_bases(monday, calendar)
    return found if span.grain is Grain.WEEK else {k: _one_day(b, span) for k, b in found.items()}


_MONTH_BEFORE: Names = {"zh": "上月", "en": "month before"}
_YEAR_BEFORE: Names = {"zh": "上年同月", "en": "same month of the year before"}


def _months(key: str, other: Span, words: Names) -> Basis:
    return {
        "key": key, "first": other.first.isoformat(), "last": other.last.isoformat(),
        "words": words, "pairs": [], "unmatched": [], "doubt": None,
    }  # fmt: skip


def _one_day(basis: Basis, span: Span) -> Basis:
    """Return the part of a week's basis that is about one day."""
    day = span.first.isoformat()
    pairs = [p for p in basis["pairs"] if p[0] == day]
    at = pairs[0][1] if pairs else ""
    doubt = basis["doubt"] if pairs else Doubt.NO_MATCH
    unmatched = [u for u in basis["unmatched"] if u[0] == day]
    return {**basis, "first": at, "last": at, "pairs": pairs, "unmatched": unmatched,
            "doubt": doubt}  # fmt: skip


def compared(
    stock: Stock, now: Figure, basis: Basis, breaks: Sequence[BreakLine], then: Figure | None = None
) -> Compared:
    """Return a period beside its basis, over the matched days only.

    now: the whole period; then: given where the basis has no days, as months have none.
    """
    mine = [date.fromisoformat(a) for a, _b in basis["pairs"]]
    like = [date.fromisoformat(b) for _a, b in basis["pairs"]]
    if then is None:
        if not like:
            return {"now": now, "then": stock.figure([]), "change": None, "doubt": Doubt.NO_MATCH}
        now, then = stock.figure(mine), stock.figure(sorted(like))
    doubt = _doubt(now, then, basis, breaks)
    change = None
    if doubt is None and now["value"] is not None and then["value"] is not None:
        change = now["value"] - then["value"]
    return {"now": now, "then": then, "change": change, "doubt": doubt}


def _doubt(now: Figure, then: Figure, basis: Basis, breaks: Sequence[BreakLine]) -> Doubt | None:
    for shown in (now, then):
        if shown["doubt"] is not None:
            return shown["doubt"]
    if not basis["first"]:
        return Doubt.NO_MATCH
    day = max((a for a, _b in basis["pairs"]), default="") or basis["last"]
    changed = between(breaks, date.fromisoformat(basis["first"]), date.fromisoformat(day))
    return Doubt.BREAK if changed else None


def lunar_line(
    stock: Stock, spans: Sequence[Span], calendar: Calendar, breaks: Sequence[BreakLine]
) -> dict[int, tuple[float, int]]:
    """Return the lunar year before of every place: value, and over how many like days.

    A sum over some of the days is taken to the length of the period, so that the line can be
    looked at beside it.
    """
    found: dict[int, tuple[float, int]] = {}
    for i, span in enumerate(spans):
        basis = bases_of(span, calendar).get("lunar")
        if basis is None or not basis["pairs"]:
            continue
        if between(breaks, date.fromisoformat(basis["first"]), span.last):
            continue
        like = sorted(date.fromisoformat(b) for _a, b in basis["pairs"])
        then = stock.figure(like)
        if then["value"] is None or then["doubt"] is not None:
            continue
        adds = stock.indicator.aggregation is Aggregation.SUM
        scale = span.days / len(like) if adds else 1.0
        found[i] = (then["value"] * scale, len(like))
    return found
