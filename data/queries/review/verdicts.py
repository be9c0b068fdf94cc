"""What became of a promised indicator: its weeks before and after, by control chart."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from sqlalchemy import Connection

from data.catalogue import Catalogue
from data.catalogue.entries import Indicator
from data.indicators.spc import verdict
from data.queries.keys import Keys
from data.queries.review.series import Floats, weekly_series
from data.vocabulary import Aggregation
from data.vocabulary.review import ChartKind, Doubt, Verdict

WEEKS_BEFORE = 52
"""Limits stand on so many weeks before a promise, fewer where there are not as many."""
BY_CHANCE = (ChartKind.P, ChartKind.PPRIME, ChartKind.U)
QUOTIENTS = (Aggregation.RATIO, Aggregation.MEAN)


@dataclass(frozen=True)
class Followed:
    """What followed a promise; before, after: shown units, a ratio is Σ over Σ."""

    verdict: Verdict
    doubt: Doubt | None = None
    before: float | None = None
    after: float | None = None
    weeks: int = 0


def followed_by(
    conn: Connection, catalogue: Catalogue, keys: Keys, code: str, area: str, expected: str,
    made: date, last: date,
) -> Followed:  # fmt: skip
    """Return what followed a promise made in the review of the week `made`, up to the week `last`.

    The week of the review was over, or is still running: what follows begins with the next one.
    """
    indicator = catalogue.indicators.get(code)
    if indicator is None:
        return Followed(Verdict.UNKNOWN, Doubt.NO_DATA)
    first = made - timedelta(weeks=WEEKS_BEFORE - 1)
    num, den = weekly_series(conn, keys, catalogue, code, area, first, max(last, made))
    running = (last - first).days // 7 + 1
    num[running:] = den[running:] = np.nan
    if not np.isfinite(num).any():
        return Followed(Verdict.UNKNOWN, Doubt.NO_DATA)
    return _judged(indicator, num, den, expected, first)


def _judged(indicator: Indicator, num: Floats, den: Floats, expected: str, first: date) -> Followed:
    kind = indicator.chart or ChartKind.XMR
    breaks = _breaks(indicator, first, len(num))
    weighed = kind in BY_CHANCE and indicator.aggregation in QUOTIENTS
    at = min(WEEKS_BEFORE, len(num))
    if weighed or kind is ChartKind.C:
        told = verdict(
            num, at, expected=expected, kind=kind, denominators=den if weighed else None,
            breaks=breaks, scale=indicator.factor,
        )  # fmt: skip
    else:
        told = verdict(_values(indicator, num, den), at, expected=expected, breaks=breaks)
    found, doubt, before, after, weeks = told
    if indicator.aggregation in QUOTIENTS:
        before, after = _quotients(indicator, num, den, at, breaks)
    return Followed(found, doubt, before, after, weeks)


def _values(indicator: Indicator, num: Floats, den: Floats) -> Floats:
    if indicator.aggregation not in QUOTIENTS:
        return num * indicator.factor
    there = np.where(den > 0, den, np.nan)
    found: Floats = num / there * indicator.factor
    return found


def _quotients(
    indicator: Indicator, num: Floats, den: Floats, at: int, breaks: tuple[int, ...]
) -> tuple[float | None, float | None]:
    """Return Σ numerator ÷ Σ denominator of the weeks before and after, of one definition."""
    start = max((b for b in breaks if b <= at), default=0)
    stop = min((b for b in breaks if b > at), default=len(num))
    parts = (slice(start, at), slice(at, stop))
    before, after = (_quotient(num[part], den[part]) for part in parts)
    factor = indicator.factor
    return (
        None if before is None else before * factor,
        None if after is None else after * factor,
    )


def _quotient(num: Floats, den: Floats) -> float | None:
    there = np.isfinite(num) & (den > 0)
    return float(num[there].sum() / den[there].sum()) if there.any() else None


def _breaks(indicator: Indicator, first: date, size: int) -> tuple[int, ...]:
    """Return the weeks another definition begins in; a bridged break is none."""
    places = ((b.on - first).days // 7 for b in indicator.breaks if b.bridged is None)
    return tuple(sorted({place for place in places if 0 < place < size}))
