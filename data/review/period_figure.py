"""Counts of a period as a figure: value, n, interval, and what cannot be concluded. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from data.catalogue.entries import Indicator
from data.indicators.interval import wilson
from data.indicators.value import Counts, add_areas, value_of
from data.vocabulary import Aggregation
from data.vocabulary.review import Figure
from data.vocabulary.review_terms import Doubt


def figure(
    indicator: Indicator, counts: Counts | None, *, told: int, of: int, hidden: bool = False,
    heard: float | None = None, enough: int | None = None,
) -> Figure:  # fmt: skip
    """Return a figure. counts None: nothing was told. told, of: days; enough: days that do."""
    least = of if enough is None else min(enough, of)
    doubt = _doubt(indicator, counts, whole=told >= least, hidden=hidden)
    if counts is None or hidden:
        return _empty(told, of, heard, doubt)
    low, high = _interval(indicator, counts)
    return {
        "value": value_of(counts, indicator.aggregation, indicator.factor),
        "num": counts[0],
        "n": counts[1],
        "low": low,
        "high": high,
        "told": told,
        "of": of,
        "heard": heard,
        "doubt": doubt,
    }


def _doubt(
    indicator: Indicator, counts: Counts | None, *, whole: bool, hidden: bool
) -> Doubt | None:
    if hidden:
        return Doubt.HIDDEN
    if counts is None:
        return Doubt.NO_DATA
    if value_of(counts, indicator.aggregation, indicator.factor) is None:
        return Doubt.ZERO_DENOMINATOR
    return None if whole else Doubt.PARTIAL


def _empty(told: int, of: int, heard: float | None, doubt: Doubt | None) -> Figure:
    return {
        "value": None, "num": None, "n": None, "low": None, "high": None,
        "told": told, "of": of, "heard": heard, "doubt": doubt,
    }  # fmt: skip


def _interval(indicator: Indicator, counts: Counts) -> tuple[float | None, float | None]:
    """Return the Wilson interval of a share in shown units; other values have none."""
    num, den = counts
    if indicator.aggregation is not Aggregation.RATIO or not den or not 0 <= num <= den:
        return None, None
    found = wilson(round(num), max(round(den), round(num)))
    if found is None:
        return None, None
    return found[0] * indicator.factor, found[1] * indicator.factor


def together(indicator: Indicator, parts: Iterable[tuple[date, Counts]]) -> Counts | None:
    """Return the counts of several days as one: sums; of a gauge the newest day's."""
    days = sorted(parts, key=lambda x: x[0])
    if not days:
        return None
    if indicator.aggregation is Aggregation.LAST:
        return days[-1][1]
    return add_areas(counts for _day, counts in days)
